#include "proxy/shared.h"

#include "base/slots.h"
#include "conf/config.h"
#include "net/loop.h"

namespace spillway {

namespace {
Tickets* g_tickets = nullptr;  // the ABI's resume() has no context argument; one process, one table

bool resume_ticket(std::uint64_t ticket, void* result) {
  return g_tickets != nullptr && g_tickets->resume(ticket, result);
}
}  // namespace

void TargetLive::observe_latency(std::int64_t us) {
  std::int64_t old = latency_us.load(std::memory_order_relaxed);
  std::int64_t now = us;
  do {
    now = old == 0 ? us : old + (us - old) / 8;
  } while (!latency_us.compare_exchange_weak(old, now, std::memory_order_relaxed));
}

void Tickets::add_worker(std::uint32_t worker, Loop& loop) {
  const std::lock_guard hold(lock_);
  workers_[worker].loop = &loop;
}

void Tickets::remove_worker(std::uint32_t worker) {
  const std::lock_guard hold(lock_);
  workers_.erase(worker);
}

std::uint64_t Tickets::take(std::uint32_t worker, Chain& chain) {
  const std::lock_guard hold(lock_);
  Worker& owner = workers_[worker];
  if (owner.free.empty()) {
    owner.free.push_back(static_cast<std::uint32_t>(owner.slots.size()));
    owner.slots.emplace_back();
  }
  const std::uint32_t at = owner.free.back();
  owner.free.pop_back();
  owner.slots[at].chain = &chain;
  owner.slots[at].resumed = false;
  return Ticket::pack(worker, at, owner.slots[at].generation);
}

Tickets::Slot* Tickets::find(std::uint64_t ticket) {
  const auto owner = workers_.find(Ticket::worker(ticket));
  if (owner == workers_.end()) return nullptr;
  const std::uint32_t at = Ticket::slot(ticket);
  if (at >= owner->second.slots.size()) return nullptr;
  Slot& slot = owner->second.slots[at];
  return slot.generation == Ticket::generation(ticket) && slot.chain != nullptr ? &slot : nullptr;
}

void Tickets::release(std::uint64_t ticket) {
  const std::lock_guard hold(lock_);
  Slot* slot = find(ticket);
  if (slot == nullptr) return;
  slot->chain = nullptr;
  if (++slot->generation == 0) slot->generation = 1;
  workers_[Ticket::worker(ticket)].free.push_back(Ticket::slot(ticket));
}

bool Tickets::resume(std::uint64_t ticket, void* result) {
  const std::lock_guard hold(lock_);  // held over post(), so that the loop cannot be removed in between
  Slot* slot = find(ticket);
  if (slot == nullptr || slot->resumed) return false;
  slot->resumed = true;
  workers_[Ticket::worker(ticket)].loop->post({ticket, result});
  return true;
}

Chain* Tickets::deliver(std::uint64_t ticket) {
  const std::lock_guard hold(lock_);
  Slot* slot = find(ticket);
  return slot == nullptr ? nullptr : slot->chain;
}

namespace {

constexpr std::string_view kOverload = "spillway_overload_total";
constexpr std::string_view kOverloadHelp = "Requests refused or ended for the gateway's own limits.";

}  // namespace

LimitsHit::LimitsHit(Metrics& metrics)
    : crowded(metrics.counter("spillway_crowded_total", "Times a worker stopped accepting at the connection limit.")),
      idle_closed(metrics.counter("spillway_idle_closed_total",
                                  "Idle client connections closed for others at the connection limit.")),
      requests(metrics.counter(kOverload, kOverloadHelp, labels({{"why", "requests"}}))),
      memory(metrics.counter(kOverload, kOverloadHelp, labels({{"why", "memory"}}))),
      dropped(metrics.counter(kOverload, kOverloadHelp, labels({{"why", "dropped"}}))) {}

Shared::Shared(const Clock& clock)
    : clock_(clock),
      load_{metrics_.gauge("spillway_connections", "Client connections."),
            metrics_.gauge("spillway_inflight", "Requests between their head and their account."),
            metrics_.gauge("spillway_upstream_connections", "Connections to providers, idle ones too.")},
      limits_hit_(metrics_),
      access_log_(metrics_) {
  g_tickets = &tickets_;
  set_resumer(resume_ticket);
}

Shared::~Shared() { g_tickets = nullptr; }

Status Shared::open(const Config& config) {
  keyed_bytes_ = static_cast<std::size_t>(config.state.bytes);
  if (store_ == nullptr) {
    auto opened = Store::open(config.store.url);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
  }
  return access_log_.open(config.log.access);
}

Keyed& Shared::keyed(std::string_view policy) {
  const std::lock_guard hold(lock_);
  auto& slot = keyed_[std::string(policy)];
  if (slot == nullptr) slot = Keyed::in_memory(clock_, *this, keyed_bytes_);
  return *slot;
}

TargetLive& Shared::live(std::uint64_t target_id, std::string_view provider, std::string_view model) {
  const std::lock_guard hold(lock_);
  auto& slot = live_[target_id];
  if (slot != nullptr) return *slot;
  slot = std::make_unique<TargetLive>();
  slot->provider = provider;
  slot->model = model.empty() ? "*" : model;
  const std::string input = labels({{"provider", provider}, {"model", slot->model}, {"type", "input"}});
  const std::string output = labels({{"provider", provider}, {"model", slot->model}, {"type", "output"}});
  const std::string both = labels({{"provider", provider}, {"model", slot->model}});
  slot->tokens_in = &metrics_.counter("spillway_tokens_total", "Tokens as billed by the provider.", input);
  slot->tokens_out = &metrics_.counter("spillway_tokens_total", "Tokens as billed by the provider.", output);
  slot->cost_usd = &metrics_.sum("spillway_cost_usd_total", "Cost of answers in US dollars.", both);
  slot->ttft = &metrics_.histogram("spillway_time_to_first_token_seconds",
                                   "From sending an attempt to its first content.", kTtftBounds, both);
  return *slot;
}

}  // namespace spillway
