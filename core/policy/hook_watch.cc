#include "policy/hook_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "policy/call.h"

namespace spillway {

namespace {

std::string_view name_of(Hook hook) {
  switch (hook) {
    case Hook::none: break;
    case Hook::start: return "worker_start";
    case Hook::stop: return "worker_stop";
    case Hook::request: return "on_request";
    case Hook::resume: return "on_resume";
    case Hook::attempt: return "on_attempt";
    case Hook::content: return "on_content";
    case Hook::outcome: return "on_outcome";
    case Hook::exhausted: return "on_exhausted";
    case Hook::answer: return "on_answer";
    case Hook::end: return "on_end";
    case Hook::timer: return "on_timer";
    case Hook::fetched: return "on_fetched";
    case Hook::status: return "status";
    case Hook::command: return "command";
  }
  return "none";
}

// A standard error that nobody reads must not stop the watcher as well.
bool can_be_said() {
  pollfd out{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 100) > 0;
}

void say(const HookWatch::Stuck& stuck, Level level, std::string_view message) {
  if (!can_be_said()) return;
  log_line(level, message,
           {{"policy", stuck.policy}, {"hook", stuck.hook}, {"ms", std::int64_t{stuck.looks} * HookWatcher::kLookMs}});
}

}  // namespace

HookWatch& HookWatch::process() {
  static HookWatch instance;
  return instance;
}

void HookWatch::add(const HookMark& mark, std::string_view policy) {
  const std::lock_guard hold(lock_);
  all_.push_back({&mark, std::string(policy)});
}

void HookWatch::remove(const HookMark& mark) {
  const std::lock_guard hold(lock_);
  std::erase_if(all_, [&](const Watched& one) { return one.mark == &mark; });
}

std::vector<HookWatch::Stuck> HookWatch::look() {
  std::vector<Stuck> stuck;
  const std::lock_guard hold(lock_);
  for (Watched& one : all_) {
    const std::uint64_t now = one.mark->now_.load(std::memory_order_relaxed);
    const std::uint64_t before = std::exchange(one.seen, now);
    one.looks = now != 0 && now == before ? one.looks + 1 : 0;
    if (one.looks == 0) continue;
    const Hook hook = static_cast<Hook>(now & ((1u << HookMark::kHookBits) - 1));
    stuck.push_back({one.policy, name_of(hook), one.looks});
  }
  return stuck;
}

Status HookWatcher::start(std::int64_t abort_ms) {
  set(abort_ms);
  if (thread_.joinable()) return Nothing{};
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  if (wake_ < 0) return Error{Kind::internal, Source::us, Retry::no, std::string("eventfd: ") + std::strerror(errno)};
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return Error{Kind::internal, Source::us, Retry::no, std::string("no thread to watch policies: ") + error.what()};
  }
  return Nothing{};
}

void HookWatcher::stop() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    CHECK(::write(wake_, &one, sizeof one) == sizeof one);
    thread_.join();
  }
  if (wake_ >= 0) ::close(std::exchange(wake_, -1));
}

void HookWatcher::run() const {
  pollfd wake{wake_, POLLIN, 0};
  while (::poll(&wake, 1, static_cast<int>(kLookMs)) <= 0) {
    const std::int64_t abort_ms = abort_ms_.load(std::memory_order_relaxed);
    for (const HookWatch::Stuck& stuck : HookWatch::process().look()) {
      const bool over = abort_ms > 0 && std::int64_t{stuck.looks} * kLookMs >= abort_ms;
      if (over) {
        say(stuck, Level::error,
            "a policy's hook never returned: the process ends, so that another can take its place");
        std::abort();
      }
      if (stuck.looks == 1) say(stuck, Level::warn, "a policy's hook has not returned yet");
    }
  }
}

}  // namespace spillway
