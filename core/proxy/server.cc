#include "proxy/server.h"

#include <algorithm>
#include <csignal>
#include <thread>

#include "base/log.h"

namespace spillway {

Server::Server(const Clock& clock)
    : shared_(clock),
      drain_deadline_(loop_, *this),
      memory_(loop_, shared_, *this),
      catalogs_(loop_, clock, shared_.metrics(), static_cast<Catalogs::Events&>(*this)),
      reload_ok_(shared_.metrics().gauge("spillway_config_last_reload_successful", "1 if the last reload worked.")),
      reload_time_(shared_.metrics().gauge("spillway_config_last_reload_timestamp_seconds",
                                           "When the running config was loaded.")) {
  loop_.set_inbox(this);
}

Server::~Server() {
  workers_.clear();
  if (!stopped_) {
    memory_.stop();
    loop_.close();
  }
  loop_.run();
}

Status Server::start(Config config, std::vector<Problem>& problems) {
  Status opened = shared_.open(config);
  if (!opened) return opened;
  std::int64_t count = config.server.workers;
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  PoolTargets pools = catalogs_.pools(config);
  generation_ = Generation::build(std::move(config), shared_, problems, std::move(pools));
  if (generation_ == nullptr) return Error{Kind::config, Source::us, Retry::no, "the config has errors"};
  shared_.workers = static_cast<std::size_t>(count);
  memory_.set(generation_->config.limits);
  Status watched = hook_watcher_.start(generation_->config.limits.hook_abort_ms);
  if (!watched) return watched;
  for (std::int64_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(static_cast<std::uint32_t>(i), shared_));
    Status started = workers_.back()->start(generation_);
    if (!started) return started;
  }
  for (const auto& worker : workers_) worker->spawn();
  catalogs_.adopt(generation_->config, generation_->pools);
  shared_.metrics().gauge("spillway_build_info", "Always 1.", labels({{"version", SPW_VERSION}})).set(1);
  reload_ok_.set(1);
  reload_time_.set(shared_.clock().wall_ms() / 1000);
  return Nothing{};
}

void Server::watch_signals() {
  const int numbers[] = {SIGHUP, SIGTERM, SIGINT};
  for (int i = 0; i < 3; ++i) {
    uv_signal_init(loop_.raw(), &signals_[i]);
    signals_[i].data = this;
    uv_signal_start(&signals_[i], signal_cb, numbers[i]);
  }
  signals_on_ = true;
}

void Server::signal_cb(uv_signal_t* handle, int number) noexcept {
  Server& self = *static_cast<Server*>(handle->data);
  if (number == SIGHUP) return self.reload();
  if (self.draining_) return self.stop();
  // Somebody at a terminal wants it to end; a load balancer has to notice first.
  self.drain(number == SIGTERM ? self.generation_->config.server.drain_notice_ms : 0);
}

void Server::run() {
  loop_.run();
  for (const auto& worker : workers_) worker->join();
}

void Server::reload() {
  if (draining_) return;
  if (reload_ != Reload::none) {
    reload_again_ = true;  // the file may have changed since the running reload read it
    return;
  }
  if (generation_->config.path.empty()) {
    log_line(Level::warn, "there is no config file to read again: this config is of the environment");
    return;
  }
  Loaded loaded = load_config(generation_->config.path);
  if (loaded.ok()) {
    PoolTargets pools = catalogs_.pools(loaded.config);
    next_ = Generation::build(std::move(loaded.config), shared_, loaded.problems, std::move(pools));
  }
  for (const Problem& problem : loaded.problems) {
    log_line(problem.warning ? Level::warn : Level::error, "config", {{"problem", to_text(problem, false)}});
  }
  if (next_ == nullptr) return reload_failed("the config has errors");
  Status opened = shared_.open(next_->config);
  if (!opened) return reload_failed(opened.error().detail);
  const ServerConfig& now = generation_->config.server;
  const ServerConfig& then = next_->config.server;
  if (now.listen != then.listen || now.workers != then.workers) {
    log_line(Level::warn, "server.listen and server.workers take effect at the next start");
  }
  begin("config reloaded");
}

void Server::begin(const char* what) {
  reload_what_ = what;
  reload_ = Reload::preparing;
  tell(Worker::Command::What::prepare);
}

// The same config with other members in its pools; requests that have begun keep theirs.
void Server::on_pools_changed() {
  if (draining_ || generation_ == nullptr) return;
  if (reload_ != Reload::none) {
    renew_again_ = true;
    return;
  }
  std::vector<Problem> problems;
  next_ = Generation::build(generation_->config, shared_, problems, catalogs_.pools(generation_->config));
  if (next_ != nullptr) begin("pools renewed");
}

void Server::tell(Worker::Command::What what) {
  commands_.clear();
  waiting_ = workers_.size();
  for (const auto& worker : workers_) {
    commands_.push_back(std::make_unique<Worker::Command>());
    Worker::Command& command = *commands_.back();
    command.what = what;
    if (what == Worker::Command::What::prepare) command.generation = next_;
    command.reply_to = &loop_;
    worker->post(&command);
  }
}

