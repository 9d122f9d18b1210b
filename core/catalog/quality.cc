#include "catalog/quality.h"

#include <algorithm>

#include "catalog/stable_id.h"

namespace spillway {

std::vector<Rated> rate(const std::vector<const CatalogModel*>& models, FreeRule rule, std::int64_t now_s,
                        std::int64_t id_offset) {
  StableIds ids(id_offset);
  std::vector<Rated> all;
  all.reserve(models.size());
  for (const CatalogModel* model : models) {
    Rated one;
    one.model = model;
    one.id = ids.take(model->id);
    one.free = is_free(*model, rule);
    one.parts = static_parts(*model, now_s);
    one.points = one.parts.total();
    all.push_back(one);
  }
  return all;
}

std::vector<Scored> ranked_by_quality(const std::vector<const CatalogModel*>& models, std::int64_t now_s,
                                      const std::map<std::string, ModelHealth>& known) {
  std::vector<Scored> all;
  for (const CatalogModel* model : models) {
    const auto entry = known.find(model->id);
    const ModelHealth health = entry == known.end() ? ModelHealth() : entry->second;
    if (health.gated) continue;
    all.push_back({model, static_cast<double>(blend(static_parts(*model, now_s).total(), health))});
  }
  std::sort(all.begin(), all.end(), ranks_before);
  return all;
}

}  // namespace spillway
