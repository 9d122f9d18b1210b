// What a target cannot be given in the messages, and what is changed there (ecosystem.md 2.1, semantics.md 10).
#include "llm/fit_history.h"

#include "codec_help.h"

namespace spillway::llm {
namespace {

bool taken(const std::string& part, Target target) {
  ChatRequest request =
      read_ok(Wire::openai_chat, R"({"model":"m","messages":[{"role":"user","content":[)" + part + "]}]}");
  Refusal why;
  const bool ok = fit_content(request, target, why);
  EXPECT_EQ(ok, why.message.empty());
  return ok;
}

TEST(FitHistory, content_that_a_wire_has_no_form_for_is_refused) {
  const std::string audio = R"({"type":"input_audio","input_audio":{"data":"QQ","format":"wav"}})";
  const std::string file = R"({"type":"file","file":{"file_data":"data:application/pdf;base64,QQ"}})";
  const std::string image = R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QQ"}})";
  const std::string far = R"({"type":"image_url","image_url":{"url":"https://x/y"}})";
  struct Row {
    Wire wire;
    bool audio, file, image, far;
  };
  for (const Row& row :
       {Row{Wire::openai_chat, true, true, true, true}, Row{Wire::openai_responses, false, true, true, true},
        Row{Wire::anthropic, false, true, true, true}, Row{Wire::gemini, true, true, true, true},
        Row{Wire::ollama, false, false, true, false}, Row{Wire::cohere, false, false, true, true}}) {
    EXPECT_EQ(taken(audio, to(row.wire)), row.audio) << codec_of(row.wire).name;
    EXPECT_EQ(taken(file, to(row.wire)), row.file) << codec_of(row.wire).name;
    EXPECT_EQ(taken(image, to(row.wire)), row.image) << codec_of(row.wire).name;
    EXPECT_EQ(taken(far, to(row.wire)), row.far) << codec_of(row.wire).name;
  }
  Target careful = to(Wire::gemini);
  careful.image_urls = false;
  EXPECT_FALSE(taken(far, careful));
}

TEST(FitHistory, tool_ids_fit_their_rule_and_stay_apart) {
  EXPECT_EQ(fit_tool_id("call_1-A", ToolIds::plain), "call_1-A");
  EXPECT_EQ(fit_tool_id("any:thing", ToolIds::any), "any:thing");
  EXPECT_EQ(fit_tool_id("abcDEF123", ToolIds::nine), "abcDEF123");
  const std::string a = fit_tool_id("functions.f:0", ToolIds::plain), b = fit_tool_id("functions.f.0", ToolIds::plain);
  EXPECT_EQ(a.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"), std::string::npos);
  EXPECT_NE(a, b);
  EXPECT_EQ(a, fit_tool_id("functions.f:0", ToolIds::plain));
  const std::string nine = fit_tool_id("call_1", ToolIds::nine);
  EXPECT_EQ(nine.size(), 9u);
  EXPECT_NE(nine, fit_tool_id("call_2", ToolIds::nine));
  EXPECT_FALSE(fit_tool_id("", ToolIds::plain).empty());
}

const std::string kHistoryTools =
    R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"f:0","type":)"
    R"("function","function":{"name":"f","arguments":"[1]"},"extra_content":{"google":{"thought_signature":"s"}}}]},)"
    R"({"role":"tool","tool_call_id":"f:0","content":"r"}]})";

TEST(FitHistory, calls_and_results_stay_together) {
  const std::string text = request_for(Wire::openai_chat, kHistoryTools, to(Wire::anthropic));
  const std::string id = fit_tool_id("f:0", ToolIds::plain);
  EXPECT_NE(text.find(R"("id":")" + id + R"(","name":"f","input":{})"), text.npos) << text;
  EXPECT_NE(text.find(R"("tool_use_id":")" + id), text.npos) << text;
  Target mistral = to(Wire::openai_chat);
  mistral.tool_ids = ToolIds::nine;
  const std::string nine = request_for(Wire::openai_chat, kHistoryTools, mistral);
  EXPECT_NE(nine.find(R"("tool_call_id":")" + fit_tool_id("f:0", ToolIds::nine)), nine.npos);
}

TEST(FitHistory, lost_signatures_are_said_to_be_lost) {
  const auto signature = [](bool same_route) {
    ChatRequest request = read_ok(Wire::openai_chat, kHistoryTools);
    Target target = to(Wire::gemini);
    target.same_route = same_route;
    JsonScanner scanner;
    fit_history(request, target, scanner);
    return request.messages[1].parts[0].signature;
  };
  EXPECT_EQ(signature(true), "s");
  EXPECT_EQ(signature(false), "skip_thought_signature_validator");
}

TEST(FitHistory, the_billing_line_is_anthropics_only) {
  const std::string body = R"({"model":"m","max_tokens":1,"system":"x-anthropic-billing-header: cc_version=1",
    "messages":[{"role":"user","content":"x"}]})";
  EXPECT_EQ(request_for(Wire::anthropic, body, to(Wire::openai_chat)).find("billing"), std::string::npos);
  EXPECT_NE(request_for(Wire::anthropic, body, to(Wire::anthropic)).find("billing"), std::string::npos);
}

TEST(FitHistory, perplexity_gets_turns) {
  Target target = to(Wire::openai_chat);
  target.alternates = true;
  target.lacks = kLacksTools;
  const std::string text = request_for(
      Wire::openai_chat,
      R"({"model":"m","messages":[{"role":"assistant","content":"hello"},{"role":"user","content":"a"},{"rol)"
      R"(e":"system",)"
      R"("content":"s"},{"role":"user","content":"b"},{"role":"assistant","content":"c","tool_calls":[{"id":)"
      R"("1","function":)"
      R"({"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"}]})",
      target);
  EXPECT_EQ(text, R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"..."},)"
                  R"({"role":"assistant","content":"hello"},{"role":"user","content":"a\n\nb"},{"role":"assistant",)"
                  R"("content":"c"},{"role":"user","content":"r"}]})");
}

TEST(FitHistory, the_new_version_has_no_documents_in_the_assistants_turns) {
  ChatRequest request;
  Message message;
  message.role = Role::assistant;
  message.parts.emplace_back().kind = Part::Kind::file;
  message.parts.emplace_back().text = "x";
  request.messages.push_back(message);
  Target target = to(Wire::anthropic);
  target.spelling.anthropic_version = "2026-10-21";
  JsonScanner scanner;
  fit_history(request, target, scanner);
  EXPECT_EQ(request.messages[0].parts.size(), 1u);
}

}  // namespace
}  // namespace spillway::llm
