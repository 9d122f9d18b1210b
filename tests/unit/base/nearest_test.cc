// Suggestions for misspelt names.
#include "base/nearest.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using Names = std::vector<std::string>;

TEST(Nearest, finds_swapped_wrong_missing_and_doubled_letters) {
  EXPECT_EQ(nearest("chta", {"embed", "chat", "image"}), Names{"chat"});
  EXPECT_EQ(nearest("idel_ms", {"idle_ms", "header_bytes"}), Names{"idle_ms"});
  EXPECT_EQ(nearest("idle_mz", {"idle_ms"}), Names{"idle_ms"});
  EXPECT_EQ(nearest("idl_ms", {"idle_ms"}), Names{"idle_ms"});
  EXPECT_EQ(nearest("idlle_ms", {"idle_ms"}), Names{"idle_ms"});
  EXPECT_EQ(nearest("idle_ms", {"idle_ms"}), Names{"idle_ms"});
}

TEST(Nearest, ignores_case) { EXPECT_EQ(nearest("GPT-5-Mini", {"gpt-5-mini"}), Names{"gpt-5-mini"}); }

TEST(Nearest, keeps_away_from_what_differs_in_more_than_a_third) {
  EXPECT_EQ(nearest("listen", {"lisp"}), Names{});              // three edits of six letters
  EXPECT_EQ(nearest("listen", {"listed!"}), Names{"listed!"});  // two
  EXPECT_EQ(nearest("ab", {"xy"}), Names{});
  EXPECT_EQ(nearest("ab", {"ax"}), Names{"ax"}) << "short names may have one mistake";
  EXPECT_EQ(nearest("anything", {}), Names{});
  EXPECT_EQ(nearest("", {"long"}), Names{});
}

TEST(Nearest, puts_the_nearest_first_and_stops_at_the_number_asked_for) {
  const Names known = {"gpt-5-nano", "gpt-5-mini", "gpt-5", "gpt-4-mini", "claude"};
  EXPECT_EQ(nearest("gpt-5-minj", known), (Names{"gpt-5-mini", "gpt-4-mini", "gpt-5-nano"}));
  EXPECT_EQ(nearest("gpt-5-minj", known, 1), Names{"gpt-5-mini"});
  EXPECT_EQ(nearest("gpt-5-minj", known, 0), Names{});
}

TEST(Nearest, compares_endless_names_by_their_beginning) {
  const std::string endless(1 << 20, 'x');
  EXPECT_EQ(nearest(endless, {std::string(128, 'x'), "y"}), Names{std::string(128, 'x')});
}

}  // namespace
}  // namespace spillway
