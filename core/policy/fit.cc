#include "policy/fit.h"

#include <algorithm>

#include "policy/plan.h"

namespace spillway {

std::string unfit_for(const Candidate& candidate, const Demand& demand) {
  if (demand.tools && candidate.tools == 0) return "no tools";
  if (demand.images && candidate.vision == 0) return "no vision";
  if (demand.response_format && candidate.response_format == 0) return "no response_format";
  if (const Parameters missing = demand.parameters & candidate.lacks; missing != 0)
    return "no " + std::string(name_of(missing));
  const std::int64_t needed = demand.prompt_tokens + std::max<std::int64_t>(demand.max_tokens, 0);
  if (candidate.context > 0 && needed > candidate.context)
    return "context " + std::to_string(candidate.context) + " < " + std::to_string(needed);
  return {};
}

}  // namespace spillway
