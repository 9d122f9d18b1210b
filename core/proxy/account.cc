#include "proxy/account.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <span>

#include "base/calendar.h"
#include "json/line.h"
#include "proxy/generation.h"
#include "proxy/shared.h"

namespace spillway {

namespace {

constexpr std::size_t kLoggedBytes = 256;  // of any text a client chose (X3)

// The second is spelled once for all requests that end in it.
std::string_view moment_text(std::int64_t wall_ms, std::span<char, 32> room) {
  thread_local std::time_t spelled = -1;
  thread_local char date[24];
  const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1000);
  if (seconds != spelled) {
    utc_text(seconds, "%Y-%m-%dT%H:%M:%S").copy(date, sizeof date - 1);
    spelled = seconds;
  }
  char* out = std::copy(date, date + std::strlen(date), room.data());
  const auto ms = static_cast<int>(wall_ms % 1000);
  const auto digit = [](int n) { return static_cast<char>('0' + n % 10); };
  for (const char c : {'.', digit(ms / 100), digit(ms / 10), digit(ms), 'Z'}) *out++ = c;
  return {room.data(), static_cast<std::size_t>(out - room.data())};
}

// Microseconds as milliseconds.
void write_ms(JsonLine& json, const JsonKey& name, std::int64_t us) { json.key(name).hundredths(us / 10); }

void write_tried(JsonLine& json, const Record& record) {
  json.key("attempts").open('[');
  for (const Tried& tried : record.tried) {
    json.open('{').key("provider").text(tried.target->endpoint->provider);
    json.key("model").text(tried.model).key("tier").text(tried.tier);
    json.key("status").number(tried.status);
    if (tried.fault != Fault::none) json.key("fault").text(to_string(tried.fault));
    if (!tried.detail.empty()) json.key("detail").text(std::string_view(tried.detail).substr(0, kLoggedBytes));
    json.key("ms").number(tried.ms).close('}');
  }
  json.close(']');
}

void write_usage(JsonLine& json, const Record& record) {
  if (!record.usage.known()) return;
  json.key("tokens_in").number(record.usage.input).key("tokens_cached").number(record.usage.cached);
  json.key("tokens_out").number(record.usage.output).key("tokens_estimated").flag(record.usage_estimated);
  if (record.cost_usd >= 0) {
    json.key("cost_usd").real(record.cost_usd);
  } else {
    json.key("cost_usd").null();
  }
  if (record.saved_usd >= 0) json.key("saved_usd").real(record.saved_usd);
}

}  // namespace

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::ok: return "ok";
    case EndReason::client_gone: return "client_gone";
    case EndReason::upstream: return "upstream";
    case EndReason::replied: return "replied";
    case EndReason::refused: return "refused";
  }
  return "?";
}

std::string_view Record::note(std::string_view name) const {
  for (const auto& [noted, value] : notes) {
    if (noted == name) return value;
  }
  return {};
}

std::string Record::trail() const {
  std::string text;
  for (const Tried& one : tried) {
    if (!text.empty()) text += "; ";
    text.append(one.target->endpoint->provider).append("/").append(one.model).append(" ");
    text += one.status != 0 ? std::to_string(one.status) : "-";
    if (one.fault != Fault::none) text.append(" ").append(to_string(one.fault));
  }
  return text;
}

std::string_view access_line(const Record& record, std::int64_t wall_ms, std::string& memory) {
  JsonLine json(memory);
  const auto text = [&](const JsonKey& name, std::string_view value) {
    json.key(name).text(value.substr(0, kLoggedBytes));
  };
  json.open('{');
  char room[32];
  text("ts", moment_text(wall_ms, room));
  text("request_id", record.request_id);
  text("client", record.client);
  if (!record.user_agent.empty()) text("ua", record.user_agent);
  if (!record.key.empty()) text("key", record.key);
  text("api", to_string(record.api));
  text("method", record.method);
  text("path", record.path);
  json.key("status").number(record.status).key("stream").flag(record.stream);
  if (!record.model_asked.empty()) text("model_asked", record.model_asked);
  if (!record.route.empty()) text("route", record.route);
  if (!record.tried.empty() && record.end != EndReason::refused) {
    text("provider", record.tried.back().target->endpoint->provider);
    text("model", record.tried.back().model);
    if (!record.tier.empty()) text("tier", record.tier);
  }
  if (!record.tried.empty()) write_tried(json, record);
  for (const auto& [name, value] : record.notes) {
    json.any_key(name).text(std::string_view(value).substr(0, kLoggedBytes));
  }
  if (!record.reason.empty()) text("reason", record.reason);
  write_usage(json, record);
  if (record.ttft_us >= 0) write_ms(json, "ttft_ms", record.ttft_us);
  write_ms(json, "duration_ms", record.duration_us);
  write_ms(json, "overhead_ms", record.duration_us - record.upstream_us);
  if (!record.finish.empty()) text("finish", record.finish);
  text("end", to_string(record.end));
  if (record.error.empty()) {
    json.key("error").null();
  } else {
    text("error", record.error);
  }
  json.close('}');
  return json.end();
}

