// One model as a catalogue describes it (OpenRouter's /models and what looks like it), and the reading of a whole one.
// A malformed entry is skipped and counted, never fatal (P-22). Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalog/price.h"

namespace spillway {

struct CatalogModel {
  std::string id;        // exactly as the catalogue spells it: this is what is sent (P-5)
  std::string provider;  // of an index: whose id it is; empty: the catalogue's own
  std::string name;
  bool has_pricing = false;  // an object was given
  Price prompt, completion, request;
  std::int64_t context = 0;                              // context_length; 0: absent, or no positive whole number
  std::int64_t provider_context = 0;                     // top_provider.context_length
  std::int64_t prompt_limit = 0;                         // per_request_limits.prompt_tokens
  std::int64_t output_most = 0;                          // top_provider.max_completion_tokens
  std::vector<std::string> parameters, inputs, outputs;  // supported_parameters; modalities
  bool tool_use = false;     // architecture.tool_use or top_provider.supports_tool_parameters, which old entries have
  std::int64_t created = 0;  // Unix seconds; 0: unknown
  std::string expires;       // expiration_date as given, "2026-12-31"
  bool takes(std::string_view parameter) const;
  bool gives_text() const;
  // How many tokens of prompt and answer together fit (P-24): the least of what is said; 0: nothing is.
  std::int64_t usable_context() const;
};

struct Catalog {
  std::vector<CatalogModel> models;  // in the catalogue's order
  std::size_t malformed = 0;         // entries that are no objects or have no id
};

// {"data": [...]} or the array alone. An error when it is neither.
Result<Catalog> read_catalog(const JsonValue& json);
Result<Catalog> read_catalog(std::string_view text);

// V-2: lower case, one ":free" at the end removed.
std::string normalized_id(std::string_view id);

}  // namespace spillway
