// The pools of a generation as JSON, for GET /admin/pools: where they come from, who is in them, and why others are
// not. Pure. Thread: any.
#pragma once
#include <string>
#include <vector>

#include "catalog/make.h"
#include "proxy/catalogs.h"

namespace spillway {

std::string pools_json(const Config& config, const PoolTargets& pools, const std::vector<Catalogs::State>& states);

}  // namespace spillway
