// The pool of the best candidates, which changes no more than it must (P-10 to P-12). Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "catalog/score.h"

namespace spillway {

struct PoolRules {
  std::size_t size = 10;
  double kept_share = 0.7;    // of the size: so many of the last pool stay while they are candidates at all
  double replace_margin = 0;  // points by which a newcomer must lead a member that is not kept anyhow (D-3)
};

struct PoolMember {
  const CatalogModel* model = nullptr;
  double points = 0;
  int rank = 0;  // from 1
  int weight = 0;
};

struct ModelPool {
  std::vector<PoolMember> members;          // by rank
  std::vector<std::string> added, removed;  // normalised ids against the last pool, sorted
};

int weight_of_rank(int rank);  // 1, 2: 6; 3 to 5: 3; then 1 (P-12)

// `candidates` as ranked() gives them; `previous`: ids of the last pool, in any order and spelling.
ModelPool select_pool(const std::vector<Scored>& candidates, const std::vector<std::string>& previous,
                      const PoolRules& rules);

}  // namespace spillway
