// Keyed values shared by all workers, bounded in bytes (least recently used first out) and in time, with single flight:
// the first who asks for a missing key leads, others wait for it by ticket.
//
// In memory, in kShards parts with a lock each that is held for a table operation only; the bound and the order of use
// are of all parts together. Thread: any.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace spillway {

class Keyed {
 public:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kKeyBytesMax = 4096;
  static constexpr std::size_t kEntryOverheadBytes = 256;  // what an entry costs besides key and value, roughly
  static constexpr std::size_t kLeadsMax = 65'536;         // keys somebody makes right now
  static constexpr std::size_t kWaitersMax = 16'384;       // for one key
  static constexpr std::int64_t kLeadMaxMs = 600'000;      // a leader silent this long is taken for lost
  // Called without any lock held, once per waiting ticket, when a leader has put or dropped its key.
  class Waker {
   public:
    virtual void wake(std::uint64_t ticket) = 0;

   protected:
    ~Waker() = default;
  };
  enum class Found : std::uint8_t { no, yes, lead, wait };
  struct Got {
    Found found = Found::no;
    std::shared_ptr<const std::string> value;  // why: shared by readers on several threads while an eviction runs
    std::int64_t age_ms = 0;
  };

  static std::unique_ptr<Keyed> in_memory(const Clock& clock, Waker& waker, std::size_t bytes_max);
  virtual ~Keyed() = default;
  virtual void set_bytes_max(std::size_t bytes_max) = 0;
  virtual Got get(std::string_view key) = 0;
  // found, or lead (the caller is now the leader), or wait (`ticket` will be woken once). ticket 0 never waits and gets
  // no while somebody leads; so do those beyond kWaitersMax. A ticket may wait for one key only.
  virtual Got lead(std::string_view key, std::uint64_t ticket) = 0;
  // Wakes. False: not kept, for its size or because ttl_ms is not positive; an older value is gone all the same.
  virtual bool put(std::string_view key, std::string_view value, std::int64_t ttl_ms) = 0;
  virtual void drop(std::string_view key) = 0;     // forgets value and lead, wakes
  virtual void abandon(std::string_view key) = 0;  // the leader gives up: wakes, keeps a value if there is one
  virtual void unwait(std::string_view key, std::uint64_t ticket) = 0;  // a waiter that went away
  virtual std::size_t bytes() const = 0;
  virtual std::size_t entries() const = 0;
};

}  // namespace spillway
