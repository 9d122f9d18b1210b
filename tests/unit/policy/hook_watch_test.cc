// Row P2 of reliability.md: who is found in the same hook twice. The thread that ends the process is tried in
// tests/e2e/test_operation.py.
#include "policy/hook_watch.h"

#include <gtest/gtest.h>

#include "policy/call.h"
#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

TEST(HookWatch, who_is_in_no_hook_is_not_stuck) {
  HookWatch watch;
  HookMark mark;
  watch.add(mark, "calm");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(watch.look().empty());
  mark.enter(Hook::request);
  mark.leave();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(watch.look().empty());
}

TEST(HookWatch, the_same_entry_seen_again_is_stuck) {
  HookWatch watch;
  HookMark mark;
  watch.add(mark, "slow");
  mark.enter(Hook::outcome);
  EXPECT_TRUE(watch.look().empty()) << "it may have entered a moment ago";
  for (std::uint32_t looks = 1; looks <= 3; ++looks) {
    const std::vector<HookWatch::Stuck> stuck = watch.look();
    ASSERT_EQ(stuck.size(), 1u);
    EXPECT_EQ(stuck[0].policy, "slow");
    EXPECT_EQ(stuck[0].hook, "on_outcome");
    EXPECT_EQ(stuck[0].looks, looks);
  }
  mark.leave();
  EXPECT_TRUE(watch.look().empty());
}

TEST(HookWatch, another_entry_into_the_same_hook_begins_anew) {
  HookWatch watch;
  HookMark mark;
  watch.add(mark, "busy");
  for (int i = 0; i < 5; ++i) {
    mark.enter(Hook::attempt);
    EXPECT_TRUE(watch.look().empty());
    mark.leave();
  }
}

TEST(HookWatch, each_is_counted_alone_and_until_it_is_removed) {
  HookWatch watch;
  HookMark one, other;
  watch.add(one, "one");
  watch.add(other, "other");
  one.enter(Hook::timer);
  watch.look();
  other.enter(Hook::fetched);
  ASSERT_EQ(watch.look().size(), 1u);
  const std::vector<HookWatch::Stuck> both = watch.look();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].looks, 2u);
  EXPECT_EQ(both[1].looks, 1u);
  watch.remove(one);
  ASSERT_EQ(watch.look().size(), 1u);
}

// What the process knows of the policies of a real worker, seen from inside a hook.
std::vector<HookWatch::Stuck> g_seen;
void look_twice() {
  HookWatch::process().look();
  g_seen = HookWatch::process().look();
}

TEST(HookWatch, every_hook_of_a_worker_is_marked_for_as_long_as_it_runs) {
  static spw_plugin plugin{};
  plugin.size = sizeof plugin;
  plugin.name = "looks_round";
  plugin.worker_start = [](spw_call*) -> std::int32_t { return look_twice(), 0; };
  plugin.on_request = [](spw_call*) -> spw_verdict { return look_twice(), SPW_NEXT; };
  plugin.on_end = [](spw_call*) { look_twice(); };
  const Policies policies = policies_of({&plugin});
  FakeServices services;
  const auto found = [](std::string_view hook) {
    return g_seen.size() == 1 && g_seen[0].policy == "looks_round" && g_seen[0].hook == hook;
  };
  {
    const auto worker = start_worker(policies, services);
    EXPECT_TRUE(found("worker_start"));
    Trial trial(*worker);
    EXPECT_EQ(trial.chain.run(), Chain::Result::go);
    EXPECT_TRUE(found("on_request"));
    look_twice();
    EXPECT_TRUE(g_seen.empty());
    trial.chain.end();
    EXPECT_TRUE(found("on_end"));
  }
  look_twice();
  EXPECT_TRUE(g_seen.empty());
}

TEST(HookWatcher, starts_and_stops_in_any_order) {
  HookWatcher watcher;
  watcher.stop();
  ASSERT_TRUE(watcher.start(5000));
  ASSERT_TRUE(watcher.start(0));
  watcher.stop();
  watcher.stop();
  ASSERT_TRUE(watcher.start(0));
}

}  // namespace
}  // namespace spillway
