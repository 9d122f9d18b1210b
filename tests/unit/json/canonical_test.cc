// One spelling for texts that mean the same, and different ones for texts that do not.
#include <gtest/gtest.h>

#include "json/scan.h"

namespace spillway {
namespace {

std::string canonical(std::string_view text, const std::vector<std::string_view>& without = {}) {
  const Result<std::string> out = canonical_json(text, without);
  return out ? *out : "refused: " + out.error().detail;
}

TEST(Canonical, keys_are_sorted_by_bytes_at_every_level) {
  EXPECT_EQ(canonical(" { \"b\" : [ { \"z\":1, \"a\" : 2 } ] ,\n\"a\":{\"B\":1,\"A\":2,\"\xC3\xA9\":0}} "),
            "{\"a\":{\"A\":2,\"B\":1,\"\xC3\xA9\":0},\"b\":[{\"a\":2,\"z\":1}]}");
}

TEST(Canonical, strings_have_the_least_escaping) {
  EXPECT_EQ(canonical(R"(["\u0041\/\u00e9\ud83d\ude00","\u0022\u005c\u0008\u000a\u000b\u001f"])"),
            "[\"A/\xC3\xA9\xF0\x9F\x98\x80\",\"\\\"\\\\\\b\\n\\u000b\\u001f\"]");
  EXPECT_EQ(canonical(R"({"mod\u0065l":1,"a\tb":2})"), R"({"a\tb":2,"model":1})");
}

TEST(Canonical, strings_that_have_it_already_stay_and_one_escape_more_is_seen) {
  const std::string least = R"(["said \"no\",\n\\u0041\b\f\r\t"])";
  EXPECT_EQ(canonical(least), least);
  EXPECT_EQ(canonical(R"(["\"\n\\\/"])"), R"(["\"\n\\/"])");
  EXPECT_EQ(canonical(R"(["\\\\u0041\u0041"])"), R"(["\\\\u0041A"])");
}

TEST(Canonical, numbers_and_order_of_elements_stay) {
  EXPECT_EQ(canonical("[12345678901234567890123456,1.0,1,1e3,-0]"), "[12345678901234567890123456,1.0,1,1e3,-0]");
}

TEST(Canonical, equal_keys_keep_their_order) {
  EXPECT_EQ(canonical(R"({"x":{"b":1,"a":2,"b":0,"\u0062":3}})"), R"({"x":{"a":2,"b":1,"b":0,"b":3}})");
  std::string many = "{\"b\":0";
  std::string want = "\"b\":0";
  for (int i = 1; i < 100; ++i) {
    many += ",\"b\":" + std::to_string(i) + (i % 2 == 0 ? ",\"a\":0" : "");
    want += ",\"b\":" + std::to_string(i);
  }
  const std::string sorted = canonical(many + "}");
  EXPECT_EQ(sorted.substr(sorted.find("\"b\"")), want + "}");
}

TEST(Canonical, only_top_level_keys_are_left_out) {
  EXPECT_EQ(canonical(R"({"str\u0065am":true,"user":"u","m":{"stream":1,"user":2}})", {"stream", "user"}),
            R"({"m":{"stream":1,"user":2}})");
  EXPECT_EQ(canonical(R"({"stream":true})", {"stream"}), "{}");
}

TEST(Canonical, it_is_its_own_canonical_form) {
  for (const char* text : {"{}", "[]", "[[],{},\"\"]", R"({"b":{"d":1,"c":[{"f":null,"e":"\n"}]},"a":true})", "1"}) {
    EXPECT_EQ(canonical(canonical(text)), canonical(text)) << text;
  }
}

TEST(Canonical, bad_texts_and_floods_are_refused) {
  EXPECT_EQ(canonical("{\"a\":01}"), "refused: invalid number at byte 5");
  std::string flood = "[0";
  for (std::size_t i = 0; i < kJsonValuesMax; ++i) flood += ",0";
  const Result<std::string> out = canonical_json(flood + "]", {});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().kind, Kind::limit);
}

}  // namespace
}  // namespace spillway
