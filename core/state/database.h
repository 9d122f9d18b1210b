// One SQLite file with one table of small values. Write-ahead log, so a process that is killed between two batches
// loses nothing of the first and nothing is half there. Thread: one at a time.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace spillway {

struct StoredValue {
  std::string space, key, value;
};

class Database {
 public:
  static constexpr int kBusyMs = 2000;  // how long another process may hold the file

  // Creates the file (mode 0600) if need be. An error of Kind::invalid means that it is damaged or no database at all,
  // Kind::internal that it cannot be used.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Result<std::vector<StoredValue>> read(std::size_t values_max);
  Status write(const std::vector<StoredValue>& values);  // all of them or none

 private:
  Database() = default;
  Status prepare();
  Status run(const char* sql);
  Status write_one(const StoredValue& value);
  Error mistake(int code, const char* doing) const;
  std::string path_;
  sqlite3* handle_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace spillway
