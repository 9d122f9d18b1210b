// Durable small values (quota ledgers), written behind by one thread of its own, so that no loop waits for a disk.
//
// SQLite only in database.cc. All values live in memory, so that get() waits for no disk either; put() keeps the newest
// value per key and returns, and a background thread writes in batches (at most kWriteDelayMs late, and on close). When
// the file can't be opened or written, one warning is logged, degraded() is true and the thread tries again every
// kRetryDelayMs. A damaged file is renamed to FILE.corrupt and a new one begun. Thread: any.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

class Store {
 public:
  static constexpr int kWriteDelayMs = 200;
  static constexpr int kRetryDelayMs = 5000;  // after a failed write
  static constexpr std::size_t kValueBytesMax = 64 * 1024;
  static constexpr std::size_t kKeyBytesMax = 1024;  // space and key together
  static constexpr std::size_t kValuesMax = 100'000;

  // "memory:", "sqlite:PATH", or "sqlite:" for the default place: $STATE_DIRECTORY, else $XDG_STATE_HOME/spillway, else
  // ~/.local/state/spillway, file spillway.db, mode 0600. Never fails for reasons of the disk (see degraded()).
  static Result<std::unique_ptr<Store>> open(const std::string& url);
  virtual ~Store() = default;  // writes what is pending
  virtual std::optional<std::string> get(std::string_view space, std::string_view key) = 0;
  // False: refused, for its size or because there are kValuesMax others.
  virtual bool put(std::string_view space, std::string_view key, std::string_view value) = 0;
  virtual void flush() = 0;  // blocks until written or failed; for shutting down
  virtual bool degraded() const = 0;
  virtual std::string path() const = 0;  // empty for memory
};

}  // namespace spillway
