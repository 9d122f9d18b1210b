// Where catalogues come from and what they look like: one row for each kind of provider, a reader that knows where each
// spells what, and the checks of a fresh one against the last (semantics.md O-2, section 10, P-22; DESIGN.md 3).
// Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "catalog/model.h"

namespace spillway {

enum class CatalogKind : std::uint8_t {
  openrouter,   // says prices, contexts, parameters and modalities
  groq,         // context_window, active
  mistral,      // capabilities, max_context_length
  huggingface,  // a list of providers for each model, prices in USD per million tokens
  nvidia,       // ids only
  ollama,       // /api/tags, names only
  openai,       // ids, and what vLLM and others add
  index,        // a published file: models by canonical name, with an id for each provider
};

struct CatalogSource {
  CatalogKind kind;
  std::string_view name;    // in the config
  std::string_view preset;  // whose list it is: its host tells when the config does not, and it says the path
  bool says_all;            // an entry without a context or parameters has none; else nothing is known of it
};
const CatalogSource& catalog_source(CatalogKind kind);
// By name; nullptr: there is none of that name.
const CatalogSource* find_catalog_source(std::string_view name);
// By what the provider is (conf/presets.h), or only by the host of its base_url; openai is what is left.
const CatalogSource& catalog_source_of(std::string_view preset);
const CatalogSource& catalog_source_of_host(std::string_view host);
// Where its list is, of a provider's base_url.
std::string catalog_url(const CatalogSource& source, std::string_view base_url);

// One page. `next` is where the following one is (links.next); empty: this was the last.
struct CatalogPage {
  Catalog catalog;
  std::string next;
};
Result<CatalogPage> read_page(CatalogKind kind, const JsonValue& json);
Result<CatalogPage> read_page(CatalogKind kind, std::string_view text);
void append(Catalog& to, Catalog&& page);

// Is a refresh believable? One that has none, less than half or more than twice the models is refused and the last one
// kept (G1). `before` 0: there was none. Empty: it is.
std::string why_not_believed(std::size_t before, std::size_t now);

}  // namespace spillway
