#include "catalog/stable_id.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

TEST(StableId, Q3_the_examples) {
  const JsonValue& wanted = expected()["seed001"]["hash_examples"];
  ASSERT_FALSE(wanted.keys.empty());
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    EXPECT_EQ(hash48(wanted.keys[i]), static_cast<std::uint64_t>(wanted.items[i]["hash48"].integer(-1)));
    EXPECT_EQ(StableIds().take(wanted.keys[i]), wanted.items[i]["id"].integer(0));
  }
}

TEST(StableId, Q3_who_comes_first_keeps_a_contested_slot) {
  const JsonValue& wanted = expected()["seed001"]["collision"];
  const std::string first(wanted["first"].string()), second(wanted["second"].string());
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(StableIds().take(first), wanted["slot"].integer(0));
  EXPECT_EQ(StableIds().take(second), wanted["slot"].integer(0));
  StableIds in_order, reversed;
  EXPECT_EQ(in_order.take(first), wanted["in_order"].at(0).integer(0));
  EXPECT_EQ(in_order.take(second), wanted["in_order"].at(1).integer(0));
  const std::int64_t other = reversed.take(second);
  EXPECT_EQ(reversed.take(first), wanted["reversed"].at(0).integer(0));
  EXPECT_EQ(other, wanted["reversed"].at(1).integer(0));
}

TEST(StableId, Q3_the_range_and_the_offset) {
  for (int i = 0; i < 1000; ++i) {
    const std::string id = "some/model-" + std::to_string(i);
    const std::int64_t chat = StableIds().take(id), image = StableIds(StableIds::kImageOffset).take(id);
    EXPECT_LE(chat, -10'000);
    EXPECT_GE(chat, -9'009'999);
    EXPECT_EQ(image, chat - 10'000);
  }
}

}  // namespace
}  // namespace spillway
