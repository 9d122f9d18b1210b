// Which models of a catalogue may be in a pool, and why the others may not (semantics.md P-1 to P-5, P-20, P-21).
// Thread: any.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model.h"

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
};
std::string_view to_string(Unfit why);

struct Eligibility {
  FreeRule free = FreeRule::project;
  bool old_tool_signs = false;  // also tool_choice, architecture.tool_use, top_provider.supports_tool_parameters
  bool says_all = true;         // what an entry does not say it has not; else nobody knows, and it passes
  bool tools = true;
  bool text = true;
  bool whole_id = true;      // author/slug
  bool one_per_name = true;  // of the same normalised id, the ":free" one, else the first (P-21)
  std::int64_t context_min = 16'384;
  std::set<std::string> blocked;  // normalised
  std::set<std::string> meta_routers = {"openrouter/auto", "openrouter/free"};
  std::string today;  // "2026-11-21" in UTC; a model that expires today still counts. Empty: none expires

  static Eligibility stated();    // seed 000's text
  static Eligibility home_ops();  // the program it describes
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
