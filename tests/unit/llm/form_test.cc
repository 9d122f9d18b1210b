// The model that a form names, and forms that could be read in two ways.
#include "llm/form.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway {
namespace {

const std::string kType = "multipart/form-data; boundary=b0";

std::string part(const std::string& disposition, const std::string& content, const std::string& more = {}) {
  return "--b0\r\nContent-Disposition: " + disposition + "\r\n" + more + "\r\n" + content + "\r\n";
}
const std::string kModel = part("form-data; name=\"model\"", "whisper-1");
const std::string kFile =
    part("form-data; name=\"file\"; filename=\"a.wav\"", "RIFF\r\n\n--b1\0", "Content-Type: audio/wav\r\n");
const std::string kFormEnd = "--b0--\r\n";

// What a reader says that got the form in pieces of that size.
bool tell_of_pieces(const std::string& type, const std::string& body, std::size_t size, Facts& facts, BadRequest& why) {
  FormReader form(type);
  for (std::size_t at = 0; at < body.size(); at += size) {
    if (!form.feed(std::string_view(body).substr(at, size))) return true;
  }
  return !form.ended() || form.tell(facts, why);
}

// The model, "none", or the refusal; the same however it is cut.
std::string read_form(const std::string& body, const std::string& type = kType) {
  Facts facts;
  BadRequest why;
  const bool good = read_form(type, body, facts, why);
  for (const std::size_t size : {1u, 2u, 3u, 7u, 50u}) {
    Facts again;
    BadRequest once_more;
    EXPECT_EQ(tell_of_pieces(type, body, size, again, once_more), good) << size << body;
    EXPECT_EQ(again.model, facts.model) << size << body;
    EXPECT_EQ(again.model_at.at, facts.model_at.at) << size << body;
    EXPECT_EQ(once_more.message, why.message) << size << body;
  }
  if (!good) return "refused: " + why.message;
  if (facts.model_at.len == 0) return facts.form || !facts.model.empty() ? "half read" : "none";
  EXPECT_TRUE(facts.form);
  EXPECT_EQ(facts.model_at.in(body), facts.model);
  return facts.model;
}

TEST(Form, its_model_is_read_wherever_it_stands) {
  EXPECT_EQ(read_form(kModel + kFile + kFormEnd), "whisper-1");
  EXPECT_EQ(read_form(kFile + kModel + kFormEnd), "whisper-1");
  EXPECT_EQ(read_form(kFile + kModel + "--b0--"), "whisper-1");
  EXPECT_EQ(read_form(part("FORM-DATA;name=model", "x") + kFormEnd), "x");
  EXPECT_EQ(read_form("--b c\r\n" + kModel.substr(6) + "--b c--"), "none") << "the boundary is another";
  EXPECT_EQ(read_form(kModel + kFormEnd, "Multipart/Form-Data; charset=utf-8; Boundary=\"b0\""), "whisper-1");
  EXPECT_EQ(read_form(kFile + kFormEnd), "none");
  EXPECT_EQ(read_form(kFormEnd), "none");
  EXPECT_EQ(read_form(""), "none");
}

TEST(Form, a_model_given_twice_or_wrong_is_refused) {
  EXPECT_EQ(read_form(kModel + kModel + kFormEnd), "refused: you gave `model` twice");
  EXPECT_EQ(read_form(part("form-data; name=\"model\"", "") + kFormEnd), "refused: `model` must not be empty");
  EXPECT_EQ(read_form(part("form-data; name=\"model\"", "a\nb") + kFormEnd),
            "refused: `model` must not hold control characters");
  EXPECT_EQ(read_form(part("form-data; name=\"model\"", std::string(257, 'x')) + kFormEnd).substr(0, 7), "refused");
}

TEST(Form, what_has_two_readings_names_no_model) {
  for (const std::string& body : {
           "preamble\r\n" + kModel + kFormEnd,
           kModel,                      // no end
           kModel + "--b0",             // half an end
           kModel + kFormEnd + "more",  // something behind it
           kModel + "--b0 \r\n" + kFile.substr(6) + kFormEnd,
           kModel + "--b0x--\r\n" + kFormEnd,
           // a delimiter that only needs its own line feed
           part("form-data; name=\"file\"", "x\n--b0\nContent-Disposition: form-data; name=\"model\"\n\ny") + kModel +
               kFormEnd,
           part("form-data; name=\"file\"", "x--b0") + kModel + kFormEnd,
           part("form-data; name=\"mod\\\"el\"", "x") + kModel + kFormEnd,
           part("form-data; name=\"a\"; name=\"model\"", "x") + kModel + kFormEnd,
           part("form-data; name*=utf-8''model", "x") + kModel + kFormEnd,
           part("form-data; NAME=\"model\"", "x") + kModel + kFormEnd,
           part("attachment; name=\"model\"", "x") + kModel + kFormEnd,
           part("form-data", "x") + kModel + kFormEnd,
           part("form-data; name=\"model", "x") + kModel + kFormEnd,
           part("form-data; name=\"a\"", "x", "Content-Disposition: form-data; name=\"model\"\r\n") + kModel + kFormEnd,
           part("form-data; name=\"a\"", "x", "Content-Transfer-Encoding: base64\r\n") + kModel + kFormEnd,
           part("form-data; name=\"a\"", "x", " folded\r\n") + kModel + kFormEnd,
           part("form-data; name=\"a\"", "x", "X: y\nContent-Disposition: form-data; name=\"model\"\r\n") + kModel +
               kFormEnd,
           "--b0\r\n\r\nwhisper-1\r\n" + kModel + kFormEnd,
           part("form-data; name=\"model\"; filename=\"f\"", "x") + kFormEnd,
       }) {
    EXPECT_EQ(read_form(body), "none") << body;
  }
  for (const char* type : {"multipart/form-data", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary=b0; boundary=b0", "multipart/form-data; boundary=\"b0",
                           "multipart/form-data; boundary=\"b\\0\"", "multipart/form-data boundary=b0"}) {
    EXPECT_EQ(read_form(kModel + kFormEnd, type), "none") << type;
  }
  EXPECT_EQ(read_form("--" + std::string(71, 'b') + "\r\n", "multipart/form-data; boundary=" + std::string(71, 'b')),
            "none");
}

TEST(Form, only_its_media_type_makes_one) {
  EXPECT_TRUE(is_form("multipart/form-data; boundary=x"));
  EXPECT_TRUE(is_form("Multipart/Form-Data"));
  EXPECT_FALSE(is_form("multipart/mixed; boundary=x"));
  EXPECT_FALSE(is_form(""));
}

// Any cut of a good form is another reading of it, or none.
TEST(Form, no_cut_names_a_model_that_is_not_there) {
  const std::string whole = kFile + kModel + kFormEnd;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string got = read_form(whole.substr(0, size));
    EXPECT_TRUE(got == "none" || (got == "whisper-1" && size >= whole.size() - 2)) << size << got;
  }
}

