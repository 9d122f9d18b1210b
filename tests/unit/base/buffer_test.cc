// A queue of bytes against the simplest one there is.
#include "base/buffer.h"

#include <gtest/gtest.h>

#include <set>

#include "base/dice.h"

namespace spillway {
namespace {

TEST(Buffer, gives_bytes_in_the_order_they_came) {
  Buffer buffer;
  EXPECT_TRUE(buffer.empty());
  buffer.append("hello ");
  buffer.append("world");
  EXPECT_EQ(buffer.view(), "hello world");
  buffer.consume(6);
  EXPECT_EQ(buffer.view(), "world");
  EXPECT_EQ(buffer.size(), 5u);
  buffer.append("!");
  EXPECT_EQ(buffer.view(), "world!");
}

TEST(Buffer, is_empty_once_all_is_consumed_or_cleared) {
  Buffer buffer;
  buffer.append("abc");
  buffer.consume(0);
  EXPECT_EQ(buffer.view(), "abc");
  buffer.consume(3);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.view(), "");
  buffer.append("de");
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  buffer.append("f");
  EXPECT_EQ(buffer.view(), "f");
}

TEST(Buffer, behaves_as_a_string_does_through_any_number_of_pieces) {
  Dice dice(42);
  Buffer buffer;
  std::string model;
  for (int i = 0; i < 2'000; ++i) {
    const std::string piece(dice.below(3'000), static_cast<char>('a' + i % 26));
    buffer.append(piece);
    model += piece;
    const std::size_t n = dice.below(model.size() + 1) / (i % 8 == 0 ? 1 : 4);
    buffer.consume(n);
    model.erase(0, n);
    ASSERT_EQ(buffer.view(), model) << "step " << i;
  }
}

TEST(Buffer, reuses_the_room_of_what_was_consumed) {
  Buffer buffer;
  const std::string piece(64 * 1024, 'x');
  buffer.append("a");  // so that it never empties
  std::set<const char*> places;
  for (int i = 0; i < 10'000; ++i) {
    buffer.append(piece);
    buffer.consume(piece.size());
    if (i >= 100) places.insert(buffer.view().data());  // by then it has all the room it needs
  }
  EXPECT_EQ(buffer.size(), 1u);
  EXPECT_LT(places.size(), 10u) << "640 MB went through a queue that holds 64 KiB at most";
}

TEST(BufferDeathTest, consuming_more_than_there_is_is_our_own_mistake) {
  Buffer buffer;
  buffer.append("abc");
  EXPECT_DEATH(buffer.consume(4), "CHECK");
}

}  // namespace
}  // namespace spillway
