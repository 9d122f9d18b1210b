// Keyed state in memory.
//
// Every entry carries the number of its last use, and every shard shows the number of its least recently used entry;
// making room takes from the shard that shows the smallest, so the order is that of all shards together. No lock is
// held while another is taken, nor while a waiter is woken. Thread: any.
#include "state/keyed.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace spillway {
namespace {

using Tickets = std::vector<std::uint64_t>;

struct Entry {
  std::string key;
  std::shared_ptr<const std::string> value;  // why: shared by readers on several threads while an eviction runs
  std::uint64_t stored_us, expires_us, used;
  std::size_t bytes() const { return key.size() + value->size() + Keyed::kEntryOverheadBytes; }
};

struct Lead {
  std::uint64_t ticket, since_us;
  Tickets waiters;
};

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

struct Shard {
  std::mutex lock;
  std::list<Entry> entries;                                                 // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;  // views of Entry::key
  std::unordered_map<std::string, Lead> leads;
  std::atomic<std::uint64_t> oldest{kNever};  // `used` of the last entry, for a look without the lock
};

class MemoryKeyed final : public Keyed {
 public:
  MemoryKeyed(const Clock& clock, Waker& waker, std::size_t bytes_max)
      : clock_(clock), waker_(waker), bytes_max_(bytes_max) {}
  void set_bytes_max(std::size_t bytes_max) override;
  Got get(std::string_view key) override;
  Got lead(std::string_view key, std::uint64_t ticket) override;
  bool put(std::string_view key, std::string_view value, std::int64_t ttl_ms) override;
  void drop(std::string_view key) override;
  void abandon(std::string_view key) override;
  void unwait(std::string_view key, std::uint64_t ticket) override;
  std::size_t bytes() const override { return bytes_.load(std::memory_order_relaxed); }
  std::size_t entries() const override { return entries_.load(std::memory_order_relaxed); }

 private:
  Shard& shard(std::string_view key) { return shards_[std::hash<std::string_view>{}(key) % kShards]; }
  // These want the shard's lock.
  Got look(Shard& shard, std::string_view key);
  void erase(Shard& shard, std::list<Entry>::iterator entry);
  void insert(Shard& shard, Entry entry);
  Tickets end_lead(Shard& shard, std::string_view key);
  Got join(Lead& lead, std::uint64_t ticket);
  // These want no lock.
  void wake(const Tickets& tickets);
  void make_room();
  Shard* shard_with_oldest();

