// Stands in for the worker and the request behind policies: a clock and dice that stand still, an inbox that is emptied
// by hand, a subject that remembers what it was told. For tests of the chain, of the ABI and of the shipped plugins.
//
// A typical test: FakeServices services; Policies policies = policies_of({&my_plugin}); start a PolicyWorker over both,
// then a Trial(worker) whose chain runs over `subject` and `plan`. resume() may come from any thread; all else: one.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/chain.h"
#include "policy/host.h"
#include "policy/plan.h"
#include "policy/plugin.h"
#include "support/slots.h"

namespace spillway {

class FakeClock final : public Clock {
 public:
  static constexpr std::int64_t kWallMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
  mutable std::uint64_t now = 1'000'000;
  std::uint64_t step_us = 0;  // every reading moves the clock by this much
  std::int64_t wall = kWallMs;
  std::uint64_t now_us() const override { return now += step_us; }
  std::int64_t wall_ms() const override { return wall; }
  void advance_ms(std::int64_t ms) {
    now += static_cast<std::uint64_t>(ms) * 1000;
    wall += ms;
  }
};

class FakeServices final : public Services, private Keyed::Waker {
 public:
  struct Fetching {
    Services::Fetch wish;
    std::size_t policy;
    std::uint64_t ticket;
  };
  struct Timing {
    std::size_t policy;
    std::int64_t after_ms;
    std::uint64_t cookie;
  };

  FakeServices();
  ~FakeServices();
  FakeClock fake_clock;
  std::vector<Fetching> fetches;
  std::vector<Timing> timers;
  bool refuse_fetches = false;

  // What the worker's loop would do with posted resumes, until there are none. Returns how many reached a chain.
  std::size_t deliver();
  std::size_t tickets_held() const;
  double metric(std::string_view series) const;  // of metrics().render(); -1: no such series

  const Clock& clock() const override { return fake_clock; }
  Dice& dice() override { return dice_; }
  Cells& cells() override { return cells_; }
  Keyed& keyed(std::string_view policy) override;
  Store& store() override { return *store_; }
  Metrics& metrics() override { return metrics_; }
  bool fetch(Services::Fetch fetch, PolicyWorker& worker, std::size_t policy, std::uint64_t ticket) override;
  bool timer(PolicyWorker& worker, std::size_t policy, std::int64_t after_ms, std::uint64_t cookie) override;
  std::uint64_t ticket(Chain& chain) override;
  void release(std::uint64_t ticket) override;

 private:
  void wake(std::uint64_t ticket) override { post(ticket, nullptr); }
  bool post(std::uint64_t ticket, void* result);
  Dice dice_{1};
  Cells cells_;
  std::map<std::string, std::unique_ptr<Keyed>, std::less<>> keyed_;
  std::unique_ptr<Store> store_;
  Metrics metrics_;
  mutable std::mutex lock_;  // over what follows
  Slots<Chain> slots_;
  std::vector<std::uint64_t> used_;  // tickets that were resumed and not yet released
  std::vector<std::pair<std::uint64_t, void*>> inbox_;
};

class FakeSubject final : public Subject {
 public:
  std::map<spw_fact, std::string> texts;
  std::map<spw_fact, std::int64_t> numbers;
  std::map<std::string, std::string, std::less<>> headers;
  std::optional<Digest> digest = Digest{};
  bool supposed() const override { return only_supposed; }
  bool only_supposed = false;
  bool refuse_all = false;  // reply, replay, headers, notes, capture

  int status = 0;  // of reply(); 200 for replay()
  std::string type, body, blob;
  std::int64_t age_ms = -1;
  std::map<std::string, std::string, std::less<>> upstream_headers, answer_headers, notes;
  std::int64_t capture_max = 0;
  std::vector<std::string> fingerprint_without;
  int resumed = 0;  // on_chain_resumed()

  std::string_view text(spw_fact fact) const override;
  std::int64_t number(spw_fact fact) const override;
  std::string_view header(std::string_view name) const override;
  bool reply(int status, std::string_view type, std::string_view body) override;
  bool replay(std::string_view blob, std::int64_t age_ms) override;
  bool set_upstream_header(std::string_view name, std::string_view value) override;
  bool set_answer_header(std::string_view name, std::string_view value) override;
  bool note(std::string_view name, std::string_view value) override;
  bool capture(std::int64_t bytes_max) override;
  std::optional<Digest> fingerprint(const std::vector<std::string_view>& without) override;
  void on_chain_resumed() override { ++resumed; }
};

// A policy as the loader would make it from this descriptor and these options; a mistake in either fails the test.
std::unique_ptr<const Policy> policy_of(const spw_plugin& plugin, const PolicyConfig& settings = {});
Policies policies_of(std::initializer_list<const spw_plugin*> plugins, const PolicyConfig& settings = {});
std::unique_ptr<PolicyWorker> start_worker(const Policies& policies, Services& services);  // must succeed

// "a", "b", ...: candidates of tier 0 on accounts, keys and targets of their own.
std::vector<Candidate> some_candidates(std::size_t n);

// One request through all policies of a worker.
struct Trial {
  explicit Trial(PolicyWorker& worker, std::size_t candidates = 2);
  Trial(PolicyWorker& worker, std::vector<Candidate> candidates);
  FakeSubject subject;
  Plan plan;
  std::vector<std::uint16_t> order;
  Chain chain;
};

}  // namespace spillway
