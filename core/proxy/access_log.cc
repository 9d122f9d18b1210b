#include "proxy/access_log.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace spillway {

namespace {

constexpr int kPatienceMs = 1000;

// False when the reader is gone or does not take anything for a second: the batch is lost, not the server. Standard
// output may be a pipe that blocks; one that is ready takes PIPE_BUF bytes without doing so.
bool write_all(int fd, std::string_view bytes) {
  struct stat what {};
  const bool file = ::fstat(fd, &what) == 0 && S_ISREG(what.st_mode);
  while (!bytes.empty()) {
    pollfd ready{fd, POLLOUT, 0};
    if (!file && ::poll(&ready, 1, kPatienceMs) <= 0) return false;
    const ssize_t n = ::write(fd, bytes.data(), file ? bytes.size() : std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
      return false;
    }
  }
  return true;
}

}  // namespace

AccessLog::AccessLog(Metrics& metrics)
    : dropped_(metrics.counter("spillway_access_log_dropped_total",
                               "Access log lines lost to a full queue or a failed write.")) {}

AccessLog::~AccessLog() {
  {
    const std::lock_guard hold(lock_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  for (const int old : retired_) ::close(old);
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

Status AccessLog::open(const std::string& where) {
  int fd = -1;
  if (where == "stdout") {
    fd = STDOUT_FILENO;
  } else if (where != "off") {
    fd = ::open(where.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
    if (fd < 0) {
      return Error{Kind::config, Source::us, Retry::no,
                   "cannot open the access log " + where + ": " + std::strerror(errno)};
    }
  }
  const std::lock_guard hold(lock_);
  if (fd_ > STDERR_FILENO) retired_.push_back(fd_);  // the writing thread may be using it
  fd_ = fd;
  on_ = fd >= 0;
  if (on_ && !thread_.joinable()) thread_ = std::thread([this] { write_behind(); });
  return Nothing{};
}

void AccessLog::line(std::string_view text) {
  {
    const std::lock_guard hold(lock_);
    if (!on_) return;
    if (queue_.size() + text.size() > kQueueBytes) return dropped_.add();
    const std::size_t before = queue_.size();
    queue_.append(text);
    const bool full = before < kBatchBytes && queue_.size() >= kBatchBytes;
    if (before > 0 && !full) return;
  }
  wake_.notify_one();
}

void AccessLog::write_behind() {
  std::string batch;
  std::unique_lock hold(lock_);
  while (true) {
    wake_.wait(hold, [this] { return stop_ || !queue_.empty(); });
    if (queue_.empty()) return;
    // Lines come in crowds: waking for each would cost more than all the rest of it.
    wake_.wait_for(hold, kGather, [this] { return stop_ || queue_.size() >= kBatchBytes; });
    batch.clear();
    batch.swap(queue_);
    for (const int old : retired_) ::close(old);
    retired_.clear();
    const int fd = fd_;
    hold.unlock();
    if (fd < 0 || !write_all(fd, batch)) {
      std::uint64_t lines = 0;
      for (const char c : batch) lines += c == '\n';
      dropped_.add(lines);
    }
    hold.lock();
  }
}

}  // namespace spillway
