// What the host takes from a plugin: its descriptor with option and counter tables, and every function of spw_host
// called with any values, from any hook, with a call kept from an earlier one. What reaches the request, the plan and
// the services must be fit for use; anything else is refused, counted, and changes nothing.
//
// An input is a little program: per step one byte says what is done, the rest are its arguments. Strings are a length
// and bytes; a length of 255 makes a null pointer that claims to be long.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "bytes.h"
#include "http/writer.h"
#include "policy/options.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

constexpr int kStepsMax = 300;
const char kPage[4096] = "so long";
constexpr std::int64_t kYearMs = std::int64_t{366} * 24 * 3600 * 1000;

Bytes* g_input = nullptr;    // the program that runs
spw_call* g_kept = nullptr;  // a call of an earlier hook
int g_steps = 0;

spw_str some_str(Bytes& in) {
  const std::uint8_t length = in.byte();
  if (length == 255) return {nullptr, in.plain<std::size_t>()};
  if (length == 254) return {kPage, std::size_t{1} << 40};  // of which at most the front may be looked at
  const std::string_view text = in.take(length);
  return {text.data(), text.size()};
}

// NUL-terminated, for the parameters that are C strings; now and then null.
const char* some_name(Bytes& in, std::string& room) {
  const std::uint8_t length = in.byte();
  if (length == 255) return nullptr;
  room = in.take(length % 80);
  return room.c_str();
}

double some_real(Bytes& in) {
  switch (in.byte() % 5) {
    case 0: return std::nan("");
    case 1: return INFINITY;
    case 2: return -1;
    default: return in.plain<double>();
  }
}

void check_read(const spw_str& text) { CHECK(text.len == 0 || text.ptr != nullptr); }

void read_something(spw_call* call, const spw_host* host, Bytes& in) {
  std::string room;
  const auto i = static_cast<std::size_t>(in.byte() % 8);
  const spw_fact fact = in.byte() % 2 ? in.plain<spw_fact>() : static_cast<spw_fact>(in.byte());
  check_read(host->text(call, fact));
  host->number(call, fact);
  check_read(host->header(call, some_name(in, room)));
  host->candidates(call);
  check_read(host->candidate_text(call, i, fact));
  host->candidate_number(call, i, fact);
  host->candidate_real(call, i, fact);
  host->now_us(call);
  host->wall_ms(call);
  host->random(call);
}

void change_the_plan(spw_call* call, const spw_host* host, Bytes& in) {
  const std::size_t i = in.byte() % 8 == 7 ? in.plain<std::size_t>() : in.byte() % 4;
  switch (in.byte() % 4) {
    case 0: host->exclude(call, i, static_cast<std::int8_t>(in.byte()), in.plain<std::int64_t>(), some_str(in)); return;
    case 1: host->readmit(call, i); return;
    case 2: host->set_rank(call, i, in.plain<std::int64_t>()); return;
    default: {
      const double weight = some_real(in);
      CHECK(host->set_weight(call, i, weight) != 0 || (weight >= 0 && std::isfinite(weight)));
    }
  }
}

void answer_something(spw_call* call, const spw_host* host, Bytes& in) {
  std::string room;
  std::uint8_t digest[32];
  switch (in.byte() % 7) {
    case 0: {
      const spw_str type = some_str(in);
      host->reply(call, in.plain<std::int32_t>(), type, some_str(in));
      return;
    }
    case 1: host->replay(call, some_str(in), in.plain<std::int64_t>()); return;
    case 2: host->set_upstream_header(call, some_name(in, room), some_str(in)); return;
    case 3: host->set_answer_header(call, some_name(in, room), some_str(in)); return;
    case 4: host->note(call, some_name(in, room), some_str(in)); return;
    case 5: host->capture(call, in.plain<std::int64_t>()); return;
    default: {
      const std::uint8_t n = in.byte();
      std::vector<spw_str> names;
      for (int k = 0; k < n % 70; ++k) names.push_back(some_str(in));
      host->fingerprint(call, {n == 255 ? nullptr : names.data(), names.size()}, n % 16 == 15 ? nullptr : digest);
    }
  }
}

void keep_something(spw_call* call, const spw_host* host, Bytes& in) {
  spw_str value{};
  std::int64_t age_ms = 0;
  const spw_str key = some_str(in);
  switch (in.byte() % 9) {
    case 0:
      if (host->state_get(call, key, &value, &age_ms) == 1) check_read(value);
      return;
    case 1: host->state_lead(call, key, &value, &age_ms); return;
    case 2: host->state_put(call, key, some_str(in), in.plain<std::int64_t>()); return;
    case 3: host->state_drop(call, key); return;
    case 4: host->state_bytes(call, in.plain<std::int64_t>()); return;
    case 5: host->save(call, key, some_str(in)); return;
    case 6: host->load(call, key, &value); return;
    case 7: {
      const std::size_t n = in.byte();
      if (std::uint64_t* cells = host->cells(call, key, n)) cells[n - 1] += 1;
      return;
    }
    default: {
      const std::size_t n = in.byte() % 40;
      std::uint64_t* cells = host->candidate_cells(call, in.byte() % 4, static_cast<std::int8_t>(in.byte()), n);
      if (cells != nullptr) cells[n - 1] += 1;
    }
  }
}

