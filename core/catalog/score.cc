#include "catalog/score.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/number.h"

namespace spillway {

namespace {

// The billions of the first "-120b" or "/7b"; -1: none. "-a12b" and "8x7b" are not read, "1.2b" neither.
std::int64_t size_billions(std::string_view id) {
  for (std::size_t at = id.find_first_of("/-"); at != id.npos; at = id.find_first_of("/-", at + 1)) {
    std::size_t end = at + 1;
    while (end < id.size() && is_digit(id[end])) ++end;
    if (end == at + 1 || end == id.size() || id[end] != 'b') continue;
    std::int64_t billions = 0;
    const auto read = std::from_chars(id.data() + at + 1, id.data() + end, billions);
    return read.ec == std::errc() ? billions : INT64_MAX;
  }
  return -1;
}

}  // namespace

ScoreTable ScoreTable::seed() {
  ScoreTable table;
  table.keywords = {{"coder", 20},  {"devstral", 20}, {"agent", 15},  {"qwen", 10},
                    {"gemini", 10}, {"exp", -5},      {"preview", -5}};
  return table;
}

ScoreTable ScoreTable::home_ops() {
  ScoreTable table;
  table.keywords = {{"coder", 20},  {"devstral", 20}, {"agent", 15}, {"instruct", 5}, {"preview", -10},
                    {"alpha", -10}, {"beta", -5},     {"exp", -5},   {"nano", -15},   {"mini", -15},
                    {"tiny", -15},  {"micro", -15},   {"small", -5}};
  table.authors = {{"google", 30},     {"meta-llama", 30}, {"qwen", 30},      {"mistralai", 30}, {"nvidia", 15},
                   {"deepseek", 15},   {"openai", 15},     {"anthropic", 15}, {"microsoft", 15}, {"cohere", 10},
                   {"databricks", 10}, {"amazon", 10},     {"ai21", 10},      {"xiaomi", 10}};
  table.small_billions = 20;
  table.small_points = -20;
  return table;
}

double score(const CatalogModel& model, const ScoreTable& table) {
  std::string id = model.id;
  std::transform(id.begin(), id.end(), id.begin(), lower);
  std::int64_t bonus = 0;
  for (const auto& [keyword, points] : table.keywords) {
    if (id.find(keyword) != id.npos) bonus += points;
  }
  const std::string_view author = std::string_view(id).substr(0, id.find('/'));
  for (const auto& [name, points] : table.authors) {
    if (author == name) bonus += points;
  }
  if (table.small_billions > 0) {
    const std::int64_t size = size_billions(id);
    if (size >= 0 && size < table.small_billions) bonus += table.small_points;
  }
  const double context =
      model.context > 0 ? table.per_doubling * binary_logarithm(static_cast<double>(model.context)) : 0;
  return static_cast<double>(bonus) + context;
}

bool ranks_before(const Scored& one, const Scored& other) {
  if (one.points != other.points) return one.points > other.points;
  return one.model->id < other.model->id;
}

std::vector<Scored> ranked(const std::vector<const CatalogModel*>& models, const ScoreTable& table) {
  std::vector<Scored> all;
  all.reserve(models.size());
  for (const CatalogModel* model : models) all.push_back({model, score(*model, table)});
  std::sort(all.begin(), all.end(), ranks_before);
  return all;
}

}  // namespace spillway
