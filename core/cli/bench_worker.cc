#include "cli/bench_worker.h"

#include <algorithm>

namespace spillway::bench {

namespace {
// Only this thread writes, so no locked instruction is needed.
void count(std::atomic<std::uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}
}  // namespace

Worker::Worker(const Shift& shift, Loop& owner)
    : shift_(shift),
      owner_(owner),
      dialer_(Dialer::create(loop_)),
      schedule_(shift.plan.rate, shift.plan.threads, shift.index) {}

Status Worker::start() {
  const Url& url = shift_.target.url;
  if (url.tls) {
    auto tls = TlsClient::create({.ca_file = {}, .insecure = shift_.plan.insecure});
    if (!tls) {
      loop_.close();
      dialer_->close();
      loop_.run();
      return tls.error();
    }
    tls_ = std::move(*tls);
  }
  dial_ = {url.host, url.port, tls_.get()};
  Pacer::Events& time = *this;
  if (open_loop()) pacer_ = std::make_unique<Pacer>(loop_, time);
  const std::uint64_t mine = share(shift_.plan.connections, shift_.plan.threads, shift_.index);
  const Connection::Setup setup{loop_,  *dialer_, dial_, shift_.target, shift_.plan.timeout_ms, shift_.plan.stream,
                                tally_, scanner_, *this};
  for (std::uint64_t i = 0; i < mine; ++i) connections_.push_back(std::make_unique<Connection>(setup));
  idle_.reserve(connections_.size());
  loop_.set_inbox(this);
  loop_.post({dial, nullptr});
  thread_ = std::thread([this] { loop_.run(); });
  return Nothing{};
}

// Written before the message and read after it, so the inbox's lock orders the two.
void Worker::go(std::uint64_t start_ns) {
  go_at_ns_ = start_ns;
  loop_.post({begin, nullptr});
}

void Worker::stop() { loop_.post({quit, nullptr}); }

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::on_message(const Loop::Message& message) {
  if (finished_) return;
  switch (message.what) {
    case dial:
      for (const auto& connection : connections_) connection->open();
      break;
    case begin: run_from(go_at_ns_); break;
    default: finish(uv_hrtime()); break;
  }
}

void Worker::run_from(std::uint64_t start_ns) {
  running_ = true;
  start_ns_ = start_ns;
  warm_ns_ = start_ns + shift_.warm_up_ns;
  end_ns_ = shift_.requests == 0 ? warm_ns_ + shift_.duration_ns : 0;
  if (open_loop()) {
    scheduled_ = schedule_.before((end_ns_ != 0 ? end_ns_ : warm_ns_) - start_ns_);
    if (end_ns_ == 0) scheduled_ += shift_.requests;
  }
  for (const auto& connection : connections_) {
    if (connection->usable()) feed(*connection);
    if (finished_) return;
  }
  finish_when_done(uv_hrtime());
}

void Worker::settled() {
  if (++settled_ == connections_.size()) owner_.post({ready, this});
}

void Worker::on_open(Connection& connection) {
  if (running_) {
    if (open_loop()) std::erase(idle_, &connection);  // lost while idle
    return feed(connection);
  }
  // After `ready` the owner reads what is counted here.
  if (settled_ == connections_.size()) return;
  ++connected_;
  settled();
}

void Worker::on_dial_failed(Connection&, const Error& error) {
  if (!running_) {
    if (settled_ == connections_.size()) return;
    if (dial_error_.empty()) dial_error_ = error.detail;
    settled();
    return;
  }
  // The request that this connection would have carried.
  const std::uint64_t now_ns = uv_hrtime();
  if (open_loop()) {
    expire(now_ns);
    if (started_ < scheduled_ && due_ns(started_) <= now_ns) miss(due_ns(started_++), Ending::connect);
  } else if (more_to_start(now_ns)) {
    if (now_ns >= warm_ns_) ++started_;
    miss(now_ns, Ending::connect);
  }
  finish_when_done(now_ns);
}

bool Worker::more_to_start(std::uint64_t now_ns) const {
  if (open_loop()) return started_ < scheduled_;
  return end_ns_ != 0 ? now_ns < end_ns_ : started_ < shift_.requests;
}

void Worker::feed(Connection& connection) {
  const std::uint64_t now_ns = uv_hrtime();
  if (open_loop()) return feed_scheduled(connection, now_ns);
  if (!more_to_start(now_ns)) return finish_when_done(now_ns);
  const bool measured = now_ns >= warm_ns_;
  if (measured) ++started_;
  ++busy_;
  connection.start(now_ns, now_ns, measured);
}

void Worker::feed_scheduled(Connection& connection, std::uint64_t now_ns) {
  expire(now_ns);
  if (started_ == scheduled_) return finish_when_done(now_ns);
  const std::uint64_t due = due_ns(started_);
  if (due > now_ns) {
    idle_.push_back(&connection);
    pacer_->wake_at(due);
    return;
  }
  ++started_;
  ++busy_;
  connection.start(due, now_ns, due >= warm_ns_);
}

void Worker::on_time() {
  if (finished_) return;
  const std::uint64_t now_ns = uv_hrtime();
  while (!idle_.empty() && started_ < scheduled_ && due_ns(started_) <= now_ns) {
    Connection& connection = *idle_.back();
    idle_.pop_back();
    if (connection.usable()) feed_scheduled(connection, now_ns);  // else it was lost meanwhile and comes back
  }
  if (!idle_.empty() && started_ < scheduled_) pacer_->wake_at(due_ns(started_));
}

void Worker::expire(std::uint64_t now_ns) {
  const std::uint64_t limit_ns = shift_.plan.timeout_ms * 1'000'000;
  while (started_ < scheduled_ && due_ns(started_) + limit_ns <= now_ns) miss(due_ns(started_++), Ending::timeout);
}

void Worker::on_ended(Connection& connection) {
  --busy_;
  count(ended_);
  const Ending ending = connection.ending();
  if (ending != Ending::ok) {
    miss(connection.start_ns(), ending, connection.status());
  } else if (connection.measured()) {
    tally_.end(Ending::ok);
    tally_.latency.record(connection.end_ns() - connection.start_ns());
    last_end_ns_ = connection.end_ns();
  }
  if (ending == Ending::ok && in_window(connection)) ++tally_.in_window;
  if (connection.usable()) return feed(connection);
  finish_when_done(connection.end_ns());
}

// What began while warming up counts for the throughput too when it ends in the measured time, as what began there and
// ends later does not.
bool Worker::in_window(const Connection& connection) const {
  if (end_ns_ == 0) return connection.measured();
  return connection.end_ns() > warm_ns_ && connection.end_ns() <= end_ns_;
}

void Worker::miss(std::uint64_t start_ns, Ending ending, int status) {
  count(failures_);
  if (start_ns < warm_ns_) return;
  tally_.end(ending, status);
  last_end_ns_ = uv_hrtime();
}

void Worker::finish_when_done(std::uint64_t now_ns) {
  if (running_ && !finished_ && busy_ == 0 && !more_to_start(now_ns)) finish(now_ns);
}

void Worker::finish(std::uint64_t now_ns) {
  finished_ = true;
  if (running_) {
    std::uint64_t window_end = end_ns_ != 0 ? std::min(end_ns_, now_ns) : last_end_ns_;
    for (const auto& connection : connections_) {
      if (connection->busy() && connection->measured()) tally_.end(Ending::unfinished);
    }
    if (end_ns_ == 0 && more_to_start(now_ns)) window_end = now_ns;
    tally_.window_ns = window_end > warm_ns_ ? window_end - warm_ns_ : 0;
  }
  for (const auto& connection : connections_) connection->close();
  if (pacer_ != nullptr) pacer_->close();
  dialer_->close();
  loop_.close();
  owner_.post({finished, this});
}

}  // namespace spillway::bench
