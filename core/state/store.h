// Durable small values (quota ledgers), written behind by one thread of its own, so that no loop waits for a disk.
//
// SQLite only in store.cc. put() keeps the newest value per key in memory and returns; a background thread writes in
// batches (at most kWriteDelayMs late, and on close). When the file can't be opened or written, the values live in
// memory, one warning is logged and degraded() is true. Thread: any.
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
  static constexpr std::size_t kValueBytesMax = 64 * 1024;

  // "memory:", "sqlite:PATH", or "sqlite:" for the default place: $STATE_DIRECTORY, else $XDG_STATE_HOME/spillway, else
  // ~/.local/state/spillway, file spillway.db, mode 0600. Never fails for reasons of the disk (see degraded()).
  static Result<std::unique_ptr<Store>> open(const std::string& url);
  virtual ~Store() = default;  // writes what is pending
  virtual std::optional<std::string> get(std::string_view space, std::string_view key) = 0;
  virtual bool put(std::string_view space, std::string_view key, std::string_view value) = 0;
  virtual void flush() = 0;  // blocks until written; for shutting down
  virtual bool degraded() const = 0;
  virtual std::string path() const = 0;  // empty for memory
};

}  // namespace spillway
