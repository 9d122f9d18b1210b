// Private to policy/: what stands behind one spw_call, and the per-policy sides of a worker and of a request.
//
// There is one HostCall per policy and worker, and it lives as long as the worker does. A plugin that keeps a call
// beyond its hook therefore reaches a HostCall that is in no hook, and is refused, instead of memory that is gone.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "policy/cell_table.h"
#include "policy/chain.h"
#include "policy/hook_watch.h"

namespace spillway {

enum class Hook : std::uint32_t {
  none = 0,
  start = 1,
  stop = 2,
  request = 4,
  resume = 8,
  attempt = 16,
  content = 32,
  outcome = 64,
  exhausted = 128,
  answer = 256,
  end = 512,
  timer = 1024,
  fetched = 2048,
  status = 4096,
  command = 8192,
};
inline constexpr std::uint32_t bit(Hook hook) { return static_cast<std::uint32_t>(hook); }

// Which hooks may call a function.
inline constexpr std::uint32_t kDeciding = bit(Hook::request) | bit(Hook::resume);
inline constexpr std::uint32_t kPlanning = kDeciding | bit(Hook::attempt) | bit(Hook::outcome) | bit(Hook::exhausted);
inline constexpr std::uint32_t kInRequest = kPlanning | bit(Hook::content) | bit(Hook::answer) | bit(Hook::end);
inline constexpr std::uint32_t kAnyHook = ~std::uint32_t{0};
// What comes back later needs somebody to come back to.
inline constexpr std::uint32_t kLasting = kAnyHook & ~(bit(Hook::stop) | bit(Hook::status) | bit(Hook::command));

struct HostCall {
  HostCall(PolicyWorker& worker, std::size_t policy);
  ~HostCall() { HookWatch::process().remove(mark_); }
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;
  // The host's side of `call` if one of `hooks` is running; otherwise nullptr, after a complaint.
  static HostCall* admit(const spw_call* call, std::uint32_t hooks, const char* function) {
    HostCall* host = call == nullptr ? nullptr : static_cast<HostCall*>(call->internal);
    return host != nullptr && (hooks & bit(host->hook)) != 0 ? host : turn_away(host, function);
  }
  [[gnu::cold]] static HostCall* turn_away(HostCall* host, const char* function);  // nullptr
  // Misuse: counted, and logged a few times a minute. Returns -1, what most functions then return.
  std::int32_t refuse(const char* function, std::string_view why);
  void complain(std::string_view message, std::string_view where, std::string_view why);
  // Read once for a run of hooks, when one of them first asks: policies ask for each candidate.
  std::uint64_t now_us() {
    std::uint64_t& told = worker.told_.now_us;
    return told != 0 ? told : told = services.clock().now_us();
  }
  std::int64_t wall_ms() {
    std::int64_t& told = worker.told_.wall_ms;
    return told >= 0 ? told : told = services.clock().wall_ms();
  }
  const std::string& name() const { return policy.plugin.name; }
  Subject& subject() { return chain->subject_; }
  Plan& plan() { return chain->plan_; }
  bool supposed() const { return (bit(hook) & kInRequest) != 0 && chain->subject_.supposed(); }
  std::uint8_t by() const { return static_cast<std::uint8_t>(slot + 1); }
  Keyed& keyed() { return *keyed_; }
  // Values handed out stay until the hook returns. Empty and false: too many in one hook.
  bool keep(std::shared_ptr<const std::string> value, spw_str* out);  // why: an eviction elsewhere must not free it
  std::uint64_t own_ticket() const { return chain->ticket_; }
  std::uint64_t take_ticket() { return chain->take_ticket(); }
  void lead(std::string_view key);
  void no_longer_leads(std::string_view key);
  bool leads(std::string_view key) const;
  bool waits() const { return !chain->waits_for_.empty(); }
  bool waits_for(std::string_view key) const { return chain->waits_for_ == key; }
  void wait_for(std::string_view key) { chain->waits_for_ = key; }
  void set_replied() { chain->replied_ = true; }
  void set_readmitted() { chain->readmitted_ = true; }

