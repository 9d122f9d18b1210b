// `spillway serve`: from a config file, or, for who has none, from the keys in the environment.
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <set>

#include "base/log.h"
#include "base/reserve.h"
#include "cli/admin_source.h"
#include "cli/commands.h"
#include "conf/environment.h"
#include "conf/load.h"
#include "net/tls.h"
#include "proxy/descriptors.h"
#include "proxy/server.h"

namespace spillway {

namespace {

Level level_of(const std::string& name) {
  if (name == "error") return Level::error;
  if (name == "warn") return Level::warn;
  return name == "debug" ? Level::debug : Level::info;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

// What somebody who started without a config wants to know. The models come with the providers' catalogues.
class Greeting final : public Server::Audience {
 public:
  Greeting(const Server& server, const std::vector<std::string>& providers) : server_(server) {
    std::fprintf(stderr, "\nno config file: serving %s, found in the environment\nbase URL   %s\n",
                 joined(providers).c_str(), base().c_str());
    for (const std::string& name : providers) {
      std::fprintf(stderr, "models     %s/*, whatever it calls them\n", name.c_str());
    }
    on_generation(server.generation());
  }

  void on_generation(const Generation& generation) override {
    for (const auto& [name, pool] : generation.pools) {
      if (pool.targets.empty() || !told_.insert(name).second) continue;
      std::vector<std::string> some;
      for (const TargetConfig& target : pool.targets) {
        if (some.size() < kShown) some.push_back(target.provider + "/" + target.model);
      }
      const std::size_t n = pool.targets.size();
      std::fprintf(stderr, "models     %s: %zu: %s%s\n", name.c_str(), n, joined(some).c_str(),
                   n > kShown ? ", ..." : "");
      if (told_.size() == 1) {
        std::fprintf(stderr,
                     "try        curl %s/chat/completions -H 'content-type: application/json' -d "
                     "'{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}'\n",
                     base().c_str(), some.front().c_str());
      }
    }
  }

 private:
  static constexpr std::size_t kShown = 5;
  std::string base() const { return "http://" + server_.config().server.listen.front() + "/v1"; }

  const Server& server_;
  std::set<std::string> told_;
};

struct Begun {
  Loaded loaded;
  std::vector<std::string> providers;  // found in the environment
};

std::optional<Begun> load(const ServeOptions& options) {
  const bool file = options.config_named || ::access(options.config.c_str(), F_OK) == 0;
  if (file && options.listen.empty() && options.admin.empty()) return Begun{load_config(options.config), {}};
  if (file) {
    std::fprintf(stderr, "spillway: --listen and --admin are for starts without a config; %s has `listen`\n",
                 options.config.c_str());
    return std::nullopt;
  }
  FoundConfig found = config_of_environment(options.listen, options.admin);
  if (found.providers.empty()) {
    std::fprintf(stderr,
                 "spillway: there is no %s, and no provider's key in the environment.\n"
                 "Write one (spillway reference shows all there is), name one with --config, or set one of: %s\n",
                 options.config.c_str(), environment_names().c_str());
    return std::nullopt;
  }
  Begun source{load_config_text(found.toml, "the environment"), std::move(found.providers)};
  source.loaded.config.path.clear();
  return source;
}

}  // namespace

int serve_command(const ServeOptions& options) {
  if (!options.dumpable) ::prctl(PR_SET_DUMPABLE, 0);  // before any key is read (reliability.md X8)
  std::optional<Begun> source = load(options);
  if (source) print_problems(source->loaded.problems);
  if (!source || !source->loaded.ok()) return kExitUsage;
  log_level(level_of(source->loaded.config.log.level));
  raise_descriptor_limit();
  install_reserve();
  const SystemClock clock;
  Server server(clock);
  server.watch_signals();  // first: who can connect may also want to stop us
  std::vector<Problem> problems;
  const Status started = server.start(std::move(source->loaded.config), problems);
  print_problems(problems);
  ServerAdmin admin(server);
  const Status ready = started ? admin.start() : started;
  if (!ready) {
    std::fprintf(stderr, "spillway: %s\n", ready.error().detail.c_str());
    server.stop();
    server.run();
    return problems.empty() ? kExitFailed : kExitUsage;
  }
  for (const std::string& address : server.config().server.listen) {
    log_line(Level::info, "listening",
             {{"address", address}, {"workers", static_cast<std::int64_t>(server.workers())}});
  }
  if (server.config().server.tls.on())
    log_line(Level::info, "serving TLS", {{"library", std::string(tls_library_version())}});
  std::optional<Greeting> greeting;
  if (!source->providers.empty()) server.set_audience(&greeting.emplace(server, source->providers));
  server.run();
  log_line(Level::info, "stopped");
  return kExitOk;
}

}  // namespace spillway
