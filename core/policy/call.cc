#include "policy/call.h"

#include <algorithm>
#include <atomic>

#include "base/log.h"

namespace spillway {

namespace {
constexpr std::uint32_t kComplaintsMax = 10;  // log lines about one plugin's misuse, per worker and minute
constexpr std::uint64_t kMinuteUs = 60'000'000;
constexpr std::size_t kKeptMax = 4096;  // values one hook may hold
}  // namespace

HostCall::HostCall(PolicyWorker& to, std::size_t at)
    : worker(to),
      services(to.services_),
      policy(*to.policies_[at]),
      index(at),
      keyed_(&services.keyed(policy.plugin.name)) {
  call.size = sizeof call;
  call.host = &host_table();
  call.conf = policy.conf.data();
  call.internal = this;
  HookWatch::process().add(mark_, name());
}

HostCall* HostCall::turn_away(HostCall* host, const char* function) {
  if (host == nullptr) {
    static std::atomic<std::uint32_t> nameless{0};
    if (nameless.fetch_add(1, std::memory_order_relaxed) < kComplaintsMax) {
      log_line(Level::warn, "a policy called a host function without its call", {{"function", function}});
    }
    return nullptr;
  }
  host->refuse(function, host->hook == Hook::none ? "called outside of a hook" : "not allowed in this hook");
  return nullptr;
}

std::int32_t HostCall::refuse(const char* function, std::string_view why) {
  complain("a policy's call was refused", function, why);
  return -1;
}

void HostCall::complain(std::string_view message, std::string_view where, std::string_view why) {
  errors->add();
  const std::uint64_t now_us = services.clock().now_us();
  if (now_us - complaints_since_us_ > kMinuteUs) {
    complaints_since_us_ = now_us;
    complaints_ = 0;
  }
  if (complaints_++ < kComplaintsMax) {
    log_line(Level::warn, message, {{"policy", name()}, {"where", where}, {"why", why}});
  }
}

bool HostCall::keep(std::shared_ptr<const std::string> value, spw_str* out) {  // why: see the header
  if (kept_.size() >= kKeptMax) return false;
  if (out != nullptr) *out = {value->data(), value->size()};
  kept_.push_back(std::move(value));
  return true;
}

void HostCall::lead(std::string_view key) { chain->leads_.push_back({slot, std::string(key)}); }

void HostCall::no_longer_leads(std::string_view key) {
  if (chain == nullptr) return;
  std::erase_if(chain->leads_, [&](const Chain::Lead& lead) { return lead.slot == slot && lead.key == key; });
}

bool HostCall::leads(std::string_view key) const {
  return std::any_of(chain->leads_.begin(), chain->leads_.end(),
                     [&](const Chain::Lead& lead) { return lead.slot == slot && lead.key == key; });
}

void Laps::too_slow(HostCall& host, std::uint64_t took_us) {
  host.slow->add();
  log_line(Level::warn, "a policy's hook blocked the loop",
           {{"policy", host.name()}, {"ms", static_cast<std::int64_t>(took_us / 1000)}});
}

}  // namespace spillway
