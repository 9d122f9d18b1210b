// The phases of a request: every legal edge, and no other.
#include "proxy/request.h"

#include <gtest/gtest.h>

#include <set>

namespace spillway {
namespace {

TEST(Phase, only_these_edges_are_legal) {
  const Phase all[] = {Phase::read, Phase::decide, Phase::attempt, Phase::relay, Phase::end};
  std::set<std::pair<int, int>> found;
  for (const Phase from : all) {
    for (const Phase to : all) {
      if (legal(from, to)) found.emplace(static_cast<int>(from), static_cast<int>(to));
    }
  }
  const std::set<std::pair<int, int>> expected = {{0, 1}, {0, 4}, {1, 2}, {1, 4}, {2, 2}, {2, 3}, {2, 4}, {3, 4}};
  EXPECT_EQ(found, expected) << "above all: no way back from relay to attempt";
}

}  // namespace
}  // namespace spillway
