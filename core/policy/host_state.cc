// What outlives a request: cells shared by all workers, keyed state with single flight, durable small values.
#include "policy/host_parts.h"

namespace spillway::abi {

namespace {

constexpr std::size_t kStateValueBytes = 64u << 20;

// 1 for "found", as state_get and state_lead say it; -1 when this hook holds too many values already.
std::int32_t hand_out(HostCall& host, const char* function, Keyed::Got&& got, spw_str* value, std::int64_t* age_ms) {
  if (!host.keep(std::move(got.value), value)) return host.refuse(function, "too many values in one hook");
  if (age_ms != nullptr) *age_ms = got.age_ms;
  return 1;
}

std::string array_name(const HostCall& host, char separator, std::string_view rest) {
  std::string name = host.name();
  name += separator;
  return name.append(rest);
}

}  // namespace

std::uint64_t* cells(spw_call* call, spw_str name, std::size_t n) {
  HostCall* host = HostCall::admit(call, kAnyHook, "cells");
  if (host == nullptr) return nullptr;
  std::uint64_t* array = sane_key(name) ? host->services.cells().find(array_name(*host, '/', in(name)), n) : nullptr;
  if (array == nullptr) host->refuse("cells", "a bad name, another n than before, or a limit was reached");
  return array;
}

std::uint64_t* candidate_cells(spw_call* call, std::size_t i, std::int32_t scope, std::size_t n) {
  HostCall* host = HostCall::admit(call, kInRequest, "candidate_cells");
  if (host == nullptr) return nullptr;
  if (i >= host->plan().candidates.size() || scope < SPW_SCOPE_TARGET || scope > SPW_SCOPE_ACCOUNT) {
    host->refuse("candidate_cells", "no such candidate or scope");
    return nullptr;
  }
  const Candidate& one = host->plan().candidates[i];
  const std::uint64_t id = scope == SPW_SCOPE_TARGET ? one.target_id
                           : scope == SPW_SCOPE_KEY  ? one.key_id
                                                     : one.account_id;
  const CellTable::Entry* known = host->cells.find(scope, id);
  if (known != nullptr && known->n == n) return known->cells;
  // Per scope, so that one id in two scopes is two arrays; '#' keeps them apart from those by name.
  const std::string rest = std::to_string(scope) + "/" + std::to_string(id);
  std::uint64_t* array = known != nullptr ? nullptr : host->services.cells().find(array_name(*host, '#', rest), n);
  if (array == nullptr) {
    host->refuse("candidate_cells", "another n than before, or a limit was reached");
    return nullptr;
  }
  host->cells.keep(scope, id, n, array);
  return array;
}

std::int32_t state_get(spw_call* call, spw_str key, spw_str* value, std::int64_t* age_ms) {
  HostCall* host = HostCall::admit(call, kAnyHook, "state_get");
  if (host == nullptr) return -1;
  if (!sane_key(key)) return host->refuse("state_get", "a key has 1 to 256 bytes");
  Keyed::Got got = host->keyed().get(in(key));
  return got.found == Keyed::Found::yes ? hand_out(*host, "state_get", std::move(got), value, age_ms) : 0;
}

std::int32_t state_lead(spw_call* call, spw_str key, spw_str* value, std::int64_t* age_ms) {
  HostCall* host = HostCall::admit(call, kDeciding, "state_lead");
  if (host == nullptr) return -1;
  if (!sane_key(key)) return host->refuse("state_lead", "a key has 1 to 256 bytes");
  if (host->waits()) {
    return host->waits_for(in(key)) ? 2 : host->refuse("state_lead", "the request waits for another key already");
  }
  Keyed::Got got = host->keyed().lead(in(key), 0);
  // Somebody leads: only now is a ticket worth its lock.
  if (got.found == Keyed::Found::no && !host->leads(in(key))) got = host->keyed().lead(in(key), host->take_ticket());
  switch (got.found) {
    case Keyed::Found::yes: return hand_out(*host, "state_lead", std::move(got), value, age_ms);
    case Keyed::Found::lead: host->lead(in(key)); return 0;
    case Keyed::Found::wait: host->wait_for(in(key)); return 2;
    case Keyed::Found::no: return 0;  // too many wait already, or this request leads it itself: it makes the value
  }
  return 0;
}

std::int32_t state_put(spw_call* call, spw_str key, spw_str value, std::int64_t ttl_ms) {
  HostCall* host = HostCall::admit(call, kAnyHook, "state_put");
  if (host == nullptr) return -1;
  if (!sane_key(key) || !sane(value, kStateValueBytes) || ttl_ms <= 0) {
    return host->refuse("state_put", "a bad key, value or ttl_ms");
  }
  host->no_longer_leads(in(key));
  return host->keyed().put(in(key), in(value), ttl_ms) ? 0 : -1;  // too large for the bound: no mistake
}

std::int32_t state_drop(spw_call* call, spw_str key) {
  HostCall* host = HostCall::admit(call, kAnyHook, "state_drop");
  if (host == nullptr) return -1;
  if (!sane_key(key)) return host->refuse("state_drop", "a key has 1 to 256 bytes");
  host->no_longer_leads(in(key));
  host->keyed().drop(in(key));
  return 0;
}

std::int32_t state_bytes(spw_call* call, std::int64_t bytes_max) {
  HostCall* host = HostCall::admit(call, bit(Hook::start), "state_bytes");
  if (host == nullptr) return -1;
  if (bytes_max <= 0) return host->refuse("state_bytes", "a bound must be above 0");
  host->keyed().set_bytes_max(static_cast<std::size_t>(bytes_max));
  return 0;
}

std::int32_t save(spw_call* call, spw_str key, spw_str value) {
  HostCall* host = HostCall::admit(call, kAnyHook, "save");
  if (host == nullptr) return -1;
  if (!sane_key(key) || !sane(value, Store::kValueBytesMax)) return host->refuse("save", "a bad key, or above 64 KiB");
  return host->services.store().put(host->name(), in(key), in(value)) ? 0 : -1;
}

std::int32_t load(spw_call* call, spw_str key, spw_str* value) {
  HostCall* host = HostCall::admit(call, bit(Hook::start), "load");
  if (host == nullptr) return -1;
  if (!sane_key(key)) return host->refuse("load", "a key has 1 to 256 bytes");
  std::optional<std::string> found = host->services.store().get(host->name(), in(key));
  if (!found) return 0;
  auto shared = std::make_shared<const std::string>(std::move(*found));  // why: one list holds both kinds of values
  return host->keep(std::move(shared), value) ? 1 : host->refuse("load", "too many values in one hook");
}

spw_str provider_text(const spw_call* call, std::size_t i, spw_fact fact) {
  HostCall* host = HostCall::admit(call, kAnyHook, "provider_text");
  if (host == nullptr || i >= host->policy.providers.size()) return {};
  const ProviderFacts& one = host->policy.providers[i];
  switch (fact) {
    case SPW_C_PROVIDER: return out(one.name);
    case SPW_C_ACCOUNT: return out(one.account);
    case SPW_C_KEY_INFO: return out(one.key_info);
    default: return {};
  }
}

}  // namespace spillway::abi
