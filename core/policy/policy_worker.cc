// One worker's side of a config generation: worker blocks, counters, and the hooks that are no request's.
#include <utility>

#include "base/log.h"
#include "json/scan.h"
#include "json/write.h"
#include "policy/call.h"

namespace spillway {

namespace {

Error refused(const Policy& policy, const std::string& why) {
  return {Kind::config, Source::us, Retry::no, "the policy " + policy.plugin.name + " refused to start: " + why};
}

// A name of /metrics has one type. That of another series is none a plugin may have.
std::string counter_clash(const spw_plugin& plugin, const Metrics& metrics) {
  if (plugin.n_counters == 0) return {};
  const std::string known = metrics.render();
  for (std::size_t i = 0; i < plugin.n_counters; ++i) {
    const std::string line = std::string("# TYPE spillway_") + plugin.counters[i].name + " ";
    const std::size_t at = known.find(line);
    if (at == known.npos) continue;
    const std::string_view type =
        std::string_view(known).substr(at + line.size(), plugin.counters[i].gauge != 0 ? 6 : 8);
    if (type != (plugin.counters[i].gauge != 0 ? "gauge\n" : "counter\n")) {
      return std::string("its counter spillway_") + plugin.counters[i].name + " exists already with another type";
    }
  }
  return {};
}

void resolve_counters(HostCall& host, Metrics& metrics) {
  const spw_plugin& plugin = host.policy.plugin.descriptor;
  const std::string label = labels({{"policy", host.name()}});
  for (std::size_t i = 0; i < plugin.n_counters; ++i) {
    const spw_counter& row = plugin.counters[i];
    const std::string name = std::string("spillway_") + row.name;
    const std::string_view about = row.about == nullptr ? "" : row.about;
    host.counters.push_back(row.gauge != 0 ? nullptr : &metrics.counter(name, about, label));
    host.gauges.push_back(row.gauge != 0 ? &metrics.gauge(name, about, label) : nullptr);
  }
}

}  // namespace

PolicyWorker::PolicyWorker(const Policies& policies, Services& services) : policies_(policies), services_(services) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    auto slot = std::make_unique<Slot>(*this, i);
    HostCall& host = slot->host;
    const std::string label = labels({{"policy", host.name()}});
    const std::size_t bytes = host.policy.plugin.descriptor.worker_size;
    if (bytes > 0) slot->block = std::make_unique<unsigned char[]>(bytes);  // zeroed
    host.call.worker = slot->block.get();
    Metrics& metrics = services.metrics();
    host.errors = &metrics.counter("spillway_plugin_errors_total", "Failures and misuse by policies.", label);
    host.slow = &metrics.counter("spillway_plugin_slow_total", "Hooks that took longer than 50 ms.", label);
    slots_.push_back(std::move(slot));
  }
}

Result<std::unique_ptr<PolicyWorker>> PolicyWorker::start(const Policies& policies, Services& services) {
  std::unique_ptr<PolicyWorker> worker(new PolicyWorker(policies, services));  // why: the constructor is private
  for (const std::unique_ptr<Slot>& slot : worker->slots_) {
    HostCall& host = slot->host;
    const spw_plugin& plugin = host.policy.plugin.descriptor;
    const std::string clash = counter_clash(plugin, services.metrics());
    if (!clash.empty()) return refused(host.policy, clash);
    resolve_counters(host, services.metrics());
    if (plugin.worker_start != nullptr) {
      const Hooked hooked(host, Hook::start);
      const std::int32_t code = plugin.worker_start(&host.call);
      if (code != 0) return refused(host.policy, host.said.empty() ? "it gave " + std::to_string(code) : host.said);
    }
    slot->started = true;
  }
  return worker;
}

PolicyWorker::~PolicyWorker() {
  for (std::size_t i = slots_.size(); i-- > 0;) {
    HostCall& host = slots_[i]->host;
    const auto stop = host.policy.plugin.descriptor.worker_stop;
    if (!slots_[i]->started || stop == nullptr) continue;
    const Hooked hooked(host, Hook::stop);
    stop(&host.call);
  }
}

std::size_t PolicyWorker::size() const { return slots_.size(); }
const Policy& PolicyWorker::policy(std::size_t i) const { return slots_[i]->host.policy; }

std::size_t PolicyWorker::find(std::string_view name) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i]->host.name() == name) return i;
  }
  return slots_.size();
}

void PolicyWorker::on_timer(std::size_t which, std::uint64_t cookie) {
  HostCall& host = slots_[which]->host;
  const auto hook = host.policy.plugin.descriptor.on_timer;
  if (hook == nullptr) return;
  Laps laps(*this);
  laps.begin();
  {
    const Hooked hooked(host, Hook::timer);
    hook(&host.call, cookie);
  }
  laps.lap(host);
}

void PolicyWorker::on_fetched(std::size_t which, const spw_fetched& fetched) {
  HostCall& host = slots_[which]->host;
  const auto hook = host.policy.plugin.descriptor.on_fetched;
  if (hook == nullptr) return;
  Laps laps(*this);
  laps.begin();
  {
    const Hooked hooked(host, Hook::fetched);
    hook(&host.call, &fetched);
  }
  laps.lap(host);
}

std::string PolicyWorker::command(std::string_view policy, std::string_view words) {
  const std::size_t at = find(policy);
  if (at == slots_.size()) return {};
  HostCall& host = slots_[at]->host;
  const auto hook = host.policy.plugin.descriptor.command;
  if (hook == nullptr) return {};
  Laps laps(*this);
  laps.begin();
  std::int32_t code = 0;
  {
    const Hooked hooked(host, Hook::command);
    host.printed.clear();
    code = hook(&host.call, {words.data(), words.size()});
  }
  laps.lap(host);
  std::string said = std::exchange(host.printed, {});
  if (code != 0) return {};
  return parse_json(said) ? said : "null";
}

std::string PolicyWorker::status() {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  Laps laps(*this);
  for (const std::unique_ptr<Slot>& slot : slots_) {
    HostCall& host = slot->host;
    json.key(host.name());
    host.printed.clear();
    if (const auto hook = host.policy.plugin.descriptor.status) {
      laps.begin();
      const Hooked hooked(host, Hook::status);
      hook(&host.call);
      laps.lap(host);
    }
    // A plugin's document is input too: what is no JSON is shown as the text it is.
    if (host.printed.empty()) {
      json.null();
    } else if (parse_json(host.printed)) {
      json.raw(host.printed);
    } else {
      json.value(std::string_view(host.printed));
    }
    host.printed = {};
  }
  json.close('}');
  return out;
}

}  // namespace spillway