  const Clock& clock_;
  Waker& waker_;
  std::atomic<std::size_t> bytes_max_, bytes_{0}, entries_{0}, leads_{0};
  std::atomic<std::uint64_t> uses_{0};
  std::array<Shard, kShards> shards_;
};

void show_oldest(Shard& shard) {
  shard.oldest.store(shard.entries.empty() ? kNever : shard.entries.back().used, std::memory_order_relaxed);
}

void MemoryKeyed::erase(Shard& shard, std::list<Entry>::iterator entry) {
  bytes_.fetch_sub(entry->bytes(), std::memory_order_relaxed);
  entries_.fetch_sub(1, std::memory_order_relaxed);
  shard.by_key.erase(entry->key);
  shard.entries.erase(entry);
  show_oldest(shard);
}

void MemoryKeyed::insert(Shard& shard, Entry entry) {
  bytes_.fetch_add(entry.bytes(), std::memory_order_relaxed);
  entries_.fetch_add(1, std::memory_order_relaxed);
  shard.entries.push_front(std::move(entry));
  shard.by_key.emplace(shard.entries.front().key, shard.entries.begin());
  show_oldest(shard);
}

Keyed::Got MemoryKeyed::look(Shard& shard, std::string_view key) {
  const auto found = shard.by_key.find(key);
  if (found == shard.by_key.end()) return {};
  const auto entry = found->second;
  const std::uint64_t now = clock_.now_us();
  if (now >= entry->expires_us) {
    erase(shard, entry);
    return {};
  }
  entry->used = uses_.fetch_add(1, std::memory_order_relaxed);
  shard.entries.splice(shard.entries.begin(), shard.entries, entry);
  show_oldest(shard);
  return {Found::yes, entry->value, static_cast<std::int64_t>((now - std::min(now, entry->stored_us)) / 1000)};
}

Keyed::Got MemoryKeyed::get(std::string_view key) {
  Shard& part = shard(key);
  const std::lock_guard hold(part.lock);
  return look(part, key);
}

Keyed::Got MemoryKeyed::join(Lead& lead, std::uint64_t ticket) {
  const std::uint64_t now = clock_.now_us();
  const bool lost = now - std::min(now, lead.since_us) > static_cast<std::uint64_t>(kLeadMaxMs) * 1000;
  if (lost || (ticket != 0 && ticket == lead.ticket)) {  // those who wait for a lost leader wait for the new one
    lead.ticket = ticket;
    lead.since_us = now;
    return {Found::lead, nullptr, 0};
  }
  if (ticket == 0) return {};
  if (std::find(lead.waiters.begin(), lead.waiters.end(), ticket) == lead.waiters.end()) {
    if (lead.waiters.size() >= kWaitersMax) return {};
    lead.waiters.push_back(ticket);
  }
  return {Found::wait, nullptr, 0};
}

Keyed::Got MemoryKeyed::lead(std::string_view key, std::uint64_t ticket) {
  if (key.size() > kKeyBytesMax) return {};
  Shard& part = shard(key);
  const std::lock_guard hold(part.lock);
  Got got = look(part, key);
  if (got.found == Found::yes) return got;
  const auto there = part.leads.find(std::string(key));
  if (there != part.leads.end()) return join(there->second, ticket);
  if (leads_.load(std::memory_order_relaxed) >= kLeadsMax) return {};
  leads_.fetch_add(1, std::memory_order_relaxed);
  part.leads.emplace(key, Lead{ticket, clock_.now_us(), {}});
  return {Found::lead, nullptr, 0};
}

Tickets MemoryKeyed::end_lead(Shard& part, std::string_view key) {
  const auto there = part.leads.find(std::string(key));
  if (there == part.leads.end()) return {};
  Tickets waiters = std::move(there->second.waiters);
  part.leads.erase(there);
  leads_.fetch_sub(1, std::memory_order_relaxed);
  return waiters;
}

void MemoryKeyed::wake(const Tickets& tickets) {
  for (const std::uint64_t ticket : tickets) waker_.wake(ticket);
}

bool MemoryKeyed::put(std::string_view key, std::string_view value, std::int64_t ttl_ms) {
  const std::size_t bytes = key.size() + value.size() + kEntryOverheadBytes;
  const bool kept = key.size() <= kKeyBytesMax && bytes <= bytes_max_.load(std::memory_order_relaxed) && ttl_ms > 0;
  Entry entry;
  if (kept) {  // copied before the lock is taken
    const std::uint64_t now = clock_.now_us();
    const auto ttl_us =
        static_cast<std::uint64_t>(std::min(ttl_ms, std::numeric_limits<std::int64_t>::max() / 2000)) * 1000;
    entry = {std::string(key), std::make_shared<const std::string>(value),  // why: see Entry
             now, now + ttl_us, uses_.fetch_add(1, std::memory_order_relaxed)};
  }
  Tickets waiters;
  {
    Shard& part = shard(key);
    const std::lock_guard hold(part.lock);
    if (const auto old = part.by_key.find(key); old != part.by_key.end()) erase(part, old->second);
    if (kept) insert(part, std::move(entry));
    waiters = end_lead(part, key);
  }
  make_room();
  wake(waiters);
  return kept;
}

void MemoryKeyed::drop(std::string_view key) {
  Tickets waiters;
  {
    Shard& part = shard(key);
    const std::lock_guard hold(part.lock);
    if (const auto old = part.by_key.find(key); old != part.by_key.end()) erase(part, old->second);
    waiters = end_lead(part, key);
  }
  wake(waiters);
}

void MemoryKeyed::abandon(std::string_view key) {
  Tickets waiters;
  {
    Shard& part = shard(key);
    const std::lock_guard hold(part.lock);
    waiters = end_lead(part, key);
  }
  wake(waiters);
}

void MemoryKeyed::unwait(std::string_view key, std::uint64_t ticket) {
  Shard& part = shard(key);
  const std::lock_guard hold(part.lock);
  const auto there = part.leads.find(std::string(key));
  if (there != part.leads.end()) std::erase(there->second.waiters, ticket);
}

Shard* MemoryKeyed::shard_with_oldest() {
  Shard* found = nullptr;
  std::uint64_t oldest = kNever;
  for (Shard& part : shards_) {
    const std::uint64_t used = part.oldest.load(std::memory_order_relaxed);
    if (used >= oldest) continue;
    oldest = used;
    found = &part;
  }
  return found;
}

void MemoryKeyed::make_room() {
  while (bytes_.load(std::memory_order_relaxed) > bytes_max_.load(std::memory_order_relaxed)) {
    Shard* part = shard_with_oldest();
    if (part == nullptr) return;
    const std::lock_guard hold(part->lock);
    if (!part->entries.empty()) erase(*part, std::prev(part->entries.end()));
  }
}

void MemoryKeyed::set_bytes_max(std::size_t bytes_max) {
  bytes_max_.store(bytes_max, std::memory_order_relaxed);
  make_room();
}

}  // namespace

std::unique_ptr<Keyed> Keyed::in_memory(const Clock& clock, Waker& waker, std::size_t bytes_max) {
  return std::make_unique<MemoryKeyed>(clock, waker, bytes_max);
}

}  // namespace spillway
