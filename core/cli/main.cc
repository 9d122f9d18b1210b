// Arguments and subcommands. The only exit(): 0 ok, 1 a failure while running, 2 a mistake in usage or config, 3 a
// limit that `bench` was given was missed. Before anything else SIGPIPE is ignored, because libuv leaves it deadly.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "catalog/make.h"
#include "cli/commands.h"
#include "cli/models.h"
#include "cli/supervise.h"
#include "conf/environment.h"

// A release build without these would be a mistake of the build's (core/cmake/Hardening.cmake).
#if defined(NDEBUG) && defined(__OPTIMIZE__)
#if !defined(__PIE__) || !(defined(__SSP_STRONG__) || defined(__SSP_ALL__))
#error "not hardened: position-independent code or the stack protector is off"
#endif
#if !defined(_FORTIFY_SOURCE) || _FORTIFY_SOURCE < 2
#error "not hardened: _FORTIFY_SOURCE is off"
#endif
#endif

namespace spillway {
namespace {

struct Arguments {
  ServeOptions serve;
  bool supervise = false, check_keys = false;
  MockServer::Options mock;
  DemoOptions demo;
  QuotaOptions quota;
  ExplainOptions explain;
  bench::Options bench;
  ModelsListOptions models;
  ModelsPoolOptions pool;
  ModelsBuildOptions index;
};

CLI::Option* add_config(CLI::App& command, Arguments& arguments) {
  return command.add_option("-c,--config", arguments.serve.config, "The config file (TOML).")->capture_default_str();
}

void add_mock(CLI::App& app, Arguments& arguments) {
  CLI::App* mock = app.add_subcommand("mock", "Runs a synthetic provider whose behaviour the model's name chooses.");
  mock->add_option("--listen", arguments.mock.listen, "Address to listen on.")->capture_default_str();
  mock->add_option("--api-key", arguments.mock.api_key, "Answer 401 to any other key, as the wire sends it.");
  CLI::Option* cert = mock->add_option("--cert", arguments.mock.cert, "Serve TLS with this certificate (PEM).");
  CLI::Option* key = mock->add_option("--key", arguments.mock.key, "The certificate's private key (PEM).");
  cert->needs(key);
  key->needs(cert);
  mock->add_option("--files", arguments.mock.files,
                   "Folder for GETs, read each time: /v1/models is models.json in it, /v1/models/a/b:free/endpoints is "
                   "models_a_b_free_endpoints.json.");
  mock->add_option("--seed", arguments.mock.seed, "For flaky-PCT.")->capture_default_str();
  mock->add_option(
      "--free-per-day", arguments.mock.free_per_day,
      "Answers of its \":free\" models until the account's day is spent; GET /v1/key tells (0: no limit).");
  mock->add_option("--requests-per-connection", arguments.mock.requests_per_connection,
                   "Close a connection unannounced after so many (0: never).");
  mock->footer("Models:\n" + mock_help());
}

void add_bench(CLI::App& app, bench::Options& options) {
  CLI::App* bench = app.add_subcommand("bench", "Puts load on a server of the OpenAI API and measures it.");
  bench->add_option("URL", options.url, "What to load: http or https.")->required();
  bench->add_option("--connections", options.connections, "Connections kept open (64).");
  bench->add_option("--rate", options.rate, "Open loop: so many requests a second.");
  bench->add_option("--duration", options.duration, "How long to measure: 500ms, 10s, 2m (10s).");
  bench->add_option("--requests", options.requests, "Measure so many requests instead.");
  bench->add_option("--warm-up", options.warm_up, "Load before measuring (1s; with --requests none).");
  bench->add_option("--timeout", options.timeout, "For connecting, and for a request until its end (30s).");
  bench->add_option("--threads", options.threads, "Threads that share connections and rate (1).");
  bench->add_option("--model", options.model, "The model to ask for (ok).");
  bench->add_option("--prompt-bytes", options.prompt_bytes, "Length of the prompt (1024).");
  bench->add_option("--body", options.body, "Send this file as the body, unchanged.");
  bench->add_flag("--stream", options.stream, "Ask for a stream; with --body: expect one.");
  bench->add_option("--header", options.headers, "Another field, \"Name: value\"; may be repeated.")
      ->allow_extra_args(false);
  bench->add_option("--key-env", options.key_env, "Environment variable with the bearer key; never printed.");
  bench->add_flag("--insecure", options.insecure, "Accept any certificate.");
  bench->add_option("--direct", options.direct, "Measure this URL in turns and print the latency added to it.");
  bench->add_option("--json", options.json, "Write the report as JSON to this file, or - (then nothing else).");
  bench->add_flag("--markdown", options.markdown, "Print the report as Markdown.");
  bench->add_option("--fail-p99", options.fail_p99_ms, "Exit 3 when p99 is above so many ms or a request failed.");
  bench->footer(bench_help());
}

void add_source(CLI::App& command, ModelsSource& source) {
  command.add_option("--source", source.place, "A catalogue: a file, a URL, or a provider's name.")->required();
  command.add_option("--kind", source.kind, "What it looks like, when its name does not tell.")
      ->check(CLI::IsMember(catalog_kinds()));
  command.add_option("--key-env", source.key_env, "Environment variable with the bearer key; never printed.");
}

void add_day(CLI::App& command, std::string& today) {
  command.add_option("--today", today, "The date that expiry and age count from (today, UTC).")
      ->check([](const std::string& day) { return noon_of(day) > 0 ? std::string() : "a date is YYYY-MM-DD"; });
}

void add_pool(CLI::App& models, ModelsPoolOptions& pool) {
  CLI::App* command = models.add_subcommand("pool", "Makes a pool of the best free models, and writes it into a file.");
  add_source(*command, pool.source);
  command->add_option("--size", pool.size, "How many.")->check(CLI::Range(1, 1000))->capture_default_str();
  command->add_option("--preset", pool.preset, "Whose points count: seed, home-ops, or quality.")
      ->check(CLI::IsMember({"seed", "home-ops", "quality"}))
      ->capture_default_str();
  command->add_option("--free", pool.free, "Who counts as free: proven by prices, stated by you, or any model at all.")
      ->check(CLI::IsMember({"proven", "stated", "any"}))
      ->capture_default_str();
  command->add_option("--blocklist", pool.blocklist, "A file of ids that must not be in it, one a line.");
  command->add_option("--context-min", pool.context_min, "Least context in tokens (16384 where it is told).");
  command->add_option("--margin", pool.margin, "Points that a newcomer must lead by.")->capture_default_str();
  command->add_option("--provider", pool.provider, "The name that the entries go by (openrouter).");
  CLI::Option* apply = command->add_option("--apply", pool.apply, "Rewrite the block in this .toml, .yaml or .yml.");
  command->add_option("--block", pool.block, "Which block: the NAME of # BEGIN GENERATED POOL NAME (the only one).")
      ->needs(apply);
  command->add_option("--group", pool.group, "LiteLLM's model_name (what it is, else the block's name, else primary).")
      ->needs(apply);
  command->add_flag("--dry-run", pool.dry_run, "Write nothing; with --apply say what would change.");
  add_day(*command, pool.today);
}

void add_models(CLI::App& app, Arguments& arguments) {
  CLI::App* models = app.add_subcommand("models", "Looks at providers' catalogues and makes pools of them.");
  models->require_subcommand(1);
  models->footer(models_help());
  add_pool(*models, arguments.pool);
  CLI::App* list = models->add_subcommand("list", "Lists a catalogue with prices, scores and what keeps models out.");
  CLI::App* show = models->add_subcommand("show", "Tells everything about one model.");
  show->add_option("ID", arguments.models.id, "Its id; case and \":free\" may differ.")->required();
  list->add_flag("--fit", arguments.models.fit_only, "Only those that may be in a pool.");
  for (CLI::App* command : {list, show}) {
    add_source(*command, arguments.models.source);
    command->add_flag("--json", arguments.models.json, "Print JSON.");
    add_day(*command, arguments.models.today);
  }
  CLI::App* sync =
      models->add_subcommand("sync", "Fetches the catalogues of a config's pools to where serve finds them.");
  add_config(*sync, arguments);
  CLI::App* build = models->add_subcommand("build", "Writes an index of models that several providers have.");
  ModelsBuildOptions& index = arguments.index;
  build->add_option("--providers", index.providers, "Their names, with commas.")->required();
  build->add_option("--output", index.output, "The file, or - for standard output.")->required();
  build->add_option("--seeds", index.seeds, "JSON: for each canonical name an id per provider (by equal names).");
  build->add_option("--catalog", index.catalogs, "NAME=SOURCE: where that provider's list is; may be repeated.")
      ->allow_extra_args(false);
  build->add_flag("--any", index.any, "A model of any of the providers counts, not only of all.");
  build->add_flag("--pretty", index.pretty, "A line for each member.");
}

int run_models(const CLI::App& models, const Arguments& arguments) {
  if (models.got_subcommand("pool")) return models_pool_command(arguments.pool);
  if (models.got_subcommand("list")) return models_list_command(arguments.models);
  if (models.got_subcommand("show")) return models_show_command(arguments.models);
  if (models.got_subcommand("sync")) return models_sync_command(arguments.serve.config);
  return models_build_command(arguments.index);
}

int run(int argc, char** argv) {
  CLI::App app("Spillway: an edge proxy for LLM APIs that uses free capacity first.", "spillway");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  Arguments arguments;
  CLI::App* serve = app.add_subcommand("serve", "Serves until SIGTERM; SIGHUP reloads the config.");
  CLI::Option* named = add_config(*serve, arguments);
  serve->add_option("--listen", arguments.serve.listen, "Without a config file: the address for clients.")
      ->excludes(named);
  serve->add_option("--admin", arguments.serve.admin, "Without a config file: the address for operators.")
      ->excludes(named);
  serve->footer(
      "Without --config, and if there is no spillway.toml, it serves the providers whose keys are in the\n"
      "environment: " +
      environment_names() + ".");
  serve->add_flag("--dumpable", arguments.serve.dumpable, "For debugging: core dumps and debuggers may see the keys.");
  serve->add_flag("--supervise", arguments.supervise, "Serve in a child process, and start it anew when it crashes.");
  CLI::App* check = app.add_subcommand("check", "Checks a config and prints every mistake in it.");
  add_config(*check, arguments);
  check->add_flag(
      "--keys", arguments.check_keys,
      "Then ask each provider whether it takes its key, at no cost, and what is left where it says so; exit "
      "1 when one is refused or not reached.");
  app.add_subcommand("reference", "Prints every option with its default as a commented config.");
  add_mock(app, arguments);
  add_bench(app, arguments.bench);
  add_models(app, arguments);
  CLI::App* demo = app.add_subcommand("demo", "Shows routing, spilling, breaking and caching on loopback.");
  demo->add_option("-c,--config", arguments.demo.config, "Another config than the built-in conf/demo.toml.");
  demo->add_flag("--keep", arguments.demo.keep, "Keep serving afterwards.");
  CLI::App* quota = app.add_subcommand("quota", "Shows what a running Spillway knows of its quotas.");
  quota->add_option("--admin", arguments.quota.admin, "Its admin listener.")->capture_default_str();
  quota->add_option("--clear", arguments.quota.clear, "Forget what is known of this account's quotas.");
  quota->add_flag("--json", arguments.quota.json, "Print the answer as it came.");
  CLI::App* explain = app.add_subcommand("explain", "Says what a running Spillway would do with a request, and why.");
  explain->add_option("--admin", arguments.explain.admin, "Its admin listener.")->capture_default_str();
  explain->add_option("--model", arguments.explain.model, "The model to ask for, instead of the request's own.");
  explain->add_option("--request", arguments.explain.request, "A file with the request's JSON body.");
  explain->add_option("--key", arguments.explain.key, "The name of the [[key]] that would ask.");
  explain->add_option("--tags", arguments.explain.tags, "As in x-spillway-tags, for spill rules.");
  explain->add_flag("--json", arguments.explain.json, "Print the answer as it came.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  if (arguments.supervise) supervise();
  arguments.serve.config_named = named->count() > 0;
  if (serve->parsed()) return serve_command(arguments.serve);
  if (check->parsed()) return check_command(arguments.serve.config, arguments.check_keys);
  if (demo->parsed()) return demo_command(arguments.demo);
  if (explain->parsed()) return explain_command(arguments.explain);
  if (quota->parsed()) return quota_command(arguments.quota);
  if (app.got_subcommand("bench")) return bench_command(arguments.bench);
  if (app.got_subcommand("models")) return run_models(*app.get_subcommand("models"), arguments);
  if (app.got_subcommand("mock")) return mock_command(arguments.mock);
  return reference_command();
}

}  // namespace
}  // namespace spillway

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): out of memory ends the process
  std::signal(SIGPIPE, SIG_IGN);
  return spillway::run(argc, argv);
}
