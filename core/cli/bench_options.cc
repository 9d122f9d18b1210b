#include "cli/bench_options.h"

#include <array>

#include "base/number.h"
#include "http/headers.h"

namespace spillway::bench {

namespace {

constexpr std::string_view kDurationUsual = "10s", kWarmUpUsual = "1s", kTimeoutUsual = "30s";
constexpr std::size_t kPromptBytesUsual = 1024;

struct Unit {
  std::string_view name;
  double ns;
};
constexpr std::array kUnits = {Unit{"ms", 1e6}, Unit{"s", 1e9}, Unit{"m", 60e9}, Unit{"h", 3600e9}};

Result<std::uint64_t> duration_of(std::string_view option, std::string_view given, std::string_view usual) {
  const Result<std::uint64_t> ns = parse_duration(given.empty() ? usual : given);
  if (!ns) return invalid(std::string(option) + " " + ns.error().detail);
  return *ns;
}

Status check_counts(const Options& options) {
  const auto beyond = [](std::optional<std::uint64_t> n, std::uint64_t max) { return n && (*n == 0 || *n > max); };
  if (beyond(options.connections, kConnectionsMax)) return invalid("--connections must be 1 to 100000");
  if (beyond(options.threads, kThreadsMax)) return invalid("--threads must be 1 to 64");
  if (beyond(options.requests, 1'000'000'000'000)) return invalid("--requests must be 1 to 1000000000000");
  if (options.prompt_bytes && *options.prompt_bytes > kBodyBytesMax)
    return invalid("--prompt-bytes is at most 67108864");
  if (options.rate && !(*options.rate >= 0.001 && *options.rate <= kRateMax)) {
    return invalid("--rate must be 0.001 to 10000000 a second");
  }
  if (options.fail_p99_ms && !(*options.fail_p99_ms > 0)) return invalid("--fail-p99 must be above 0");
  if (options.threads.value_or(1) > options.connections.value_or(kConnectionsUsual)) {
    return invalid("--threads " + std::to_string(*options.threads) + " needs at least as many --connections");
  }
  return Nothing{};
}

// Options that say two things about one matter. None of them wins silently.
Status check_contradictions(const Options& options) {
  if (!options.duration.empty() && options.requests) return invalid("--duration and --requests both say when to end");
  if (!options.body.empty() && options.model) return invalid("--model would not be in the --body that is sent");
  if (!options.body.empty() && options.prompt_bytes) return invalid("--body and --prompt-bytes both say what is sent");
  if (options.markdown && options.json == "-") return invalid("--markdown and --json - both want standard output");
  return Nothing{};
}

Result<Fields> fields_of(const Options& options, const char* (*environment)(const char* name)) {
  Fields fields;
  for (const std::string& text : options.headers) {
    auto field = parse_field(text);
    if (!field) return field.error();
    if (!options.key_env.empty() && equal_fold(field->first, "authorization")) {
      return invalid("--key-env and --header Authorization both say what the credential is");
    }
    fields.push_back(std::move(*field));
  }
  if (options.key_env.empty()) return fields;
  const char* key = environment(options.key_env.c_str());
  if (key == nullptr || *key == 0) {
    return invalid("--key-env: environment variable " + options.key_env + " is not set; set it with: export " +
                   options.key_env + "=...");
  }
  fields.emplace_back("authorization", std::string("Bearer ") + key);
  return fields;
}

Status add_times(const Options& options, Plan& plan) {
  plan.requests = options.requests.value_or(0);
  if (plan.requests == 0) {
    const auto duration = duration_of("--duration", options.duration, kDurationUsual);
    if (!duration) return duration.error();
    if (*duration < kSecondNs / 10) return invalid("--duration must be at least 100ms");
    plan.duration_ns = *duration;
  }
  // A count is mostly asked for to have exactly that many, so nothing is added to it unasked.
  const auto warm_up = duration_of("--warm-up", options.warm_up, plan.requests == 0 ? kWarmUpUsual : "0s");
  if (!warm_up) return warm_up.error();
  plan.warm_up_ns = *warm_up;
  const auto timeout = duration_of("--timeout", options.timeout, kTimeoutUsual);
  if (!timeout) return timeout.error();
  plan.timeout_ms = *timeout / 1'000'000;
  if (plan.timeout_ms < 10) return invalid("--timeout must be at least 10ms");
  return Nothing{};
}

Result<Target> target_of(std::string_view text, const Fields& fields, std::string_view body) {
  Result<Target> target = parse_target(text);
  if (!target) return target.error();
  Result<std::string> bytes = request_bytes(*target, fields, body);
  if (!bytes) return bytes.error();
  target->request = std::move(*bytes);
  return target;
}

Status add_targets(const Options& options, const Fields& fields, Plan& plan) {
  std::string body;
  if (options.body.empty()) {
    body = chat_body(options.model.value_or("ok"), options.prompt_bytes.value_or(kPromptBytesUsual), options.stream);
  } else {
    Result<std::string> file = read_body(options.body);
    if (!file) return file.error();
    body = std::move(*file);
  }
  plan.body_bytes = body.size();
  Result<Target> target = target_of(options.url, fields, body);
  if (!target) return target.error();
  plan.target = std::move(*target);
  if (!options.direct.empty()) {
    Result<Target> direct = target_of(options.direct, fields, body);
    if (!direct) return invalid("--direct " + direct.error().detail);
    plan.direct = std::move(*direct);
    if (plan.direct->text == plan.target.text)
      return invalid("--direct is the same URL as the one it is compared with");
    if (plan.requests != 0 && plan.requests < kRounds) return invalid("--direct needs --requests of 5 or more");
  }
  const bool tls = plan.target.url.tls || (plan.direct && plan.direct->url.tls);
  if (options.insecure && !tls) return invalid("--insecure is about https, and this is http");
  return Nothing{};
}

}  // namespace

Result<std::uint64_t> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const std::optional<double> number = take_real(rest);
  for (const Unit& unit : kUnits) {
    if (!number || *number < 0 || rest != unit.name) continue;
    const double ns = *number * unit.ns;
    if (ns > static_cast<double>(kDurationMaxNs)) return invalid("\"" + std::string(text) + "\" is longer than a day");
    return static_cast<std::uint64_t>(ns);
  }
  return invalid("\"" + std::string(text) + "\" is not a duration such as 500ms, 10s or 2m");
}

Result<Plan> make_plan(const Options& options, const char* (*environment)(const char* name)) {
  Plan plan;
  if (Status counts = check_counts(options); !counts) return counts.error();
  if (Status agree = check_contradictions(options); !agree) return agree.error();
  const Result<Fields> fields = fields_of(options, environment);
  if (!fields) return fields.error();
  if (Status times = add_times(options, plan); !times) return times.error();
  if (Status targets = add_targets(options, *fields, plan); !targets) return targets.error();
  plan.connections = static_cast<unsigned>(options.connections.value_or(kConnectionsUsual));
  plan.threads = static_cast<unsigned>(options.threads.value_or(1));
  plan.rate = options.rate.value_or(0);
  plan.stream = options.stream;
  plan.insecure = options.insecure;
  plan.markdown = options.markdown;
  plan.fail_p99_ms = options.fail_p99_ms;
  plan.json = options.json;
  return plan;
}

}  // namespace spillway::bench
