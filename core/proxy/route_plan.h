// The plan a request begins with: its route's candidates with their live figures, what it needs, and its budget.
// Thread: the worker's.
#pragma once
#include "llm/facts.h"
#include "policy/plan.h"
#include "proxy/generation.h"

namespace spillway {

void lay_plan(Plan& plan, const Generation& generation, const Route& route, const Facts& facts);

}  // namespace spillway
