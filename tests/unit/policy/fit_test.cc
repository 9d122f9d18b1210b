#include "policy/fit.h"

#include <gtest/gtest.h>

#include "policy/plan.h"

namespace spillway {
namespace {

TEST(Fit, P24_unknown_means_it_can) {
  Demand demand;
  demand.tools = demand.images = demand.response_format = true;
  demand.prompt_tokens = 1'000'000;
  demand.parameters = ~Parameters{0};
  EXPECT_EQ(unfit_for(Candidate{}, demand), "");
}

TEST(Fit, P24_the_prompt_and_the_answer_must_hold_together) {
  Candidate candidate;
  candidate.context = 32'768;
  Demand demand;
  demand.prompt_tokens = 32'768;
  EXPECT_EQ(unfit_for(candidate, demand), "");
  demand.max_tokens = 8'442;
  EXPECT_EQ(unfit_for(candidate, demand), "context 32768 < 41210");
}

TEST(Fit, P24_says_what_is_missing_and_asks_only_for_what_the_request_uses) {
  Candidate candidate;
  candidate.tools = candidate.vision = candidate.response_format = 0;
  candidate.lacks = parameter_asked("seed", "1");
  Demand demand;
  EXPECT_EQ(unfit_for(candidate, demand), "");
  demand.parameters = parameter_asked("stop", "1");
  EXPECT_EQ(unfit_for(candidate, demand), "");
  demand.parameters |= parameter_asked("seed", "1");
  EXPECT_EQ(unfit_for(candidate, demand), "no seed");
  demand.response_format = true;
  EXPECT_EQ(unfit_for(candidate, demand), "no response_format");
  demand.images = true;
  EXPECT_EQ(unfit_for(candidate, demand), "no vision");
  demand.tools = true;
  EXPECT_EQ(unfit_for(candidate, demand), "no tools");
}

}  // namespace
}  // namespace spillway
