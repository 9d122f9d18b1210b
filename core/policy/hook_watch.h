// Notices a policy's hook that does not return (reliability.md P2). Nothing else could: the hook has the loop's thread.
//
// Every HostCall has a HookMark, which says what its policy is in; HookWatch knows all marks of the process, and a
// HookWatcher looks at them once a second from a thread of its own. It counts looks, not time: when a suspended process
// goes on, nobody is blamed for the pause. Entering and leaving a hook is one relaxed store each.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.h"

namespace spillway {

enum class Hook : std::uint32_t;

class HookMark {
 public:
  // Owner: a HostCall; written by its worker's thread.
  void enter(Hook hook) {
    now_.store(++count_ << kHookBits | static_cast<std::uint32_t>(hook), std::memory_order_relaxed);
  }
  void leave() { now_.store(0, std::memory_order_relaxed); }

 private:
  friend class HookWatch;
  static constexpr unsigned kHookBits = 16;
  std::atomic<std::uint64_t> now_{0};  // which entry into which hook; 0: none
  std::uint64_t count_ = 0;            // tells two entries into the same hook apart
};

class HookWatch {
 public:
  struct Stuck {
    std::string policy;
    std::string_view hook;  // as the ABI calls it
    std::uint32_t looks;    // at this same entry, behind the first
  };
  static HookWatch& process();
  void add(const HookMark& mark, std::string_view policy);  // until remove()
  void remove(const HookMark& mark);
  std::vector<Stuck> look();  // those that were in the same hook at the last look already

 private:
  struct Watched {
    const HookMark* mark;
    std::string policy;
    std::uint64_t seen = 0;
    std::uint32_t looks = 0;
  };
  std::mutex lock_;
  std::vector<Watched> all_;
};

// The thread. From start() until stop() it logs who is stuck, and ends the process after abort_ms.
class HookWatcher {
 public:
  static constexpr std::int64_t kLookMs = 1000;
  ~HookWatcher() { stop(); }
  Status start(std::int64_t abort_ms);
  void set(std::int64_t abort_ms) { abort_ms_.store(abort_ms, std::memory_order_relaxed); }  // 0: only log
  void stop();

 private:
  void run() const;
  std::atomic<std::int64_t> abort_ms_{0};
  int wake_ = -1;  // an eventfd: readable, the thread ends
  std::thread thread_;
};

}  // namespace spillway