void ask_something(spw_call* call, const spw_host* host, Bytes& in) {
  switch (in.byte() % 7) {
    case 0: host->ticket(call); return;
    case 1: host->resume(in.byte() % 2 ? in.plain<std::uint64_t>() : host->ticket(call), nullptr); return;
    case 2: {
      const spw_str method = some_str(in), url = some_str(in), headers = some_str(in), body = some_str(in);
      const std::uint64_t ticket = in.byte() % 2 ? host->ticket(call) : in.byte();
      host->fetch(call, method, url, headers, body, in.plain<std::int64_t>(), ticket);
      return;
    }
    case 3: host->timer(call, in.plain<std::int64_t>(), in.byte()); return;
    case 4: host->count(call, in.byte() % 4, in.plain<std::int64_t>()); return;
    case 5: host->log(call, static_cast<std::int8_t>(in.byte()), some_str(in)); return;
    default: host->print(call, some_str(in)); return;
  }
}

// Runs the program on until it says "return", and returns what it says. A kept call is often of a hook that is over.
std::int32_t run(spw_call* now) {
  Bytes& in = *g_input;
  const spw_host* host = now->host;
  if (g_kept == nullptr) g_kept = now;
  while (!in.empty() && ++g_steps < kStepsMax) {
    const std::uint8_t what = in.byte();
    spw_call* call = what >= 224 ? g_kept : now;
    switch (what % 8) {
      case 0: return static_cast<std::int8_t>(in.byte());
      case 1: read_something(call, host, in); break;
      case 2: change_the_plan(call, host, in); break;
      case 3:
      case 4: answer_something(call, host, in); break;
      case 5: keep_something(call, host, in); break;
      default: ask_something(call, host, in); break;
    }
  }
  return 0;
}

constexpr spw_counter kCounters[] = {{"one", "A counter.", 0}, {"two", "A gauge.", 1}};
constexpr spw_plugin kPlugin = {
    .size = sizeof(spw_plugin),
    .name = "hostile",
    .about = "Does what the input says.",
    .options = nullptr,
    .n_options = 0,
    .counters = kCounters,
    .n_counters = 2,
    .conf_size = 0,
    .worker_size = 64,
    .request_size = 64,
    .worker_start = [](spw_call* call) { return run(call), 0; },
    .worker_stop = [](spw_call* call) { run(call); },
    .on_request = [](spw_call* call) { return run(call) % 4; },
    .on_resume = [](spw_call* call, void*) { return run(call); },
    .on_attempt = [](spw_call* call, std::size_t) { return run(call) % 2; },
    .on_content = [](spw_call* call, std::size_t) { run(call); },
    .on_outcome = [](spw_call* call, const spw_outcome*) { run(call); },
    .on_exhausted = [](spw_call* call) { return run(call); },
    .on_answer = [](spw_call* call, const spw_answer*) { run(call); },
    .on_end = [](spw_call* call) { run(call); },
    .on_timer = [](spw_call* call, std::uint64_t) { run(call); },
    .on_fetched = [](spw_call* call, const spw_fetched*) { run(call); },
    .status = [](spw_call* call) { run(call); },
};

// Whatever got through is one field of a head, and stays one.
void check_fields(const FakeSubject& subject) {
  std::string head;
  HeadWriter writer(head);
  for (const auto* fields : {&subject.upstream_headers, &subject.answer_headers, &subject.notes}) {
    for (const auto& [name, value] : *fields) CHECK(writer.foreign_field(name, value));
  }
  CHECK(writer.foreign_field("content-type", subject.type));
  CHECK(subject.age_ms >= -1 && subject.capture_max >= 0);
}

void check_plan(const Plan& plan) {
  CHECK(plan.soonest_wait_ms() >= -1 && plan.soonest_wait_ms() <= kYearMs);
  CHECK(plan.reasons(Plan::Of::all).size() <= 2048);
  for (const Candidate& one : plan.candidates) {
    CHECK(one.reason.size() <= 200);
    CHECK(one.weight >= 0 && std::isfinite(one.weight));
  }
}

