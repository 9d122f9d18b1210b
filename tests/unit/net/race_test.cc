// Happy Eyeballs over loopback: order, falling through refusals, overtaking a black hole (U1, U2).
#include "net/race.h"

#include <gtest/gtest.h>

#include "unit/net/black_hole.h"
#include "unit/net/loopback.h"

namespace spillway {
namespace {

struct Verdict : Race::Events {
  void on_won(StreamPtr stream) override { winner = std::move(stream); }
  void on_lost(int code) override { status = code; }
  bool heard() const { return winner || status != 0; }
  StreamPtr winner;
  int status = 0;
};

Addresses list(std::initializer_list<std::pair<const char*, int>> items) {
  Addresses all;
  for (const auto& [host, port] : items) all.push_back(*Address::literal(host, static_cast<std::uint16_t>(port)));
  return all;
}

TEST(Interleave, ipv6_first_then_one_of_each_family_at_most_eight) {
  const Addresses mixed = interleave(list({{"10.0.0.1", 1}, {"10.0.0.2", 1}, {"::1", 1}, {"10.0.0.3", 1}, {"::2", 1}}));
  std::string order;
  for (const Address& address : mixed) order += address.host() + " ";
  EXPECT_EQ(order, "::1 10.0.0.1 ::2 10.0.0.2 10.0.0.3 ");
  EXPECT_EQ(interleave(Addresses(20, *Address::literal("::1", 1))).size(), kAddressesMax);
}

struct Course {
  Course() { acceptor.listener = std::move(*Listener::listen(loop, "127.0.0.1:0", acceptor)); }
  ~Course() {
    verdict.winner.reset();
    acceptor.listener.reset();
    acceptor.last.reset();
    wind_up(loop);
  }
  int port() const { return acceptor.listener->port(); }
  Loop loop;
  Acceptor acceptor;
  Verdict verdict;
};

TEST(Race, a_refused_ipv6_falls_through_to_ipv4_without_waiting_for_the_gap) {
  Course course;
  Race race(course.loop, list({{"127.0.0.1", course.port()}, {"::1", closed_port()}}), 60'000, course.verdict);
  EXPECT_FALSE(course.verdict.heard());  // never inside the constructor
  ASSERT_TRUE(run_until(course.loop, [&] { return course.verdict.heard(); }));
  ASSERT_TRUE(course.verdict.winner);
  EXPECT_EQ(course.verdict.winner->peer(), "127.0.0.1");
}

TEST(Race, an_address_that_never_answers_is_overtaken_after_the_gap) {
  Course course;
  const BlackHole hole;
  Race race(course.loop, {hole.address(), *Address::literal("127.0.0.1", course.acceptor.listener->port())}, 20,
            course.verdict);
  ASSERT_TRUE(run_until(
      course.loop, [&] { return course.verdict.heard(); }, 1'000));
  EXPECT_TRUE(course.verdict.winner);
}

TEST(Race, is_lost_when_the_last_address_failed_and_says_how) {
  Course course;
  Race race(course.loop, list({{"127.0.0.1", closed_port()}, {"127.0.0.1", closed_port()}}), 60'000, course.verdict);
  ASSERT_TRUE(run_until(course.loop, [&] { return course.verdict.heard(); }));
  EXPECT_EQ(course.verdict.status, UV_ECONNREFUSED);
}

TEST(Race, failing_at_once_is_still_told_in_a_later_turn) {
  Course course;
  // Broadcast cannot be connected to: connect() itself refuses.
  Race race(course.loop, list({{"255.255.255.255", 9}}), 60'000, course.verdict);
  EXPECT_FALSE(course.verdict.heard());
  ASSERT_TRUE(run_until(course.loop, [&] { return course.verdict.heard(); }));
  EXPECT_LT(course.verdict.status, 0);
}

TEST(Race, destroyed_it_tells_nothing) {
  Course course;
  { Race race(course.loop, list({{"127.0.0.1", course.port()}}), 60'000, course.verdict); }
  run_for(course.loop, 5);
  EXPECT_FALSE(course.verdict.heard());
}

}  // namespace
}  // namespace spillway
