// The only file that includes SQLite. Thread: one at a time (the handle is opened without SQLite's own mutex).
#include "state/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace spillway {
namespace {

constexpr int kVersion = 1;  // of the table below

Status create_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Error{Kind::internal, Source::us, Retry::no, path + ": " + std::strerror(errno)};
  ::fchmod(file, 0600);  // SQLite gives its -wal and -shm files the same mode
  ::close(file);
  return Nothing{};
}

int bind(sqlite3_stmt* statement, int at, const std::string& bytes) {
  return sqlite3_bind_blob(statement, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
}

std::string column(sqlite3_stmt* statement, int at) {
  const void* bytes = sqlite3_column_blob(statement, at);
  const int size = sqlite3_column_bytes(statement, at);
  return bytes == nullptr ? std::string()
                          : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

struct Statement {
  Statement(sqlite3* handle, const char* sql) { code = sqlite3_prepare_v2(handle, sql, -1, &raw, nullptr); }
  ~Statement() { sqlite3_finalize(raw); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  sqlite3_stmt* raw = nullptr;
  int code;
};

}  // namespace

Error Database::mistake(int code, const char* doing) const {
  const int primary = code & 0xff;
  const bool damaged = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
  return {damaged ? Kind::invalid : Kind::internal, Source::us, Retry::no,
          path_ + ": " + doing + ": " + (handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code))};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  if (const Status created = create_private(path); !created) return created.error();
  std::unique_ptr<Database> database(new Database());  // why: the constructor is private
  database->path_ = path;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &database->handle_, flags, nullptr);
  if (code != SQLITE_OK) return database->mistake(code, "open");
  if (const Status prepared = database->prepare(); !prepared) return prepared.error();
  return database;
}

Database::~Database() {
  sqlite3_finalize(insert_);
  sqlite3_close(handle_);
}

Status Database::run(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return mistake(code, sql);
  return Nothing{};
}

Status Database::prepare() {
  sqlite3_busy_timeout(handle_, kBusyMs);
  {
    const Statement version(handle_, "PRAGMA user_version");
    const int step = version.code == SQLITE_OK ? sqlite3_step(version.raw) : version.code;
    if (step != SQLITE_ROW) return mistake(step, "read the version");
    if (sqlite3_column_int(version.raw, 0) > kVersion) {
      return Error{Kind::internal, Source::us, Retry::no, path_ + " was written by a newer Spillway"};
    }
    const Statement check(handle_, "PRAGMA quick_check(1)");
    const int found = check.code == SQLITE_OK ? sqlite3_step(check.raw) : check.code;
    if (found != SQLITE_ROW) return mistake(found, "check");
    if (column(check.raw, 0) != "ok") return invalid(path_ + ": " + column(check.raw, 0));
  }
  for (const char* sql : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
                          "CREATE TABLE IF NOT EXISTS small_values (space BLOB NOT NULL, key BLOB NOT NULL, "
                          "value BLOB NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID",
                          "PRAGMA user_version = 1"}) {
    if (Status done = run(sql); !done) return done;
  }
  const char* insert =
      "INSERT INTO small_values (space, key, value) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (space, key) DO UPDATE SET value = excluded.value";
  const int code = sqlite3_prepare_v2(handle_, insert, -1, &insert_, nullptr);
  if (code != SQLITE_OK) return mistake(code, "prepare");
  return Nothing{};
}

Result<std::vector<StoredValue>> Database::read(std::size_t values_max) {
  std::vector<StoredValue> values;
  const Statement select(handle_, "SELECT space, key, value FROM small_values LIMIT ?1");
  int code = select.code;
  if (code == SQLITE_OK) code = sqlite3_bind_int64(select.raw, 1, static_cast<sqlite3_int64>(values_max));
  if (code != SQLITE_OK) return mistake(code, "read");
  while ((code = sqlite3_step(select.raw)) == SQLITE_ROW) {
    values.push_back({column(select.raw, 0), column(select.raw, 1), column(select.raw, 2)});
  }
  if (code != SQLITE_DONE) return mistake(code, "read");
  return values;
}

Status Database::write_one(const StoredValue& value) {
  int code = bind(insert_, 1, value.space);
  if (code == SQLITE_OK) code = bind(insert_, 2, value.key);
  if (code == SQLITE_OK) code = bind(insert_, 3, value.value);
  if (code == SQLITE_OK) code = sqlite3_step(insert_);
  Status done = Nothing{};
  if (code != SQLITE_DONE) done = mistake(code, "write");
  sqlite3_reset(insert_);
  return done;
}

Status Database::write(const std::vector<StoredValue>& values) {
  Status done = run("BEGIN IMMEDIATE");
  if (!done) return done;
  for (const StoredValue& value : values) {
    done = write_one(value);
    if (!done) break;
  }
  if (done) done = run("COMMIT");
  if (!done) (void)run("ROLLBACK");
  return done;
}

}  // namespace spillway
