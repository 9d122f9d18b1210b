// Anthropic's requests, read; and between OpenAI and Anthropic (ecosystem.md 1.7, 2.1, 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

Target claude() {
  Target target = to(Wire::anthropic);
  target.spelling.model = "claude-sonnet-5";
  return target;
}

std::string to_openai(std::string_view body) { return request_for(Wire::anthropic, body, to(Wire::openai_chat)); }

TEST(AnthropicRequest, the_worked_example_is_written_word_for_word) {
  EXPECT_EQ(request_for(Wire::openai_chat, fixture("examples/openai.request.json"), claude()),
            fixture("examples/anthropic.request.json"));
}

TEST(AnthropicRequest, the_worked_example_is_read_word_for_word) {
  Target target = to(Wire::openai_chat);
  target.spelling.model = "best";
  EXPECT_EQ(request_for(Wire::anthropic, fixture("examples/anthropic.request.json"), target),
            fixture("examples/openai.request.json"));
}

TEST(AnthropicRequest, a_round_trip_keeps_what_both_know) {
  const std::string text = fixture("examples/anthropic.request.json");
  EXPECT_EQ(request_for(Wire::anthropic, text, claude()), text);
  EXPECT_EQ(request_for(Wire::openai_chat, to_openai(text), claude()), text);
}

TEST(AnthropicRequest, claude_codes_first_request_reaches_others_clean) {
  const std::string text = to_openai(R"({"model":"m","max_tokens":32000,"stream":true,"thinking":{"type":"adaptive"},
    "output_config":{"effort":"high"},"context_management":{"edits":[]},"metadata":{"user_id":"{\"session_id\":1}"},
    "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2"},{"type":"text","text":"Be good.",
    "cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"hi",
    "cache_control":{"type":"ephemeral"}}]}],"tools":[{"name":"Bash","description":"d","input_schema":{"type":"object"},
    "cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search"}]})");
  EXPECT_EQ(text, R"({"model":"m","max_completion_tokens":32000,"messages":[{"role":"system","content":"Be good."})"
                  R"(,{"role":)"
                  R"("user","content":"hi"}],"tools":[{"type":"function","function":{"name":"Bash","description":"d",)"
                  R"("parameters":{"type":"object"}}}],"reasoning_effort":"high","user":"e50102a6486a71c453b91ebf7a09)"
                  R"(79f9","stream":true,)"
                  R"("stream_options":{"include_usage":true}})");
}

TEST(AnthropicRequest, results_come_before_words_and_images_of_results_are_shown_by_the_user) {
  const std::string text = to_openai(R"({"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":
"tool_use","id":"a","name":"f","input":{"x": 1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a",
    "is_error":true,"content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"base64","media_type":
    "image/png","data":"AA"}}]},{"type":"text","text":"and?"}]}]})");
  EXPECT_NE(
      text.find(R"({"role":"tool","tool_call_id":"a","content":"r"},{"role":"user","content":[{"type":"image_url",)"
                R"("image_url":{"url":"data:image/png;base64,AA"}}]},{"role":"user","content":"and?"})"),
      text.npos)
      << text;
  EXPECT_NE(text.find(R"("arguments":"{\"x\": 1}")"), text.npos) << text;
}

TEST(AnthropicRequest, names_of_tools_that_are_there_anyway_are_nothing_to_others) {
  const std::string text = request_for(
      Wire::anthropic,
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t",)"
      R"("content":[{"type":"tool_reference","tool_name":"f"}]}]}]})",
      to(Wire::openai_chat));
  EXPECT_EQ(text.find("tool_reference"), text.npos);
  EXPECT_NE(text.find(R"("role":"tool")"), text.npos) << text;
}

TEST(AnthropicRequest, thinking_is_kept_on_its_route_only) {
  const std::string_view body = R"({"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":
    "thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"x"}]}]})";
  EXPECT_EQ(to_openai(body).find("reasoning_content"), std::string::npos);
  Target target = claude();
  EXPECT_EQ(request_for(Wire::anthropic, body, target).find("thinking"), std::string::npos);
  target.same_route = true;
  EXPECT_NE(request_for(Wire::anthropic, body, target)
                .find(R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","da)"
                      R"(ta":"d"})"),
            std::string::npos);
}

TEST(AnthropicRequest, tool_choices_and_thinking_of_each_kind_are_read) {
  const auto read = [](std::string rest) {
    return read_ok(Wire::anthropic, R"({"messages":[],"tools":[{"name":"f"}],)" + rest + "}");
  };
  EXPECT_EQ(read(R"("tool_choice":{"type":"auto"})").tool_choice.kind, ToolChoice::Kind::automatic);
  EXPECT_EQ(read(R"("tool_choice":{"type":"none"})").tool_choice.kind, ToolChoice::Kind::none);
  EXPECT_EQ(read(R"("tool_choice":{"type":"any","disable_parallel_tool_use":true})").parallel_tool_calls, false);
  EXPECT_EQ(read(R"("tool_choice":{"type":"tool","name":"f"})").tool_choice.name, "f");
  EXPECT_EQ(read(R"("thinking":{"type":"disabled"})").effort, Effort::none);
  EXPECT_EQ(read(R"("thinking":{"type":"enabled","budget_tokens":4096})").thinking_budget, 4096);
  EXPECT_EQ(read(R"("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})").effort, Effort::max);
  EXPECT_EQ(read(R"("thinking":{"type":"adaptive"})").effort, Effort::high);
  EXPECT_EQ(read(R"("output_config":{"format":{"type":"json_schema","schema":{"a":1}}})").format.schema, R"()"
                                                                                                         R"({"a":1})");
}

TEST(AnthropicRequest, what_is_wrong_is_named) {
  EXPECT_EQ(refusal_of(Wire::anthropic, R"({"messages":7})").substr(0, 9), "messages:");
  EXPECT_EQ(refusal_of(Wire::anthropic, R"({"messages":[{"role":"tool"}]})").substr(0, 15), "messages.0.role");
  EXPECT_EQ(refusal_of(Wire::anthropic, R"({"messages":[{"role":"user","content":[{"type":"smell"}]}]})").substr(0, 18),
            "messages.0.content");
  EXPECT_EQ(refusal_of(Wire::anthropic, R"({"system":1,"messages":[]})").substr(0, 7), "system:");
}

}  // namespace
}  // namespace spillway::llm
