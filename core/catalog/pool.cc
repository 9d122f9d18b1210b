#include "catalog/pool.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace spillway {

int weight_of_rank(int rank) { return rank <= 2 ? 6 : rank <= 5 ? 3 : 1; }

ModelPool select_pool(const std::vector<Scored>& candidates, const std::vector<std::string>& previous,
                      const PoolRules& rules) {
  std::set<std::string> before, now;
  for (const std::string& id : previous) before.insert(normalized_id(id));
  const auto incumbent = [&](const Scored& one) { return before.contains(normalized_id(one.model->id)); };

  std::vector<Scored> picked, others;
  const auto keep = static_cast<std::size_t>(static_cast<double>(rules.size) * rules.kept_share);
  for (const Scored& one : candidates) {
    const bool stays = picked.size() < std::min(keep, rules.size) && incumbent(one);
    (stays ? picked : others).push_back(one);
  }
  std::stable_sort(others.begin(), others.end(), [&](const Scored& one, const Scored& other) {
    const double lead = rules.replace_margin;
    return one.points + (incumbent(one) ? lead : 0) > other.points + (incumbent(other) ? lead : 0);
  });
  const std::size_t room = std::min(rules.size - std::min(picked.size(), rules.size), others.size());
  std::copy_n(others.begin(), room, std::back_inserter(picked));
  std::sort(picked.begin(), picked.end(), ranks_before);

  ModelPool pool;
  for (const Scored& one : picked) {
    const int rank = static_cast<int>(pool.members.size()) + 1;
    pool.members.push_back({one.model, one.points, rank, weight_of_rank(rank)});
    now.insert(normalized_id(one.model->id));
  }
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(), std::back_inserter(pool.added));
  std::set_difference(before.begin(), before.end(), now.begin(), now.end(), std::back_inserter(pool.removed));
  return pool;
}

}  // namespace spillway
