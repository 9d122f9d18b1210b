// The request is one valid HTTP request, and URLs mean what people mean by them.
#include "cli/bench_request.h"

#include <gtest/gtest.h>

#include "http/reader.h"
#include "json/scan.h"

namespace spillway::bench {
namespace {

TEST(BenchRequest, base_urls_stand_for_their_chat_completions) {
  const std::pair<const char*, const char*> all[] = {
      {"http://h:9000", "http://h:9000/v1/chat/completions"},
      {"http://h:9000/", "http://h:9000/v1/chat/completions"},
      {"http://h/v1", "http://h/v1/chat/completions"},
      {"https://h/api/v1/", "https://h/api/v1/chat/completions"},
      {"https://h/v1/embeddings", "https://h/v1/embeddings"},
      {"http://[::1]:80/x?api-version=2", "http://[::1]/x?api-version=2"},
  };
  for (const auto& [given, means] : all) {
    const Result<Target> target = parse_target(given);
    ASSERT_TRUE(target) << target.error().detail;
    EXPECT_EQ(target->text, means);
  }
  for (const char* bad : {"", "h:9000", "ftp://h", "http://", "http://h:0", "http://u@h", "http://h#f", "http://h/?a#f",
                          "http://h:99999", "http://h/a b"}) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
}

TEST(BenchRequest, bytes_are_one_whole_request) {
  Result<Target> target = parse_target("http://h:9000/v1?x=1");
  ASSERT_TRUE(target);
  const std::string body = chat_body("m \"quoted\"", 1000, true);
  const Result<std::string> bytes = request_bytes(*target, {{"x-one", "1"}}, body);
  ASSERT_TRUE(bytes);
  RequestReader reader{ReadLimits{}};
  std::string_view in = *bytes;
  Result<Step> step = reader.next(in);
  ASSERT_TRUE(step && *step == Step::head);
  EXPECT_EQ(reader.head().method, "POST");
  EXPECT_EQ(reader.head().target, "/v1/chat/completions?x=1");
  EXPECT_EQ(reader.head().host, "h:9000");
  EXPECT_EQ(reader.head().headers.get("x-one"), "1");
  EXPECT_EQ(reader.head().headers.get("content-type"), "application/json");
  step = reader.next(in);
  ASSERT_TRUE(step && *step == Step::body);
  EXPECT_EQ(reader.body(), body);
  step = reader.next(in);
  ASSERT_TRUE(step && *step == Step::end);
  EXPECT_TRUE(in.empty());
}

TEST(BenchRequest, the_prompt_has_exactly_the_bytes_asked_for) {
  for (const std::size_t bytes : {0u, 1u, 44u, 45u, 46u, 1024u, 100'000u}) {
    const Result<JsonValue> root = parse_json(chat_body("m", bytes, false));
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["messages"].at(0)["content"].string().size(), bytes);
    EXPECT_FALSE(root->has("stream"));
  }
  EXPECT_TRUE((*parse_json(chat_body("m", 5, true)))["stream"].boolean(false));
}

TEST(BenchRequest, a_content_type_of_ones_own_is_the_only_one) {
  Result<Target> target = parse_target("http://h");
  ASSERT_TRUE(target);
  const Result<std::string> bytes = request_bytes(*target, {{"Content-Type", "text/plain"}}, "x");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->find("application/json"), std::string::npos);
}

TEST(BenchRequest, fields_cannot_change_where_the_message_ends) {
  ASSERT_TRUE(parse_field("X-A:  b c "));
  EXPECT_EQ(parse_field("X-A:  b c ")->second, "b c");
  EXPECT_TRUE(parse_field("x-empty:"));
  for (const char* bad : {"", "none", ": v", "a b: c", "x: a\r\ny: b", "Host: h", "content-length: 1",
                          "Transfer-Encoding: chunked", "connection: close", "Expect: 100-continue"}) {
    EXPECT_FALSE(parse_field(bad)) << bad;
  }
}

TEST(BenchRequest, a_body_that_cannot_be_read_is_named) {
  EXPECT_NE(read_body("/nowhere/at/all").error().detail.find("/nowhere/at/all"), std::string::npos);
  EXPECT_EQ(*read_body("/dev/null"), "");
}

}  // namespace
}  // namespace spillway::bench
