// check, reference and mock.
#include "cli/commands.h"

#include <unistd.h>
#include <uv.h>

#include <csignal>
#include <cstdio>

#include "conf/load.h"
#include "net/tls.h"
#include "proxy/generation.h"
#include "proxy/shared.h"

namespace spillway {

void print_problems(const std::vector<Problem>& problems) {
  const bool colour = ::isatty(STDERR_FILENO) != 0;
  for (const Problem& problem : problems) std::fputs(to_text(problem, colour).c_str(), stderr);
}

std::string version_text() {
  return std::string("spillway ") + SPW_VERSION + " (libuv " + uv_version_string() + ", " +
         std::string(tls_library_version()) + ")";
}

int check_command(const std::string& path, bool keys) {
  Loaded loaded = load_config(path);
  const std::vector<ProviderConfig> providers = loaded.config.providers;
  if (loaded.ok()) {
    const SystemClock clock;
    Shared shared(clock);
    Generation::build(std::move(loaded.config), shared, loaded.problems);
  }
  print_problems(loaded.problems);
  std::size_t errors = 0;
  for (const Problem& problem : loaded.problems) errors += problem.warning ? 0 : 1;
  if (errors > 0) {
    std::fprintf(stderr, "%s: %zu error%s\n", path.c_str(), errors, errors == 1 ? "" : "s");
    return kExitUsage;
  }
  std::printf("%s: ok\n", path.c_str());
  std::fflush(stdout);
  return keys ? check_keys(providers) : kExitOk;
}

int reference_command() {
  const std::string text = config_reference();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

namespace {

struct MockStop {
  Loop& loop;
  MockServer& server;
  uv_signal_t signals[2] = {};
};

void stop_mock(uv_signal_t* handle, int) {
  MockStop& stop = *static_cast<MockStop*>(handle->data);
  stop.server.stop();
  for (uv_signal_t& one : stop.signals) uv_close(reinterpret_cast<uv_handle_t*>(&one), nullptr);
  stop.loop.close();
}

}  // namespace

int mock_command(const MockServer::Options& options) {
  const SystemClock clock;
  Loop loop;
  MockServer server(loop, clock, options);
  MockStop stop{loop, server};
  const int numbers[] = {SIGTERM, SIGINT};
  for (int i = 0; i < 2; ++i) {
    uv_signal_init(loop.raw(), &stop.signals[i]);
    stop.signals[i].data = &stop;
    uv_signal_start(&stop.signals[i], stop_mock, numbers[i]);
  }
  const Status started = server.start();
  if (!started) {
    std::fprintf(stderr, "spillway mock: %s\n", started.error().detail.c_str());
    stop_mock(&stop.signals[0], 0);
    loop.run();
    return kExitFailed;
  }
  std::printf("mock provider on port %u\n", server.port());
  std::fflush(stdout);
  loop.run();
  return kExitOk;
}

}  // namespace spillway
