#include "cli/bench_session.h"

#include <csignal>
#include <cstdio>

namespace spillway::bench {

Session::Session(const Plan& plan, bool show_progress) : plan_(plan), show_progress_(show_progress) {
  loop_.set_inbox(this);
  const int numbers[] = {SIGINT, SIGTERM};
  for (int i = 0; i < 2; ++i) {
    CHECK(uv_signal_init(loop_.raw(), &signals_[i]) == 0);
    signals_[i].data = this;
    uv_signal_start(&signals_[i], signal_cb, numbers[i]);
  }
  CHECK(uv_timer_init(loop_.raw(), &timer_) == 0);
  timer_.data = this;
  if (show_progress) uv_timer_start(&timer_, timer_cb, kProgressMs, kProgressMs);
  began_ns_ = shown_at_ns_ = uv_hrtime();
}

Session::~Session() {
  for (uv_signal_t& one : signals_) uv_close(reinterpret_cast<uv_handle_t*>(&one), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  loop_.close();
  loop_.run();
}

Result<Tally> Session::run(const Target& target, unsigned round, unsigned rounds) {
  ready_ = finished_ = 0;
  unreachable_ = false;
  if (Status started = start_workers(target, round, rounds); !started) return started.error();
  loop_.run();  // until on_message() stops it
  Tally all;
  std::string why;
  for (const auto& worker : workers_) {
    worker->join();
    all.add_thread(worker->tally());
    ended_before_ += worker->ended();
    failures_before_ += worker->failures();
    if (why.empty()) why = worker->dial_error();
  }
  workers_.clear();
  clear_progress();
  if (unreachable_) return Error{Kind::refused, Source::upstream, Retry::no, why};
  return all;
}

Status Session::start_workers(const Target& target, unsigned round, unsigned rounds) {
  for (unsigned i = 0; i < plan_.threads; ++i) {
    const std::uint64_t requests = share(plan_.requests, rounds, round);
    const Shift shift{
        plan_, target, i, plan_.warm_up_ns / rounds, plan_.duration_ns / rounds, share(requests, plan_.threads, i)};
    auto worker = std::make_unique<Worker>(shift, loop_);
    Status started = worker->start();
    if (!started) {
      stop_workers();
      if (!workers_.empty()) loop_.run();
      for (const auto& one : workers_) one->join();
      workers_.clear();
      return started;
    }
    workers_.push_back(std::move(worker));
  }
  return Nothing{};
}

void Session::on_message(const Loop::Message& message) {
  if (message.what == Worker::ready && ++ready_ == workers_.size()) all_ready();
  if (message.what == Worker::finished && ++finished_ == workers_.size()) uv_stop(loop_.raw());
}

// Nobody starts before everybody has its connections: dialing would slow down what the others measure.
void Session::all_ready() {
  bool any = false;
  for (const auto& worker : workers_) any = any || worker->connected();
  unreachable_ = !any;
  if (unreachable_) return stop_workers();
  const std::uint64_t now_ns = uv_hrtime();
  for (const auto& worker : workers_) worker->go(now_ns);
}

void Session::stop_workers() {
  for (const auto& worker : workers_) worker->stop();
}

void Session::signal_cb(uv_signal_t* handle, int) noexcept {
  Session& self = *static_cast<Session*>(handle->data);
  self.interrupted_ = true;
  self.stop_workers();
}

void Session::timer_cb(uv_timer_t* handle) noexcept { static_cast<Session*>(handle->data)->progress(); }

void Session::progress() {
  std::uint64_t ended = ended_before_, failures = failures_before_;
  for (const auto& worker : workers_) {
    ended += worker->ended();
    failures += worker->failures();
  }
  const std::uint64_t now_ns = uv_hrtime();
  const double seconds = static_cast<double>(now_ns - shown_at_ns_) / 1e9;
  std::fprintf(stderr, "\r\x1b[K%6.1f s  %llu requests  %.0f/s  %llu failed",
               static_cast<double>(now_ns - began_ns_) / 1e9, static_cast<unsigned long long>(ended),
               static_cast<double>(ended - shown_ended_) / seconds, static_cast<unsigned long long>(failures));
  std::fflush(stderr);
  shown_ended_ = ended;
  shown_at_ns_ = now_ns;
}

void Session::clear_progress() {
  if (show_progress_) std::fputs("\r\x1b[K", stderr);
}

}  // namespace spillway::bench
