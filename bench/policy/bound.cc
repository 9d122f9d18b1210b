#include "bound.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace spillway::simulation {

void Flow::edge(std::size_t from, std::size_t to, int room) {
  edges_[from].push_back({to, edges_[to].size(), room});
  edges_[to].push_back({from, edges_[from].size() - 1, 0});
}

bool Flow::level(std::size_t source, std::size_t sink) {
  level_.assign(edges_.size(), -1);
  level_[source] = 0;
  std::vector<std::size_t> queue = {source};
  for (std::size_t head = 0; head < queue.size(); ++head) {
    for (const Edge& edge : edges_[queue[head]]) {
      if (edge.room == 0 || level_[edge.to] >= 0) continue;
      level_[edge.to] = level_[queue[head]] + 1;
      queue.push_back(edge.to);
    }
  }
  return level_[sink] >= 0;
}

int Flow::push(std::size_t at, std::size_t sink, int most) {
  if (at == sink) return most;
  for (std::size_t& i = next_[at]; i < edges_[at].size(); ++i) {
    Edge& edge = edges_[at][i];
    if (edge.room == 0 || level_[edge.to] != level_[at] + 1) continue;
    const int pushed = push(edge.to, sink, std::min(most, edge.room));
    if (pushed == 0) continue;
    edge.room -= pushed;
    edges_[edge.to][edge.back].room += pushed;
    return pushed;
  }
  return 0;
}

std::size_t Flow::most(std::size_t source, std::size_t sink) {
  std::size_t sum = 0;
  while (level(source, sink)) {
    next_.assign(edges_.size(), 0);
    while (const int pushed = push(source, sink, std::numeric_limits<int>::max())) {
      sum += static_cast<std::size_t>(pushed);
    }
  }
  return sum;
}

namespace {

// So many of a day's calls can be answers.
int answers_of(const World& world, std::size_t quota, bool dice) {
  double luck = 0;
  for (const Target& target : world.targets) {
    if (target.quota != static_cast<int>(quota)) continue;
    luck = std::max(luck, 1 - target.error_share - target.busy_share);
  }
  const int calls = world.quotas[quota].rpd;
  return dice && world.settings.failed_calls_count ? static_cast<int>(std::ceil(calls * luck)) : calls;
}

}  // namespace

std::size_t most_free(const World& world, Ms patience, bool dice) {
  Flow flow;
  const std::size_t source = flow.node(), sink = flow.node();
  std::map<std::pair<std::size_t, Ms>, std::size_t> days, minutes;
  const auto minute_of = [&](std::size_t quota, Ms minute) {
    const auto [at, fresh] = minutes.try_emplace({quota, minute}, 0);
    if (!fresh) return at->second;
    const auto [day, first] = days.try_emplace({quota, utc_day(minute * kMinute)}, 0);
    if (first) flow.edge(day->second = flow.node(), sink, answers_of(world, quota, dice));
    at->second = flow.node();
    flow.edge(at->second, day->second, world.quotas[quota].rpm);
    return at->second;
  };
  for (const Arrival& arrival : world.arrivals) {
    const std::size_t request = flow.node();
    flow.edge(source, request, 1);
    const Ms until = arrival.at + patience;
    for (Ms minute = arrival.at / kMinute; minute * kMinute < until; ++minute) {
      const Ms from = std::max(arrival.at, minute * kMinute), to = std::min(until, (minute + 1) * kMinute);
      for (std::size_t quota = 0; quota < world.quotas.size(); ++quota) {
        const bool up = std::any_of(world.targets.begin(), world.targets.end(), [&](const Target& target) {
          return target.quota == static_cast<int>(quota) && target.up_within(from, to);
        });
        if (up) flow.edge(request, minute_of(quota, minute), 1);
      }
    }
  }
  return flow.most(source, sink);
}

bool answerable(const World& world, std::size_t arrival) {
  const Ms at = world.arrivals[arrival].at;
  return std::any_of(world.targets.begin(), world.targets.end(),
                     [&](const Target& target) { return target.up_within(at, at + kPatience); });
}

}  // namespace spillway::simulation
