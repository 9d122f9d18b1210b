#include "policy/chain.h"

#include <algorithm>

#include "base/log.h"
#include "policy/call.h"

namespace spillway {

namespace {

constexpr std::size_t kAlign = 16;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

// Times one hook; destroyed right after it. Over the budget it is counted, and named in the log.
class Stopwatch {
 public:
  Stopwatch(HostCall& host) : host_(host), began_us_(host.services().clock().now_us()) {}
  ~Stopwatch() {
    const std::uint64_t took_us = host_.services().clock().now_us() - began_us_;
    if (took_us <= kHookBudgetUs) return;
    host_.mine().slow->add();
    log_line(Level::warn, "a policy's hook blocked the loop",
             {{"policy", host_.name()}, {"ms", static_cast<std::int64_t>(took_us / 1000)}});
  }

 private:
  HostCall& host_;
  const std::uint64_t began_us_;
};

}  // namespace

Chain::Chain(PolicyWorker& worker, std::span<const std::uint16_t> order, Subject& subject, Plan& plan)
    : worker_(worker), subject_(subject), plan_(plan), slots_(order.size()) {
  std::size_t bytes = 0;
  for (const std::uint16_t policy : order) bytes += aligned(worker.policy(policy).plugin.descriptor.request_size);
  if (bytes > 0) blocks_ = std::make_unique<unsigned char[]>(bytes);  // operator new aligns to 16
  std::size_t at = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t size = worker.policy(order[i]).plugin.descriptor.request_size;
    slots_[i].policy = order[i];
    if (size > 0) slots_[i].block = blocks_.get() + at;
    at += aligned(size);
  }
}

Chain::~Chain() { CHECK(begun_ == 0 || ended_); }

std::string_view Chain::failed_policy() const { return failed_; }

Chain::Result Chain::run() { return result_ = proceed(); }

Chain::Result Chain::proceed() {
  while (begun_ < slots_.size()) {
    const std::size_t slot = begun_++;
    if (worker_.policy(slots_[slot].policy).plugin.descriptor.on_request == nullptr) continue;
    waiting_since_us_ = worker_.services().clock().now_us();
    const Result then = after_hook(call_request(slot));
    if (then != Result::go) return then;
  }
  return Result::go;
}

spw_verdict Chain::call_request(std::size_t slot) {
  HostCall host(worker_, slots_[slot].policy, Hook::request, this, slot);
  const Stopwatch watch(host);
  return worker_.policy(slots_[slot].policy).plugin.descriptor.on_request(&host.call);
}

spw_verdict Chain::call_resume(std::size_t slot, void* result) {
  const auto hook = worker_.policy(slots_[slot].policy).plugin.descriptor.on_resume;
  if (hook == nullptr) return SPW_NEXT;
  HostCall host(worker_, slots_[slot].policy, Hook::resume, this, slot);
  const Stopwatch watch(host);
  return hook(&host.call, result);
}

// The policy whose hook just ran is begun_ - 1.
Chain::Result Chain::after_hook(std::int32_t verdict) {
  const std::size_t slot = begun_ - 1;
  if (verdict == SPW_WAIT && ticket_ != 0) {
    waiting_ = true;
    return Result::wait;
  }
  stop_waiting();
  if (verdict == SPW_NEXT) return Result::go;
  if (verdict == SPW_REPLY && replied_) return Result::reply;
  return fail(slot);  // SPW_FAIL, a reply that was none, a wait for nothing, a verdict that does not exist
}

Chain::Result Chain::fail(std::size_t slot) {
  const Policy& policy = worker_.policy(slots_[slot].policy);
  slots_[slot].failed = true;
  worker_.slots_[slots_[slot].policy]->errors->add();
  if (policy.fail_open) return Result::go;
  failed_ = policy.plugin.name;
  return Result::refuse;
}

std::uint64_t Chain::take_ticket() {
  if (ticket_ == 0) ticket_ = worker_.services().ticket(*this);
  return ticket_;
}

void Chain::stop_waiting() {
  waiting_ = false;
  if (ticket_ == 0) return;
  for (Slot& slot : slots_) {
    if (slot.waits_for.empty()) continue;
    worker_.slots_[slot.policy]->keyed->unwait(slot.waits_for, ticket_);
    slot.waits_for.clear();
  }
  worker_.services().release(std::exchange(ticket_, 0));
}

std::int64_t Chain::wait_ms() const {
  if (!waiting_) return 0;
  const Policy& policy = worker_.policy(slots_[begun_ - 1].policy);
  const auto waited_ms = static_cast<std::int64_t>((worker_.services().clock().now_us() - waiting_since_us_) / 1000);
  return std::max<std::int64_t>(policy.timeout_ms - waited_ms, 0);
}

