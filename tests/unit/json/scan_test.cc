// The scanner judges every byte of a text and finds what stands in it.
#include "json/scan.h"

#include <gtest/gtest.h>

#include "unit/json/samples.h"

namespace spillway {
namespace {

// With the memory behind it that a body from a socket has.
class Scan : public testing::Test {
 protected:
  bool valid(const std::string& text) {
    text_ = text;
    text_.reserve(text.size() + JsonScanner::kPadding);
    return static_cast<bool>(scanner_.validate(text_, text_.capacity()));
  }
  std::string why(const std::string& text) {
    const Result<std::vector<JsonMember>> found = scanner_.members(text, text.size());
    return found ? "accepted" : found.error().detail;
  }
  JsonScanner scanner_;
  std::string text_;
};

TEST_F(Scan, valid_texts_pass) {
  for (const std::string& text : good_texts()) EXPECT_TRUE(valid(text)) << text.substr(0, 80);
}

TEST_F(Scan, a_flaw_anywhere_is_refused) {
  for (const std::string& text : bad_texts()) {
    EXPECT_FALSE(valid(text)) << text.substr(0, 80);
    EXPECT_FALSE(valid(R"({"model":"m","skipped":)" + text + "}")) << text.substr(0, 80);
  }
  for (const std::string& text : bad_endings()) EXPECT_FALSE(valid(text)) << text;
  EXPECT_FALSE(valid(R"(["\ud800"])"));
  EXPECT_FALSE(valid(R"(["\udc00\ud800"])"));
}

TEST_F(Scan, a_text_without_room_behind_it_is_read_the_same) {
  for (const std::string& text : good_texts()) EXPECT_TRUE(scanner_.validate(text, text.size())) << text.substr(0, 80);
  for (const std::string& text : bad_texts()) EXPECT_FALSE(scanner_.validate(text, text.size())) << text.substr(0, 80);
}

TEST_F(Scan, members_are_listed_in_order_with_their_exact_bytes) {
  const std::string text =
      "\n{ \"a\" : 12345678901234567890123456 , \"mod\\u0065l\":\"x\\n\"  ,"
      "\"o\": { \"i\" : [ 1 ] }\t,\"a\":null,\"t\":true,\"l\":[ ] } ";
  const Result<std::vector<JsonMember>> found = scanner_.members(text, text.size());
  ASSERT_TRUE(found);
  const std::vector<std::tuple<std::string, std::string, JsonType>> want = {
      {"a", "12345678901234567890123456", JsonType::number},
      {"model", "\"x\\n\"", JsonType::string},
      {"o", "{ \"i\" : [ 1 ] }", JsonType::object},
      {"a", "null", JsonType::null},
      {"t", "true", JsonType::boolean},
      {"l", "[ ]", JsonType::array},
  };
  ASSERT_EQ(found->size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    const JsonMember& member = (*found)[i];
    EXPECT_EQ(std::make_tuple(member.key, std::string(member.value.in(text)), member.type), want[i]);
  }
}

TEST_F(Scan, what_is_wrong_is_said_with_its_place) {
  EXPECT_EQ(why(R"({"model":"m","n":007})"), "invalid number at byte 17");
  EXPECT_EQ(why(R"({"a":[1,2})"), "expected , or ] at byte 9");
  EXPECT_EQ(why(R"({"a":"\ud800"})"), "invalid escape in a string at byte 6");
  EXPECT_EQ(why("{\"a\":\"\x01\"}"), "raw control character in a string at byte 6");
  EXPECT_EQ(why("{\"a\":\"\xFF\"}"), "invalid UTF-8 at byte 6");
  EXPECT_EQ(why("{\"a\":1"), "unexpected end at byte 6");
  EXPECT_EQ(why("{\"a\":\"x}"), "a string without an end at byte 5");
  EXPECT_EQ(why("{}{}"), "unexpected text behind the end at byte 2");
  EXPECT_EQ(why(" [1]"), "expected an object at byte 1");
}

TEST_F(Scan, nesting_ends_at_its_limit) {
  EXPECT_TRUE(valid(nested(JsonScanner::kDepthMax)));
  EXPECT_FALSE(valid(nested(JsonScanner::kDepthMax + 1)));
  const std::string bomb(1'000'000, '[');
  const Status status = scanner_.validate(bomb, bomb.size());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, Kind::limit);
  EXPECT_EQ(status.error().detail, "nested deeper than 128 levels at byte 128");
}

// Keys of all objects count together, so that a nested flood is one too.
TEST_F(Scan, members_end_at_their_limit) {
  const auto flood = [](std::size_t members) {
    std::string text = R"({"k":[{)";
    for (std::size_t i = 1; i < members; ++i) text += i == 1 ? R"("a":1)" : R"(},{"a":1)";
    return text + "}]}";
  };
  EXPECT_TRUE(valid(flood(JsonScanner::kMembersMax)));
  const std::string text = flood(JsonScanner::kMembersMax + 1);
  const Status status = scanner_.validate(text, text.size());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, Kind::limit);
}

TEST_F(Scan, ten_megabytes_pass_and_the_next_text_is_read_afresh) {
  std::string text = R"({"model":"m","messages":[{"role":"user","content":")";
  while (text.size() < 10'000'000) text += "all work and no play \\n \xC3\xA9 ";
  text += R"("}],"last":007})";
  EXPECT_FALSE(valid(text));
  text.replace(text.find("007"), 3, "700");
  EXPECT_TRUE(valid(text));
  EXPECT_TRUE(valid("{\"a\":1}"));
  EXPECT_EQ(scanner_.root().next(), true);
}

TEST_F(Scan, steps_go_through_containers_and_into_them) {
  ASSERT_TRUE(valid(R"( {"a":[],"b":{"x":[{"deep":[[1]]}, 2 ],"y\u0021":"z"},"c":5e1} )"));
  JsonSteps root = scanner_.root();
  ASSERT_TRUE(root.next());
  EXPECT_EQ(root.type(), JsonType::object);
  EXPECT_FALSE(root.key_is(""));
  JsonSteps member = root.inside();
  EXPECT_FALSE(root.next());
  ASSERT_TRUE(member.next());
  EXPECT_TRUE(member.key_is("a"));
  EXPECT_FALSE(member.inside().next());
  ASSERT_TRUE(member.next());
  JsonSteps inner = member.inside();
  ASSERT_TRUE(inner.next());
  JsonSteps elements = inner.inside();
  ASSERT_TRUE(elements.next());
  EXPECT_EQ(elements.bytes(), R"({"deep":[[1]]})");
  ASSERT_TRUE(elements.next());
  EXPECT_EQ(elements.bytes(), "2");
  EXPECT_FALSE(elements.inside().next());
  EXPECT_FALSE(elements.next());
  ASSERT_TRUE(inner.next());
  EXPECT_TRUE(inner.key_is("y!"));
  EXPECT_EQ(inner.string(), "z");
  EXPECT_FALSE(inner.next());
  ASSERT_TRUE(member.next());
  EXPECT_EQ(member.key(), "c");
  EXPECT_EQ(member.integer(-1), 50);
  EXPECT_FALSE(member.next());
  EXPECT_FALSE(member.next());
}

TEST_F(Scan, a_refused_text_leaves_nothing_to_step_through) {
  ASSERT_TRUE(valid("[1]"));
  ASSERT_FALSE(valid("[1"));
  EXPECT_FALSE(scanner_.root().next());
  EXPECT_FALSE(JsonScanner().root().next());
}

}  // namespace
}  // namespace spillway
