// The deciding half of a chain: on_request and on_resume, one policy after the other, and waiting in between. What
// happens to attempts and at the end is in chain_events.cc.
#include "policy/chain.h"

#include <algorithm>
#include <utility>

#include "policy/call.h"

namespace spillway {

namespace {
constexpr std::size_t kAlign = 16;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }
static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= kAlign);
}  // namespace

Chain::Chain(PolicyWorker& worker, std::span<const std::uint16_t> order, Subject& subject, Plan& plan)
    : worker_(worker), subject_(subject), plan_(plan), slots_(order.size()) {
  CHECK(order.size() <= kPoliciesMax);
  std::size_t bytes = 0;
  for (const std::uint16_t policy : order) bytes += aligned(worker.policy(policy).plugin.descriptor.request_size);
  if (bytes > 0) blocks_ = std::make_unique<unsigned char[]>(bytes);  // zeroed
  std::size_t at = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    Slot& slot = slots_[i];
    slot.host = &worker.slots_[order[i]]->host;
    slot.plugin = &slot.host->policy.plugin.descriptor;
    if (slot.plugin->request_size > 0) slot.block = blocks_.get() + at;
    at += aligned(slot.plugin->request_size);
  }
}

Chain::~Chain() { CHECK(stage_ == Stage::fresh || stage_ == Stage::ended); }

std::string_view Chain::failed_policy() const { return failed_; }

Chain::Result Chain::run() {
  CHECK(stage_ == Stage::fresh);
  stage_ = Stage::decided;
  return result_ = proceed();
}

Chain::Result Chain::proceed() {
  Laps laps(worker_);
  while (begun_ < slots_.size()) {
    const std::size_t at = begun_++;
    Slot& slot = slots_[at];
    if (slot.plugin->on_request == nullptr) continue;
    replied_ = false;
    laps.begin();
    std::int32_t verdict = SPW_FAIL;
    {
      const Hooked hooked(*slot.host, Hook::request, this, at, slot.block);
      verdict = slot.plugin->on_request(&slot.host->call);
    }
    laps.lap(*slot.host);
    if (verdict == SPW_NEXT && ticket_ == 0) continue;
    if (verdict == SPW_WAIT) waiting_since_us_ = worker_.services().clock().now_us();
    const Result then = after_hook(verdict);
    if (then != Result::go) return then;
  }
  return Result::go;
}

// The policy whose hook just ran is begun_ - 1.
Chain::Result Chain::after_hook(std::int32_t verdict) {
  if (verdict == SPW_WAIT && ticket_ != 0) {
    stage_ = Stage::waiting;
    return Result::wait;
  }
  stop_waiting();
  switch (verdict) {
    case SPW_NEXT: return Result::go;
    case SPW_REPLY: return replied_ ? Result::reply : fail(begun_ - 1, "SPW_REPLY without reply() or replay()");
    case SPW_WAIT: return fail(begun_ - 1, "SPW_WAIT without a ticket");
    case SPW_FAIL: return fail(begun_ - 1, "SPW_FAIL");
    default: return fail(begun_ - 1, "a verdict that does not exist");
  }
}

Chain::Result Chain::fail(std::size_t at, const char* why) {
  Slot& slot = slots_[at];
  slot.failed = true;
  abandon_leads(at);  // nobody shall wait for what will not be made
  const Policy& policy = slot.host->policy;
  slot.host->complain(policy.fail_open ? "a policy failed and is skipped" : "a policy failed and ends its request",
                      subject_.text(SPW_REQUEST_ID), why);
  if (policy.fail_open) return Result::go;
  failed_ = policy.plugin.name;
  return Result::refuse;
}

std::uint64_t Chain::take_ticket() {
  if (ticket_ == 0) ticket_ = worker_.services().ticket(*this);
  return ticket_;
}

void Chain::stop_waiting() {
  if (stage_ == Stage::waiting) stage_ = Stage::decided;
  if (ticket_ == 0) return;
  if (!waits_for_.empty()) {
    slots_[begun_ - 1].host->keyed().unwait(waits_for_, ticket_);
    waits_for_.clear();
  }
  worker_.services().release(std::exchange(ticket_, 0));
}

void Chain::abandon_leads(std::size_t at) {
  for (std::size_t i = leads_.size(); i-- > 0;) {
    if (leads_[i].slot != at) continue;
    slots_[at].host->keyed().abandon(leads_[i].key);
    leads_.erase(leads_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::int64_t Chain::wait_ms() const {
  if (stage_ != Stage::waiting) return 0;
  const Policy& policy = slots_[begun_ - 1].host->policy;
  const auto waited_ms = static_cast<std::int64_t>((worker_.services().clock().now_us() - waiting_since_us_) / 1000);
  return std::max<std::int64_t>(policy.timeout_ms - waited_ms, 0);
}

void Chain::resume(void* result) {
  if (stage_ != Stage::waiting) return;  // it was decided, or ended, while the message was under way
  const std::size_t at = begun_ - 1;
  Slot& slot = slots_[at];
  stop_waiting();
  std::int32_t verdict = SPW_NEXT;  // who has nothing to add goes on
  if (slot.plugin->on_resume != nullptr) {
    Laps laps(worker_);
    laps.begin();
    {
      const Hooked hooked(*slot.host, Hook::resume, this, at, slot.block);
      verdict = slot.plugin->on_resume(&slot.host->call, result);
    }
    laps.lap(*slot.host);
  }
  Result then = after_hook(verdict);
  if (then == Result::go) then = proceed();
  result_ = then;
  subject_.on_chain_resumed();  // last: the subject may end us
}

Chain::Result Chain::wait_expired() {
  if (stage_ != Stage::waiting) return result_;
  stop_waiting();
  Result then = fail(begun_ - 1, "its wait took longer than timeout_ms");
  if (then == Result::go) then = proceed();
  return result_ = then;
}

}  // namespace spillway