void Chain::resume(void* result) {
  if (!waiting_ || ended_) return;
  const std::size_t slot = begun_ - 1;
  stop_waiting();
  Result then = after_hook(call_resume(slot, result));
  if (then == Result::go) then = proceed();
  result_ = then;
  subject_.on_chain_resumed();
}

Chain::Result Chain::wait_expired() {
  if (!waiting_) return result_;
  const std::size_t slot = begun_ - 1;
  stop_waiting();
  Result then = fail(slot);
  if (then == Result::go) then = proceed();
  return result_ = then;
}

bool Chain::attempt(std::size_t i) {
  for (std::size_t slot = 0; slot < begun_; ++slot) {
    const Policy& policy = worker_.policy(slots_[slot].policy);
    if (slots_[slot].failed || policy.plugin.descriptor.on_attempt == nullptr) continue;
    HostCall host(worker_, slots_[slot].policy, Hook::attempt, this, slot);
    std::int32_t code = 0;
    {
      const Stopwatch watch(host);
      code = policy.plugin.descriptor.on_attempt(&host.call, i);
    }
    if (code == 0 && !plan_.candidates[i].excluded) continue;
    if (!plan_.candidates[i].excluded) plan_.exclude(i, host.by(), Out::policy, -1, "refused by " + policy.plugin.name);
    spw_outcome not_sent{};
    not_sent.size = sizeof not_sent;
    not_sent.candidate = i;
    not_sent.error = SPW_E_NOT_SENT;
    not_sent.retry_after_ms = not_sent.reset_unix_ms = not_sent.quota_limit = not_sent.quota_remaining = -1;
    not_sent.ttft_us = not_sent.in_tokens = not_sent.out_tokens = -1;
    not_sent.cost_usd = -1;
    for (std::size_t earlier = 0; earlier < slot; ++earlier) {
      const spw_plugin& plugin = worker_.policy(slots_[earlier].policy).plugin.descriptor;
      if (slots_[earlier].failed || plugin.on_outcome == nullptr) continue;
      HostCall told(worker_, slots_[earlier].policy, Hook::outcome, this, earlier);
      plugin.on_outcome(&told.call, &not_sent);
    }
    return false;
  }
  return true;
}

void Chain::content(std::size_t i) {
  for (std::size_t slot = 0; slot < begun_; ++slot) {
    const spw_plugin& plugin = worker_.policy(slots_[slot].policy).plugin.descriptor;
    if (slots_[slot].failed || plugin.on_content == nullptr) continue;
    HostCall host(worker_, slots_[slot].policy, Hook::content, this, slot);
    plugin.on_content(&host.call, i);
  }
}

void Chain::outcome(const spw_outcome& outcome) {
  for (std::size_t slot = 0; slot < begun_; ++slot) {
    const spw_plugin& plugin = worker_.policy(slots_[slot].policy).plugin.descriptor;
    if (slots_[slot].failed || plugin.on_outcome == nullptr) continue;
    HostCall host(worker_, slots_[slot].policy, Hook::outcome, this, slot);
    const Stopwatch watch(host);
    plugin.on_outcome(&host.call, &outcome);
  }
}

bool Chain::exhausted() {
  for (std::size_t slot = 0; slot < begun_; ++slot) {
    const spw_plugin& plugin = worker_.policy(slots_[slot].policy).plugin.descriptor;
    if (slots_[slot].failed || plugin.on_exhausted == nullptr) continue;
    HostCall host(worker_, slots_[slot].policy, Hook::exhausted, this, slot);
    const Stopwatch watch(host);
    if (plugin.on_exhausted(&host.call) == 1) return true;
  }
  return false;
}

void Chain::answer(const spw_answer& answer) {
  for (std::size_t slot = 0; slot < begun_; ++slot) {
    const spw_plugin& plugin = worker_.policy(slots_[slot].policy).plugin.descriptor;
    if (slots_[slot].failed || plugin.on_answer == nullptr) continue;
    HostCall host(worker_, slots_[slot].policy, Hook::answer, this, slot);
    const Stopwatch watch(host);
    plugin.on_answer(&host.call, &answer);
  }
}

void Chain::end() {
  if (std::exchange(ended_, true)) return;
  stop_waiting();
  for (std::size_t slot = begun_; slot-- > 0;) {
    for (const std::string& key : slots_[slot].leads) worker_.slots_[slots_[slot].policy]->keyed->abandon(key);
    slots_[slot].leads.clear();
    const spw_plugin& plugin = worker_.policy(slots_[slot].policy).plugin.descriptor;
    if (plugin.on_end == nullptr) continue;
    HostCall host(worker_, slots_[slot].policy, Hook::end, this, slot);
    const Stopwatch watch(host);
    plugin.on_end(&host.call);
  }
}

}  // namespace spillway
