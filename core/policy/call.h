// Private to policy/: what stands behind one spw_call, and the per-policy sides of a worker and of a request.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "policy/chain.h"

namespace spillway {

enum class Hook : std::uint32_t {
  start = 1, stop = 2, request = 4, resume = 8, attempt = 16, content = 32, outcome = 64, exhausted = 128,
  answer = 256, end = 512, timer = 1024, fetched = 2048, status = 4096,
};
inline constexpr std::uint32_t bit(Hook hook) { return static_cast<std::uint32_t>(hook); }

struct PolicyWorker::Slot {
  const Policy* policy = nullptr;
  std::unique_ptr<unsigned char[]> block;
  Keyed* keyed = nullptr;
  std::vector<Counter*> counters;  // nullptr where the row is a gauge
  std::vector<Gauge*> gauges;
  Counter* errors = nullptr;
  Counter* slow = nullptr;
  std::unordered_map<std::uint64_t, std::uint64_t*> cells;  // by scope and identity
  std::uint32_t complaints = 0;                             // log lines about this plugin's misuse, bounded
  bool started = false;
};

struct Chain::Slot {
  std::uint16_t policy = 0;
  void* block = nullptr;
  bool failed = false;             // skipped from here on but for on_end
  std::vector<std::string> leads;  // keys this request makes
  std::string waits_for;           // the key another request makes
};

// One hook's call, on the host's stack. The plugin sees `call`; the rest is found through call.internal.
struct HostCall {
  HostCall(PolicyWorker& worker, std::size_t policy, Hook hook, Chain* chain = nullptr, std::size_t slot = 0);
  static HostCall* of(const spw_call* call);
  bool allowed(std::uint32_t hooks, const char* function);  // else one log line, a few times per plugin
  PolicyWorker::Slot& mine() { return *worker.slots_[policy]; }
  Services& services() { return worker.services_; }
  const char* name() const { return worker.slots_[policy]->policy->plugin.descriptor.name; }
  Subject& subject() { return chain->subject_; }
  Plan& plan() { return chain->plan_; }
  Chain::Slot& request() { return chain->slots_[slot]; }
  std::uint8_t by() const { return static_cast<std::uint8_t>(slot + 1); }
  std::uint64_t take_ticket() { return chain->take_ticket(); }
  void set_replied() { chain->replied_ = true; }
  // Values handed out stay until the hook returns.
  spw_str keep(std::shared_ptr<const std::string> value);  // why: an eviction elsewhere must not free it
  spw_str keep(std::string value);

  PolicyWorker& worker;
  const std::size_t policy;
  const Hook hook;
  Chain* const chain;
  const std::size_t slot;
  spw_call call{};
  std::string printed;  // by status()

 private:
  std::vector<std::shared_ptr<const std::string>> kept_;  // why: see keep()
};

}  // namespace spillway