TEST(FormReader, knows_the_model_as_soon_as_its_part_has_ended) {
  FormReader form(kType);
  std::string sent;
  while (form.models() == 0 && sent.size() < 1000) {
    const std::string whole = kModel + kFile + kFormEnd;
    ASSERT_TRUE(form.feed(whole.substr(sent.size(), 1)));
    sent += whole[sent.size()];
  }
  EXPECT_EQ(sent, kModel + "--b0") << "the delimiter behind it";
  Facts facts;
  BadRequest why;
  EXPECT_TRUE(form.tell(facts, why));
  EXPECT_EQ(facts.model, "whisper-1");
  EXPECT_FALSE(form.ended());
}

TEST(FormReader, holds_little_of_a_large_file) {
  FormReader form(kType);
  ASSERT_TRUE(form.feed(kModel + part("form-data; name=\"file\"; filename=\"a\"", "")));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(form.feed(std::string(1000, 'x')));
  EXPECT_LT(form.held_bytes(), 10'000U);
  EXPECT_FALSE(form.feed("--b0")) << "without its line break it may be a delimiter, or not";
  EXPECT_FALSE(form.feed("\r\n")) << "and that stays so";
}

TEST(Form, the_model_is_spliced_as_it_is) {
  JsonScanner scanner;
  BadRequest why;
  const std::string body = kModel + kFile + kFormEnd;
  const Result<Facts> facts = inspect(scanner, Api::other, kType, body, body.size(), why);
  ASSERT_TRUE(facts);
  const auto sent = [&](std::string_view model) {
    Splice spliced;
    splice(*facts, body, model, true, spliced, true);
    std::string out;
    for (const std::string_view piece : spliced.pieces) out += piece;
    EXPECT_EQ(out.size(), spliced.bytes);
    return out;
  };
  EXPECT_EQ(sent("a \"b\""), part("form-data; name=\"model\"", "a \"b\"") + kFile + kFormEnd);
  EXPECT_EQ(sent("a\r\n--b0"), body) << "a name that would break the form stays out of it";
  EXPECT_EQ(sent(""), body);
}

}  // namespace
}  // namespace spillway
