// The published index of models that several providers have under different names: one file that others read at
// their start instead of asking every provider. Deterministic: the same catalogues give the same bytes. Thread: any.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalog/model.h"

namespace spillway {

// canonical name -> provider -> that provider's id.
using IndexSeeds = std::map<std::string, std::map<std::string, std::string>>;
// {"gpt-oss-120b": {"groq": "openai/gpt-oss-120b", ...}, ...}
Result<IndexSeeds> read_index_seeds(std::string_view json);

struct IndexRules {
  std::vector<std::string> providers;  // whose catalogues count, in the order of the file
  bool all_required = true;            // a model must be with every one of them, or with any (C-24)
  std::set<std::string> free_only;     // of these only free models count; their ids go by without a variant
};

struct IndexModel {
  std::string canonical;
  std::vector<std::string> aliases;              // sorted, the canonical name among them
  std::map<std::string, std::string> providers;  // provider -> the exact id to ask it for
};

// "groq, OpenRouter,groq" -> groq, openrouter.
std::vector<std::string> provider_list(std::string_view text);

// With seeds: those of them that are really advertised. Without: ids that are equal behind their author, in the
// spelling of alias_name(), are one model.
std::vector<IndexModel> build_index(const std::map<std::string, Catalog>& catalogs, const IndexRules& rules,
                                    const IndexSeeds* seeds);

std::string print_index(const std::vector<IndexModel>& models, const std::map<std::string, Catalog>& catalogs,
                        const IndexRules& rules);

// The same JSON with a line for each member and element. `json` is valid.
std::string pretty_json(std::string_view json);

}  // namespace spillway
