// The functions behind spw_host: bounds, rights and lifetimes first, then Services, Subject or Plan.
#include "policy/host.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/log.h"
#include "policy/call.h"

namespace spillway {

namespace {

constexpr std::size_t kKeyBytes = 256, kNameBytes = 64, kValueBytes = 4096, kReplyBytes = 8u << 20;
constexpr std::uint32_t kDeciding = bit(Hook::request) | bit(Hook::resume);
constexpr std::uint32_t kPlanning = kDeciding | bit(Hook::attempt) | bit(Hook::outcome) | bit(Hook::exhausted);
constexpr std::uint32_t kInRequest = kPlanning | bit(Hook::content) | bit(Hook::answer) | bit(Hook::end);
constexpr std::uint32_t kLasting = ~(bit(Hook::stop) | bit(Hook::status));

std::atomic<Resumer> g_resumer{nullptr};

spw_str out(std::string_view text) { return {text.data(), text.size()}; }
std::string_view in(spw_str text) { return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len); }

bool good_key(spw_str key) { return key.ptr != nullptr && key.len > 0 && key.len <= kKeyBytes; }

bool good_token(const char* name) {
  if (name == nullptr) return false;
  const std::string_view text(name, ::strnlen(name, kNameBytes + 1));
  if (text.empty() || text.size() > kNameBytes) return false;
  for (const char c : text) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!good) return false;
  }
  return true;
}

// A field value that stays one field.
bool good_value(spw_str value) {
  const std::string_view text = in(value);
  if (text.size() > kValueBytes) return false;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') return false;
  }
  return true;
}

// ---- reading

spw_str text(const spw_call* call, spw_fact fact) {
  HostCall* host = HostCall::of(call);
  return host->allowed(kInRequest, "text") ? out(host->subject().text(fact)) : spw_str{};
}

std::int64_t number(const spw_call* call, spw_fact fact) {
  HostCall* host = HostCall::of(call);
  return host->allowed(kInRequest, "number") ? host->subject().number(fact) : 0;
}

spw_str header(const spw_call* call, const char* name) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kInRequest, "header") || !good_token(name)) return {};
  return out(host->subject().header(name));
}

const Candidate* candidate_at(const spw_call* call, std::size_t i, const char* function) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kInRequest, function) || i >= host->plan().candidates.size()) return nullptr;
  return &host->plan().candidates[i];
}

std::size_t candidates(const spw_call* call) {
  HostCall* host = HostCall::of(call);
  return host->allowed(kInRequest, "candidates") ? host->plan().candidates.size() : 0;
}

spw_str candidate_text(const spw_call* call, std::size_t i, spw_fact fact) {
  const Candidate* one = candidate_at(call, i, "candidate_text");
  if (one == nullptr) return {};
  switch (fact) {
    case SPW_C_PROVIDER: return out(one->provider);
    case SPW_C_MODEL: return out(one->model);
    case SPW_C_ACCOUNT: return out(one->account);
    case SPW_C_TIER: return out(one->tier);
    default: return {};
  }
}

std::int64_t candidate_number(const spw_call* call, std::size_t i, spw_fact fact) {
  const Candidate* one = candidate_at(call, i, "candidate_number");
  if (one == nullptr) return 0;
  switch (fact) {
    case SPW_C_TIER_INDEX: return one->tier_index;
    case SPW_C_RANK: return one->rank;
    case SPW_C_FREE: return one->free;
    case SPW_C_CONTEXT: return one->context;
    case SPW_C_TOOLS: return one->tools;
    case SPW_C_VISION: return one->vision;
    case SPW_C_IN_FLIGHT: return one->in_flight;
    case SPW_C_LATENCY_US: return one->latency_us;
    case SPW_C_EXCLUDED: return one->excluded;
    case SPW_C_TRIED: return one->tries;
    case SPW_C_LIMIT_RPM: return one->limit_rpm;
    case SPW_C_LIMIT_RPD: return one->limit_rpd;
    case SPW_C_QUALITY:
    case SPW_C_HEALTH: return -1;  // no catalogue says, so unknown
    default: return 0;
  }
}

double candidate_real(const spw_call* call, std::size_t i, spw_fact fact) {
  const Candidate* one = candidate_at(call, i, "candidate_real");
  if (one == nullptr) return 0;
  switch (fact) {
    case SPW_C_WEIGHT: return one->weight;
    case SPW_C_PRICE_IN: return one->price_in;
    case SPW_C_PRICE_OUT: return one->price_out;
    default: return 0;
  }
}

// ---- editing the plan

Candidate* editable(spw_call* call, std::size_t i, const char* function) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kPlanning, function) || i >= host->plan().candidates.size()) return nullptr;
  return &host->plan().candidates[i];
}

std::int32_t exclude(spw_call* call, std::size_t i, std::int32_t why, std::int64_t wait_ms, spw_str reason) {
  HostCall* host = HostCall::of(call);
  if (editable(call, i, "exclude") == nullptr || why < SPW_X_POLICY || why > SPW_X_UNFIT) return -1;
  return host->plan().exclude(i, host->by(), static_cast<Out>(why), wait_ms < 0 ? -1 : wait_ms, in(reason)) ? 0 : -1;
}

