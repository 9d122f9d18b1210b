// One worker's side of a config generation: worker blocks, counters, and the hooks that are no request's.
#include "base/log.h"
#include "json/scan.h"
#include "json/write.h"
#include "policy/call.h"

namespace spillway {

PolicyWorker::PolicyWorker(const Policies& policies, Services& services) : policies_(policies), services_(services) {
  for (const auto& policy : policies) {
    auto slot = std::make_unique<Slot>();
    const spw_plugin& plugin = policy->plugin.descriptor;
    const std::string label = labels({{"policy", policy->plugin.name}});
    slot->policy = policy.get();
    slot->block = std::make_unique<unsigned char[]>(plugin.worker_size + 1);  // zeroed; never of size 0
    slot->keyed = &services.keyed(policy->plugin.name);
    slot->errors = &services.metrics().counter("spillway_plugin_errors_total", "Failures and misuse by policies.", label);
    slot->slow = &services.metrics().counter("spillway_plugin_slow_total", "Hooks that took longer than 50 ms.", label);
    for (std::size_t i = 0; i < plugin.n_counters; ++i) {
      const spw_counter& row = plugin.counters[i];
      const std::string name = std::string("spillway_") + row.name;
      const std::string_view about = row.about == nullptr ? "" : row.about;
      slot->counters.push_back(row.gauge != 0 ? nullptr : &services.metrics().counter(name, about, label));
      slot->gauges.push_back(row.gauge != 0 ? &services.metrics().gauge(name, about, label) : nullptr);
    }
    slots_.push_back(std::move(slot));
  }
}

Result<std::unique_ptr<PolicyWorker>> PolicyWorker::start(const Policies& policies, Services& services) {
  std::unique_ptr<PolicyWorker> worker(new PolicyWorker(policies, services));  // why: the constructor is private
  for (std::size_t i = 0; i < worker->slots_.size(); ++i) {
    const Policy& policy = worker->policy(i);
    if (policy.plugin.descriptor.worker_start != nullptr) {
      HostCall host(*worker, i, Hook::start);
      const std::int32_t code = policy.plugin.descriptor.worker_start(&host.call);
      if (code != 0) {
        return Error{Kind::config, Source::us, Retry::no,
                     "the policy " + policy.plugin.name + " refused to start (" + std::to_string(code) + ")"};
      }
    }
    worker->slots_[i]->started = true;
  }
  return worker;
}

PolicyWorker::~PolicyWorker() {
  for (std::size_t i = slots_.size(); i-- > 0;) {
    const spw_plugin& plugin = policy(i).plugin.descriptor;
    if (!slots_[i]->started || plugin.worker_stop == nullptr) continue;
    HostCall host(*this, i, Hook::stop);
    plugin.worker_stop(&host.call);
  }
}

std::size_t PolicyWorker::size() const { return slots_.size(); }
const Policy& PolicyWorker::policy(std::size_t i) const { return *slots_[i]->policy; }

std::size_t PolicyWorker::find(std::string_view name) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (policy(i).plugin.name == name) return i;
  }
  return slots_.size();
}

void PolicyWorker::on_timer(std::size_t which, std::uint64_t cookie) {
  if (policy(which).plugin.descriptor.on_timer == nullptr) return;
  HostCall host(*this, which, Hook::timer);
  policy(which).plugin.descriptor.on_timer(&host.call, cookie);
}

void PolicyWorker::on_fetched(std::size_t which, const spw_fetched& fetched) {
  if (policy(which).plugin.descriptor.on_fetched == nullptr) return;
  HostCall host(*this, which, Hook::fetched);
  policy(which).plugin.descriptor.on_fetched(&host.call, &fetched);
}

std::string PolicyWorker::status() {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    json.key(policy(i).plugin.name);
    HostCall host(*this, i, Hook::status);
    if (policy(i).plugin.descriptor.status != nullptr) policy(i).plugin.descriptor.status(&host.call);
    // A plugin's document is input too: what is no JSON is shown as the text it is.
    if (host.printed.empty()) {
      json.null();
    } else if (parse_json(host.printed)) {
      json.raw(host.printed);
    } else {
      json.value(std::string_view(host.printed));
    }
  }
  json.close('}');
  return out;
}

}  // namespace spillway
