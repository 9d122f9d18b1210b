// The store: a table in memory, the set of keys not written yet, and the thread that writes them.
//
// The lock guards table and set only and is never held while the disk is used. A failed batch goes back into the set,
// so nothing is forgotten while the process lives; newer values win over it.
#include "state/store.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/place.h"
#include "state/database.h"

namespace spillway {
namespace {

// One text for both parts; a space holds no NUL.
std::string joined(std::string_view space, std::string_view key) {
  return std::string(space) + '\0' + std::string(key);
}

class Table {
 public:
  static bool fits(std::string_view space, std::string_view key, std::string_view value) {
    return space.find('\0') == std::string_view::npos && space.size() + key.size() <= Store::kKeyBytesMax &&
           value.size() <= Store::kValueBytesMax;
  }
  std::optional<std::string> get(const std::string& name) const {
    const auto there = values_.find(name);
    return there == values_.end() ? std::nullopt : std::optional(there->second);
  }
  bool put(std::string name, std::string_view value) {
    if (values_.size() >= Store::kValuesMax && !values_.contains(name)) return false;
    values_[std::move(name)] = value;
    return true;
  }
  void add_missing(std::string name, std::string&& value) {
    if (values_.size() < Store::kValuesMax) values_.try_emplace(std::move(name), std::move(value));
  }
  const std::unordered_map<std::string, std::string>& all() const { return values_; }

 private:
  std::unordered_map<std::string, std::string> values_;
};

class MemoryStore final : public Store {
 public:
  std::optional<std::string> get(std::string_view space, std::string_view key) override {
    const std::lock_guard hold(lock_);
    return table_.get(joined(space, key));
  }
  bool put(std::string_view space, std::string_view key, std::string_view value) override {
    if (!Table::fits(space, key, value)) return false;
    const std::lock_guard hold(lock_);
    return table_.put(joined(space, key), value);
  }
  void flush() override {}
  bool degraded() const override { return false; }
  std::string path() const override { return {}; }

 private:
  std::mutex lock_;
  Table table_;
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::string path);
  ~SqliteStore() override;
  std::optional<std::string> get(std::string_view space, std::string_view key) override;
  bool put(std::string_view space, std::string_view key, std::string_view value) override;
  void flush() override;
  bool degraded() const override;
  std::string path() const override { return path_; }

 private:
  // On the writer's thread (and in the constructor, before it runs), without the lock.
  Status open();
  Status open_once();
  void set_aside(const std::string& reason);
  Status write(std::vector<StoredValue> values);
  std::vector<StoredValue> take_pending();
  void settle(const Status& done, const std::vector<StoredValue>& values);
  void loop();