std::int32_t readmit(spw_call* call, std::size_t i) {
  HostCall* host = HostCall::of(call);
  if (editable(call, i, "readmit") == nullptr) return -1;
  return host->plan().readmit(i, host->by()) ? 0 : -1;
}

std::int32_t set_rank(spw_call* call, std::size_t i, std::int64_t rank) {
  Candidate* one = editable(call, i, "set_rank");
  if (one == nullptr) return -1;
  one->rank = rank;
  return 0;
}

std::int32_t set_weight(spw_call* call, std::size_t i, double weight) {
  Candidate* one = editable(call, i, "set_weight");
  if (one == nullptr || !(weight >= 0) || weight > 1e9) return -1;
  one->weight = weight;
  return 0;
}

// ---- answering

std::int32_t reply(spw_call* call, std::int32_t status, spw_str type, spw_str body) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kDeciding, "reply") || !good_value(type) || body.len > kReplyBytes) return -1;
  if (!host->subject().reply(status, in(type), in(body))) return -1;
  host->set_replied();
  return 0;
}

std::int32_t replay(spw_call* call, spw_str blob, std::int64_t age_ms) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kDeciding, "replay") || !host->subject().replay(in(blob), age_ms)) return -1;
  host->set_replied();
  return 0;
}

std::int32_t set_upstream_header(spw_call* call, const char* name, spw_str value) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kPlanning, "set_upstream_header") || !good_token(name) || !good_value(value)) return -1;
  return host->subject().set_upstream_header(name, in(value)) ? 0 : -1;
}

std::int32_t set_answer_header(spw_call* call, const char* name, spw_str value) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kPlanning | bit(Hook::content), "set_answer_header") || !good_token(name) || !good_value(value)) return -1;
  return host->subject().set_answer_header(name, in(value)) ? 0 : -1;
}

std::int32_t note(spw_call* call, const char* name, spw_str value) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kInRequest, "note") || !good_token(name) || !good_value(value)) return -1;
  return host->subject().note(name, in(value)) ? 0 : -1;
}

std::int32_t capture(spw_call* call, std::int64_t bytes_max) {
  HostCall* host = HostCall::of(call);
  return host->allowed(kDeciding, "capture") && host->subject().capture(bytes_max) ? 0 : -1;
}

std::int32_t fingerprint(spw_call* call, spw_list without, std::uint8_t* digest) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kInRequest, "fingerprint") || digest == nullptr || without.len > 64) return -1;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < without.len; ++i) names.push_back(in(without.ptr[i]));
  const std::optional<Digest> sum = host->subject().fingerprint(names);
  if (!sum) return -1;
  std::copy(sum->begin(), sum->end(), digest);
  return 0;
}

// ---- waiting and later

std::uint64_t ticket(spw_call* call) {
  HostCall* host = HostCall::of(call);
  return host->allowed(kDeciding, "ticket") ? host->take_ticket() : 0;
}

std::int32_t resume(std::uint64_t name, void* result) {
  const Resumer resumer = g_resumer.load(std::memory_order_acquire);
  return resumer != nullptr && resumer(name, result) ? 1 : 0;
}

std::int32_t fetch(spw_call* call, spw_str method, spw_str url, spw_str headers, spw_str body, std::int64_t timeout_ms,
                   std::uint64_t resumed) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kLasting, "fetch") || timeout_ms <= 0) return -1;
  if (resumed != 0 && (host->chain == nullptr || resumed != host->take_ticket())) return -1;
  Services::Fetch wish{std::string(in(method)), std::string(in(url)), std::string(in(headers)), std::string(in(body)), timeout_ms};
  return host->services().fetch(std::move(wish), host->worker, host->policy, resumed) ? 0 : -1;
}

std::int32_t timer(spw_call* call, std::int64_t after_ms, std::uint64_t cookie) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kLasting, "timer") || after_ms < 0) return -1;
  return host->services().timer(host->worker, host->policy, after_ms, cookie) ? 0 : -1;
}

// ---- shared state

std::uint64_t* cells(spw_call* call, spw_str name, std::size_t n) {
  HostCall* host = HostCall::of(call);
  if (!good_key(name)) return nullptr;
  return host->services().cells().find(std::string(host->name()) + "/" + std::string(in(name)), n);
}

std::uint64_t* candidate_cells(spw_call* call, std::size_t i, std::int32_t scope, std::size_t n) {
  HostCall* host = HostCall::of(call);
  const Candidate* one = candidate_at(call, i, "candidate_cells");
  if (one == nullptr || scope < SPW_SCOPE_TARGET || scope > SPW_SCOPE_ACCOUNT) return nullptr;
  const std::uint64_t ids[] = {one->target_id, one->key_id, one->account_id};
  const std::uint64_t identity = ids[scope] * 3 + static_cast<std::uint64_t>(scope);
  auto& known = host->mine().cells;
  if (const auto found = known.find(identity); found != known.end()) return found->second;
  const std::string name = std::string(host->name()) + "#" + std::to_string(scope) + "/" + std::to_string(ids[scope]);
  std::uint64_t* array = host->services().cells().find(name, n);
  if (array != nullptr) known.emplace(identity, array);
  return array;
}

