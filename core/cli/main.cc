// Arguments and subcommands. The only exit(): 0 ok, 1 a failure while running, 2 a mistake in usage or config.
// Before anything else SIGPIPE is ignored, because libuv leaves it deadly.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "cli/commands.h"

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
  std::string config = "spillway.toml";
  std::string log_level;
  MockServer::Options mock;
  DemoOptions demo;
};

void add_config(CLI::App& command, Arguments& arguments) {
  command.add_option("-c,--config", arguments.config, "The config file (TOML).")->capture_default_str();
}

void add_mock(CLI::App& app, Arguments& arguments) {
  CLI::App* mock = app.add_subcommand("mock", "Runs a synthetic provider whose behaviour the model's name chooses.");
  mock->add_option("--listen", arguments.mock.listen, "Address to listen on.")->capture_default_str();
  mock->add_option("--api-key", arguments.mock.api_key, "Answer 401 to any other bearer key.");
  CLI::Option* cert = mock->add_option("--cert", arguments.mock.cert, "Serve TLS with this certificate (PEM).");
  CLI::Option* key = mock->add_option("--key", arguments.mock.key, "The certificate's private key (PEM).");
  cert->needs(key);
  key->needs(cert);
  mock->add_option("--seed", arguments.mock.seed, "For flaky-PCT.")->capture_default_str();
  mock->add_option("--requests-per-connection", arguments.mock.requests_per_connection,
                   "Close a connection unannounced after so many (0: never).");
  mock->footer("Models:\n" + mock_help());
}

int run(int argc, char** argv) {
  CLI::App app("Spillway: an edge proxy for LLM APIs that uses free capacity first.", "spillway");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  Arguments arguments;
  CLI::App* serve = app.add_subcommand("serve", "Serves until SIGTERM; SIGHUP reloads the config.");
  add_config(*serve, arguments);
  CLI::App* check = app.add_subcommand("check", "Checks a config and prints every mistake in it.");
  add_config(*check, arguments);
  app.add_subcommand("reference", "Prints every option with its default as a commented config.");
  add_mock(app, arguments);
  CLI::App* demo = app.add_subcommand("demo", "Shows routing, spilling, breaking and caching on loopback.");
  demo->add_option("-c,--config", arguments.demo.config, "Another config than the built-in conf/demo.toml.");
  demo->add_flag("--keep", arguments.demo.keep, "Keep serving afterwards.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  if (serve->parsed()) return serve_command(arguments.config);
  if (check->parsed()) return check_command(arguments.config);
  if (demo->parsed()) return demo_command(arguments.demo);
  if (app.got_subcommand("mock")) return mock_command(arguments.mock);
  return reference_command();
}

}  // namespace
}  // namespace spillway

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): out of memory ends the process
  std::signal(SIGPIPE, SIG_IGN);
  return spillway::run(argc, argv);
}
