// spillway demo: three synthetic providers, one proxy, a dozen requests a person can follow.
//
// Providers and proxy run in threads of their own; this thread asks, waits and prints. The table is the same in every
// run: nothing in it depends on the time or on chance.
#include <uv.h>

#include <array>
#include <cstdio>
#include <string>
#include <thread>

#include "base/log.h"
#include "cli/admin_source.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/demo_config.h"
#include "conf/load.h"
#include "proxy/server.h"

namespace spillway {

namespace {

// A thing with a loop that runs in a thread until it is told to stop.
class Providers final : private Loop::Inbox {
 public:
  explicit Providers(const Clock& clock) : clock_(clock) { loop_.set_inbox(this); }
  ~Providers() {
    if (thread_.joinable()) {
      loop_.post({1, nullptr});
      thread_.join();
    } else {
      stop();
      loop_.run();
    }
  }
  Status start(std::span<const std::string> addresses) {
    for (const std::string& address : addresses) {
      MockServer::Options options;
      options.listen = address;
      servers_.push_back(std::make_unique<MockServer>(loop_, clock_, options));
      Status started = servers_.back()->start();
      if (!started) return started;
    }
    thread_ = std::thread([this] { loop_.run(); });
    return Nothing{};
  }

 private:
  void on_message(const Loop::Message&) override { stop(); }
  void stop() {
    for (const auto& server : servers_) server->stop();
    loop_.close();
  }
  const Clock& clock_;
  Loop loop_;
  std::vector<std::unique_ptr<MockServer>> servers_;
  std::thread thread_;
};

struct Scene {
  const char* title;  // printed above when not empty
  const char* model;
  bool stream;
  const char* extra;  // more JSON members
  int wait_ms;        // before asking
};

constexpr std::array kScenes = {
    Scene{"Free capacity first: freebie gives three free answers a day.", "primary", false, "", 0},
    Scene{"", "primary", true, "", 0},
    Scene{"", "primary", false, "", 0},
    Scene{"The day's quota is used up, so the next one spills to paid, without asking freebie again.", "primary", false,
          "", 0},
    Scene{"spill = \"never\" refuses instead: no bill, and the time when it is worth asking again.", "free-only", false,
          "", 0},
    Scene{"A provider says its quota is gone: one request learns it, the next does not ask.", "learned", false, "", 0},
    Scene{"", "learned", false, "", 0},
    Scene{"Two failures open a circuit; while it is open nobody waits for that provider.", "shaky", false, "", 0},
    Scene{"", "shaky", false, "", 0},
    Scene{"", "shaky", false, "", 0},
    Scene{"After a second one probe goes through, it works, and the circuit closes.", "shaky", false, "", 1300},
    Scene{"A deterministic request is answered from the cache the second time, streamed or not.", "cached", false,
          ",\"temperature\":0", 0},
    Scene{"", "cached", true, ",\"temperature\":0", 0},
    Scene{"A stream that fails before its first word moves to the next provider unseen ...", "stumbles", true, "", 0},
    Scene{"... and one that breaks after it ends in an error the client can see, never as if it were whole.", "dies",
          true, "", 0},
};

std::string outcome(const Asked& asked) {
  if (asked.status == 429) return "429, try later";
  if (asked.status != 200) return std::to_string(asked.status);
  if (asked.stream_error) return "200, then an error";
  return asked.done ? "200, streamed" : "200";
}

std::string cost(const Asked& asked) {
  const std::string told = asked.header("x-spillway-cost-usd");
  if (told.empty()) return asked.header("x-spillway-cache") == "hit" ? "0" : "-";
  return told == "0.0" ? "0" : told;
}

// "openrouter/x 429 free_day_quota; paid/ok 200" reads better with arrows.
std::string tried(const Asked& asked) {
  if (asked.header("x-spillway-cache") == "hit") return "cache";
  std::string trail = asked.header("x-spillway-trail");
  for (std::size_t at = 0; (at = trail.find("; ", at)) != std::string::npos; at += 3) trail.replace(at, 2, " > ");
  return trail.empty() ? "nobody" : trail;
}

// Why others were not asked. Times to the second are left out, so that every run prints the same.
std::string reason(const Asked& asked) {
  std::string text = asked.header("x-spillway-reason");
  for (const char* begin : {", next try in ", ", room in "}) {
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) text.erase(at, text.find(';', at) - at);
  }
  return text;
}

void play(std::size_t number, const Scene& scene, std::uint16_t port) {
  if (scene.title[0] != '\0') std::printf("\n%s\n", scene.title);
  if (scene.wait_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(scene.wait_ms));
  const std::string body = std::string(R"({"model":")") + scene.model +
                           R"(","messages":[{"role":"user","content":"Hi"}])" +
                           (scene.stream ? R"(,"stream":true)" : "") + scene.extra + "}";
  const Asked asked = ask(port, "POST", "/v1/chat/completions", body);
  const std::string provider = asked.header("x-spillway-provider");
  std::printf("%3zu  %-10s %-19s %-8s %-11s %s\n", number, scene.model, outcome(asked).c_str(),
              provider.empty() ? "-" : provider.c_str(), cost(asked).c_str(), tried(asked).c_str());
  if (const std::string why = reason(asked); !why.empty()) std::printf("%56swhy: %s\n", "", why.c_str());
}

void print_curl(const Config& config) {
  const std::string& at = config.server.listen.front();
  std::printf(
      "\nStill serving; Ctrl-C ends it. Try:\n"
      "  curl -s http://%s/v1/chat/completions -H 'content-type: application/json' \\\n"
      "    -d '{\"model\":\"primary\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}' -D -\n"
      "  curl -sN http://%s/v1/chat/completions -H 'content-type: application/json' \\\n"
      "    -d '{\"model\":\"stumbles\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}'\n"
      "  curl -s http://%s/v1/models\n"
      "  curl -s http://%s/metrics\n",
      at.c_str(), at.c_str(), at.c_str(), config.admin.listen.front().c_str());
}

}  // namespace

int demo_command(const DemoOptions& options) {
  Loaded loaded =
      options.config.empty() ? load_config_text(kDemoConfig, "conf/demo.toml") : load_config(options.config);
  for (const Problem& problem : loaded.problems) std::fputs(to_text(problem, false).c_str(), stderr);
  if (!loaded.ok()) return kExitUsage;
  log_level(Level::error);
  const SystemClock clock;
  Providers providers(clock);
  const std::array<std::string, 3> addresses = {"127.0.0.1:9101", "127.0.0.1:9102", "127.0.0.1:9103"};
  const Status up = providers.start(addresses);
  Server server(clock);
  std::vector<Problem> problems;
  const Status started = up ? server.start(std::move(loaded.config), problems) : up;
  ServerAdmin admin(server);
  const Status admin_up = started ? admin.start() : started;
  if (!admin_up) {
    for (const Problem& problem : problems) std::fputs(to_text(problem, false).c_str(), stderr);
    std::fprintf(stderr, "spillway demo: %s\n", admin_up.error().detail.c_str());
    server.stop();
    server.run();
    return kExitFailed;
  }
  std::printf("  #  asked for  answer              by       cost in USD who was tried, and what they said\n");
  std::size_t number = 0;
  for (const Scene& scene : kScenes) play(++number, scene, server.port());
  std::fflush(stdout);
  if (options.keep) {
    print_curl(server.config());
    std::fflush(stdout);
    server.watch_signals();
  } else {
    server.stop();
  }
  server.run();
  return kExitOk;
}

}  // namespace spillway
