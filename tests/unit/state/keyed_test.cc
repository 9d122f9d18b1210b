// Keyed state: order of eviction, expiry, single flight, and eight threads at once.
#include "state/keyed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace spillway {
namespace {

using Found = Keyed::Found;

struct FakeClock final : Clock {
  std::uint64_t now_us() const override { return us.load(); }
  std::int64_t wall_ms() const override { return 0; }
  void pass_ms(std::int64_t ms) { us += static_cast<std::uint64_t>(ms) * 1000; }
  std::atomic<std::uint64_t> us{1};
};

// Notes who is woken, and asks the table something while at it: with a lock held that would never return.
struct Woken final : Keyed::Waker {
  void wake(std::uint64_t ticket) override {
    if (keyed != nullptr) keyed->get("anything");
    const std::lock_guard hold(lock);
    tickets.push_back(ticket);
  }
  std::vector<std::uint64_t> take() {
    const std::lock_guard hold(lock);
    return std::move(tickets);
  }
  Keyed* keyed = nullptr;
  std::mutex lock;
  std::vector<std::uint64_t> tickets;
};

struct KeyedTest : testing::Test {
  KeyedTest() : keyed(Keyed::in_memory(clock, woken, 1 << 20)) { woken.keyed = keyed.get(); }
  Found lead(std::string_view key, std::uint64_t ticket) { return keyed->lead(key, ticket).found; }
  bool has(std::string_view key) { return keyed->get(key).found == Found::yes; }
  FakeClock clock;
  Woken woken;
  std::unique_ptr<Keyed> keyed;
};

using Tickets = std::vector<std::uint64_t>;
constexpr std::size_t kEntry = Keyed::kEntryOverheadBytes + 10;  // of a one-letter key and a nine-letter value

TEST_F(KeyedTest, value_is_found_with_its_age) {
  EXPECT_EQ(keyed->get("k").found, Found::no);
  EXPECT_TRUE(keyed->put("k", "value", 1000));
  clock.pass_ms(250);
  const Keyed::Got got = keyed->get("k");
  ASSERT_EQ(got.found, Found::yes);
  EXPECT_EQ(*got.value, "value");
  EXPECT_EQ(got.age_ms, 250);
}

TEST_F(KeyedTest, newer_value_replaces_the_older_and_its_bytes) {
  keyed->put("k", std::string(100, 'a'), 1000);
  keyed->put("k", "b", 1000);
  EXPECT_EQ(*keyed->get("k").value, "b");
  EXPECT_EQ(keyed->entries(), 1u);
  EXPECT_EQ(keyed->bytes(), Keyed::kEntryOverheadBytes + 2);
}

TEST_F(KeyedTest, value_expires_exactly_at_its_time) {
  keyed->put("k", "v", 1000);
  clock.pass_ms(999);
  EXPECT_TRUE(has("k"));
  clock.pass_ms(1);
  EXPECT_FALSE(has("k"));
  EXPECT_EQ(keyed->entries(), 0u);
  EXPECT_EQ(keyed->bytes(), 0u);
  EXPECT_EQ(lead("k", 1), Found::lead);
}

TEST_F(KeyedTest, endless_and_senseless_times_to_live) {
  EXPECT_TRUE(keyed->put("k", "v", INT64_MAX));
  clock.pass_ms(1'000'000'000'000);
  EXPECT_TRUE(has("k"));
  EXPECT_FALSE(keyed->put("k", "v", 0));
  EXPECT_FALSE(has("k"));
  EXPECT_FALSE(keyed->put("k", "v", -5));
}

TEST_F(KeyedTest, least_recently_used_goes_first_across_all_shards) {
  keyed->set_bytes_max(5 * kEntry);
  for (const char* key : {"a", "b", "c", "d", "e"}) EXPECT_TRUE(keyed->put(key, "123456789", 1000));
  EXPECT_TRUE(has("a"));  // used: now b is the oldest
  keyed->put("f", "123456789", 1000);
  EXPECT_FALSE(has("b"));
  keyed->put("g", "123456789", 1000);
  EXPECT_FALSE(has("c"));
  for (const char* key : {"a", "d", "e", "f", "g"}) EXPECT_TRUE(has(key)) << key;
  EXPECT_EQ(keyed->bytes(), 5 * kEntry);
}

TEST_F(KeyedTest, bound_holds_for_any_sizes_and_may_shrink) {
  keyed->set_bytes_max(10'000);
  for (int i = 0; i < 500; ++i) {
    keyed->put("k" + std::to_string(i), std::string(static_cast<std::size_t>(i * 37 % 3000), 'x'), 1000);
    EXPECT_LE(keyed->bytes(), 10'000u);
  }
  EXPECT_GT(keyed->entries(), 0u);
  keyed->set_bytes_max(0);
  EXPECT_EQ(keyed->entries(), 0u);
  EXPECT_EQ(keyed->bytes(), 0u);
}

TEST_F(KeyedTest, one_value_may_fill_the_bound_and_not_exceed_it) {
  keyed->set_bytes_max(1000);
  keyed->put("old", "v", 1000);
  EXPECT_TRUE(keyed->put("k", std::string(1000 - Keyed::kEntryOverheadBytes - 1, 'x'), 1000));
  EXPECT_FALSE(has("old"));
  EXPECT_FALSE(keyed->put("k", std::string(1000 - Keyed::kEntryOverheadBytes, 'x'), 1000));
  EXPECT_FALSE(has("k"));  // the older value is not the answer any more
}

TEST_F(KeyedTest, reader_keeps_a_value_that_is_evicted) {
  keyed->put("k", "still here", 1000);
  const Keyed::Got got = keyed->get("k");
  keyed->set_bytes_max(0);
  EXPECT_EQ(*got.value, "still here");
}

TEST_F(KeyedTest, first_leads_others_wait_and_put_wakes_each_once) {
  EXPECT_EQ(lead("k", 1), Found::lead);
  EXPECT_EQ(lead("k", 2), Found::wait);
  EXPECT_EQ(lead("k", 3), Found::wait);
  EXPECT_EQ(lead("k", 3), Found::wait);  // asking again is not waiting twice
  EXPECT_EQ(lead("k", 0), Found::no);    // without a ticket nobody waits
  EXPECT_EQ(lead("other", 4), Found::lead);
  EXPECT_TRUE(woken.take().empty());
  keyed->put("k", "v", 1000);
  EXPECT_EQ(woken.take(), (Tickets{2, 3}));
  EXPECT_EQ(lead("k", 2), Found::yes);
  keyed->put("k", "v", 1000);
  EXPECT_TRUE(woken.take().empty());
}

TEST_F(KeyedTest, abandoned_lead_wakes_the_waiters_and_keeps_a_value) {
  EXPECT_EQ(lead("k", 1), Found::lead);
  EXPECT_EQ(lead("k", 2), Found::wait);
  keyed->abandon("k");
  EXPECT_EQ(woken.take(), Tickets{2});
  EXPECT_EQ(lead("k", 2), Found::lead);
  keyed->put("k", "v", 1000);
  keyed->abandon("k");
  EXPECT_TRUE(has("k"));
}

TEST_F(KeyedTest, dropped_key_loses_value_and_lead) {
  keyed->put("k", "v", 1000);
  keyed->drop("k");
  EXPECT_FALSE(has("k"));
  EXPECT_EQ(lead("k", 1), Found::lead);
  EXPECT_EQ(lead("k", 2), Found::wait);
  keyed->drop("k");
  EXPECT_EQ(woken.take(), Tickets{2});
  EXPECT_EQ(lead("k", 3), Found::lead);
}

TEST_F(KeyedTest, value_that_is_not_kept_still_ends_the_lead) {
  keyed->set_bytes_max(300);
  EXPECT_EQ(lead("k", 1), Found::lead);
  EXPECT_EQ(lead("k", 2), Found::wait);
  EXPECT_FALSE(keyed->put("k", std::string(1000, 'x'), 1000));
  EXPECT_EQ(woken.take(), Tickets{2});
  EXPECT_EQ(lead("k", 2), Found::lead);
}

TEST_F(KeyedTest, who_went_away_is_not_woken) {
  lead("k", 1);
  lead("k", 2);
  lead("k", 3);
  keyed->unwait("k", 2);
  keyed->unwait("nothing", 3);
  keyed->abandon("k");
  EXPECT_EQ(woken.take(), Tickets{3});
}

TEST_F(KeyedTest, leader_asking_again_does_not_wait_for_itself) {
  EXPECT_EQ(lead("k", 1), Found::lead);
  EXPECT_EQ(lead("k", 1), Found::lead);
}

TEST_F(KeyedTest, lost_leader_is_replaced_and_its_waiters_stay) {
  EXPECT_EQ(lead("k", 1), Found::lead);
  EXPECT_EQ(lead("k", 2), Found::wait);
  clock.pass_ms(Keyed::kLeadMaxMs);
  EXPECT_EQ(lead("k", 3), Found::wait);
  clock.pass_ms(1);
  EXPECT_EQ(lead("k", 4), Found::lead);
  keyed->put("k", "v", 1000);
  EXPECT_EQ(woken.take(), (Tickets{2, 3}));
}

TEST_F(KeyedTest, waiters_leads_and_keys_are_bounded) {
  EXPECT_EQ(lead("k", 1), Found::lead);
  keyed->abandon("k");
  const std::string long_key(Keyed::kKeyBytesMax + 1, 'k');
  EXPECT_EQ(lead(long_key, 1), Found::no);
  EXPECT_FALSE(keyed->put(long_key, "v", 1000));
  for (std::size_t i = 0; i < Keyed::kLeadsMax; ++i) ASSERT_EQ(lead("n" + std::to_string(i), 1), Found::lead);
  EXPECT_EQ(lead("one more", 1), Found::no);
  keyed->abandon("n0");
  EXPECT_EQ(lead("one more", 1), Found::lead);
}

TEST_F(KeyedTest, one_of_eight_threads_leads_and_all_others_are_woken) {
  woken.keyed = nullptr;
  for (int round = 0; round < 200; ++round) {
    const std::string key = "k" + std::to_string(round);
    std::atomic<int> leaders{0}, waiters{0}, readers{0};
    std::vector<std::thread> threads;
    for (std::uint64_t t = 1; t <= 8; ++t) {
      threads.emplace_back([&, t] {
        switch (lead(key, t)) {
          case Found::lead:
            ++leaders;
            keyed->put(key, "v", 1000);
            break;
          case Found::wait: ++waiters; break;
          case Found::yes: ++readers; break;
          case Found::no: ADD_FAILURE(); break;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(leaders, 1);
    EXPECT_EQ(leaders + waiters + readers, 8);
    EXPECT_EQ(woken.take().size(), static_cast<std::size_t>(waiters.load()));
  }
}

TEST_F(KeyedTest, threads_putting_and_reading_keep_the_bound_and_the_books) {
  keyed->set_bytes_max(20'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string key = "k" + std::to_string((i * 7 + t) % 100);
        if (i % 3 == 0) {
          keyed->put(key, std::string(static_cast<std::size_t>(i % 500), 'x'), 1 + i % 50);
        } else if (i % 11 == 0) {
          keyed->drop(key);
        } else if (const Keyed::Got got = keyed->get(key); got.found == Found::yes) {
          EXPECT_LE(got.value->size(), 500u);
        }
        if (i % 100 == 0) clock.pass_ms(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(keyed->bytes(), 20'000u);
  for (int i = 0; i < 100; ++i) keyed->drop("k" + std::to_string(i));
  EXPECT_EQ(keyed->bytes(), 0u);
  EXPECT_EQ(keyed->entries(), 0u);
}

}  // namespace
}  // namespace spillway
