// The fakes of fake_host.h. Tickets behave as the server's do: good for one resume, stale after that and once released.
#include "support/fake_host.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "policy/options.h"

namespace spillway {

namespace {

// resume() of the ABI has no context, so the newest fake gets it, as the one server of a process does.
std::mutex g_lock;
FakeServices* g_services = nullptr;

}  // namespace

FakeServices::FakeServices() {
  Result<std::unique_ptr<Store>> store = Store::open("memory:");
  CHECK(static_cast<bool>(store));
  store_ = std::move(*store);
  static bool (*poster)(FakeServices&, std::uint64_t, void*) =
      [](FakeServices& services, std::uint64_t ticket, void* result) { return services.post(ticket, result); };
  {
    const std::lock_guard hold(g_lock);
    g_services = this;
  }
  set_resumer([](std::uint64_t ticket, void* result) {
    const std::lock_guard hold(g_lock);
    return g_services != nullptr && poster(*g_services, ticket, result);
  });
}

FakeServices::~FakeServices() {
  const std::lock_guard hold(g_lock);
  if (g_services == this) g_services = nullptr;
}

bool FakeServices::post(std::uint64_t ticket, void* result) {
  const std::lock_guard hold(lock_);
  if (Ticket::worker(ticket) != 0 || slots_.find(ticket) == nullptr ||
      std::find(used_.begin(), used_.end(), ticket) != used_.end())
    return false;
  used_.push_back(ticket);
  inbox_.emplace_back(ticket, result);
  return true;
}

std::size_t FakeServices::deliver() {
  std::size_t reached = 0;
  while (true) {
    Chain* chain = nullptr;
    void* result = nullptr;
    {
      const std::lock_guard hold(lock_);
      if (inbox_.empty()) return reached;
      chain = slots_.find(inbox_.front().first);
      result = inbox_.front().second;
      inbox_.erase(inbox_.begin());
    }
    if (chain == nullptr) continue;
    ++reached;
    chain->resume(result);
  }
}

std::size_t FakeServices::tickets_held() const {
  const std::lock_guard hold(lock_);
  return slots_.used();
}

double FakeServices::metric(std::string_view series) const {
  const std::string text = "\n" + metrics_.render();
  const std::string wanted = "\n" + std::string(series) + " ";
  const std::size_t at = text.find(wanted);
  return at == text.npos ? -1 : std::strtod(text.c_str() + at + wanted.size(), nullptr);
}

Keyed& FakeServices::keyed(std::string_view policy) {
  auto at = keyed_.find(policy);
  if (at == keyed_.end()) {
    at = keyed_.emplace(std::string(policy), Keyed::in_memory(fake_clock, *this, 1 << 20)).first;
  }
  return *at->second;
}

bool FakeServices::fetch(Services::Fetch wish, PolicyWorker&, std::size_t policy, std::uint64_t ticket) {
  if (refuse_fetches) return false;
  fetches.push_back({std::move(wish), policy, ticket});
  return true;
}

bool FakeServices::timer(PolicyWorker&, std::size_t policy, std::int64_t after_ms, std::uint64_t cookie) {
  timers.push_back({policy, after_ms, cookie});
  return true;
}

std::uint64_t FakeServices::ticket(Chain& chain) {
  const std::lock_guard hold(lock_);
  return slots_.take(0, &chain);
}

void FakeServices::release(std::uint64_t ticket) {
  const std::lock_guard hold(lock_);
  std::erase(used_, ticket);
  slots_.release(ticket);
}

std::string_view FakeSubject::text(spw_fact fact) const {
  const auto at = texts.find(fact);
  return at == texts.end() ? std::string_view() : std::string_view(at->second);
}

std::int64_t FakeSubject::number(spw_fact fact) const {
  const auto at = numbers.find(fact);
  return at == numbers.end() ? 0 : at->second;
}

std::string_view FakeSubject::header(std::string_view name) const {
  const auto at = headers.find(name);
  return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

bool FakeSubject::reply(int with, std::string_view of_type, std::string_view text) {
  if (refuse_all) return false;
  status = with;
  type = of_type;
  body = text;
  return true;
}

bool FakeSubject::replay(std::string_view stored, std::int64_t age) {
  if (refuse_all) return false;
  status = 200;
  blob = stored;
  age_ms = age;
  return true;
}

bool FakeSubject::set_upstream_header(std::string_view name, std::string_view value) {
  if (!refuse_all) upstream_headers[std::string(name)] = value;
  return !refuse_all;
}

bool FakeSubject::set_answer_header(std::string_view name, std::string_view value) {
  if (!refuse_all) answer_headers[std::string(name)] = value;
  return !refuse_all;
}

bool FakeSubject::note(std::string_view name, std::string_view value) {
  if (!refuse_all) notes[std::string(name)] = value;
  return !refuse_all;
}

bool FakeSubject::capture(std::int64_t bytes_max) {
  if (!refuse_all) capture_max = bytes_max;
  return !refuse_all;
}

std::optional<Digest> FakeSubject::fingerprint(const std::vector<std::string_view>& without) {
  fingerprint_without.assign(without.begin(), without.end());
  return digest;
}

std::unique_ptr<const Policy> policy_of(const spw_plugin& raw, const PolicyConfig& settings) {
  Result<Plugin> plugin = check_plugin(raw, {});
  if (!plugin) {
    ADD_FAILURE() << plugin.error().detail;
    std::abort();
  }
  auto policy = std::make_unique<Policy>();
  policy->plugin = std::move(*plugin);
  policy->fail_open = settings.on_error != "closed";
  policy->timeout_ms = settings.timeout_ms;
  std::vector<Problem> problems;
  fill_options(*policy, settings, Config(), Place(), problems);
  for (const Problem& problem : problems) ADD_FAILURE() << problem.message;
  return policy;
}

Policies policies_of(std::initializer_list<const spw_plugin*> plugins, const PolicyConfig& settings) {
  Policies policies;
  for (const spw_plugin* plugin : plugins) policies.push_back(policy_of(*plugin, settings));
  return policies;
}

std::unique_ptr<PolicyWorker> start_worker(const Policies& policies, Services& services) {
  Result<std::unique_ptr<PolicyWorker>> worker = PolicyWorker::start(policies, services);
  if (!worker) {
    ADD_FAILURE() << worker.error().detail;
    std::abort();
  }
  return std::move(*worker);
}

std::vector<Candidate> some_candidates(std::size_t n) {
  static constexpr std::string_view kNames[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
  std::vector<Candidate> list(n);
  for (std::size_t i = 0; i < n; ++i) {
    list[i].provider = list[i].model = list[i].account = kNames[i % std::size(kNames)];
    list[i].tier = "default";
    list[i].target_id = 100 + i;
    list[i].key_id = 200 + i;
    list[i].account_id = 300 + i;
    list[i].target = static_cast<std::uint32_t>(i);
  }
  return list;
}

namespace {

Plan plan_of(std::vector<Candidate> candidates) {
  Plan plan;
  plan.candidates = std::move(candidates);
  plan.begin();
  return plan;
}

std::vector<std::uint16_t> all_of(const PolicyWorker& worker) {
  std::vector<std::uint16_t> order;
  for (std::size_t i = 0; i < worker.size(); ++i) order.push_back(static_cast<std::uint16_t>(i));
  return order;
}

}  // namespace

Trial::Trial(PolicyWorker& worker, std::size_t n) : Trial(worker, some_candidates(n)) {}
Trial::Trial(PolicyWorker& worker, std::vector<Candidate> candidates)
    : plan(plan_of(std::move(candidates))), order(all_of(worker)), chain(worker, order, subject, plan) {}

}  // namespace spillway
