// R1: whatever the limit, the shares together stay below it.
#include "proxy/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace spillway {
namespace {

TEST(Descriptors, R1_shares_stay_below_any_limit) {
  for (const std::uint64_t workers : {1u, 2u, 8u, 64u}) {
    for (std::uint64_t limit = 128 + 16 * workers; limit <= 1u << 21; limit += limit / 7) {
      const DescriptorShares shares = share_descriptors(limit, workers);
      EXPECT_GE(shares.clients, 8u);
      const std::uint64_t clients = shares.clients + workers;  // one above the limit for each worker
      EXPECT_LE(2 * clients + shares.idle_upstreams * workers + 4 * workers, limit) << limit << " of " << workers;
    }
  }
}

TEST(Descriptors, R1_most_of_a_large_limit_is_for_clients_and_their_providers) {
  const DescriptorShares shares = share_descriptors(100'000, 4);
  EXPECT_GT(4 * shares.clients + 5 * shares.idle_upstreams * 4, 2 * 99'000u);
}

TEST(Descriptors, R1_a_tiny_limit_still_serves_somebody) {
  EXPECT_EQ(share_descriptors(0, 2).clients, 8u);
  EXPECT_EQ(share_descriptors(0, 2).idle_upstreams, 0u);
}

TEST(Descriptors, R1_the_soft_limit_is_lifted_to_the_hard_one) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = std::min<rlim_t>(256, before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(own_descriptor_shares(1).clients, share_descriptors(low.rlim_cur, 1).clients);
  raise_descriptor_limit();
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  EXPECT_EQ(own_descriptor_shares(1).clients, share_descriptors(before.rlim_max, 1).clients);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace spillway
