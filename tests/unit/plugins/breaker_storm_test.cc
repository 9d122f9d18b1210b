// The shipped policies under a steady stream of requests while everything fails (reliability.md 4.3 P13), and what a
// reload in the middle of it keeps (P14). Requests overlap: each waits for its provider on a virtual clock, as it does
// in the proxy, so a breaker hears of a failure only when others are under way.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <queue>
#include <vector>

#include "base/dice.h"
#include "base/log.h"
#include "policy_bench.h"

namespace spillway {
namespace {

// A breaker announces each change of state, and here there are thousands.
struct Quiet {
  Quiet() { log_level(Level::error); }
  ~Quiet() { log_level(Level::info); }
};

struct Storm {
  using Policies = std::initializer_list<const spw_plugin*>;

  explicit Storm(Policies policies, std::uint64_t seed) : bench(policies), dice(seed), seed_(seed) {
    bench.candidates = some_candidates(4);
    for (std::size_t i = 0; i < 4; ++i) bench.candidates[i].tier_index = i < 2 ? 0 : 1;
    bench.candidates[0].free = true;
  }

  // `requests` arrive, one each `gap_ms`; every attempt takes up to `latency_ms` and then fails if it is `broken`.
  void run(std::uint64_t requests, std::uint64_t gap_ms, std::uint64_t latency_ms, bool broken) {
    next_arrival_ = now_ + gap_ms;
    left_ = requests;
    while (left_ > 0 || !flying_.empty()) {
      const bool arrives = left_ > 0 && (flying_.empty() || next_arrival_ <= flying_.top().at);
      go_to(arrives ? next_arrival_ : flying_.top().at);
      if (arrives) {
        --left_;
        next_arrival_ += gap_ms;
        arrive(latency_ms);
      } else {
        land(latency_ms, broken);
      }
    }
  }

  // A new generation of the same config; those under way end with the one they began with.
  void reload() {
    bench.begin()->chain.end();
    const std::string before = status();
    former_.push_back(std::move(bench.worker));
    bench.worker = start_worker(bench.policies, bench.services);
    bench.begin()->chain.end();
    ASSERT_EQ(status(), before) << "P14: until, k and the counts stay, seed " << seed_;
  }
  std::string status() { return bench.worker->status(); }

  Bench bench;
  Dice dice;
  std::uint64_t arrived = 0, attempts = 0, answered = 0, most_attempts = 0, reports = 0, dropped = 0;
  double worst = 0;  // attempts per request over the last ten seconds

 private:
  struct Flight {
    std::uint64_t at, order;
    std::size_t candidate, request;
    bool operator<(const Flight& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
  };
  struct Live {
    std::unique_ptr<Trial> trial;
    std::uint64_t attempts = 0;
  };

