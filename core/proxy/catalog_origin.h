// Where one catalogue comes from, and what is known of it. Owner: Catalogs. Thread: its loop's.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "catalog/source.h"
#include "conf/config.h"
#include "upstream/catalog_fetch.h"
#include "upstream/health_fetch.h"

namespace spillway {

struct CatalogOrigin {
  std::string name;  // the provider's, or what stands for an index
  CatalogKind kind = CatalogKind::openai;
  std::string url;               // or the path of a local file
  bool local = false;            // a file: read where it is, never kept
  std::optional<Endpoint> like;  // whose credential goes along
  std::int64_t timeout_ms = 0;

  Catalog catalog;
  std::int64_t fetched_s = 0;  // Unix time; of a local file its last change. 0: never
  bool loaded = false;         // what was kept has been looked at
  bool wanted = false;         // by the config that serves
  std::uint64_t due_us = 0;    // 0: never
  int failures = 0;            // in a row
  std::string problem;         // of the last refresh; empty: it worked
  std::unique_ptr<CatalogFetch> fetch;

  HealthMemory health;
  std::int64_t asked_s = 0;         // Unix time of the last round's end; 0: never
  std::uint64_t health_due_us = 0;  // 0: never
  std::unique_ptr<HealthFetch> asking;

  bool busy() const { return fetch != nullptr || asking != nullptr; }
  // What a pool is made of changes with each refresh and each round.
  std::int64_t changed_s() const { return std::max(fetched_s, asked_s); }

  // Sources that are at the same place are one.
  std::string key() const { return name + '|' + std::string(catalog_source(kind).name) + '|' + url; }
};

CatalogOrigin make_catalog_origin(const Config& config, const PoolConfig& pool);
// When a file was last changed, Unix time; 0: there is none.
std::int64_t changed_s(const std::string& path);

}  // namespace spillway
