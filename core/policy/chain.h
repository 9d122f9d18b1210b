// Runs the policies of one route over one request, by index, so that waiting is "return, and come back later".
//
// PolicyWorker: one worker's side of one config generation (worker blocks, timers). Chain: one request's side. The
// owner of a Chain calls run(), then attempt()/content()/outcome() per attempt, answer() if captured, and end() exactly
// once. Hooks over kHookBudgetUs are counted and logged with the plugin's name. A policy that fails or waits too long
// is skipped (on_error = "open") or ends the request (closed).
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/host.h"
#include "policy/plan.h"
#include "policy/plugin.h"

namespace spillway {

inline constexpr std::uint64_t kHookBudgetUs = 50'000;

class PolicyWorker {
 public:
  // Calls worker_start of every policy; the first refusal is the Error (those started are stopped again).
  static Result<std::unique_ptr<PolicyWorker>> start(const Policies& policies, Services& services);
  ~PolicyWorker();  // worker_stop of each, in reverse
  std::size_t size() const;
  std::size_t find(std::string_view name) const;  // index; size() if unknown
  const Policy& policy(std::size_t i) const;
  Services& services() { return services_; }
  void on_timer(std::size_t policy, std::uint64_t cookie);
  void on_fetched(std::size_t policy, const spw_fetched& fetched);
  // One JSON object, policy name -> its status() document.
  std::string status();
  // An operator's words to one policy. What it printed; empty: there is no such policy, or it does not know them.
  std::string command(std::string_view policy, std::string_view words);

 private:
  friend class Chain;
  friend struct HostCall;
  friend class Hooked;
  friend class Laps;
  PolicyWorker(const Policies& policies, Services& services);
  struct Slot;
  // What hooks that run one behind the other are told of the time: read when the first of them asks.
  struct Told {
    std::uint64_t now_us = 0;   // 0: not read
    std::int64_t wall_ms = -1;  // -1: not read
  };
  Told told_;
  bool in_run_ = false;  // of hooks; else each has its own
  const Policies& policies_;
  Services& services_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

class Chain {
 public:
  enum class Result : std::uint8_t { go, reply, wait, refuse };  // refuse: a policy failed with on_error = "closed"

  // `order` are indices into the worker's policies. All four outlive the chain.
  Chain(PolicyWorker& worker, std::span<const std::uint16_t> order, Subject& subject, Plan& plan);
  ~Chain();  // end() must have been called if run() was
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  Result run();  // on_request of each, until one replies or waits
  // How long a wait may still last, from the waiting policy's timeout_ms. The owner arms a deadline.
  std::int64_t wait_ms() const;
  // Through the worker's inbox: continues behind the waiting policy and calls Subject::on_chain_resumed() with
  // result() set. A second resume of one ticket finds it stale.
  void resume(void* result);
  Result wait_expired();  // the deadline passed: skips the policy or refuses
  Result result() const { return result_; }
  std::string_view failed_policy() const;  // after refuse

  bool attempt(std::size_t i);  // false: some policy excluded i (those that had admitted it got NOT_SENT)
  void content(std::size_t i);
  void outcome(const spw_outcome& outcome);
  bool exhausted();  // true: a policy readmitted somebody
  void answer(const spw_answer& answer);
  void end();

 private:
  friend struct HostCall;
  struct Slot;
  struct Lead {  // a key this request makes, for others to wait for
    std::size_t slot;
    std::string key;
  };
  Result proceed();                                // on with the next policy
  Result after_hook(std::int32_t verdict);         // what on_request or on_resume came to
  Result fail(std::size_t slot, const char* why);  // on_error decides
  void take_back(std::size_t i);                   // NOT_SENT to those who admitted i
  std::uint64_t take_ticket();
  void stop_waiting();
  void abandon_leads(std::size_t slot);

  PolicyWorker& worker_;
  Subject& subject_;
  Plan& plan_;
  std::vector<Slot> slots_;
  std::unique_ptr<unsigned char[]> blocks_;  // all request blocks, 16-byte aligned each
  std::vector<Lead> leads_;
  std::string waits_for_;           // the key another request makes, of the waiting policy
  std::size_t begun_ = 0;           // policies whose on_request ran; the waiting one is the last of them
  std::size_t admitted_ = kNobody;  // the candidate that all policies let pass and whose outcome is owed
  std::uint64_t ticket_ = 0;
  std::uint64_t waiting_since_us_ = 0;
  enum class Stage : std::uint8_t { fresh, decided, waiting, ended };
  Stage stage_ = Stage::fresh;
  bool replied_ = false;     // the policy that decides called reply() or replay()
  bool readmitted_ = false;  // the policy in on_exhausted called readmit()
  Result result_ = Result::go;
  std::string_view failed_;
  static constexpr std::size_t kNobody = ~std::size_t{0};
};

}  // namespace spillway
