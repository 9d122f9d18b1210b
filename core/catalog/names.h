// Names that generated entries go by (S-2), and the two filters and the output limit of seed 003 (S-1, S-3).
// Thread: any; one NameTable per catalogue.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"

namespace spillway {

// "qwen/qwen3-coder:free" of "openrouter" -> "openrouter/qwen-qwen3-coder-free".
std::string generated_name(std::string_view provider, std::string_view id);

// The rule is not injective: a/b-c and a-b/c would share a name. The first keeps it, the second is refused (D-13).
class NameTable {
 public:
  Result<std::string> take(std::string_view provider, std::string_view id);

 private:
  std::unordered_map<std::string, std::string> owners_;
};

// lower case, every ":free" removed, '_' and white space to '-', runs of '-' to one.
std::string alias_name(std::string_view name);

// S-3: half of the context, at most 8192; a context that is not known counts as 4096.
std::int64_t output_limit(std::int64_t context);

// S-1: the variants with a longer window, as the seed's first version found them and as the later one did.
enum class ExtendedRule : std::uint8_t { first, later };
bool is_extended(std::string_view id, ExtendedRule rule);

}  // namespace spillway
