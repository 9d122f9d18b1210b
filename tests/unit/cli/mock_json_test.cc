// The smallest object of a schema.
#include "cli/mock_json.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace spillway {
namespace {

std::string like(const char* schema) {
  const Result<JsonValue> value = parse_json(schema);
  EXPECT_TRUE(value) << schema;
  return mock_json_like(*value);
}

TEST(MockJson, each_property_gets_the_first_thing_that_fits) {
  EXPECT_EQ(like(R"({"type":"object","properties":{
      "s":{"type":"string"},"n":{"type":"number"},"i":{"type":"integer"},"b":{"type":"boolean"},"z":{"type":"null"},
      "e":{"enum":["red","green"]},"a":{"type":"array","items":{"type":"integer"}},"u":{"type":["string","null"]},
      "o":{"type":"object","properties":{"x":{}}}}})"),
            R"({"s":"mock","n":1,"i":1,"b":true,"z":null,"e":"red","a":[1],"u":"mock","o":{"x":"mock"}})");
}

TEST(MockJson, no_schema_is_a_fixed_object) {
  EXPECT_EQ(mock_json_like(JsonValue{}), R"({"answer":"mock"})");
  EXPECT_EQ(like(R"({"type":"object"})"), R"({"answer":"mock"})");
}

TEST(MockJson, depth_is_bounded) {
  std::string schema = R"({"type":"string"})";
  for (int i = 0; i < 40; ++i) schema = R"({"type":"object","properties":{"a":)" + schema + "}}";
  const std::string json = like(schema.c_str());
  EXPECT_TRUE(parse_json(json));
  EXPECT_EQ(std::count(json.begin(), json.end(), '{'), 17);
}

}  // namespace
}  // namespace spillway
