// One connection to the target: dials, sends the one request, reads the answer, keeps its time limit.
//
// Owner: a Worker, for the whole run; a lost connection is dialed again by the same object. Thread: the worker's loop.
// Memory: none per request, as long as the kernel takes the request at once.
#pragma once
#include <cstdint>

#include "cli/bench_answer.h"
#include "net/dial.h"
#include "net/loop.h"
#include "net/stream.h"

namespace spillway::bench {

struct Target;

class Connection final : private Stream::Events, private Dialer::Events, private Deadline::Events {
 public:
  static constexpr std::uint64_t kRestMs = 100;  // after a dial that failed, before the next one

  // What its owner hears of. Each is the last thing a callback does.
  class Events {
   public:
    virtual void on_open(Connection& connection) = 0;
    virtual void on_dial_failed(Connection& connection, const Error& error) = 0;  // it rests, then dials again
    virtual void on_ended(Connection& connection) = 0;  // a request; see answer(). on_open() follows when it dials anew

   protected:
    ~Events() = default;
  };

  struct Setup {
    Loop& loop;
    Dialer& dialer;
    const DialTarget& dial;
    const Target& target;
    std::uint64_t timeout_ms;
    bool stream;
    Tally& tally;
    JsonScanner& scanner;
    Connection::Events& events;
  };

  explicit Connection(const Setup& setup);
  void open();
  // Only when open and not busy. `start_ns` is the intended start, now or earlier; its age counts for the time limit.
  void start(std::uint64_t start_ns, std::uint64_t now_ns, bool measured);
  void close();

  bool usable() const { return phase_ == Phase::idle; }
  bool busy() const { return phase_ == Phase::busy; }
  bool measured() const { return measured_; }
  std::uint64_t start_ns() const { return start_ns_; }
  std::uint64_t end_ns() const { return end_ns_; }
  Ending ending() const { return timed_out_ ? Ending::timeout : answer_.ending(); }
  int status() const { return answer_.status(); }

 private:
  enum class Phase : std::uint8_t { fresh, dialing, resting, idle, busy, closed };
  void on_dialed(StreamPtr stream) override;
  void on_dial_failed(const Error& error) override;
  void on_data(std::string_view bytes) override;
  void on_eof() override;
  void on_drained() override {}
  void on_broken(const Error& error) override;
  void on_deadline(Deadline& deadline) override;
  void ended(std::uint64_t now_ns);
  void lost();

  const Setup setup_;
  Phase phase_ = Phase::fresh;
  Answer answer_;
  Deadline deadline_;
  StreamPtr stream_;
  std::uint64_t dial_ = 0, dialed_at_ns_ = 0, start_ns_ = 0, end_ns_ = 0;
  bool measured_ = false, timed_out_ = false;
};

}  // namespace spillway::bench
