// The plan a request begins with: its route's candidates with their live figures, what it needs, its budget, and who is
// out from the start by the route's spill rules and data policy. Thread: the worker's.
#pragma once
#include <string_view>

#include "llm/facts.h"
#include "policy/plan.h"
#include "proxy/generation.h"

namespace spillway {

// Who asks, as far as rules look at it.
struct Asker {
  const ClientKey* key = nullptr;  // open access
  std::string_view tags;           // as the request names them: "urgent, batch"
};

// Returns what the rules let the route spend today, in USD; -1: no limit.
double lay_plan(Plan& plan, const Generation& generation, const Route& route, const Facts& facts, const Asker& asker,
                Shared& shared);

}  // namespace spillway