  const std::string path_;
  std::unique_ptr<Database> database_;
  mutable std::mutex lock_;
  std::condition_variable work_, written_;
  Table table_;
  std::unordered_set<std::string> pending_;
  std::uint64_t asked_ = 0, done_ = 0;  // flushes
  bool stopping_ = false, degraded_ = false;
  std::thread thread_;
};

SqliteStore::SqliteStore(std::string path) : path_(std::move(path)) {
  settle(open(), {});
  thread_ = std::thread([this] { loop(); });
}

SqliteStore::~SqliteStore() {
  {
    const std::lock_guard hold(lock_);
    stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
}

Status SqliteStore::open_once() {
  if (path_.empty()) {
    return Error{Kind::internal, Source::us, Retry::no,
                 "no place for it: neither STATE_DIRECTORY, XDG_STATE_HOME nor HOME is set"};
  }
  if (Status made = make_directories(path_); !made) return made;
  auto opened = Database::open(path_);
  if (!opened) return opened.error();
  auto values = (*opened)->read(kValuesMax);
  if (!values) return values.error();
  database_ = std::move(*opened);
  const std::lock_guard hold(lock_);
  for (StoredValue& value : *values) table_.add_missing(joined(value.space, value.key), std::move(value.value));
  return Nothing{};
}

Status SqliteStore::open() {
  Status done = open_once();
  if (done || done.error().kind != Kind::invalid) return done;
  set_aside(done.error().detail);
  return open_once();
}

// Renames the damaged file and marks everything we know as not written.
void SqliteStore::set_aside(const std::string& reason) {
  database_.reset();
  const std::string aside = path_ + ".corrupt";
  log_line(Level::warn, "the store is damaged and set aside; a new one is begun",
           {{"file", path_}, {"aside", aside}, {"reason", reason}});
  std::rename(path_.c_str(), aside.c_str());
  for (const char* suffix : {"-wal", "-shm"}) std::rename((path_ + suffix).c_str(), (aside + suffix).c_str());
  const std::lock_guard hold(lock_);
  for (const auto& [name, value] : table_.all()) pending_.insert(name);
}

Status SqliteStore::write(std::vector<StoredValue> values) {
  if (database_ == nullptr) {
    if (Status opened = open(); !opened) return opened;
  }
  Status done = database_->write(values);
  if (done) return done;
  if (done.error().kind != Kind::invalid) return done;
  set_aside(done.error().detail);
  if (Status opened = open(); !opened) return opened;
  values = take_pending();  // everything, now
  done = database_->write(values);
  if (!done) settle(done, values);
  return done;
}

std::vector<StoredValue> SqliteStore::take_pending() {
  const std::lock_guard hold(lock_);
  std::vector<StoredValue> values;
  values.reserve(pending_.size());
  for (const std::string& name : pending_) {
    const std::size_t split = name.find('\0');
    values.push_back({name.substr(0, split), name.substr(split + 1), table_.all().at(name)});
  }
  pending_.clear();
  return values;
}

// Notes how a write went. Only a change is logged: a full disk would fill the log as well.
void SqliteStore::settle(const Status& done, const std::vector<StoredValue>& values) {
  bool changed = false;
  {
    const std::lock_guard hold(lock_);
    changed = degraded_ == static_cast<bool>(done);
    degraded_ = !done;
    for (const StoredValue& value : values) {
      if (!done) pending_.insert(joined(value.space, value.key));
    }
  }
  if (changed && !done) {
    log_line(Level::warn, "the store cannot be written; quota is kept in memory only",
             {{"file", path_}, {"reason", done.error().detail}});
  } else if (changed) {
    log_line(Level::info, "the store is written again", {{"file", path_}});
  }
}

void SqliteStore::loop() {
  std::unique_lock hold(lock_);
  for (;;) {
    const auto wanted = [this] { return stopping_ || asked_ > done_; };
    work_.wait(hold, [&] { return wanted() || !pending_.empty(); });
    // Waits for more to write together, or after a failure for better times; a flush does not wait.
    work_.wait_for(hold, std::chrono::milliseconds(degraded_ ? kRetryDelayMs : kWriteDelayMs), wanted);
    const std::uint64_t asked = asked_;
    const bool last = stopping_;
    if (!pending_.empty()) {
      hold.unlock();
      const std::vector<StoredValue> values = take_pending();
      settle(write(values), values);
      hold.lock();
    }
    done_ = asked;
    written_.notify_all();
    if (last) return;
  }
}

std::optional<std::string> SqliteStore::get(std::string_view space, std::string_view key) {
  const std::lock_guard hold(lock_);
  return table_.get(joined(space, key));
}

bool SqliteStore::put(std::string_view space, std::string_view key, std::string_view value) {
  if (!Table::fits(space, key, value)) return false;
  std::string name = joined(space, key);
  bool first = false;
  {
    const std::lock_guard hold(lock_);
    if (!table_.put(name, value)) return false;
    first = pending_.empty();
    pending_.insert(std::move(name));
  }
  if (first) work_.notify_all();
  return true;
}

void SqliteStore::flush() {
  std::unique_lock hold(lock_);
  const std::uint64_t mine = ++asked_;
  work_.notify_all();
  written_.wait(hold, [&] { return done_ >= mine; });
}

bool SqliteStore::degraded() const {
  const std::lock_guard hold(lock_);
  return degraded_;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& url) {
  if (url == "memory:") return std::unique_ptr<Store>(std::make_unique<MemoryStore>());
  constexpr std::string_view kSqlite = "sqlite:";
  if (!url.starts_with(kSqlite)) {
    return Error{Kind::config, Source::us, Retry::no,
                 "[store] url must be \"memory:\", \"sqlite:\" or \"sqlite:PATH\""};
  }
  std::string path = url.size() > kSqlite.size() ? url.substr(kSqlite.size()) : default_store_path();
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(path)));
}

}  // namespace spillway