void Server::on_message(const Loop::Message& message) {
  auto* command = static_cast<Worker::Command*>(message.data);
  if (command == &status_command_) {
    if (status_reader_ != nullptr) std::exchange(status_reader_, nullptr)->on_status(command->text);
    return;
  }
  if (command->what == Worker::Command::What::shed) {
    command->ok = true;
    return;
  }
  if (waiting_ > 0 && --waiting_ == 0) on_reload_step();
}

void Server::on_reload_step() {
  if (reload_ == Reload::committing) {
    reload_ = Reload::none;
    // Not before: whoever reads this line may ask for what is new.
    if (reload_error_.empty()) log_line(Level::info, reload_what_, {{"file", generation_->config.path}});
    if (std::exchange(reload_again_, false)) return reload();
    if (std::exchange(renew_again_, false)) on_pools_changed();
    return;
  }
  std::string why;
  for (const auto& command : commands_) {
    if (!command->ok) why = command->text;
  }
  if (why.empty()) {
    generation_ = std::move(next_);
    memory_.set(generation_->config.limits);
    hook_watcher_.set(generation_->config.limits.hook_abort_ms);
    reload_error_.clear();
    reload_ok_.set(1);
    reload_time_.set(shared_.clock().wall_ms() / 1000);
    catalogs_.adopt(generation_->config, generation_->pools);
    if (audience_ != nullptr) audience_->on_generation(*generation_);
  } else {
    reload_failed(why);
  }
  reload_ = Reload::committing;
  tell(why.empty() ? Worker::Command::What::commit : Worker::Command::What::discard);
}

void Server::reload_failed(const std::string& why) {
  next_.reset();
  reload_error_ = why;
  reload_ok_.set(0);
  log_line(Level::error, "config not reloaded, the running one stays", {{"why", why}});
}

// False: another question is being answered, or the server drains.
bool Server::ask_worker(Worker::Command::What what, StatusReader& reader) {
  if (status_reader_ != nullptr || draining_) return false;
  status_reader_ = &reader;
  status_command_.what = what;
  status_command_.text.clear();
  status_command_.reply_to = &loop_;
  return true;
}

void Server::status(StatusReader& reader) {
  if (!ask_worker(Worker::Command::What::status, reader)) return reader.on_status("{}");
  workers_.front()->post(&status_command_);
}

void Server::command(std::string_view policy, std::string_view words, StatusReader& reader) {
  if (!ask_worker(Worker::Command::What::command, reader)) return reader.on_status({});
  status_command_.policy = policy;
  status_command_.words = words;
  workers_.front()->post(&status_command_);
}

void Server::explain(std::string_view body, std::string_view key, std::string_view tags, StatusReader& reader) {
  if (!ask_worker(Worker::Command::What::explain, reader)) return reader.on_status({});
  status_command_.words = body;
  status_command_.key = key;
  status_command_.tags = tags;
  workers_.front()->post(&status_command_);
}

void Server::order(Worker::Command::What what) {
  for (const auto& worker : workers_) {
    orders_.push_back(std::make_unique<Worker::Command>());
    orders_.back()->what = what;
    worker->post(orders_.back().get());
  }
}

// From here on readiness says no and no connection is kept; new ones are refused once the notice is over.
void Server::drain(std::int64_t notice_ms) {
  if (std::exchange(draining_, true)) return;
  shared_.draining = true;
  log_line(Level::info, "draining", {{"seconds", generation_->config.server.drain_s}});
  drain_began_us_ = shared_.clock().now_us();
  notice_us_ = static_cast<std::uint64_t>(notice_ms) * 1000;
  on_deadline(drain_deadline_);
}

// Workers end by themselves when their last client has gone; this looks whether all have, and ends the wait.
void Server::on_deadline(Deadline&) {
  const std::uint64_t passed_us = shared_.clock().now_us() - drain_began_us_;
  const std::uint64_t limit_us = static_cast<std::uint64_t>(generation_->config.server.drain_s) * 1'000'000;
  if (passed_us >= limit_us) return stop();
  drain_deadline_.arm(20);
  if (passed_us < notice_us_) return;
  if (!std::exchange(noticed_, true)) return order(Worker::Command::What::drain);
  if (shared_.load().connections.value.load(std::memory_order_relaxed) == 0) stop();
}

void Server::on_memory_short() {
  for (std::size_t i = sheds_.size(); i < workers_.size(); ++i) {
    sheds_.push_back(std::make_unique<Worker::Command>());
    sheds_.back()->what = Worker::Command::What::shed;
    sheds_.back()->reply_to = &loop_;
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (!sheds_[i]->ok) continue;  // has not come back yet
    sheds_[i]->ok = false;
    workers_[i]->post(sheds_[i].get());
  }
}

void Server::stop() {
  if (std::exchange(stopped_, true)) return;
  draining_ = true;
  shared_.draining = true;
  drain_deadline_.disarm();
  memory_.stop();
  catalogs_.stop();
  order(Worker::Command::What::stop);
  if (companion_ != nullptr) companion_->on_stop();
  if (signals_on_) {
    for (uv_signal_t& handle : signals_) uv_close(reinterpret_cast<uv_handle_t*>(&handle), nullptr);
  }
  loop_.close();
}

}  // namespace spillway
