// Points for models by a table that a config may replace (P-7, P-8, D-2). Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model.h"

namespace spillway {

struct ScoreTable {
  double per_doubling = 10;                                    // points for each doubling of the context
  std::vector<std::pair<std::string, std::int64_t>> keywords;  // in the lower-cased id; each counts once, all add up
  std::vector<std::pair<std::string, std::int64_t>> authors;   // the part before the first '/'
  std::int64_t small_billions = 0;  // a size below it, "-7b", adds small_points; 0: sizes do not matter
  std::int64_t small_points = 0;

  static ScoreTable seed();      // P-7
  static ScoreTable home_ops();  // P-8
};

// Whole bonuses first, the context's points once, so that equal contexts and bonuses are equal anywhere (P-9).
double score(const CatalogModel& model, const ScoreTable& table);

struct Scored {
  const CatalogModel* model = nullptr;
  double points = 0;
};
// Points descending, then the id by its bytes (P-9).
std::vector<Scored> ranked(const std::vector<const CatalogModel*>& models, const ScoreTable& table);
bool ranks_before(const Scored& one, const Scored& other);

}  // namespace spillway
