// Bytes that grow at the end, by copies and in place.
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace spillway {
namespace {

TEST(Bytes, grow_by_copies_and_in_place_alike) {
  Bytes bytes;
  EXPECT_EQ(bytes.view(), "");
  EXPECT_TRUE(bytes.room().empty());
  bytes.append("");
  bytes.append("one ");
  bytes.reserve(100);
  EXPECT_EQ(bytes.room().size(), 96u);
  std::ranges::copy(std::string_view("two "), bytes.room().begin());
  EXPECT_EQ(bytes.size(), 4u) << "nothing counts before it was told";
  bytes.wrote(4);
  std::string expected = "one two ";
  for (int i = 0; i < 1'000; ++i) {
    bytes.append("three ");
    expected += "three ";
    ASSERT_EQ(bytes.view(), expected);
  }
  EXPECT_GE(bytes.capacity(), bytes.size());
  EXPECT_LE(bytes.capacity(), 2 * bytes.size());
}

TEST(Bytes, what_is_given_away_is_empty_and_what_is_cleared_keeps_its_memory) {
  Bytes one;
  one.append("text");
  Bytes other(std::move(one));
  EXPECT_EQ(other.view(), "text");
  EXPECT_EQ(one.size() + one.capacity(), 0u);
  one = std::exchange(other, {});
  EXPECT_EQ(one.view(), "text");
  EXPECT_EQ(other.capacity(), 0u);
  other.append("new");
  EXPECT_EQ(other.view(), "new");
  const std::size_t before = one.capacity();
  one.clear();
  EXPECT_EQ(one.view(), "");
  EXPECT_EQ(one.capacity(), before);
}

}  // namespace
}  // namespace spillway
