// What all workers of the process share: clock, metrics, cells, keyed state, the durable store, live figures of
// targets, the access log, and the tickets of waiting requests. Atomics and short locks only. Outlives the workers.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "llm/classify.h"
#include "llm/signatures.h"
#include "policy/host.h"
#include "proxy/access_log.h"
#include "proxy/spend.h"
#include "state/cells.h"
#include "state/keyed.h"
#include "state/store.h"

namespace spillway {

class Chain;
class Loop;
struct Config;

// Live figures of one target and its metric series; found by identity, so they survive reloads.
struct TargetLive {
  std::string provider, model;
  std::atomic<std::int64_t> in_flight{0};
  std::atomic<std::int64_t> latency_us{0};                // moving average to the first byte of the answer; 0: unknown
  std::array<std::atomic<Counter*>, kFaults> attempts{};  // by how they ended; null until the first one
  Counter* tokens_in = nullptr;
  Counter* tokens_out = nullptr;
  Sum* cost_usd = nullptr;
  Histogram* ttft = nullptr;
  void observe_latency(std::int64_t us);
};

// Names for waiting chains that other threads may hold. A ticket is good for one resume.
class Tickets {
 public:
  void add_worker(std::uint32_t worker, Loop& loop);
  void remove_worker(std::uint32_t worker);
  std::uint64_t take(std::uint32_t worker, Chain& chain);
  void release(std::uint64_t ticket);               // the chain's own thread
  bool resume(std::uint64_t ticket, void* result);  // ANY THREAD: marks it used and posts to the worker's loop
  Chain* deliver(std::uint64_t ticket);             // the worker's thread: whom a posted resume is for, or nullptr

 private:
  struct Slot {
    Chain* chain = nullptr;
    std::uint32_t generation = 1;
    bool resumed = false;
  };
  struct Worker {
    Loop* loop = nullptr;
    std::vector<Slot> slots;
    std::vector<std::uint32_t> free;
  };
  Slot* find(std::uint64_t ticket);
  std::mutex lock_;
  std::unordered_map<std::uint32_t, Worker> workers_;
};

// How short memory is: the steps of the soft limit, see proxy/memory.
enum class Pressure : std::uint8_t {
  none,
  no_store,  // no copies for the cache
  refuse,    // new requests get 503
  drop,      // what holds most is ended
};

// What is going on right now, as gauges that everybody may read.
struct Load {
  Gauge& connections;           // client connections
  Gauge& requests;              // between head and account
  Gauge& upstream_connections;  // idle ones too
};

// What the gateway's own limits did; series that are there, at 0, from the start.
struct LimitsHit {
  explicit LimitsHit(Metrics& metrics);
  Counter& crowded;      // times a worker stopped accepting
  Counter& idle_closed;  // idle clients that made room
  Counter& requests;     // refused: too many at once
  Counter& memory;       // refused: short of memory
  Counter& dropped;      // ended: shorter of memory
};

class Shared final : private Keyed::Waker {
 public:
  explicit Shared(const Clock& clock);
  ~Shared();
  // Opens what the first config asks for: store, access log, state bounds. Later configs reopen the access log only.
  Status open(const Config& config);

  const Clock& clock() const { return clock_; }
  Metrics& metrics() { return metrics_; }
  Cells& cells() { return cells_; }
  Store& store() { return *store_; }
  Spend& spend() { return spend_; }
  AccessLog& access_log() { return access_log_; }
  llm::Signatures& signatures() { return signatures_; }
  Tickets& tickets() { return tickets_; }
  Keyed& keyed(std::string_view policy);
  TargetLive& live(std::uint64_t target_id, std::string_view provider, std::string_view model);

  Load& load() { return load_; }
  LimitsHit& limits_hit() { return limits_hit_; }
  std::size_t workers = 1;  // set before the first of them starts
  std::atomic<bool> draining{false};
  std::atomic<Pressure> pressure{Pressure::none};

 private:
  void wake(std::uint64_t ticket) override { tickets_.resume(ticket, nullptr); }
  const Clock& clock_;
  Metrics metrics_;
  Load load_;
  LimitsHit limits_hit_;
  Cells cells_;
  std::unique_ptr<Store> store_;
  Spend spend_;
  AccessLog access_log_;
  llm::Signatures signatures_;
  Tickets tickets_;
  std::size_t keyed_bytes_ = 64u << 20;
  std::mutex lock_;
  std::unordered_map<std::string, std::unique_ptr<Keyed>> keyed_;
  std::unordered_map<std::uint64_t, std::unique_ptr<TargetLive>> live_;
};

}  // namespace spillway
