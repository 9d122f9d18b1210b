// From a catalogue and a [pool.NAME] to the targets of a tier: who may be in it, who is, and why the others are not.
// Thread: any.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "catalog/eligible.h"
#include "catalog/health.h"
#include "catalog/pool.h"
#include "catalog/source.h"
#include "conf/config.h"

namespace spillway {

struct PoolMaterial {
  const Catalog& catalog;
  CatalogKind kind;
  std::vector<std::string> previous;   // ids of the last pool (P-10)
  bool again = false;                  // it was made of this very catalogue: all stay who are still eligible
  std::string today;                   // "2026-11-21", UTC
  std::string blocklist;               // the file's text
  std::vector<std::string> providers;  // who is configured: an index names others, too
  const std::map<std::string, ModelHealth>* health = nullptr;  // by exact id, of those who were asked
};

struct MadePool {
  std::int64_t made_of_s = 0;                                 // which refresh of its catalogue, see RememberedPool
  std::vector<TargetConfig> targets;                          // by rank
  std::vector<std::string> ids;                               // the same, as the catalogue spells them
  std::vector<std::string> added, removed;                    // against the previous one, normalised and sorted
  std::vector<std::pair<std::string, std::string>> left_out;  // id and reason
};

// By name.
using PoolTargets = std::map<std::string, MadePool>;

// Who may be in a pool of such a catalogue, where the config says nothing else.
Eligibility eligibility_in(CatalogKind kind);
MadePool make_pool(const PoolConfig& pool, const PoolMaterial& material);

// "2026-11-21" of a Unix time, UTC.
std::string date_of(std::int64_t unix_s);
// Unix time of a date's noon, so that one day gives one score; 0: it is no date.
std::int64_t noon_of(const std::string& date);

}  // namespace spillway
