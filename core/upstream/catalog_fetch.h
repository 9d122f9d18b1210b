// One whole catalogue from a provider, page after page (O-2's links.next), bounded in pages and bytes.
//
// The credential goes to the provider's own origin only: a next page elsewhere is an error. Owner: proxy/catalogs.
// Exactly one event follows a start() that succeeded, unless cancelled. Thread: the loop's.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/source.h"
#include "upstream/fetch.h"

namespace spillway {

class CatalogFetch final : public Mortal, private Fetch::Events {
 public:
  static constexpr std::size_t kPagesMax = 50;
  static constexpr std::size_t kBytesMax = 32u << 20;  // all pages

  class Events {
   public:
    virtual void on_catalog(CatalogFetch& fetch) = 0;

   protected:
    ~Events() = default;
  };

  // `like`: the provider, nullptr for a public file. It must outlive the fetch.
  CatalogFetch(Pool& pool, CatalogKind kind, std::string url, const Endpoint* like, std::int64_t timeout_ms,
               Events& events);
  Status start();
  void cancel();  // without a word

  // When it has come: an error, or the catalogue and its pages as they came.
  const std::optional<Error>& error() const { return error_; }
  Catalog& catalog() { return catalog_; }
  const std::vector<std::string>& pages() const { return pages_; }

 private:
  void on_fetched(Fetch& fetch) override;
  void end(Error error);
  std::optional<Error> take_page(Fetch& fetch);
  Result<std::string> next_url(const std::string& next) const;

  Pool& pool_;
  const CatalogKind kind_;
  std::string url_;
  const Endpoint* like_;
  const std::int64_t timeout_ms_;
  Events& events_;
  std::unique_ptr<Fetch> fetch_, last_;  // the one before is on the stack when the next is made
  Catalog catalog_;
  std::vector<std::string> pages_;
  std::size_t bytes_ = 0;
  std::string next_;
  std::optional<Error> error_;
};

}  // namespace spillway