std::int32_t hand_out(HostCall* host, Keyed::Got&& got, spw_str* value, std::int64_t* age_ms) {
  if (age_ms != nullptr) *age_ms = got.age_ms;
  if (value != nullptr) *value = host->keep(std::move(got.value));
  return 1;
}

std::int32_t state_get(spw_call* call, spw_str key, spw_str* value, std::int64_t* age_ms) {
  HostCall* host = HostCall::of(call);
  if (!good_key(key)) return 0;
  Keyed::Got got = host->mine().keyed->get(in(key));
  return got.found == Keyed::Found::yes ? hand_out(host, std::move(got), value, age_ms) : 0;
}

std::int32_t state_lead(spw_call* call, spw_str key, spw_str* value, std::int64_t* age_ms) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kDeciding, "state_lead") || !good_key(key)) return 0;
  Keyed& keyed = *host->mine().keyed;
  Keyed::Got got = keyed.lead(in(key), 0);
  // Somebody leads: only now is a ticket worth its lock.
  if (got.found == Keyed::Found::no) got = keyed.lead(in(key), host->take_ticket());
  switch (got.found) {
    case Keyed::Found::yes:
      return hand_out(host, std::move(got), value, age_ms);
    case Keyed::Found::lead:
      host->request().leads.emplace_back(in(key));
      return 0;
    case Keyed::Found::wait:
      host->request().waits_for = in(key);
      return 2;
    case Keyed::Found::no:
      return 0;
  }
  return 0;
}

void no_longer_leads(HostCall* host, std::string_view key) {
  if (host->chain != nullptr) std::erase(host->request().leads, key);
}

std::int32_t state_put(spw_call* call, spw_str key, spw_str value, std::int64_t ttl_ms) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kLasting, "state_put") || !good_key(key) || ttl_ms <= 0) return -1;
  no_longer_leads(host, in(key));
  return host->mine().keyed->put(in(key), in(value), ttl_ms) ? 0 : -1;
}

std::int32_t state_drop(spw_call* call, spw_str key) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(kLasting, "state_drop") || !good_key(key)) return -1;
  no_longer_leads(host, in(key));
  host->mine().keyed->drop(in(key));
  return 0;
}

std::int32_t state_bytes(spw_call* call, std::int64_t bytes_max) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(bit(Hook::start), "state_bytes") || bytes_max <= 0) return -1;
  host->mine().keyed->set_bytes_max(static_cast<std::size_t>(bytes_max));
  return 0;
}

std::int32_t save(spw_call* call, spw_str key, spw_str value) {
  HostCall* host = HostCall::of(call);
  if (!good_key(key) || value.len > Store::kValueBytesMax) return -1;
  return host->services().store().put(host->name(), in(key), in(value)) ? 0 : -1;
}

std::int32_t load(spw_call* call, spw_str key, spw_str* value) {
  HostCall* host = HostCall::of(call);
  if (!host->allowed(bit(Hook::start), "load") || !good_key(key) || value == nullptr) return 0;
  std::optional<std::string> found = host->services().store().get(host->name(), in(key));
  if (!found) return 0;
  *value = host->keep(std::move(*found));
  return 1;
}

// ---- services

std::uint64_t now_us(const spw_call* call) { return HostCall::of(call)->services().clock().now_us(); }
std::int64_t wall_ms(const spw_call* call) { return HostCall::of(call)->services().clock().wall_ms(); }
std::uint64_t random_word(const spw_call* call) { return HostCall::of(call)->services().dice().roll(); }

void count(const spw_call* call, std::size_t counter, std::int64_t delta) {
  auto& mine = HostCall::of(call)->mine();
  if (counter >= mine.counters.size()) return;
  if (mine.gauges[counter] != nullptr) return mine.gauges[counter]->set(delta);
  if (delta > 0) mine.counters[counter]->add(static_cast<std::uint64_t>(delta));
}

void log(const spw_call* call, std::int32_t level, spw_str message) {
  const auto wanted = static_cast<Level>(std::clamp(level, 0, 3));
  if (log_on(wanted)) log_line(wanted, in(message), {{"policy", HostCall::of(call)->name()}});
}

void print(spw_call* call, spw_str json) {
  HostCall* host = HostCall::of(call);
  if (host->allowed(bit(Hook::status), "print") && host->printed.size() + json.len <= kReplyBytes) host->printed.append(in(json));
}

constexpr spw_host kHost = {
    sizeof(spw_host), text, number, header, candidates, candidate_text, candidate_number, candidate_real,
    exclude, readmit, set_rank, set_weight, reply, replay, set_upstream_header, set_answer_header, note, capture,
    fingerprint, ticket, resume, fetch, timer, cells, candidate_cells, state_get, state_lead, state_put, state_drop,
    state_bytes, save, load, now_us, wall_ms, random_word, count, log, print,
};

}  // namespace

void set_resumer(Resumer resumer) { g_resumer.store(resumer, std::memory_order_release); }
const spw_host& host_table() { return kHost; }

}  // namespace spillway
