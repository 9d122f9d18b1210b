// Where the `models` commands get catalogues from: a file, a URL, or a provider that is known by its name.
//
// A URL is fetched by the proxy's own client on a loop of its own, page after page. Thread: main.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "catalog/source.h"

namespace spillway {

struct ModelsSource {
  std::string place;    // a path, a URL, or a known name
  std::string kind;     // what it looks like; empty: by name, by host, and of a file OpenRouter's list
  std::string key_env;  // whose value is sent as bearer key; empty: the known name's variable, if it is set
  std::int64_t timeout_ms = 20'000;
};

struct LoadedCatalog {
  Catalog catalog;
  CatalogKind kind = CatalogKind::openrouter;
  std::string provider;  // the known name, else what its kind is called
};

// The error names the source.
Result<LoadedCatalog> load_catalog(const ModelsSource& source);

std::vector<std::string> known_sources();
std::vector<std::string> catalog_kinds();

}  // namespace spillway
