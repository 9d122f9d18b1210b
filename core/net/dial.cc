// One Dialing per call of dial(): resolve, race, then TLS, under one deadline. It is destroyed just before its event,
// so that the callee may do what it likes, and by cancel(), after which nothing is called.
#include "net/dial.h"

#include <unordered_map>
#include <utility>

#include "net/race.h"
#include "net/resolver.h"
#include "net/tls.h"

namespace spillway {

namespace {

class LoopDialer;

class Dialing final : public Resolver::Waiter, public Race::Events, public TlsClient::Events, public Deadline::Events {
 public:
  Dialing(LoopDialer& owner, std::uint64_t number, const DialTarget& target, std::uint64_t timeout_ms,
          Dialer::Events& events);
  ~Dialing();
  Dialing(const Dialing&) = delete;
  Dialing& operator=(const Dialing&) = delete;
  void start();

 private:
  enum class Phase : std::uint8_t { resolve, connect, secure };
  void on_resolved(const Addresses& addresses) override { connect(addresses); }
  void on_unresolved(int status) override;
  void on_won(StreamPtr stream) override;
  void on_lost(int status) override;
  void on_secured(StreamPtr stream) override { succeed(std::move(stream)); }
  void on_refused(const Error& error) override;
  void on_deadline(Deadline& deadline) override;
  void connect(Addresses addresses);
  void succeed(StreamPtr stream);
  void fail(Error error);
  std::string name() const;

  LoopDialer& owner_;
  const std::uint64_t number_;
  const DialTarget target_;
  const std::uint64_t timeout_ms_;
  Dialer::Events& events_;
  Phase phase_ = Phase::resolve;
  Deadline timeout_;
  std::unique_ptr<Race> race_;
  std::unique_ptr<TlsClient::Handshake> handshake_;
};

class LoopDialer final : public Dialer {
 public:
  explicit LoopDialer(Loop& loop) : loop_(loop), resolver_(loop, {.fresh_ms = kFreshMs, .stale_ms = kStaleMs}) {}
  ~LoopDialer() override { CHECK(idle()); }
  std::uint64_t dial(const DialTarget& target, std::uint64_t timeout_ms, Events& events) override;
  void cancel(std::uint64_t number) override { dials_.erase(number); }
  void close() override;
  bool idle() const override { return dials_.empty() && resolver_.idle(); }

  Loop& loop() { return loop_; }
  Resolver& resolver() { return resolver_; }

 private:
  Loop& loop_;
  Resolver resolver_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Dialing>> dials_;
  bool closed_ = false;
};

std::uint64_t LoopDialer::dial(const DialTarget& target, std::uint64_t timeout_ms, Events& events) {
  CHECK(!closed_);
  const std::uint64_t number = ++last_number_;
  auto dialing = std::make_unique<Dialing>(*this, number, target, timeout_ms, events);
  Dialing& started = *dials_.emplace(number, std::move(dialing)).first->second;
  started.start();
  return number;
}

void LoopDialer::close() {
  closed_ = true;
  dials_.clear();
  resolver_.close();
}

Dialing::Dialing(LoopDialer& owner, std::uint64_t number, const DialTarget& target, std::uint64_t timeout_ms,
                 Dialer::Events& events)
    : owner_(owner),
      number_(number),
      target_(target),
      timeout_ms_(timeout_ms),
      events_(events),
      timeout_(owner.loop(), *this) {}

Dialing::~Dialing() {
  if (phase_ == Phase::resolve) owner_.resolver().forget(*this);
}

void Dialing::start() {
  timeout_.arm(timeout_ms_);
  if (const std::optional<Address> literal = Address::literal(target_.host, target_.port)) return connect({*literal});
  if (const std::optional<Addresses> known = owner_.resolver().resolve(target_.host, *this)) connect(*known);
}

void Dialing::connect(Addresses addresses) {
  phase_ = Phase::connect;
  for (Address& address : addresses) address.set_port(target_.port);
  race_ = std::make_unique<Race>(owner_.loop(), addresses, Dialer::kRaceMs, *this);
}

void Dialing::on_won(StreamPtr stream) {
  if (target_.tls == nullptr) return succeed(std::move(stream));
  phase_ = Phase::secure;
  handshake_ = target_.tls->secure(owner_.loop(), std::move(stream), target_.host, *this);
}

void Dialing::on_unresolved(int status) {
  fail({Kind::dns, Source::upstream, Retry::yes, "cannot resolve " + target_.host + ": " + uv_strerror(status)});
}

void Dialing::on_lost(int status) {
  owner_.resolver().suspect(target_.host);
  fail(system_error(status, Source::upstream, "cannot connect to " + name()));
}

void Dialing::on_refused(const Error& error) {
  Error named = error;
  named.detail = name() + ": " + error.detail;
  fail(std::move(named));
}

void Dialing::on_deadline(Deadline&) {
  if (phase_ == Phase::connect) owner_.resolver().suspect(target_.host);
  const std::string after = " in " + std::to_string(timeout_ms_) + " ms";
  const std::string what = phase_ == Phase::resolve   ? "cannot resolve " + target_.host + ": no answer" + after
                           : phase_ == Phase::connect ? "cannot connect to " + name() + ": no answer" + after
                                                      : name() + ": TLS handshake not finished" + after;
  fail({Kind::timeout, Source::upstream, Retry::yes, what});
}

void Dialing::succeed(StreamPtr stream) {
  Dialer::Events& events = events_;
  owner_.cancel(number_);  // destroys us
  events.on_dialed(std::move(stream));
}

void Dialing::fail(Error error) {
  Dialer::Events& events = events_;
  const Error told = std::move(error);
  owner_.cancel(number_);  // destroys us
  events.on_dial_failed(told);
}

std::string Dialing::name() const {
  const bool v6 = target_.host.find(':') != std::string::npos;
  return (v6 ? "[" + target_.host + "]:" : target_.host + ":") + std::to_string(target_.port);
}

}  // namespace

std::unique_ptr<Dialer> Dialer::create(Loop& loop) { return std::make_unique<LoopDialer>(loop); }

}  // namespace spillway