  spw_call call{};
  PolicyWorker& worker;
  Services& services;
  const Policy& policy;
  const std::size_t index;  // of the policy
  // While a hook runs; see Hooked.
  Hook hook = Hook::none;
  Chain* chain = nullptr;
  std::size_t slot = 0;
  std::string said;     // the last error a worker_start logged
  std::string printed;  // by status()

  CellTable cells;
  std::vector<Counter*> counters;  // nullptr where the row is a gauge
  std::vector<Gauge*> gauges;
  Counter* errors = nullptr;
  Counter* slow = nullptr;

 private:
  friend class Hooked;
  HookMark mark_;  // what runs now, for the watch
  Keyed* keyed_ = nullptr;
  std::uint32_t complaints_ = 0;  // since complaints_since_us_
  std::uint64_t complaints_since_us_ = 0;
  std::vector<std::shared_ptr<const std::string>> kept_;  // why: see keep()
};

struct PolicyWorker::Slot {
  Slot(PolicyWorker& worker, std::size_t policy) : host(worker, policy) {}
  HostCall host;
  std::unique_ptr<unsigned char[]> block;
  bool started = false;
};

// A hook of one policy is running for as long as this lives.
class Hooked {
 public:
  Hooked(HostCall& host, Hook hook, Chain* chain = nullptr, std::size_t slot = 0, void* block = nullptr)
      : host_(host), outer_{host.hook, host.chain, host.slot, host.call.request} {
    host.hook = hook;
    host.chain = chain;
    host.slot = slot;
    host.call.request = block;
    if (!host.worker.in_run_) host.worker.told_ = {};
    host.mark_.enter(hook);
  }
  ~Hooked() {
    if (outer_.hook == Hook::none) host_.mark_.leave();
    host_.hook = outer_.hook;
    host_.chain = outer_.chain;
    host_.slot = outer_.slot;
    host_.call.request = outer_.request;
    if (!host_.kept_.empty() && outer_.hook == Hook::none) host_.kept_.clear();
  }
  Hooked(const Hooked&) = delete;
  Hooked& operator=(const Hooked&) = delete;

 private:
  struct Outer {  // a hook inside a hook does not happen today, and would not harm
    Hook hook;
    Chain* chain;
    std::size_t slot;
    void* request;
  };
  HostCall& host_;
  const Outer outer_;
};

// Times a run of hooks with one clock reading between them, none when no policy has the hook. Over the budget a hook is
// counted, and named in the log. The budget is many ticks of the late clock.
class Laps {
 public:
  explicit Laps(PolicyWorker& worker) : worker_(worker), clock_(worker.services_.clock()) {
    worker.told_ = {};
    worker.in_run_ = true;
  }
  ~Laps() { worker_.in_run_ = false; }
  Laps(const Laps&) = delete;
  Laps& operator=(const Laps&) = delete;
  std::uint64_t begin() { return mark_us_ != 0 ? mark_us_ : mark_us_ = clock_.late_us(); }  // clocks start above 0
  void lap(HostCall& host) {
    const std::uint64_t now_us = clock_.late_us();
    if (now_us - mark_us_ > kHookBudgetUs) too_slow(host, now_us - mark_us_);
    mark_us_ = now_us;
  }

 private:
  static void too_slow(HostCall& host, std::uint64_t took_us);
  PolicyWorker& worker_;
  const Clock& clock_;
  std::uint64_t mark_us_ = 0;
};

struct Chain::Slot {
  HostCall* host = nullptr;
  const spw_plugin* plugin = nullptr;
  void* block = nullptr;
  bool failed = false;    // skipped from here on but for on_end
  bool admitted = false;  // the candidate that is about to be sent, or was
};

}  // namespace spillway
