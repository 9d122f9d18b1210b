// What holds over several messages and calls: pipelining, lifetimes, refusals, memory.
#include "http/reader.h"

#include <gtest/gtest.h>

#include "http/syntax.h"
#include "support/http_feed.h"

namespace spillway {
namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kPost = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz";
const std::string kChunked = "PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nuv\r\n0\r\n\r\n";

TEST(Pipelining, gives_one_message_after_the_other) {
  check_requests({
      {"two", kGet + kGet, "GET /a end; GET /a end"},
      {"all_framings", kPost + kChunked + kGet + kPost,
       "POST /b [xyz] end; PUT /c [uv] end; GET /a end; POST /b [xyz] end"},
      {"then_a_part", kPost + "GET /", "POST /b [xyz] end"},
      {"then_garbage", kPost + "\x01\x02", "POST /b [xyz] end; 400"},
      {"body_longer_than_said", kPost + "more\r\n\r\n", "POST /b [xyz] end; 400"},
  });
}

// RFC 9112 9.6: after close the connection carries no further request; running one would be smuggling's last step.
TEST(Pipelining, ends_with_a_message_that_closes) {
  check_requests({
      {"close", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + kGet, "GET /a end"},
      {"close_then_garbage", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n\x01", "GET /a end"},
      {"1.0", "GET /a HTTP/1.0\r\n\r\n" + kGet, "GET /a end"},
      {"1.0_keep_alive", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + kGet, "GET /a end; GET /a end"},
  });
}

TEST(Step, end_leaves_what_follows_in_the_input) {
  RequestReader reader{ReadLimits{}};
  const std::string bytes = kPost + kGet;
  std::string_view in = bytes;
  ASSERT_EQ(*reader.next(in), Step::head);
  ASSERT_EQ(*reader.next(in), Step::body);
  ASSERT_EQ(*reader.next(in), Step::end);
  EXPECT_EQ(in, kGet);
}

TEST(Step, is_never_due_with_an_empty_input) {
  RequestReader reader{ReadLimits{}};
  std::string_view in = kGet;
  ASSERT_EQ(*reader.next(in), Step::head);
  EXPECT_FALSE(in.empty()) << "a caller that stops on an empty input would miss the end";
  ASSERT_EQ(*reader.next(in), Step::end);
  EXPECT_TRUE(in.empty());
  in = kPost;
  ASSERT_EQ(*reader.next(in), Step::head);
  ASSERT_EQ(*reader.next(in), Step::body);
  EXPECT_EQ(reader.body(), "xyz");
  EXPECT_FALSE(in.empty());
  ASSERT_EQ(*reader.next(in), Step::end);
  EXPECT_TRUE(in.empty());
}

TEST(Step, end_may_be_told_from_a_copy_of_the_bytes_left) {
  RequestReader reader{ReadLimits{}};
  std::string_view in = kGet;
  ASSERT_EQ(*reader.next(in), Step::head);
  const std::string kept = std::string(in) + kGet;
  std::string_view later = kept;
  ASSERT_EQ(*reader.next(later), Step::end);
  ASSERT_EQ(*reader.next(later), Step::head);
}

TEST(Head, lives_until_the_next_message_begins) {
  RequestReader reader{ReadLimits{}};
  {
    const std::string bytes = kPost;
    std::string_view in = bytes;
    while (!in.empty()) ASSERT_TRUE(reader.next(in));
  }
  EXPECT_EQ(reader.head().path, "/b");
  EXPECT_EQ(reader.head().host, "h");
  EXPECT_EQ(reader.head().headers.get("content-length"), "3");
}

TEST(Head, of_the_next_message_has_nothing_of_the_last) {
  RequestReader reader{ReadLimits{}};
  const std::string first =
      "POST http://h/x?y HTTP/1.1\r\nHost: h\r\nA: b\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nz";
  std::string_view in = first;
  while (!in.empty()) ASSERT_TRUE(reader.next(in));
  in = kGet;
  ASSERT_EQ(*reader.next(in), Step::head);
  EXPECT_EQ(reader.head().path, "/a");
  EXPECT_EQ(reader.head().query, "");
  EXPECT_EQ(reader.head().headers.size(), 1u);
  EXPECT_EQ(reader.head().framing, Framing::none);
  EXPECT_EQ(reader.head().length, 0u);
  EXPECT_FALSE(reader.head().expect_continue);
}

TEST(Body, pieces_are_slices_of_the_bytes_given) {
  RequestReader reader{ReadLimits{}};
  for (const std::string& bytes : {kPost, kChunked}) {
    std::string_view in = bytes;
    ASSERT_EQ(*reader.next(in), Step::head);
    ASSERT_EQ(*reader.next(in), Step::body);
    EXPECT_GE(reader.body().data(), bytes.data());
    EXPECT_LE(reader.body().data() + reader.body().size(), bytes.data() + bytes.size());
    ASSERT_EQ(*reader.next(in), Step::end);
  }
}

TEST(MidMessage, is_true_from_the_first_byte_to_the_end) {
  RequestReader reader{ReadLimits{}};
  EXPECT_FALSE(reader.mid_message());
  std::string_view in = "\r\n";
  ASSERT_EQ(*reader.next(in), Step::more);
  EXPECT_FALSE(reader.mid_message()) << "an empty line is no message";
  in = "G";
  ASSERT_EQ(*reader.next(in), Step::more);
  EXPECT_TRUE(reader.mid_message());
  const std::string rest = kPost.substr(4);
  const std::string line = "ET" + rest;
  in = line;
  ASSERT_EQ(*reader.next(in), Step::head);
  EXPECT_TRUE(reader.mid_message());
  ASSERT_EQ(*reader.next(in), Step::body);
  EXPECT_TRUE(reader.mid_message());
  ASSERT_EQ(*reader.next(in), Step::end);
  EXPECT_FALSE(reader.mid_message());
}

TEST(MidMessage, of_a_response_is_false_after_an_interim_one) {
  ResponseReader reader{ReadLimits{}};
  std::string_view in = "HTTP/1.1 100 Continue\r\n\r\n";
  ASSERT_EQ(*reader.next(in), Step::more);
  EXPECT_FALSE(reader.mid_message());
  in = "H";
  ASSERT_EQ(*reader.next(in), Step::more);
  EXPECT_TRUE(reader.mid_message());
}

TEST(Refusal, stays_and_says_why) {
  RequestReader reader{ReadLimits{}};
  std::string_view in = "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n";
  const Result<Step> refused = reader.next(in);
  ASSERT_FALSE(refused);
  EXPECT_EQ(reader.refusal().status, 400);
  EXPECT_EQ(reader.refusal().detail, "more than one Host field");
  EXPECT_EQ(refused.error().kind, Kind::invalid);
  in = kGet;
  EXPECT_FALSE(reader.next(in));
  EXPECT_EQ(reader.refusal().detail, "more than one Host field");
}

TEST(Expect, head_request_is_asked_for_each_response) {
  ResponseReader reader{ReadLimits{}};
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
  reader.expect(true);
  std::string_view in = bytes;
  ASSERT_EQ(*reader.next(in), Step::head);
  ASSERT_EQ(*reader.next(in), Step::end);
  reader.expect(false);
  in = bytes;
  ASSERT_EQ(*reader.next(in), Step::head);
  EXPECT_EQ(reader.head().framing, Framing::length);
  ASSERT_EQ(*reader.next(in), Step::more);
}

TEST(Forget, frees_the_head_and_the_next_message_is_read_as_ever) {
  RequestReader reader{ReadLimits{}};
  std::string_view in = kPost;
  while (!in.empty()) ASSERT_TRUE(reader.next(in));
  reader.forget();
  EXPECT_EQ(reader.head().headers.size(), 0u);
  EXPECT_EQ(reader.head().path, "");
  in = kGet;
  ASSERT_EQ(*reader.next(in), Step::head);
  EXPECT_EQ(reader.head().path, "/a");
}

TEST(Move, takes_a_reader_along_in_the_middle_of_a_message) {
  RequestReader first{ReadLimits{}};
  std::string_view in = std::string_view(kPost).substr(0, 20);
  ASSERT_EQ(*first.next(in), Step::more);
  RequestReader second(std::move(first));
  in = std::string_view(kPost).substr(20);
  ASSERT_EQ(*second.next(in), Step::head);
  EXPECT_EQ(second.head().path, "/b");
}

// A head like the last one but for its length is not read again, and yet it is what it says.
TEST(SameHead, has_the_length_it_says) {
  const auto post = [](const std::string& length, const std::string& rest) {
    return "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\nX-Y: z\r\n\r\n" + rest;
  };
  check_requests({
      {"the_same", post("3", "abc") + post("3", "def"), "POST /b [abc] end; POST /b [def] end"},
      {"another_length", post("3", "abc") + post("1", "d") + post("9", "012345678"),
       "POST /b [abc] end; POST /b [d] end; POST /b [012345678] end"},
      {"of_more_digits", post("3", "abc") + post("10", "0123456789"), "POST /b [abc] end; POST /b [0123456789] end"},
      {"nothing", post("3", "abc") + post("0", "") + post("0", "") + post("3", "abc"),
       "POST /b [abc] end; POST /b end; POST /b end; POST /b [abc] end"},
      {"no_digit", post("3", "abc") + post("x", "abc"), "POST /b [abc] end; 400"},
      {"sign", post("13", "0123456789abc") + post("+1", "abc"), "POST /b [0123456789abc] end; 400"},
      {"another_name", post("3", "abc") + "POST /b HTTP/1.1\r\nHost: h\r\nContent-LengtH: 3\r\nX-Y: z\r\n\r\nabc",
       "POST /b [abc] end; POST /b [abc] end"},
      {"another_path", post("3", "abc") + "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nX-Y: z\r\n\r\nabc",
       "POST /b [abc] end; POST /c [abc] end"},
      {"chunked", kGet + kGet + kPost + kPost + kChunked + kChunked + kGet,
       "GET /a end; GET /a end; POST /b [xyz] end; POST /b [xyz] end; PUT /c [uv] end; PUT /c [uv] end; GET /a end"},
  });
}

TEST(SameHead, shows_its_own_bytes_and_keeps_to_the_limits) {
  ReadLimits limits;
  limits.body_bytes = 50;
  RequestReader reader{limits};
  for (const char* length : {"12", "49", "50", "12"}) {
    std::string bytes = std::string("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: ") + length + "\r\n\r\n";
    bytes.append(static_cast<std::size_t>(std::stoi(length)), 'x');
    std::string_view in = bytes;
    ASSERT_EQ(*reader.next(in), Step::head);
    EXPECT_EQ(reader.head().headers.get(FieldId::content_length), length);
    EXPECT_EQ(std::to_string(reader.head().length), length);
    EXPECT_EQ(reader.head().path, "/b");
    bytes.assign(bytes.size(), '-');  // what is shown is not of the bytes given
    EXPECT_EQ(reader.head().headers.get(FieldId::content_length), length);
    EXPECT_EQ(reader.head().host, "h");
    while (*reader.next(in) != Step::end) {
    }
    reader.forget();
  }
  std::string_view in = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 51\r\n\r\n";
  ASSERT_FALSE(reader.next(in));
  EXPECT_EQ(reader.refusal().status, 413);
}

TEST(BodyLimit, is_another_for_forms_with_files) {
  ReadLimits limits;
  limits.body_bytes = 50;
  limits.form_bytes = 100;
  const auto status = [&](const std::string& type, const std::string& framing) {
    RequestReader reader{limits};
    const std::string bytes = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Type: " + type + "\r\n" + framing;
    for (std::string_view in = bytes; !in.empty();) {
      const Result<Step> step = reader.next(in);
      if (!step) return reader.refusal().status;
      if (*step == Step::more) break;
    }
    return 0;
  };
  const std::string length = "Content-Length: ", chunked = "Transfer-Encoding: chunked\r\n\r\n";
  for (const char* const form : {"multipart/form-data; boundary=x", "Multipart/Form-Data"}) {
    EXPECT_EQ(status(form, length + "100\r\n\r\n"), 0);
    EXPECT_EQ(status(form, length + "101\r\n\r\n"), 413);
    EXPECT_EQ(status(form, chunked + "64\r\n"), 0);
    EXPECT_EQ(status(form, chunked + "65\r\n"), 413);
  }
  for (const char* const other : {"multipart/form-datum", "application/json", "x/multipart/form-data"}) {
    EXPECT_EQ(status(other, length + "50\r\n\r\n"), 0);
    EXPECT_EQ(status(other, length + "51\r\n\r\n"), 413);
    EXPECT_EQ(status(other, chunked + "32\r\n"), 0);
    EXPECT_EQ(status(other, chunked + "33\r\n"), 413);
  }
}

// Another reader's limits are not those under which a head was read.
TEST(SameHead, is_read_again_under_other_limits) {
  const std::string bytes = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz";
  {
    RequestReader reader{ReadLimits{}};
    std::string_view in = bytes;
    while (*reader.next(in) != Step::end) {
    }
    reader.forget();
  }
  ReadLimits limits;
  limits.fields = 1;
  RequestReader strict{limits};
  std::string_view in = bytes;
  ASSERT_FALSE(strict.next(in));
  EXPECT_EQ(strict.refusal().status, 431);
}

TEST(SameBytes, differ_wherever_one_does) {
  for (std::size_t size = 0; size < 50; ++size) {
    const std::string text(size, 'x');
    EXPECT_TRUE(same_bytes(text, std::string(size, 'x')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'X';
      EXPECT_FALSE(same_bytes(text, other)) << size << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace spillway
