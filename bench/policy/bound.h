// The most that anybody who knew the future could have had answered for free: a maximum flow from requests over the
// minutes and days of the quotas. An upper bound, not a plan: it asks of a minute's quota only that no minute by the
// clock has more than its limit, and holds every call outside of outages and bursts for a success.
//
// Pure. Thread: any.
#pragma once
#include <cstddef>
#include <vector>

#include "world.h"

namespace spillway::simulation {

// Each request may be sent at any moment from its arrival until `patience` later; 1: at its arrival only. With `dice`
// the calls that fail by chance, which nobody can foresee, cost their quota, on average.
std::size_t most_free(const World& world, Ms patience, bool dice = false);

// Could somebody have answered this one at all, for money if need be, within kPatience of its arrival?
bool answerable(const World& world, std::size_t arrival);

// A maximum flow over unit and wider edges (Dinic's algorithm).
class Flow {
 public:
  std::size_t node() { return edges_.emplace_back(), edges_.size() - 1; }
  void edge(std::size_t from, std::size_t to, int room);
  std::size_t most(std::size_t source, std::size_t sink);

 private:
  struct Edge {
    std::size_t to, back;  // the edge in the other direction, among those of `to`
    int room;
  };
  bool level(std::size_t source, std::size_t sink);
  int push(std::size_t at, std::size_t sink, int most);
  std::vector<std::vector<Edge>> edges_;
  std::vector<int> level_;
  std::vector<std::size_t> next_;
};

}  // namespace spillway::simulation
