#include "simulate.h"

#include <algorithm>

#include "base/error.h"
#include "bound.h"

namespace spillway::simulation {

namespace {
constexpr Ms kFreeFirstByteMost = 30 * kSecond, kFirstByteMost = 60 * kSecond;  // T-2
}

void Simulation::after(Ms wait, std::function<void()> what) { events_.push({now_ + wait, made_++, std::move(what)}); }

void Simulation::run() {
  while (!events_.empty()) {
    CHECK(events_.top().at >= now_);
    now_ = events_.top().at;
    const std::function<void()> what = events_.top().what;
    events_.pop();
    what();
  }
}

void Tally::add(const Tally& other) {
  requests += other.requests;
  free += other.free;
  paid += other.paid;
  errors += other.errors;
  avoidable += other.avoidable;
  attempts += other.attempts;
  for (std::size_t i = 0; i < kCauses; ++i) lost[i] += other.lost[i];
  usd += other.usd;
  waits.insert(waits.end(), other.waits.begin(), other.waits.end());
}

Ms Tally::wait(double share) {
  if (waits.empty()) return 0;
  std::sort(waits.begin(), waits.end());
  return waits[static_cast<std::size_t>(share * static_cast<double>(waits.size() - 1))];
}

Tally Router::run() {
  requests_.resize(world_.arrivals.size());
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    simulation_.after(world_.arrivals[i].at, [this, i] { arrive(i); });
  }
  simulation_.run();
  CHECK(tally_.free + tally_.paid + tally_.errors == tally_.requests);  // each ended, and once
  return tally_;
}

void Router::arrive(std::size_t index) {
  Request& request = requests_[index];
  request.index = index;
  request.arrived = simulation_.now();
  request.tries.resize(world_.targets.size());
  ++tally_.requests;
  on_arrival(request);
}

void Router::send(Request& request, std::size_t target) {
  const Ms sent = simulation_.now(), left = request.deadline() - sent;
  CHECK(left > 0);
  const bool free = world_.targets[target].free();
  const Answer answer = providers_.ask(request.index, target, request.tries[target]++, sent);
  const Ms most = std::min(left, free ? kFreeFirstByteMost : kFirstByteMost);
  const bool silent = answer.status == 0 || answer.head_ms > most;
  const Ms took = silent ? most : answer.head_ms;
  ++tally_.attempts;
  if (answer.ok() && !silent) {
    ++(free ? tally_.free : tally_.paid);
    if (!free) tally_.usd += world_.usd(request.index);
    tally_.waits.push_back(sent - request.arrived);
    simulation_.after(took, [this, &request, target] { on_content(request, target); });
    simulation_.after(answer.end_ms, [this, &request, target, answer] { on_answer(request, target, answer); });
    return;
  }
  if (free) ++tally_.lost[static_cast<std::size_t>(answer.cause)];
  simulation_.after(took, [this, &request, target, answer, silent, took] {
    if (simulation_.now() >= request.deadline()) return on_late(request, target, took);
    on_failure(request, target, silent ? Answer() : answer, took);
  });
}

void Router::pause(Request& request, Ms wait) {
  const Ms left = request.deadline() - simulation_.now();
  simulation_.after(std::min(wait, left), [this, &request] {
    if (simulation_.now() >= request.deadline()) return give_up(request);
    on_pause_over(request);
  });
}

void Router::give_up(const Request& request) {
  ++tally_.errors;
  if (answerable(world_, request.index)) ++tally_.avoidable;
}

}  // namespace spillway::simulation
