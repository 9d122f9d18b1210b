// Anthropic's requests, written: each row of ecosystem.md 2.1 that is not a change of names.
#include "codec_help.h"

namespace spillway::llm {
namespace {

std::string chat(const std::string& messages, const std::string& rest = "") {
  return R"({"model":"m","messages":)" + messages + rest + "}";
}
std::string anthropic_written(const std::string& body, Target target = to(Wire::anthropic)) {
  return request_for(Wire::openai_chat, body, std::move(target));
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

const std::string kHello = R"([{"role":"user","content":"hi"}])";
const std::string kTool = R"(,"tools":[{"type":"function","function":{"name":"f"}}])";

TEST(AnthropicOut, max_tokens_is_always_there) {
  EXPECT_TRUE(has(anthropic_written(chat(kHello)), R"("max_tokens":4096)"));
  EXPECT_TRUE(has(anthropic_written(chat(kHello, R"(,"max_tokens":7)")), R"("max_tokens":7)"));
}

TEST(AnthropicOut, neighbours_are_one_turn_with_results_in_front) {
  const std::string text = anthropic_written(
      chat(R"([{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c","too)"
           R"(l_calls":[)"
           R"({"id":"x","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"y","type":"function",")"
           R"(function":)"
           R"({"name":"f","arguments":"not json"}}]},{"role":"tool","tool_call_id":"x","content":"1"},{"role":"tool",)"
           R"("tool_call_id":"y","content":"2"},{"role":"user","content":"d"}])"));
  EXPECT_TRUE(has(text,
                  R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
                  R"({"role":"assistant","content":[{"type":"text","text":"c"},{"type":"tool_use","id":"x","name":)"
                  R"("f","input":{}},{"type":"tool_use","id":"y","name":"f","input":{}}]},{"role":"user",)"
                  R"("content":[{"type":"tool_result","tool_use_id":"x","content":"1"},{"type":"tool_result",)"
                  R"("tool_use_id":"y","content":"2"},{"type":"text","text":"d"}]}])"))
      << text;
}

TEST(AnthropicOut, empty_words_are_left_out) {
  const std::string text = anthropic_written(
      chat(R"([{"role":"system","content":""},{"role":"user","content":[{"type":"text","text":" "},{"type":"text")"
           R"(,"text":"x"}]},)"
           R"({"role":"assistant","content":""},{"role":"user","content":"y"}])",
           R"(,"stop":["","END"])"));
  EXPECT_EQ(text, R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","te)"
                  R"(xt":"x"},)"
                  R"({"type":"text","text":"y"}]}],"stop_sequences":["END"]})");
}

TEST(AnthropicOut, later_system_words_stand_where_the_version_has_a_place_for_them) {
  const std::string body = chat(R"([{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"a)"
                                R"(ssistant",)"
                                R"("content":"b"},{"role":"system","content":"late"},{"role":"user","content)"
                                R"(":"c"}])");
  EXPECT_TRUE(has(anthropic_written(body),
                  R"({"role":"user","content":[{"type":"text","text":"late"},{"type":"text","text":"c"}]})"));
  Target target = to(Wire::anthropic);
  target.spelling.anthropic_version = "2026-10-21";
  EXPECT_TRUE(has(anthropic_written(body, target),
                  R"({"role":"system","content":[{"type":"text","text":"late"}]},{"role":"user")"));
}

TEST(AnthropicOut, the_new_version_takes_no_sampling) {
  const std::string body = chat(kHello, R"(,"temperature":1.7,"top_p":0.5)");
  EXPECT_TRUE(has(anthropic_written(body), R"("temperature":1,"top_p":0.5)")) << "clamped to 0..1";
  Target target = to(Wire::anthropic);
  target.spelling.anthropic_version = "2026-10-21";
  EXPECT_FALSE(has(anthropic_written(body, target), "temperature") || has(anthropic_written(body, target), "top_p"));
}

TEST(AnthropicOut, tool_choices_are_called_otherwise) {
  const auto choice = [](const std::string& json) { return anthropic_written(chat(kHello, kTool + json)); };
  EXPECT_TRUE(has(choice(R"(,"tool_choice":"required")"), R"("tool_choice":{"type":"any"})"));
  EXPECT_TRUE(has(choice(R"(,"tool_choice":"none")"), R"("tool_choice":{"type":"none"})"));
  EXPECT_TRUE(has(choice(R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"),
                  R"("tool_choice":{"type":"tool","name":"f"})"));
  EXPECT_TRUE(has(choice(R"(,"parallel_tool_calls":false)"),
                  R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})"));
  EXPECT_FALSE(has(choice(""), "tool_choice"));
  EXPECT_TRUE(has(choice(""), R"("input_schema":{"type":"object"})")) << "a schema is required there";
}

TEST(AnthropicOut, effort_is_adaptive_thinking_or_a_budget) {
  const auto with = [](std::string effort, bool manual, int most) {
    Target target = to(Wire::anthropic);
    target.spelling.manual_thinking = manual;
    return anthropic_written(
        chat(kHello, R"(,"reasoning_effort":")" + effort + R"(","max_tokens":)" + std::to_string(most)), target);
  };
  EXPECT_TRUE(has(with("minimal", false, 9), R"("thinking":{"type":"adaptive"},"output_config":{"effort":"low"})"));
  EXPECT_TRUE(has(with("xhigh", false, 9), R"("output_config":{"effort":"xhigh"})"));
  EXPECT_TRUE(has(with("none", false, 9), R"("thinking":{"type":"disabled"})"));
  EXPECT_TRUE(has(with("low", true, 99999), R"("thinking":{"type":"enabled","budget_tokens":1024})"));
  EXPECT_TRUE(has(with("medium", true, 99999), R"("budget_tokens":4096)"));
  EXPECT_TRUE(has(with("high", true, 99999), R"("budget_tokens":16384)"));
  EXPECT_TRUE(has(with("high", true, 5000), R"("budget_tokens":4999)")) << "less than max_tokens";
  EXPECT_FALSE(has(with("high", true, 1000), "thinking")) << "there is no room for it";
}

TEST(AnthropicOut, formats_are_a_schema_or_an_instruction) {
  EXPECT_TRUE(has(anthropic_written(chat(kHello, R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n")"
                                                 R"(,"schema":)"
                                                 R"({"type":"object"}}})")),
                  R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})"));
  EXPECT_TRUE(has(anthropic_written(chat(kHello, R"(,"response_format":{"type":"json_object"})")),
                  R"("system":[{"type":"text","text":"Answer with one valid JSON object)"));
}

TEST(AnthropicOut, who_the_user_is_stays_here) {
  const std::string text = anthropic_written(chat(kHello, R"(,"user":"ann@example.org")"));
  EXPECT_TRUE(has(text, R"("metadata":{"user_id":")"));
  EXPECT_FALSE(has(text, "ann"));
}

TEST(AnthropicOut, images_and_files_have_sources) {
  const std::string text = anthropic_written(chat(
      R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y"}},{"type":"file","file":{)"
      R"("filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}])"));
  EXPECT_TRUE(has(text, R"({"type":"image","source":{"type":"url","url":"https://x/y"}})")) << text;
  EXPECT_TRUE(has(text, R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data)"
                        R"(":"JVBE"},)"
                        R"("title":"a.pdf"})"))
      << text;
}

}  // namespace
}  // namespace spillway::llm
