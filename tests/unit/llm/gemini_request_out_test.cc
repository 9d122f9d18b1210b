// Gemini's requests, written: the rows of ecosystem.md 2.1 and the worked example of 2.5.
#include "codec_help.h"

namespace spillway::llm {
namespace {

std::string gemini_written(const std::string& rest, Target target = to(Wire::gemini)) {
  return request_for(Wire::openai_chat, R"({"model":"m","messages":[{"role":"user","content":"x"}])" + rest + "}",
                     target);
}
bool holds(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(GeminiOut, the_worked_example_is_written_word_for_word) {
  std::string chat = fixture("examples/openai.request.json");
  const std::string call = R"("arguments":"{\"city\":\"Paris\"}"})";
  chat.insert(chat.find(call) + call.size(), R"(,"extra_content":{"google":{"thought_signature":"c2ln"}})");
  Target target = to(Wire::gemini);
  target.same_route = true;
  EXPECT_EQ(request_for(Wire::openai_chat, chat, target), fixture("examples/gemini.request.json"));
  target.same_route = false;
  EXPECT_TRUE(
      holds(request_for(Wire::openai_chat, chat, target), R"("thoughtSignature":"skip_thought_signature_validator")"));
}

TEST(GeminiOut, the_worked_example_comes_back_as_chat) {
  Target target = to(Wire::openai_chat);
  target.spelling.model = "best";
  std::string expected = fixture("examples/openai.request.json");
  for (std::size_t at; (at = expected.find("call_1")) != expected.npos;) expected.replace(at, 6, "call_0");
  expected.replace(expected.find(R"("stop":"END")"), 12, R"("stop":"END")");
  EXPECT_EQ(request_for(Wire::gemini, fixture("examples/gemini.request.json"), target), expected);
}

TEST(GeminiOut, parameters_are_called_otherwise) {
  EXPECT_EQ(
      gemini_written(
          R"(,"max_tokens":5,"temperature":0.5,"top_p":0.9,"top_k":3,"seed":7,"presence_penalty":0.1,)"
          R"("frequency_penalty":0.2,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)"
          R"({"a":1}}})"),
      R"({"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":5,"temperature":)"
      R"(0.5,"topP":0.9,"topK":3,"seed":7,"presencePenalty":0.1,"frequencyPenalty":0.2,"responseMimeType":)"
      R"("application/json","responseJsonSchema":{"a":1}}})");
  EXPECT_TRUE(holds(gemini_written(R"(,"response_format":{"type":"json_object"})"),
                    R"("generationConfig":{"responseMimeType":"application/json"})"));
}

TEST(GeminiOut, effort_is_a_level_or_a_budget) {
  Target budgets = to(Wire::gemini);
  budgets.spelling.gemini_levels = false;
  struct Row {
    std::string effort, level;
    int budget;
  };
  for (const Row& row : {Row{"minimal", "MINIMAL", 512}, Row{"low", "LOW", 1024}, Row{"medium", "MEDIUM", 4096},
                         Row{"high", "HIGH", 16384}, Row{"xhigh", "HIGH", 32768}}) {
    const std::string asked = R"(,"reasoning_effort":")" + row.effort + "\"";
    EXPECT_TRUE(holds(gemini_written(asked),
                      R"("thinkingConfig":{"thinkingLevel":")" + row.level + R"(","includeThoughts":true})"));
    EXPECT_TRUE(holds(gemini_written(asked, budgets), R"("thinkingConfig":{"thinkingBudget":)" +
                                                          std::to_string(row.budget) + R"(,"includeThoughts":true})"));
  }
  EXPECT_TRUE(holds(gemini_written(R"(,"reasoning_effort":"none")", budgets), R"({"thinkingBudget":0})"));
}

TEST(GeminiOut, tool_choices_are_modes) {
  const std::string tools = R"(,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":)";
  const auto mode = [&](const std::string& choice) { return gemini_written(tools + choice); };
  EXPECT_TRUE(holds(mode(R"("none")"), R"({"mode":"NONE"})"));
  EXPECT_TRUE(holds(mode(R"("required")"), R"({"mode":"ANY"})"));
  EXPECT_TRUE(
      holds(mode(R"({"type":"function","function":{"name":"f"}})"), R"({"mode":"ANY","allowedFunctionNames":["f"]})"));
  EXPECT_TRUE(
      holds(mode(R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":)"
                 R"({"name":"f"}}]}})"),
            R"({"mode":"VALIDATED","allowedFunctionNames":["f"]})"));
}

TEST(GeminiOut, media_of_all_kinds_and_failed_tools) {
  const std::string text = request_for(
      Wire::anthropic,
      R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":)"
      R"("url","url":)"
      R"("https://x/y"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":)"
      R"("QQ"}}]},{"role":)"
      R"("assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content)"
      R"(":[{"type":)"
      R"("tool_result","tool_use_id":"a","is_error":true,"content":[{"type":"text","text":"no"},{"type":"ima)"
      R"(ge","source":)"
      R"({"type":"base64","media_type":"image/png","data":"AA"}}]}]}]})",
      to(Wire::gemini));
  EXPECT_TRUE(holds(text, R"([{"fileData":{"fileUri":"https://x/y"}},{"inlineData":{"mimeType":"application/pd)"
                          R"(f","data":)"
                          R"("QQ"}}])"))
      << text;
  EXPECT_TRUE(holds(text, R"({"functionResponse":{"name":"f","response":{"error":"no"}}},{"inlineData":{"mimeType":)"
                          R"("image/png","data":"AA"}})"))
      << text;
  EXPECT_TRUE(holds(request_for(Wire::openai_chat,
                                R"({"model":"m","messages":[{"role":"user","content":[{"type":"input_audio",)"
                                R"("input_audio":{"data":"QQ","format":"wav"}}]}]})",
                                to(Wire::gemini)),
                    R"({"inlineData":{"mimeType":"audio/wav","data":"QQ"}})"));
}

}  // namespace
}  // namespace spillway::llm
