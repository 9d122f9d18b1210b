// Small trees: strict about the text, lenient about what is asked of it.
#include <gtest/gtest.h>

#include "json/scan.h"
#include "unit/json/samples.h"

namespace spillway {
namespace {

TEST(Value, the_same_texts_pass_as_in_the_scanner) {
  for (const std::string& text : good_texts()) EXPECT_TRUE(parse_json(text)) << text.substr(0, 80);
  for (const std::string& text : bad_texts()) EXPECT_FALSE(parse_json(text)) << text.substr(0, 80);
  for (const std::string& text : bad_endings()) EXPECT_FALSE(parse_json(text)) << text;
}

TEST(Value, members_read_by_name_and_type) {
  const Result<JsonValue> root = parse_json(
      R"({"s":"a\u0041","i":26,"e":1e3,"d":0.5,"big":12345678901234567890123456,
         "t":true,"n":null,"l":[1,[2]],"s":"last"})");
  ASSERT_TRUE(root);
  const JsonValue& value = *root;
  EXPECT_EQ(value["s"].string(), "last");
  EXPECT_EQ(value.items[0].string(), "aA");
  EXPECT_EQ(value["i"].integer(-1), 26);
  EXPECT_EQ(value["e"].integer(-1), 1000);
  EXPECT_EQ(value["d"].integer(-1), -1);
  EXPECT_EQ(value["d"].number(0), 0.5);
  EXPECT_EQ(value["big"].text, "12345678901234567890123456");
  EXPECT_EQ(value["big"].integer(-1), -1);
  EXPECT_TRUE(value["t"].boolean(false));
  EXPECT_TRUE(value.has("n"));
  EXPECT_TRUE(value["n"].is(JsonType::null));
  EXPECT_EQ(value["l"].at(1).at(0).integer(-1), 2);
}

TEST(Value, what_is_absent_or_of_another_type_reads_as_nothing) {
  const Result<JsonValue> root = parse_json(R"({"s":"12","l":[]})");
  ASSERT_TRUE(root);
  const JsonValue& value = *root;
  EXPECT_FALSE(value.has("none"));
  EXPECT_EQ(value["none"]["deeper"].at(3).string(), "");
  EXPECT_EQ(value["s"].integer(-1), -1);
  EXPECT_EQ(value["s"].number(-1), -1);
  EXPECT_TRUE(value["s"].boolean(true));
  EXPECT_EQ(value["l"].at(0).integer(7), 7);
}

// Providers cut characters in two between stream events.
TEST(Value, a_surrogate_half_reads_as_the_replacement_character) {
  const Result<JsonValue> root = parse_json(R"(["\ud83d","\ude00"])");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->at(0).string(), "\xEF\xBF\xBD");
  EXPECT_EQ(root->at(1).string(), "\xEF\xBF\xBD");
}

TEST(Value, levels_beyond_those_asked_for_are_checked_but_not_kept) {
  const Result<JsonValue> root = parse_json(R"({"a":{"b":[1,{"c":2}],"d":3},"e":[4]})", 2);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["a"]["d"].integer(-1), 3);
  EXPECT_TRUE((*root)["a"]["b"].is(JsonType::array));
  EXPECT_TRUE((*root)["a"]["b"].items.empty());
  EXPECT_EQ((*root)["e"].at(0).integer(-1), 4);
  EXPECT_FALSE(parse_json(R"({"a":{"b":[1,{"c":02}]}})", 1));
}

TEST(Value, values_end_at_their_limit) {
  const auto flood = [](std::size_t elements) {
    std::string text = "[0";
    for (std::size_t i = 1; i < elements; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_TRUE(parse_json(flood(kJsonValuesMax), 0));
  const Result<JsonValue> over = parse_json(flood(kJsonValuesMax));  // and the array itself
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().kind, Kind::limit);
}

}  // namespace
}  // namespace spillway
