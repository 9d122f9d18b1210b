// What policies may ask of their worker: the Services side of Worker.
#include <algorithm>

#include "base/log.h"
#include "proxy/fetch.h"
#include "proxy/policy_timer.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {
constexpr std::size_t kTimersMax = 10'000;  // of all policies of one worker
}

const Clock& Worker::clock() const { return shared_.clock(); }
Cells& Worker::cells() { return shared_.cells(); }
Keyed& Worker::keyed(std::string_view policy) { return shared_.keyed(policy); }
Store& Worker::store() { return shared_.store(); }
Metrics& Worker::metrics() { return shared_.metrics(); }

bool Worker::fetch(Services::Fetch wish, PolicyWorker& policies, std::size_t policy, std::uint64_t ticket) {
  auto made = std::make_unique<PolicyFetch>(*this, std::move(wish), policies, policy, ticket);
  PolicyFetch& fetch = *made;
  fetch.at = fetches_.size();
  fetches_.push_back(std::move(made));
  const Status started = fetch.start();
  if (started) return true;
  log_line(Level::warn, "a policy's fetch was refused", {{"why", started.error().detail}});
  forget(fetch);
  return false;
}

bool Worker::timer(PolicyWorker& policies, std::size_t policy, std::int64_t after_ms, std::uint64_t cookie) {
  if (stopping_ || timers_.size() >= kTimersMax) return false;
  timers_.push_back(std::make_unique<PolicyTimer>(*this, loop_, policies, policy, cookie));
  timers_.back()->arm(after_ms);
  return true;
}

std::uint64_t Worker::ticket(Chain& chain) { return shared_.tickets().take(index_, chain); }
void Worker::release(std::uint64_t ticket) { shared_.tickets().release(ticket); }

void Worker::fired(PolicyTimer& timer) {
  const auto at = std::find_if(timers_.begin(), timers_.end(), [&](const auto& one) { return one.get() == &timer; });
  loop_.bury(std::move(*at));
  timers_.erase(at);
}

void PolicyTimer::on_deadline(Deadline&) {
  worker_.fired(*this);  // buried, so still here for this call
  policies_.on_timer(policy_, cookie_);
}

}  // namespace spillway
