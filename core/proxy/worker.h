// One core's share of the proxy: a loop with its listeners, clients, upstream pool and policy state. Workers share
// Shared (atomics, short locks) and the immutable Generation, nothing else.
//
// Owner: Server. Thread: its own, which runs run(); what the server wants of it goes through
// the loop's inbox.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/dice.h"
#include "json/scan.h"
#include "net/dial.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tls.h"
#include "policy/chain.h"
#include "policy/host.h"
#include "proxy/account.h"
#include "proxy/generation.h"
#include "upstream/pool.h"

namespace spillway {

class Client;
class PolicyFetch;
class PolicyTimer;
class Shared;

// A generation on one worker, with its policies' worker blocks; goes when the last request that began under it has.
struct Tenure {
  std::shared_ptr<const Generation> generation;  // why: see Generation::build
  std::unique_ptr<PolicyWorker> policies;
  std::uint32_t requests = 0;
};

class Worker final : public Services, private Listener::Events, private Loop::Inbox, private Deadline::Events {
 public:
  Worker(std::uint32_t index, Shared& shared);
  ~Worker();

  // Before the thread starts: binds the listeners and starts the policies.
  Status start(std::shared_ptr<const Generation> generation);  // why: see Generation::build
  void spawn();
  void join();
  std::uint16_t port() const;  // of the first listener

  // From the server's thread.
  struct Command {
    // A reload prepares on all workers, then commits on all or discards on all.
    enum class What : std::uint8_t {
      prepare,
      commit,
      discard,
      drain,
      stop,
      status,
      command,
      finish,
      shed,
      explain
    } what = What::status;
    std::shared_ptr<const Generation> generation;  // why: see Generation::build
    std::string text;                              // answer to status and command; reason why prepare failed
    std::string policy, words;                     // of command; words: of explain, too
    std::string key, tags;                         // of explain
    bool ok = true;
    Loop* reply_to = nullptr;  // the command comes back there as a message, carried out
  };
  static constexpr std::uint64_t kReply = 1;  // Message::what of a command that comes back
  void post(Command* command);                // stays the caller's; must live until it comes back

  // For clients, requests and fetches, on the worker's thread.
  Loop& loop() { return loop_; }
  Pool& pool() { return *pool_; }
  Shared& shared() { return shared_; }
  Accounts& accounts() { return accounts_; }
  JsonScanner& scanner() { return scanner_; }
  Tenure& enter();  // the current tenure, one more request in it
  void leave(Tenure& tenure);
  const Generation& generation() const { return *tenures_.back()->generation; }
  const Generation* generation_of(const PolicyWorker& policies) const;  // nullptr: it is being made
  // crowd.cc: what is too much, and who has to wait or go.
  bool leaving() const;  // no connection is kept for later: all are taken, or the server drains
  enum class Overload : std::uint8_t { none, requests, memory };
  Overload overload(int own) const;  // of one more request, of which `own` are in the gauge already
  void forget(Client& client);       // buries it
  void forget(PolicyFetch& fetch);
  void fired(PolicyTimer& timer);
  // Memory for a head and for a body, empty, and back after its use: a few warm pieces serve all clients.
  std::string spare_memory();
  void keep_memory(std::string memory);
  Bytes spare_body();
  void keep_body(Bytes memory);
  // The same for the lists of a request.
  struct Lists {
    std::vector<Candidate> candidates;
    std::vector<Tried> tried;
    std::vector<std::string_view> pieces;
  };
  Lists spare_lists();
  void keep_lists(Lists lists);
  std::string_view next_request_id(std::span<char, 24> room);
  void watch_streams();  // from now on all clients are asked every second whether theirs has gone silent

  // Services, in services.cc
  const Clock& clock() const override;
  Dice& dice() override { return dice_; }
  Cells& cells() override;
  Keyed& keyed(std::string_view policy) override;
  Store& store() override;
  Metrics& metrics() override;
  bool fetch(Services::Fetch fetch, PolicyWorker& worker, std::size_t policy, std::uint64_t ticket) override;
  bool timer(PolicyWorker& worker, std::size_t policy, std::int64_t after_ms, std::uint64_t cookie) override;
  std::uint64_t ticket(Chain& chain) override;
  void release(std::uint64_t ticket) override;

 private:
  void on_accepted(StreamPtr stream) override;
  void on_deadline(Deadline& deadline) override;
  bool full() const;
  bool close_an_idle_client();
  void crowd(bool crowded);
  void look_for_silence();
  void shed();
  void on_message(const Loop::Message& message) override;
  void run();
  void carry_out(Command& command);
  Status prepare(std::shared_ptr<const Generation> generation);  // why: see Generation::build
  void commit();
  Status bind(const Generation& generation);
  void retire();
  void begin_drain();
  void stop_now();
  void finish_if_idle();
  Pool::Options pool_options(const Limits& limits);

  const std::uint32_t index_;
  Shared& shared_;
  Loop loop_;
  Dice dice_;
  JsonScanner scanner_;
  Accounts accounts_;
  std::unique_ptr<Dialer> dialer_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<TlsServer> tls_, prepared_tls_;
  std::vector<Listener::Ptr> listeners_;
  std::vector<std::unique_ptr<Tenure>> tenures_;
  std::unique_ptr<Tenure> prepared_;
  Command finish_;
  std::vector<std::unique_ptr<Client>> clients_;
  SharedLimits read_limits_;  // of clients
  std::vector<std::string> spare_memory_;
  std::vector<Bytes> spare_bodies_;
  std::vector<Lists> spare_lists_;
  std::vector<std::unique_ptr<PolicyFetch>> fetches_;
  std::vector<std::unique_ptr<PolicyTimer>> timers_;
  std::uint64_t id_salt_ = 0, id_count_ = 0;
  std::uint64_t connections_max_ = 0;
  std::int64_t requests_max_ = 0;  // 0: no bound
  std::size_t hand_ = 0;           // where the search for an idle client goes on
  bool crowded_ = false;           // the listeners rest until somebody leaves
  Deadline crowd_deadline_, silence_deadline_;
  bool draining_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace spillway
