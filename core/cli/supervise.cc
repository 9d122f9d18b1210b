#include "cli/supervise.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/clock.h"
#include "base/log.h"

namespace spillway {

namespace {

constexpr int kPassedOn[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

std::atomic<pid_t> serving = 0;
std::atomic<bool> ending = false;

void pass_on(int number) {
  if (number == SIGTERM || number == SIGINT) ending = true;
  const int before = errno;
  if (const pid_t child = serving.load(); child > 0) ::kill(child, number);
  errno = before;
}

std::uint64_t now_ms() { return SystemClock().now_us() / 1000; }

// Whether to go on; a signal to end cuts it short.
bool pause(int wait_ms) {
  for (const std::uint64_t until = now_ms() + static_cast<std::uint64_t>(wait_ms); now_ms() < until && !ending;)
    ::usleep(10'000);
  return !ending;
}

// True in the child. A signal that comes between fork and the note of its pid waits until both know where they are.
bool start() {
  sigset_t all, before;
  sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child != 0) {
    if (child < 0) log_line(Level::error, "the serving process cannot be started", {{"errno", std::int64_t{errno}}});
    serving = child;
  } else {
    for (const int number : kPassedOn) std::signal(number, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) std::_Exit(1);  // it went before we could ask to be told
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return child == 0;
}

// waitpid()'s status of the child; -1: there is none.
int ended() {
  int status = 0;
  while (serving > 0 && ::waitpid(serving, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return serving > 0 ? status : -1;
}

}  // namespace

int restart_wait_ms(int deaths) {
  if (deaths <= 0) return 0;
  return std::min(kRestartMostMs, kRestartFirstMs << std::min(deaths - 1, 8));
}

void supervise() {
  struct sigaction action {};
  action.sa_handler = pass_on;
  for (const int number : kPassedOn) ::sigaction(number, &action, nullptr);
  for (int deaths = 0;;) {
    const std::uint64_t began = now_ms();
    if (start()) return;
    const int status = ended();
    serving = 0;
    if (status >= 0 && WIFEXITED(status)) std::exit(WEXITSTATUS(status));
    deaths = now_ms() - began >= kSteadyMs ? 0 : deaths + 1;
    const int wait_ms = restart_wait_ms(deaths);
    if (status >= 0) {
      log_line(Level::error, "the serving process died",
               {{"signal", std::int64_t{WTERMSIG(status)}}, {"restart_in_ms", std::int64_t{wait_ms}}});
    }
    if (!pause(wait_ms)) std::exit(1);
  }
}

}  // namespace spillway
