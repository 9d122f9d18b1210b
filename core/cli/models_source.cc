#include "cli/models_source.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/variable.h"
#include "cli/errand.h"
#include "conf/presets.h"
#include "http/url.h"
#include "upstream/catalog_fetch.h"

namespace spillway {

namespace {

// The keys' names are older than the presets, and in people's scripts.
struct Known {
  const char *name, *kind, *key_env;
};
constexpr Known kKnown[] = {
    {"openrouter", "openrouter", "OPENROUTER_API_KEY"}, {"groq", "groq", "GROQ_API_KEY"},
    {"nvidia_nim", "nvidia", "NVIDIA_NIM_KEY"},         {"huggingface", "huggingface", "HUGGINGFACE_API_TOKEN"},
    {"mistral", "mistral", "MISTRAL_API_KEY"},          {"ollama", "ollama", ""},
};

Error failed(const std::string& place, const std::string& why) {
  return {Kind::internal, Source::upstream, Retry::no, place + ": " + why};
}

const Known* known(const std::string& name) {
  const auto* row =
      std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& one) { return name == one.name; });
  return row == std::end(kKnown) ? nullptr : row;
}

bool is_url(const std::string& place) { return place.starts_with("http://") || place.starts_with("https://"); }

// One fetch from start to end. Owner: the caller, on its stack.
class OneFetch final : private CatalogFetch::Events {
 public:
  Result<Catalog> run(CatalogKind kind, const std::string& url, const Endpoint& like, std::int64_t timeout_ms) {
    fetch_ = std::make_unique<CatalogFetch>(errand_.pool(), kind, url, &like, timeout_ms,
                                            static_cast<CatalogFetch::Events&>(*this));
    const Status started = fetch_->start();
    if (!started) {
      error_ = started.error();
      errand_.done();
    }
    errand_.run();
    if (error_) return *error_;
    return std::move(catalog_);
  }

 private:
  void on_catalog(CatalogFetch& fetch) override {
    error_ = fetch.error();
    catalog_ = std::move(fetch.catalog());
    errand_.loop().bury(std::move(fetch_));
    errand_.done();
  }

  Errand errand_;
  std::unique_ptr<CatalogFetch> fetch_;
  Catalog catalog_;
  std::optional<Error> error_;
};

Result<Catalog> fetch(const ModelsSource& source, CatalogKind kind, const std::string& url,
                      const std::string& key_env) {
  if (!source.key_env.empty() && variable(source.key_env).empty()) {
    return failed(source.place, "the environment variable " + source.key_env + " is not set");
  }
  ProviderConfig config;
  config.name = "models";
  config.base_url = url_origin(url);
  config.api_key = variable(key_env);
  const Result<Endpoint> endpoint = make_endpoint(config);
  if (!endpoint) return failed(source.place, endpoint.error().detail);
  Result<Catalog> catalog = OneFetch().run(kind, url, *endpoint, source.timeout_ms);
  if (!catalog) return failed(source.place, catalog.error().detail);
  return catalog;
}

Result<Catalog> read(const std::string& path, CatalogKind kind) {
  const Result<std::string> text = read_file(path, CatalogFetch::kBytesMax);
  if (!text) return text.error();
  Result<CatalogPage> page = read_page(kind, *text);
  if (!page) return failed(path, page.error().detail);
  return std::move(page->catalog);
}

}  // namespace

Result<LoadedCatalog> load_catalog(const ModelsSource& source) {
  const Known* by_name = known(source.place);
  const bool url = is_url(source.place);
  std::string kind = source.kind;
  if (kind.empty()) kind = by_name != nullptr ? by_name->kind : "openrouter";
  const CatalogSource* row = find_catalog_source(kind);
  if (row == nullptr) return failed(source.place, "there is no kind of catalogue \"" + kind + "\"");
  if (url && source.kind.empty()) {
    const Result<Url> parsed = parse_url(url_origin(source.place));
    if (!parsed) return failed(source.place, parsed.error().detail);
    row = &catalog_source_of_host(parsed->host);
    // A mirror of the best-known list is as likely as a bare one, and that reader takes both.
    if (row->kind == CatalogKind::openai) row = &catalog_source(CatalogKind::openrouter);
  }
  LoadedCatalog loaded;
  loaded.kind = row->kind;
  loaded.provider = by_name != nullptr ? by_name->name : std::string(row->name);
  Result<Catalog> catalog = Catalog();
  if (by_name != nullptr) {
    const std::string& key_env = source.key_env.empty() ? by_name->key_env : source.key_env;
    catalog = fetch(source, row->kind, catalog_url(*row, find_preset(row->preset)->base_url), key_env);
  } else if (url) {
    catalog = fetch(source, row->kind, source.place, source.key_env);
  } else if (!source.key_env.empty()) {
    return failed(source.place, "a file needs no key");
  } else {
    catalog = read(source.place, row->kind);
  }
  if (!catalog) return catalog.error();
  loaded.catalog = std::move(*catalog);
  if (loaded.catalog.models.empty()) return failed(source.place, "the catalogue has no models");
  return loaded;
}

std::vector<std::string> known_sources() {
  std::vector<std::string> names;
  for (const Known& one : kKnown) names.emplace_back(one.name);
  return names;
}

std::vector<std::string> catalog_kinds() {
  return {"openrouter", "groq", "mistral", "huggingface", "nvidia", "ollama", "openai", "index"};
}

}  // namespace spillway
