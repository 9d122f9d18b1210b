// Names to addresses, off the loop (uv_getaddrinfo), with a cache of its own. Private to net/.
//
// An answer is fresh for a while; after that the next question still gets it, and a look-up in the background replaces
// it. A failing name server leaves the old answer standing until it is stale. One look-up per name at a time, at most
// kNamesMax names. Owner: a Dialer, which may destroy it when idle(). Thread: the loop's.
#pragma once
#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/address.h"
#include "net/loop.h"

namespace spillway {

class Resolver : private Deadline::Events {
 public:
  static constexpr std::size_t kNamesMax = 1024;

  struct Ages {
    std::uint64_t fresh_ms;
    std::uint64_t stale_ms;
    std::uint64_t again_ms = 1'000;  // between two look-ups in the background of one name
  };
  class Waiter {
   public:
    virtual void on_resolved(const Addresses& addresses) = 0;  // not empty
    virtual void on_unresolved(int status) = 0;                // a libuv error

   protected:
    ~Waiter() = default;
  };

  Resolver(Loop& loop, const Ages& ages);
  virtual ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // The addresses, if known; if not, the waiter hears in a later turn, unless it is forgotten.
  std::optional<Addresses> resolve(const std::string& host, Waiter& waiter);
  void forget(Waiter& waiter);
  void suspect(const std::string& host);  // could not be reached: look it up again at the next question
  void close();
  bool idle() const { return pending_ == 0; }

 protected:
  virtual void look_up(const std::string& host);  // answered(host, ...) follows
  void answered(const std::string& host, int status, const Addresses& addresses);

 private:
  struct LookUp;
  struct Name {
    Addresses addresses;
    std::uint64_t found_ms = 0;
    std::uint64_t asked_ms = 0;
    bool asking = false;
    bool suspect = false;
    std::vector<Waiter*> waiters;
  };
  void on_deadline(Deadline&) override;
  static void found_cb(uv_getaddrinfo_t* request, int status, addrinfo* list) noexcept;
  void ask(const std::string& host, Name& name);
  void make_room();

  Loop& loop_;
  const Ages ages_;
  std::unordered_map<std::string, Name> names_;
  std::unordered_map<LookUp*, std::unique_ptr<LookUp>> look_ups_;
  std::vector<Waiter*> hearing_;  // being told an answer right now
  std::size_t pending_ = 0;
  bool closed_ = false;
  Deadline later_;
};

}  // namespace spillway
