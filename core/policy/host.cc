// The spw_host table, and its functions that are about time: waiting, fetching, timers, counters, the log.
#include "policy/host.h"

#include <algorithm>
#include <atomic>

#include "base/log.h"
#include "policy/host_parts.h"

namespace spillway {

namespace {

constexpr std::size_t kUrlBytes = 8192, kHeaderLinesBytes = 16'384, kFetchBodyBytes = 1u << 20;
constexpr std::int64_t kFetchMsMax = 600'000, kTimerMsMax = 7ll * 24 * 3600 * 1000;
constexpr std::size_t kMessageBytes = 2048, kPrintBytes = 4u << 20;

std::atomic<Resumer> g_resumer{nullptr};

std::uint64_t ticket(spw_call* call) {
  HostCall* host = HostCall::admit(call, kDeciding, "ticket");
  return host == nullptr ? 0 : host->take_ticket();
}

std::int32_t resume(std::uint64_t name, void* result) {
  const Resumer resumer = g_resumer.load(std::memory_order_acquire);
  return name != 0 && resumer != nullptr && resumer(name, result) ? 1 : 0;
}

std::int32_t fetch(spw_call* call, spw_str method, spw_str url, spw_str headers, spw_str body, std::int64_t timeout_ms,
                   std::uint64_t resumed) {
  HostCall* host = HostCall::admit(call, resumed != 0 ? kDeciding : kLasting, "fetch");
  if (host == nullptr) return -1;
  if (resumed != 0 && resumed != host->own_ticket()) return host->refuse("fetch", "the ticket is not this request's");
  if (resumed == 0 && host->policy.plugin.descriptor.on_fetched == nullptr) {
    return host->refuse("fetch", "neither a ticket nor an on_fetched");
  }
  const bool fits = method.len > 0 && abi::sane(method, 16) && url.len > 0 && abi::sane(url, kUrlBytes) &&
                    abi::sane(headers, kHeaderLinesBytes) && abi::sane(body, kFetchBodyBytes);
  if (!fits) return host->refuse("fetch", "a part is missing or too long");
  if (timeout_ms <= 0 || timeout_ms > kFetchMsMax) return host->refuse("fetch", "timeout_ms must be 1..600000");
  if (host->supposed()) return -1;
  Services::Fetch wish{std::string(abi::in(method)), std::string(abi::in(url)), std::string(abi::in(headers)),
                       std::string(abi::in(body)), timeout_ms};
  return host->services.fetch(std::move(wish), host->worker, host->index, resumed) ? 0 : -1;
}

std::int32_t timer(spw_call* call, std::int64_t after_ms, std::uint64_t cookie) {
  HostCall* host = HostCall::admit(call, kLasting, "timer");
  if (host == nullptr) return -1;
  if (host->policy.plugin.descriptor.on_timer == nullptr) return host->refuse("timer", "there is no on_timer");
  if (after_ms < 0 || after_ms > kTimerMsMax) return host->refuse("timer", "after_ms must be 0..604800000");
  return host->services.timer(host->worker, host->index, after_ms, cookie) ? 0 : -1;
}

std::uint64_t now_us(const spw_call* call) {
  HostCall* host = HostCall::admit(call, kAnyHook, "now_us");
  return host == nullptr ? 0 : host->now_us();
}

std::int64_t wall_ms(const spw_call* call) {
  HostCall* host = HostCall::admit(call, kAnyHook, "wall_ms");
  return host == nullptr ? 0 : host->wall_ms();
}

std::uint64_t random_word(const spw_call* call) {
  HostCall* host = HostCall::admit(call, kAnyHook, "random");
  return host == nullptr ? 0 : host->services.dice().roll();
}

void count(const spw_call* call, std::size_t counter, std::int64_t delta) {
  HostCall* host = HostCall::admit(call, kAnyHook, "count");
  if (host == nullptr) return;
  if (counter >= host->counters.size()) {
    host->refuse("count", "no such counter");
  } else if (host->supposed()) {
    return;
  } else if (host->gauges[counter] != nullptr) {
    host->gauges[counter]->set(delta);
  } else if (delta >= 0) {
    host->counters[counter]->add(static_cast<std::uint64_t>(delta));
  } else {
    host->refuse("count", "a counter never goes down");
  }
}

void log(const spw_call* call, std::int32_t level, spw_str message) {
  HostCall* host = HostCall::admit(call, kAnyHook, "log");
  if (host == nullptr) return;
  const std::string_view text = abi::in(message).substr(0, kMessageBytes);
  const auto wanted = static_cast<Level>(std::clamp(level, 0, 3));
  if (host->hook == Hook::start && wanted == Level::error) host->said = text;  // why it refuses to start
  if (log_on(wanted)) log_line(wanted, text, {{"policy", host->name()}});
}

void print(spw_call* call, spw_str json) {
  HostCall* host = HostCall::admit(call, bit(Hook::status) | bit(Hook::command), "print");
  if (host == nullptr) return;
  if (!abi::sane(json, kPrintBytes - host->printed.size())) {
    host->refuse("print", "the document is above 4 MiB");
    return;
  }
  host->printed.append(abi::in(json));
}

constexpr spw_host kHost = {
    .size = sizeof(spw_host),
    .text = abi::text,
    .number = abi::number,
    .header = abi::header,
    .candidates = abi::candidates,
    .candidate_text = abi::candidate_text,
    .candidate_number = abi::candidate_number,
    .candidate_real = abi::candidate_real,
    .exclude = abi::exclude,
    .readmit = abi::readmit,
    .set_rank = abi::set_rank,
    .set_weight = abi::set_weight,
    .reply = abi::reply,
    .replay = abi::replay,
    .set_upstream_header = abi::set_upstream_header,
    .set_answer_header = abi::set_answer_header,
    .note = abi::note,
    .capture = abi::capture,
    .fingerprint = abi::fingerprint,
    .ticket = ticket,
    .resume = resume,
    .fetch = fetch,
    .timer = timer,
    .cells = abi::cells,
    .candidate_cells = abi::candidate_cells,
    .state_get = abi::state_get,
    .state_lead = abi::state_lead,
    .state_put = abi::state_put,
    .state_drop = abi::state_drop,
    .state_bytes = abi::state_bytes,
    .save = abi::save,
    .load = abi::load,
    .now_us = now_us,
    .wall_ms = wall_ms,
    .random = random_word,
    .count = count,
    .log = log,
    .print = print,
    .provider_text = abi::provider_text,
};

}  // namespace

void set_resumer(Resumer resumer) { g_resumer.store(resumer, std::memory_order_release); }
const spw_host& host_table() { return kHost; }

}  // namespace spillway
