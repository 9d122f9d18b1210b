// Results, and what a broken CHECK does.
#include "base/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace spillway {
namespace {

Result<std::unique_ptr<int>> make(bool good) {
  if (!good) return Error{Kind::timeout, Source::upstream, Retry::yes, "no answer"};
  return std::make_unique<int>(7);
}

TEST(Result, holds_a_value_that_can_be_moved_out) {
  Result<std::unique_ptr<int>> result = make(true);
  ASSERT_TRUE(result);
  const std::unique_ptr<int> taken = std::move(*result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, holds_an_error_with_its_source) {
  const auto result = make(false);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::timeout);
  EXPECT_EQ(result.error().source, Source::upstream);
  EXPECT_EQ(result.error().retry, Retry::yes);
  EXPECT_EQ(result.error().detail, "no answer");
}

TEST(Result, tells_a_result_that_is_itself_an_error_from_a_failure) {
  const Status good = Nothing{};
  EXPECT_TRUE(good);
  const Result<std::string> text = std::string("no answer");
  EXPECT_TRUE(text);
}

TEST(Error, kinds_have_names_of_their_own) {
  std::set<std::string_view> names;
  for (const Kind kind : {Kind::invalid, Kind::limit, Kind::refused, Kind::closed, Kind::timeout, Kind::dns, Kind::tls,
                          Kind::not_found, Kind::config, Kind::internal}) {
    names.insert(to_string(kind));
  }
  EXPECT_EQ(names.size(), 10u);
  EXPECT_FALSE(names.contains("?"));
}

TEST(CheckDeathTest, says_what_and_where_and_ends_the_process) {
  const int apples = 3;
  EXPECT_DEATH(CHECK(apples == 4), "CHECK\\(apples == 4\\) failed at .*error_test\\.cc:[0-9]+");
  CHECK(apples == 3);
}

}  // namespace
}  // namespace spillway
