#include "catalog/price.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

Price price(std::string_view json) {
  const Result<JsonValue> value = parse_json(json);
  EXPECT_TRUE(value) << json;
  return value ? read_price(*value) : Price();
}

TEST(Price, zero_is_zero_however_it_is_spelled) {
  for (const char* spelled :
       {"\"0\"", "\"0.0\"", "\"0.000000\"", "0", "0.0", "0e5", "\"-0\"", "\" 0 \"", "\".0\"", "\"0.\""}) {
    EXPECT_EQ(price(spelled).is, Price::Is::zero) << spelled;
  }
}

TEST(Price, the_least_that_is_charged_is_not_zero) {
  for (const char* spelled : {"\"0.00000005\"", "5e-8", "\"1e-400\"", "\"+0.1\""}) {
    EXPECT_EQ(price(spelled).is, Price::Is::positive) << spelled;
  }
  EXPECT_DOUBLE_EQ(price("\"0.00000025\"").usd, 2.5e-7);
}

TEST(Price, minus_one_means_decided_per_request) {
  EXPECT_EQ(price("\"-1\"").is, Price::Is::negative);
  EXPECT_EQ(price("\"-1\"").usd, -1);
}

TEST(Price, what_is_no_number_is_not_zero) {
  for (const char* spelled : {"\"abc\"", "\"\"", "\"NaN\"", "\"inf\"", "\"Infinity\"", "\"0x0\"", "\"0 0\"", "\"1e\"",
                              "\".\"", "true", "false", "[]", "{}", "[0]"}) {
    EXPECT_EQ(price(spelled).is, Price::Is::unusable) << spelled;
  }
}

TEST(Price, null_says_nothing) { EXPECT_EQ(price("null").is, Price::Is::absent); }

}  // namespace
}  // namespace spillway
