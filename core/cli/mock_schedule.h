// When the mock's peers go on: instants in milliseconds, on the loop's clock, earliest first. Pure.
//
// A gap is counted from when the last step was due, not from when it happened, so that a stream of 1,000 gaps of 10 ms
// takes 10 s however late each single one is. Only who is a whole gap behind, because its client did not read or the
// machine was busy, starts anew from now instead of catching up in a burst.
#pragma once
#include <cstdint>
#include <map>

namespace spillway {

class MockSchedule {
 public:
  using Entry = std::multimap<std::uint64_t, void*>::iterator;
  static std::uint64_t after(std::uint64_t last_due_ms, std::uint32_t gap_ms, std::uint64_t now_ms);
  Entry add(std::uint64_t due_ms, void* who) { return all_.emplace(due_ms, who); }
  void remove(Entry entry) { all_.erase(entry); }
  void* take(std::uint64_t now_ms);  // the earliest that is due, which is no longer in it; nullptr: nobody is
  bool empty() const { return all_.empty(); }
  std::uint64_t next_ms() const { return all_.begin()->first; }  // not when empty

 private:
  std::multimap<std::uint64_t, void*> all_;
};

}  // namespace spillway
