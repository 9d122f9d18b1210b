// What was learned of catalogues, on disk: the last good one of each source as its pages came, and who was in which
// pool.
// A start without a network serves from here; `spillway models sync` fills it.
//
// A file that is not there, or is no longer readable, is as good as none: the next refresh writes it anew. Owner:
// whoever refreshes. Thread: its own; two processes on one folder see whole files only.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "catalog/source.h"

namespace spillway {

struct KeptCatalog {
  std::int64_t fetched_s = 0;  // Unix time
  Catalog catalog;
};

// Who was in a pool, by rank, and of which refresh of its catalogue it was made: the same one must give the same pool
// again after a restart, only a new one may replace members (P-10).
struct RememberedPool {
  std::int64_t made_of_s = 0;
  std::vector<std::string> ids;
};
using PoolMemory = std::map<std::string, RememberedPool>;

class Shelf {
 public:
  static constexpr std::size_t kFileBytesMax = 64u << 20;

  explicit Shelf(std::string folder) : folder_(std::move(folder)) {}
  // Beside the store: ".../spillway/catalog". Empty: there is no home.
  static std::string default_folder();
  const std::string& folder() const { return folder_; }

  // Not found is Kind::not_found; anything else says what is wrong with the file. `url`: what was kept from elsewhere
  // is not found either.
  Result<KeptCatalog> load(const std::string& source, CatalogKind kind, const std::string& url) const;
  Status store(const std::string& source, CatalogKind kind, const std::string& url, std::int64_t fetched_s,
               const std::vector<std::string>& pages) const;
  PoolMemory load_pools() const;
  Status store_pools(const PoolMemory& pools) const;

 private:
  std::string path_of(const std::string& source) const;
  std::string folder_;
};

}  // namespace spillway
