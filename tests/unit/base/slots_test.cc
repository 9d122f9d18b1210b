// Tickets keep their three parts apart.
#include "base/slots.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Ticket, gives_back_what_was_packed) {
  for (const std::uint32_t worker : {0u, 1u, 255u}) {
    for (const std::uint32_t slot : {0u, 1u, 0xffffffu}) {
      for (const std::uint32_t generation : {1u, 0x80000000u, 0xffffffffu}) {
        const std::uint64_t ticket = Ticket::pack(worker, slot, generation);
        EXPECT_EQ(Ticket::worker(ticket), worker);
        EXPECT_EQ(Ticket::slot(ticket), slot);
        EXPECT_EQ(Ticket::generation(ticket), generation);
        EXPECT_NE(ticket, 0u);
      }
    }
  }
}

TEST(Ticket, a_part_too_large_does_not_spill_into_its_neighbour) {
  const std::uint64_t ticket = Ticket::pack(0x1ff, 0x1ffffff, 5);
  EXPECT_EQ(Ticket::worker(ticket), 0xffu);
  EXPECT_EQ(Ticket::slot(ticket), 0xffffffu);
  EXPECT_EQ(Ticket::generation(ticket), 5u);
}

}  // namespace
}  // namespace spillway
