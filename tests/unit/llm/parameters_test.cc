#include "llm/parameters.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Parameters, P24_what_shapes_the_answer_counts_and_what_steers_the_sampling_does_not) {
  EXPECT_NE(parameter_asked("seed", "7"), 0u);
  EXPECT_NE(parameter_asked("logprobs", "true"), 0u);
  for (const char* key : {"temperature", "top_p", "presence_penalty", "model", "messages", "stream", "made_up", ""}) {
    EXPECT_EQ(parameter_asked(key, "1"), 0u) << key;
  }
}

TEST(Parameters, null_and_a_choice_every_model_obeys_ask_for_nothing) {
  EXPECT_EQ(parameter_asked("seed", "null"), 0u);
  EXPECT_EQ(parameter_asked("tool_choice", R"("auto")"), 0u);
  EXPECT_EQ(parameter_asked("tool_choice", R"("none")"), 0u);
  EXPECT_NE(parameter_asked("tool_choice", R"("required")"), 0u);
  EXPECT_NE(parameter_asked("tool_choice", R"({"type":"function"})"), 0u);
}

TEST(Parameters, two_spellings_of_one_thing_are_one) {
  EXPECT_EQ(parameter_asked("reasoning", "{}"), parameter_asked("reasoning_effort", R"("low")"));
}

TEST(Parameters, a_models_list_says_what_is_missing) {
  const Parameters missing = missing_parameters({"temperature", "seed", "stop", "reasoning"});
  EXPECT_EQ(missing & parameter_asked("seed", "1"), 0u);
  EXPECT_EQ(missing & parameter_asked("reasoning_effort", "1"), 0u);
  const Parameters logprobs = missing & parameter_asked("logprobs", "true");
  EXPECT_EQ(name_of(logprobs), "logprobs");
  EXPECT_NE(missing & kStructuredOutputs, 0u);
  EXPECT_EQ(name_of(0), "");
}

}  // namespace
}  // namespace spillway
