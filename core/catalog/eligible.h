// Which models of a catalogue may be in a pool, and why the others may not (semantics.md P-1 to P-5, P-20, P-21, Q-1,
// S-1).
// Thread: any.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model.h"
#include "catalog/names.h"

namespace spillway {

// What "free" means: five readings of the same prices (P-2). Only `project` is safe for money; `any` asks nothing.
enum class FreeRule : std::uint8_t { stated, home_ops, surfsense, llmrouter, project, any };
bool is_free(const CatalogModel& model, FreeRule rule);

enum class Unfit : std::uint8_t {
  blocked,
  bad_id,  // no author/slug
  no_tools,
  not_free,
  context,
  not_text,
  meta_router,  // a name that stands for whatever its owner picks
  expired,
  duplicate,
  not_text_only,
  provider,  // its author is excluded (C-32)
  excluded,  // by its id or the end of it
  no_pricing,
  extended,  // a variant with a longer window (S-1)
};
std::string_view to_string(Unfit why);

struct Eligibility {
  FreeRule free = FreeRule::project;
  bool old_tool_signs = false;  // also tool_choice, architecture.tool_use, top_provider.supports_tool_parameters
  bool says_all = true;         // what an entry does not say it has not; else nobody knows, and it passes
  bool tools = true;
  bool text = true;
  bool text_alone = false;   // nothing but text comes out (Q-1, C-6)
  bool whole_id = true;      // author/slug
  bool one_per_name = true;  // of the same normalised id, the ":free" one, else the first (P-21)
  std::int64_t context_min = 16'384;
  std::set<std::string> blocked;  // normalised
  std::set<std::string> meta_routers = {"openrouter/auto", "openrouter/free"};
  std::set<std::string> authors_out;  // the part before the first '/', as spelled
  std::set<std::string> ids_out;      // exact
  std::vector<std::string> ends_out;  // of the id, or of the id without its variant: "-deep-research", ":batch"
  bool priced = false;                // whatever the prices are
  std::optional<ExtendedRule> extended_out;
  std::string today;  // "2026-11-21" in UTC; a model that expires today still counts. Empty: none expires

  static Eligibility stated();     // seed 000's text
  static Eligibility home_ops();   // the program it describes
  static Eligibility surfsense();  // seed 001's catalogue, free and premium alike
  static Eligibility synced();     // seed 003's list: whatever has a price and is no extended variant (S-1)
  static Eligibility project() { return {}; }
};

// One id per line, trimmed; blank lines and those with '#' in front are skipped (P-4). `exact`: the line's own ":free"
// stays, as in the original, where such a line never matches.
std::set<std::string> read_blocklist(std::string_view text, bool exact = false);

std::vector<Unfit> unfit(const CatalogModel& model, const Eligibility& rules);  // empty: eligible

struct Sieved {
  std::vector<const CatalogModel*> fit;  // in the catalogue's order
  std::vector<std::pair<const CatalogModel*, std::vector<Unfit>>> others;
};
Sieved sieve(const Catalog& catalog, const Eligibility& rules);  // points into the catalogue

}  // namespace spillway
