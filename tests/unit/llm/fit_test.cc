// What a target does not take is dropped or refused by name (ecosystem.md 2.1).
#include "llm/fit.h"

#include "codec_help.h"

namespace spillway::llm {
namespace {

// What fit() says: names of the dropped, or "!" and the parameter it refuses.
std::string fitted(const std::string& rest, Target target, ChatRequest* out = nullptr) {
  ChatRequest request =
      read_ok(Wire::openai_chat, R"({"model":"m","messages":[{"role":"user","content":"x"}])" + rest + "}");
  JsonScanner scanner;
  Fitted done;
  Refusal why;
  std::string said;
  if (!fit(request, target, scanner, done, why)) return "!" + why.param;
  for (const std::string& name : done.dropped) said += name + " ";
  if (out != nullptr) *out = request;
  return said;
}

Target strict(Wire wire) {
  Target target = to(wire);
  target.drop_params = false;
  return target;
}

TEST(Fit, each_wires_missing_parameters_are_dropped_or_named) {
  struct Row {
    Wire wire;
    std::string json, name;
  };
  const std::vector<Row> rows = {
      {Wire::anthropic, R"(,"seed":1)", "seed"},
      {Wire::anthropic, R"(,"presence_penalty":0.1)", "presence_penalty"},
      {Wire::anthropic, R"(,"frequency_penalty":0.1)", "frequency_penalty"},
      {Wire::openai_responses, R"(,"seed":1)", "seed"},
      {Wire::openai_responses, R"(,"stop":"x")", "stop"},
      {Wire::openai_responses, R"(,"top_k":1)", "top_k"},
      {Wire::ollama, R"(,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required")",
       "tool_choice"},
      {Wire::gemini, R"(,"stop":["1","2","3","4","5","6"])", "stop"},
      {Wire::cohere, R"(,"stop":["1","2","3","4","5","6"])", "stop"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(fitted(row.json, to(row.wire)), row.name + " ");
    EXPECT_EQ(fitted(row.json, strict(row.wire)), "!" + row.name);
  }
}

TEST(Fit, a_target_adds_what_it_lacks) {
  const std::string all = R"(,"temperature":1,"top_p":1,"top_k":1,"presence_penalty":1,"frequency_penalty":1,"seed":1,
    "stop":"x","user":"u","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"auto","response_format":
    {"type":"json_object"},"reasoning_effort":"low")";
  EXPECT_EQ(fitted(all, to(Wire::openai_chat)), "");
  Target target = to(Wire::openai_chat);
  target.lacks = ~Lacks{0};
  ChatRequest request;
  EXPECT_EQ(
      fitted(all, target, &request),
      "temperature top_p top_k presence_penalty frequency_penalty seed stop tools response_format reasoning_effort ");
  EXPECT_TRUE(request.user.empty()) << "dropped without a word: no answer depends on it";
  target.drop_params = false;
  target.lacks = kLacksUser;
  EXPECT_EQ(fitted(all, target), "");
  target.lacks = kLacksTopP;
  EXPECT_EQ(fitted(all, target), "!top_p");
}

TEST(Fit, members_that_are_not_modelled_can_be_lacking_too) {
  Target target = to(Wire::openai_chat);
  target.lacks_members = {"logprobs", "logit_bias"};
  ChatRequest request;
  EXPECT_EQ(fitted(R"(,"logprobs":true,"metadata":{})", target, &request), "logprobs ");
  ASSERT_EQ(request.extras.size(), 1u);
  EXPECT_EQ(request.extras[0].name, "metadata");
  target.drop_params = false;
  EXPECT_EQ(fitted(R"(,"logit_bias":{})", target), "!logit_bias");
}

TEST(Fit, mistral_has_words_of_its_own) {
  Target target = to(Wire::openai_chat);
  target.spelling.mistral_words = target.spelling.old_max_tokens = target.spelling.no_usage_asked = true;
  target.tool_ids = ToolIds::nine;
  EXPECT_EQ(
      request_for(Wire::openai_chat,
                  R"({"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":)"
                  R"("required","seed":7,"max_completion_tokens":5,"stream":true})",
                  target),
      R"({"model":"m","max_tokens":5,"messages":[],"tools":[{"type":"function","function":{"name":"f"}}],)"
      R"("tool_choice":"any","random_seed":7,"stream":true})");
}

TEST(Fit, several_answers_are_never_made_one) {
  EXPECT_EQ(fitted(R"(,"n":2)", to(Wire::openai_chat)), "");
  for (const Wire wire : {Wire::anthropic, Wire::gemini, Wire::ollama, Wire::cohere, Wire::openai_responses}) {
    EXPECT_EQ(fitted(R"(,"n":2)", to(wire)), "!n");
    EXPECT_EQ(fitted(R"(,"n":1)", to(wire)), "");
  }
}

TEST(Fit, ranges_are_the_targets) {
  ChatRequest request;
  fitted(R"(,"temperature":1.5,"top_p":1)", to(Wire::cohere), &request);
  EXPECT_EQ(request.temperature, 1);
  EXPECT_EQ(request.top_p, 0.99);
  fitted(R"(,"temperature":1.5)", to(Wire::gemini), &request);
  EXPECT_EQ(request.temperature, 1.5);
  Target target = to(Wire::anthropic);
  target.max_output = 77;
  fitted("", target, &request);
  EXPECT_EQ(request.max_tokens, 77);
  fitted("", to(Wire::gemini), &request);
  EXPECT_EQ(request.max_tokens, -1);
}

TEST(Fit, tools_that_may_not_be_called_are_not_shown) {
  const std::string tools = R"(,"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{)"
                            R"("name":"g"}}],"tool_choice":)";
  const std::string allowed =
      R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function",)"
      R"("function":{"name":"g"}}]}})";
  const std::string named = R"({"type":"function","function":{"name":"g"}})";
  ChatRequest request;
  fitted(tools + allowed, to(Wire::anthropic), &request);
  ASSERT_EQ(request.tools.size(), 1u);
  EXPECT_EQ(request.tools[0].name, "g");
  EXPECT_EQ(request.tool_choice.kind, ToolChoice::Kind::required);
  fitted(tools + allowed, to(Wire::gemini), &request);
  EXPECT_EQ(request.tools.size(), 2u) << "it has a list of its own";
  fitted(tools + named, to(Wire::cohere), &request);
  EXPECT_EQ(request.tools.size(), 1u);
  EXPECT_EQ(request.tool_choice.kind, ToolChoice::Kind::required);
  EXPECT_EQ(fitted(tools + named, strict(Wire::ollama), &request), "") << "one tool is nearly a named one";
  EXPECT_EQ(request.tools.size(), 1u);
  fitted(tools + R"("none")", to(Wire::ollama), &request);
  EXPECT_TRUE(request.tools.empty());
}

TEST(Fit, thinking_by_budget_gives_way_to_forced_tools) {
  Target target = to(Wire::anthropic);
  target.spelling.manual_thinking = true;
  const std::string tools =
      R"(,"max_tokens":9000,"reasoning_effort":"low","temperature":0.3,"tools":[{"type":"function",)"
      R"("function":{"name":"f"}}],"tool_choice":)";
  ChatRequest request;
  fitted(tools + R"("required")", target, &request);
  EXPECT_EQ(request.effort, Effort::unset);
  EXPECT_TRUE(request.temperature.has_value());
  fitted(tools + R"("auto")", target, &request);
  EXPECT_EQ(request.effort, Effort::low);
  EXPECT_FALSE(request.temperature.has_value()) << "refused beside thinking";
  target.spelling.manual_thinking = false;
  fitted(tools + R"("required")", target, &request);
  EXPECT_EQ(request.effort, Effort::low);
}

}  // namespace
}  // namespace spillway::llm
