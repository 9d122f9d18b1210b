#include "proxy/catalog_origin.h"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "base/hash.h"
#include "conf/presets.h"

namespace spillway {

namespace {

std::string hex_of(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[number >> shift & 15];
  return text;
}

}  // namespace

CatalogOrigin make_catalog_origin(const Config& config, const PoolConfig& pool) {
  CatalogOrigin origin;
  origin.timeout_ms = config.catalog.timeout_ms;
  const auto provider = std::find_if(config.providers.begin(), config.providers.end(),
                                     [&](const ProviderConfig& one) { return one.name == pool.source; });
  if (provider == config.providers.end()) {
    origin.local = pool.from == PoolConfig::From::file;
    origin.kind = CatalogKind::index;
    origin.url = pool.source;
    origin.name = "index-" + hex_of(hash64(pool.source));
    return origin;
  }
  Result<Endpoint> endpoint = make_endpoint(*provider);
  const CatalogSource* source = find_catalog_source(provider->catalog);
  if (source == nullptr) {
    source = &catalog_source_of(preset_of(*provider, endpoint ? endpoint->url.host : std::string()).name);
  }
  origin.name = provider->name;
  origin.kind = source->kind;
  origin.url = catalog_url(*source, provider->base_url);
  if (endpoint) origin.like = std::move(*endpoint);
  return origin;
}

std::int64_t changed_s(const std::string& path) {
  struct stat there {};
  return ::stat(path.c_str(), &there) == 0 ? static_cast<std::int64_t>(there.st_mtime) : 0;
}

}  // namespace spillway