void Accounts::attempt(const Tried& tried) {
  const std::string_view result = tried.fault == Fault::none ? "ok" : to_string(tried.fault);
  TargetLive& live = *tried.target->live;
  std::atomic<Counter*>& known = live.attempts[static_cast<std::size_t>(tried.fault)];
  Counter* counter = known.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &shared_.metrics().counter(
        "spillway_upstream_attempts_total", "Attempts by how they ended.",
        labels({{"provider", tried.target->endpoint->provider}, {"model", live.model}, {"result", result}}));
    known.store(counter, std::memory_order_release);
  }
  counter->add();
}

Accounts::Ended& Accounts::ended(const Record& record, std::string_view provider) {
  const std::size_t mixed = static_cast<std::size_t>(record.status) * 7 + static_cast<std::size_t>(record.api) +
                            record.route.size() * 5 + provider.size() * 3;
  Ended& one = ended_[mixed % kRemembered];
  const bool same = one.requests != nullptr && one.status == record.status && one.api == record.api &&
                    one.route == record.route && one.provider == provider && one.tier == record.tier;
  if (same) return one;
  one.api = record.api;
  one.status = record.status;
  one.route = record.route;
  one.provider = provider;
  one.tier = record.tier;
  one.requests = &shared_.metrics().counter("spillway_requests_total", "Requests by route, provider and status.",
                                            labels({{"api", to_string(record.api)},
                                                    {"route", record.route},
                                                    {"provider", provider},
                                                    {"code", std::to_string(record.status)}}));
  if (!record.tier.empty()) {
    one.answered = &shared_.metrics().counter("spillway_answers_total", "Answers by the tier they came from.",
                                              labels({{"route", record.route}, {"tier", record.tier}}));
    one.saved = &shared_.metrics().sum(
        "spillway_saved_usd_total", "US dollars that the route's cheapest paid price would have been above the cost.",
        labels({{"route", record.route}}));
  }
  one.duration =
      &shared_.metrics().histogram("spillway_request_duration_seconds", "From the request's head to the answer's end.",
                                   kDurationBounds, labels({{"route", record.route}}));
  return one;
}

Counter& Accounts::cache_counter(std::string_view result) {
  for (const auto& [known, counter] : cache_results_) {
    if (known == result) return *counter;
  }
  Counter& counter = shared_.metrics().counter("spillway_cache_requests_total", "Requests by what the cache did.",
                                               labels({{"result", result}}));
  if (cache_results_.size() < kRemembered) cache_results_.emplace_back(result, &counter);
  return counter;
}

void Accounts::settle(const Record& record) {
  Metrics& metrics = shared_.metrics();
  const Tried* last = record.tried.empty() ? nullptr : &record.tried.back();
  const Ended& like = ended(record, last == nullptr ? std::string_view() : last->target->endpoint->provider);
  like.requests->add();
  like.duration->observe(static_cast<double>(record.duration_us) / 1e6);
  if (overhead_ == nullptr) {
    overhead_ = &metrics.histogram("spillway_overhead_seconds", "Duration less the time spent waiting for providers.",
                                   kOverheadBounds);
  }
  overhead_->observe(static_cast<double>(record.duration_us - record.upstream_us) / 1e6);
  if (record.end == EndReason::client_gone) {
    metrics.counter("spillway_client_aborts_total", "Clients that went away before their answer's end.").add();
  }
  if (!record.tier.empty()) like.answered->add();
  if (record.saved_usd > 0) like.saved->add(record.saved_usd);
  if (!record.spilled.empty()) {
    metrics
        .counter("spillway_spills_total", "Answers of a later tier, by why the first one was out.",
                 labels({{"route", record.route}, {"why", record.spilled}}))
        .add();
  }
  if (!record.note("repaired").empty() && last != nullptr) {
    metrics
        .counter("spillway_streams_repaired_total", "Streams that strict clients would have stumbled over, mended.",
                 labels({{"provider", last->target->endpoint->provider}}))
        .add();
  }
  const std::string_view cache = record.note("cache");
  if (!cache.empty()) cache_counter(cache).add();
  if (last != nullptr && record.usage.known()) {
    last->target->live->tokens_in->add(static_cast<std::uint64_t>(record.usage.input));
    last->target->live->tokens_out->add(static_cast<std::uint64_t>(record.usage.output < 0 ? 0 : record.usage.output));
    if (record.cost_usd > 0) last->target->live->cost_usd->add(record.cost_usd);
  }
  if (shared_.access_log().on()) {
    shared_.access_log().line(access_line(record, shared_.clock().wall_ms(), line_memory_));
  }
}

}  // namespace spillway