void request_life(PolicyWorker& worker, FakeServices& services) {
  Trial trial(worker, 3);
  trial.subject.texts = {{SPW_MODEL, "m"}, {SPW_ROUTE, "r"}};
  Chain::Result result = trial.chain.run();
  services.deliver();
  result = trial.chain.result();
  if (result == Chain::Result::wait) result = trial.chain.wait_expired();
  for (int n = 0; n < 3 && result == Chain::Result::go; ++n) {
    std::optional<std::size_t> i = trial.plan.pick(0.5);
    if (!i && trial.chain.exhausted()) i = trial.plan.pick(0.5);
    check_plan(trial.plan);
    if (!i || !trial.chain.attempt(*i)) continue;
    trial.plan.started(*i);
    if (n == 1) trial.chain.content(*i);
    spw_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.candidate = *i;
    outcome.error = n == 1 ? SPW_E_NONE : SPW_E_TRANSIENT;
    trial.chain.outcome(outcome);
    if (n == 1) break;
    trial.plan.after(*i, Fault::transient);
  }
  const spw_answer answer{sizeof answer, 200, 1, {}, {}, {"blob", 4}};
  if (trial.subject.capture_max > 0) trial.chain.answer(answer);
  trial.chain.end();
  check_fields(trial.subject);
  check_plan(trial.plan);
}

// A descriptor as a stranger may have built it. Pointers are good or null: what else a library does in our process, no
// host can check.
void check_descriptor(Bytes& in) {
  std::vector<std::string> words(12);
  for (std::string& word : words) word = in.take(in.byte() % 24);
  const auto word = [&](std::uint8_t n) { return n >= 240 ? nullptr : words[n % words.size()].c_str(); };
  std::vector<spw_option> options(in.byte() % 6);
  for (spw_option& option : options) {
    option.name = word(in.byte());
    option.type = static_cast<std::int8_t>(in.byte()) % 8;
    option.offset = in.byte() == 255 ? in.plain<std::size_t>() : in.byte() / 8 * 8;
    option.fallback = word(in.byte());
    option.min = in.byte() % 4 ? 0 : some_real(in);
    option.max = in.byte() % 4 ? 0 : some_real(in);
    option.about = word(in.byte());
  }
  spw_plugin raw = kPlugin;
  if (in.byte() >= 200) raw.size = in.plain<std::size_t>() % 8192;
  if (raw.size > sizeof raw) raw.size = sizeof raw;  // more would be read beyond it
  raw.name = word(in.byte());
  raw.options = in.byte() == 255 ? nullptr : options.data();
  raw.n_options = options.size();
  raw.conf_size = in.byte() == 255 ? in.plain<std::size_t>() : in.byte();
  const Result<Plugin> plugin = check_plugin(raw, "fuzz.so");
  if (!plugin) {
    CHECK(plugin.error().detail.starts_with("fuzz.so: "));
    return;
  }
  Policy policy;
  policy.plugin = *plugin;
  PolicyConfig settings;
  for (const spw_option& option : options) {
    const std::uint8_t kind = in.byte();
    if (kind % 6 == 0 || plugin->descriptor.n_options == 0) continue;
    OptionValue value;
    if (kind % 6 == 1) value = in.byte() % 2 == 0;
    if (kind % 6 == 2) value = in.plain<std::int64_t>();
    if (kind % 6 == 3) value = some_real(in);
    if (kind % 6 == 4) value = std::string(in.text());
    if (kind % 6 == 5) value = std::vector<std::string>{std::string(in.text()), std::string(in.text())};
    settings.options[option.name] = PolicyOption{value, {}};
  }
  std::vector<Problem> problems;
  fill_options(policy, settings, Config(), Place(), problems);
  CHECK(policy.conf.size() >= raw.conf_size || !problems.empty());
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  static const bool quiet = (log_level(Level::error), true);
  static const Policies policies = policies_of({&kPlugin, &kPlugin});
  Bytes input(data, size);
  if (!quiet || input.byte() % 4 == 0) return check_descriptor(input), 0;
  g_input = &input;
  g_kept = nullptr;
  g_steps = 0;
  {
    FakeServices services;
    const std::unique_ptr<PolicyWorker> worker = start_worker(policies, services);
    request_life(*worker, services);
    request_life(*worker, services);
    for (const FakeServices::Timing& timing : services.timers) worker->on_timer(timing.policy, timing.cookie);
    const spw_fetched fetched{sizeof fetched, 200, {"text/plain", 10}, {"body", 4}};
    for (std::size_t i = 0; i < services.fetches.size(); ++i) {
      CHECK(services.fetches[i].wish.timeout_ms > 0 && services.fetches[i].wish.timeout_ms <= 600'000);
      if (services.fetches[i].ticket == 0) worker->on_fetched(services.fetches[i].policy, fetched);
    }
    worker->status();
  }
  return 0;
}
