// What policies need of the rest: interfaces that proxy implements, and the spw_host table over them.
//
// Services is the worker's side (clock, dice, cells, state, store, fetch, timers, metrics), Subject the request's. The
// table's functions live in host.cc and know nothing of sockets. Thread: the worker's loop but for resume().
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/dice.h"
#include "base/hash.h"
#include "base/metrics.h"
#include "policy/plan.h"
#include "spillway_plugin.h"
#include "state/cells.h"
#include "state/keyed.h"
#include "state/store.h"

namespace spillway {

class Chain;
class PolicyWorker;

class Services {
 public:
  virtual const Clock& clock() const = 0;
  virtual Dice& dice() = 0;
  virtual Cells& cells() = 0;
  virtual Keyed& keyed(std::string_view policy) = 0;  // one per policy name, for the process
  virtual Store& store() = 0;
  virtual Metrics& metrics() = 0;

  struct Fetch {
    std::string method, url, headers, body;
    std::int64_t timeout_ms = 10'000;
  };
  // The answer comes back through PolicyWorker::on_fetched(cookie, ...), or resumes `ticket`. False: refused at once.
  virtual bool fetch(Fetch fetch, PolicyWorker& worker, std::size_t policy, std::uint64_t ticket) = 0;
  // Ends in PolicyWorker::on_timer(policy, cookie), unless the generation is stopped before.
  virtual bool timer(PolicyWorker& worker, std::size_t policy, std::int64_t after_ms, std::uint64_t cookie) = 0;
  // Tickets for waiting chains; resume() may come from any thread and goes through the worker's inbox.
  virtual std::uint64_t ticket(Chain& chain) = 0;
  virtual void release(std::uint64_t ticket) = 0;

 protected:
  ~Services() = default;
};

// ANY THREAD: delivers to the worker that the ticket names; set once by proxy before the first worker starts.
using Resumer = bool (*)(std::uint64_t ticket, void* result);
void set_resumer(Resumer resumer);

class Subject {
 public:
  virtual std::string_view text(spw_fact fact) const = 0;  // empty for unknown facts
  virtual std::int64_t number(spw_fact fact) const = 0;    // 0 for unknown facts
  virtual std::string_view header(std::string_view name) const = 0;
  virtual bool reply(int status, std::string_view type, std::string_view body) = 0;
  virtual bool replay(std::string_view blob, std::int64_t age_ms) = 0;
  virtual bool set_upstream_header(std::string_view name, std::string_view value) = 0;
  virtual bool set_answer_header(std::string_view name, std::string_view value) = 0;
  virtual bool note(std::string_view name, std::string_view value) = 0;
  virtual bool capture(std::int64_t bytes_max) = 0;
  virtual std::optional<Digest> fingerprint(const std::vector<std::string_view>& without) = 0;
  // Nobody asks: it is only to be said what would happen. Nothing is fetched or counted then.
  virtual bool supposed() const { return false; }
  // The chain waited and goes on: `verdict` is what the whole chain came to.
  virtual void on_chain_resumed() = 0;

 protected:
  ~Subject() = default;
};

const spw_host& host_table();

}  // namespace spillway
