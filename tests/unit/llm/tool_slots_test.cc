// Tool calls told apart by index, by id, by neither (ecosystem.md 1.9).
#include "llm/tool_slots.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

TEST(ToolSlots, numbers_from_anywhere_become_numbers_without_gaps) {
  ToolSlots slots;
  EXPECT_EQ(slots.find(1, "a"), 0);
  EXPECT_EQ(slots.find(7, "b"), 1);
  EXPECT_EQ(slots.find(1, ""), 0);
  EXPECT_EQ(slots.find(7, "b"), 1);
}

TEST(ToolSlots, another_id_is_another_call_whatever_its_number) {
  ToolSlots slots;
  EXPECT_EQ(slots.find(0, "a"), 0);
  EXPECT_EQ(slots.find(0, "b"), 1);
  EXPECT_EQ(slots.find(0, ""), 1) << "what has no id belongs to the last";
  EXPECT_EQ(slots.find(-1, "a"), 0);
  EXPECT_EQ(slots.find(-1, ""), 1);
}

TEST(ToolSlots, an_id_that_comes_late_is_kept) {
  ToolSlots slots;
  EXPECT_EQ(slots.find(0, ""), 0);
  EXPECT_EQ(slots.find(0, "a"), 0);
  EXPECT_EQ(slots.at(0).id, "a");
}

TEST(ToolSlots, there_is_a_most) {
  ToolSlots slots;
  for (std::size_t i = 0; i < ToolSlots::kMost; ++i) slots.find(static_cast<std::int32_t>(i), "");
  EXPECT_EQ(slots.find(9999, ""), -1);
}

}  // namespace
}  // namespace spillway::llm
