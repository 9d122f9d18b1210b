// The process: workers, signals, reload and drain. Owner: cli/serve. Thread: main, which runs run(); post() to it from
// elsewhere is not needed, signals and the admin listener live on its own loop.
#pragma once
#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conf/load.h"
#include "net/loop.h"
#include "policy/hook_watch.h"
#include "proxy/catalogs.h"
#include "proxy/generation.h"
#include "proxy/memory.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

class Server final : private Loop::Inbox,
                     private Deadline::Events,
                     private MemoryWatch::Events,
                     private Catalogs::Events {
 public:
  explicit Server(const Clock& clock);
  ~Server();

  // Builds the first generation and binds everything. Problems of the config are appended; an Error is anything else.
  Status start(Config config, std::vector<Problem>& problems);
  void watch_signals();  // SIGHUP reloads, SIGTERM and SIGINT drain, the second of them stops
  void run();            // until stopped

  // On the main loop's thread.
  void reload();                       // from the file the config came from
  void drain(std::int64_t notice_ms);  // which new requests are still taken for, while readiness says no
  void stop();
  // Asks every worker for its policies' status documents; `done` runs with the first worker's, on this thread.
  class StatusReader {
   public:
    virtual void on_status(const std::string& json) = 0;

   protected:
    ~StatusReader() = default;
  };
  void status(StatusReader& reader);
  // The same with what a policy on one worker says to an operator's words; empty: it does not know them.
  void command(std::string_view policy, std::string_view words, StatusReader& reader);
  void explain(std::string_view body, std::string_view key, std::string_view tags,
               StatusReader& reader);  // see proxy/explain

  Loop& loop() { return loop_; }
  Shared& shared() { return shared_; }
  const Config& config() const { return generation_->config; }
  const Generation& generation() const { return *generation_; }
  Catalogs& catalogs() { return catalogs_; }
  std::uint16_t port() const { return workers_.front()->port(); }
  std::size_t workers() const { return workers_.size(); }
  bool reload_running() const { return reload_ != Reload::none; }
  const std::string& reload_error() const { return reload_error_; }  // of the last reload; empty: it worked

  // What else lives on the main loop (the admin listener) closes when the server does.
  class Companion {
   public:
    virtual void on_stop() = 0;

   protected:
    ~Companion() = default;
  };
  void set_companion(Companion* companion) { companion_ = companion; }
  // Told of each generation that begins to serve, on the main loop's thread.
  class Audience {
   public:
    virtual void on_generation(const Generation& generation) = 0;

   protected:
    ~Audience() = default;
  };
  void set_audience(Audience* audience) { audience_ = audience; }

 private:
  enum class Reload : std::uint8_t { none, preparing, committing };
  void on_message(const Loop::Message& message) override;
  void on_deadline(Deadline& deadline) override;
  void on_memory_short() override;
  void on_pools_changed() override;
  void begin(const char* what);
  bool ask_worker(Worker::Command::What what, StatusReader& reader);
  void order(Worker::Command::What what);
  void tell(Worker::Command::What what);
  void on_reload_step();
  void reload_failed(const std::string& why);
  static void signal_cb(uv_signal_t* handle, int number) noexcept;

  Loop loop_;
  Shared shared_;
  std::shared_ptr<const Generation> generation_, next_;  // why: see Generation::build
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Worker::Command>> commands_;  // of the reload step under way
  std::size_t waiting_ = 0;
  Reload reload_ = Reload::none;
  bool reload_again_ = false, renew_again_ = false;
  const char* reload_what_ = "";  // for the log
  std::string reload_error_;
  std::vector<std::unique_ptr<Worker::Command>> orders_;  // drain, stop and status, kept until the end
  StatusReader* status_reader_ = nullptr;
  Worker::Command status_command_;
  Companion* companion_ = nullptr;
  Audience* audience_ = nullptr;
  uv_signal_t signals_[3] = {};
  bool signals_on_ = false, draining_ = false, noticed_ = false, stopped_ = false;
  Deadline drain_deadline_;
  std::uint64_t drain_began_us_ = 0, notice_us_ = 0;
  std::vector<std::unique_ptr<Worker::Command>> sheds_;  // one for each worker; `ok` while it is here
  MemoryWatch memory_;
  Catalogs catalogs_;
  HookWatcher hook_watcher_;
  Gauge& reload_ok_;
  Gauge& reload_time_;
};

}  // namespace spillway
