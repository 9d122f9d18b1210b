// The access log: one line per request, written by a thread of its own, so that serving never waits for a disk or a
// pipe. The queue is bounded: when it is full, lines are dropped and counted. Thread: any.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/metrics.h"

namespace spillway {

class AccessLog {
 public:
  static constexpr std::size_t kQueueBytes = 4u << 20;
  static constexpr std::size_t kBatchBytes = 64u << 10;    // so many are written at once ...
  static constexpr std::chrono::milliseconds kGather{20};  // ... or what came in this time

  explicit AccessLog(Metrics& metrics);
  ~AccessLog();  // writes what is queued
  // "stdout", "off" or a path (appended to, created 0640). Called again it reopens: for log rotation.
  Status open(const std::string& where);
  bool on() const { return on_.load(std::memory_order_relaxed); }
  void line(std::string_view text);  // with its line break

 private:
  void write_behind();
  Counter& dropped_;
  std::mutex lock_;
  std::condition_variable wake_;
  std::string queue_;
  std::thread thread_;
  int fd_ = -1;
  std::vector<int> retired_;  // replaced by open(), closed by the writing thread
  bool stop_ = false;
  std::atomic<bool> on_ = false;  // changed under the lock, asked without it by a request that has nothing to write
};

}  // namespace spillway