  void go_to(std::uint64_t at) {
    bench.services.fake_clock.advance_ms(static_cast<std::int64_t>(at - now_));
    now_ = at;
  }
  void arrive(std::uint64_t latency_ms) {
    ++arrived;
    came_.push_back(now_);
    lives_.push_back({bench.begin()});
    send(lives_.size() - 1, latency_ms);
  }
  void send(std::size_t request, std::uint64_t latency_ms) {
    Live& live = lives_[request];
    bench.u = static_cast<double>(dice.below(1000)) / 1000;
    const std::optional<std::size_t> i = bench.next(*live.trial);
    if (!i) return finish(live);
    ++attempts;
    went_.push_back(now_);
    most_attempts = std::max(most_attempts, ++live.attempts);
    flying_.push({now_ + 1 + dice.below(latency_ms), attempts, *i, request});
    while (came_.front() + 10'000 <= now_) came_.pop_front();
    while (went_.front() + 10'000 <= now_) went_.pop_front();
    if (now_ > 10'000) worst = std::max(worst, static_cast<double>(went_.size()) / static_cast<double>(came_.size()));
  }
  void land(std::uint64_t latency_ms, bool broken) {
    const Flight flight = flying_.top();
    flying_.pop();
    Live& live = lives_[flight.request];
    if (dice.below(100) == 0) {  // the client went away: nobody reports, the chain's end must
      ++dropped;
      return finish(live);
    }
    const int error = !broken ? SPW_E_NONE : dice.below(2) ? SPW_E_TRANSIENT : SPW_E_TIMEOUT;
    ++reports;
    live.trial->chain.outcome(outcome_of(flight.candidate, error, broken ? 503 : 200));
    if (!broken) {
      ++answered;
      return finish(live);
    }
    live.trial->plan.after(flight.candidate, static_cast<Fault>(error));
    send(flight.request, latency_ms);
  }
  void finish(Live& live) {
    live.trial->chain.end();
    live.trial.reset();
  }

  std::uint64_t seed_, now_ = 0, next_arrival_ = 0, left_ = 0;
  std::vector<std::unique_ptr<PolicyWorker>> former_;
  std::deque<Live> lives_;
  std::priority_queue<Flight> flying_;
  std::deque<std::uint64_t> came_, went_;
};

constexpr std::uint64_t kRequests = 12'000;  // two minutes at 100 a second

TEST(BreakerStorm, P13_with_everybody_failing_a_request_costs_at_most_1_2_attempts) {
  const Quiet quiet;
  for (const std::uint64_t latency_ms : {20, 300, 1000}) {
    Storm storm({&spillway_builtin_free_first, &spillway_builtin_breaker}, latency_ms);
    storm.run(kRequests, 10, latency_ms, true);
    const double per_request = static_cast<double>(storm.attempts) / static_cast<double>(storm.arrived);
    EXPECT_LE(per_request, 1.2) << latency_ms;
    EXPECT_LE(storm.worst, 1.2) << "in any ten seconds after the first, latency " << latency_ms;
    EXPECT_LE(storm.most_attempts, 4u) << "T-1";
    EXPECT_EQ(storm.attempts, storm.reports + storm.dropped) << "P10: each attempt ends once";
    RecordProperty("attempts_per_request_" + std::to_string(latency_ms), std::to_string(per_request));
    std::printf("latency %4d ms: %.3f attempts per request, at most %.3f in any 10 s after the first\n",
                static_cast<int>(latency_ms), per_request, storm.worst);
  }
}

// The same storm without a breaker shows that the measure can fail.
TEST(BreakerStorm, without_a_breaker_a_request_costs_several_attempts) {
  Storm storm({&spillway_builtin_free_first}, 1);
  storm.run(1000, 10, 300, true);
  EXPECT_GT(static_cast<double>(storm.attempts) / static_cast<double>(storm.arrived), 3.0);
}

TEST(BreakerStorm, P3_P10_after_the_storm_everybody_is_asked_again) {
  const Quiet quiet;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Storm storm({&spillway_builtin_breaker}, seed);
    for (Candidate& candidate : storm.bench.candidates) candidate.tier_index = 0;
    storm.run(2000, 10, 300, true);
    EXPECT_LT(storm.answered, 1u);
    storm.run(200, 2000, 300, true);  // openings of minutes
    storm.run(500, 1000, 300, false);
    // A permit that leaked would hold a breaker half-open for good.
    const std::uint64_t before = storm.answered, dropped = storm.dropped;
    storm.run(200, 100, 300, false);
    EXPECT_EQ(storm.answered - before + storm.dropped - dropped, 200u) << seed;
    const std::string status = storm.status();
    EXPECT_EQ(status.find("open\""), std::string::npos) << "open or half-open, seed " << seed << ": " << status;
  }
}

TEST(BreakerStorm, P14_a_reload_at_any_point_keeps_what_is_open) {
  const Quiet quiet;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Storm storm({&spillway_builtin_breaker}, seed);
    for (int part = 0; part < 10; ++part) {
      storm.run(1 + storm.dice.below(40), 10 + storm.dice.below(3000), 300, storm.dice.below(3) != 0);
      storm.reload();
      ASSERT_FALSE(HasFatalFailure());
    }
  }
}

}  // namespace
}  // namespace spillway
