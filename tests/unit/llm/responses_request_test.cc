// OpenAI's Responses requests, read; to and from chat (ecosystem.md 1.6).
#include "codec_help.h"

namespace spillway::llm {
namespace {

constexpr Wire kThisWire = Wire::openai_responses;

std::string to_chat(const std::string& body) { return request_for(kThisWire, body, to(Wire::openai_chat)); }

TEST(ResponsesRequest, codex_reaches_chat_with_namespaces_flattened) {
  const std::string text = to_chat(
      R"({"model":"m","instructions":"Be brief.","input":[{"type":"message","role":"user","content":[{"type":)"
      R"("input_text","text":"hi"},{"type":"input_image","image_url":"data:image/png;base64,AA"}]},{"type":")"
      R"(reasoning",)"
      R"("summary":[],"encrypted_content":"x"},{"type":"message","role":"assistant","content":[{"type":"outp)"
      R"(ut_text",)"
      R"("text":"well"}]},{"type":"function_call","call_id":"c1","namespace":"fs","name":"read","arguments":"{}"},)"
      R"({"type":"function_call","call_id":"c2","name":"g","arguments":"{\"x\":1}"},{"type":"function_call_output",)"
      R"("call_id":"c1","output":"r1"},{"type":"function_call_output","call_id":"c2","output":[{"type":"input_text",)"
      R"("text":"r2"}]}],"tools":[{"type":"function","name":"g","description":"d","parameters":{"type":"object"},)"
      R"("strict":false},{"type":"namespace","name":"fs","tools":[{"type":"function","name":"read"}]},{"type":)"
      R"("web_search"}],"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"medium"},"sto)"
      R"(re":false,)"
      R"("stream":true,"include":["reasoning.encrypted_content"],"prompt_cache_key":"k","max_output_tokens":)"
      R"(9,"text":)"
      R"({"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{},"strict":true}}})");
  EXPECT_EQ(
      text,
      R"({"model":"m","max_completion_tokens":9,"messages":[{"role":"system","content":"Be brief."},{"role":"user",)"
      R"("content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"data:image/png;base6)"
      R"(4,AA"}}]},)"
      R"({"role":"assistant","content":"well","tool_calls":[{"id":"c1","type":"function","function":{"name":)"
      R"("fs__read","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{\"x)"
      R"(\":1}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"r1"},{"role":"tool","tool_call_id":"c2","content":"r2"}],)"
      R"("tools":[{"type":"function","function":{"name":"g","description":"d","parameters":{"type":"object"},)"
      R"("strict":false}},{"type":"function","function":{"name":"fs__read"}}],"tool_choice":"auto",)"
      R"("parallel_tool_calls":true,"reasoning_effort":"medium","response_format":{"type":"json_schema",)"
      R"("json_schema":{"name":"n","schema":{},"strict":true}},"stream":true,"stream_options":{"include_usag)"
      R"(e":true}})");
}

TEST(ResponsesRequest, a_shell_call_stays_with_its_output) {
  const std::string text = to_chat(
      R"({"model":"m","input":[{"type":"local_shell_call","call_id":"c1","status":"completed","action":{"type":"exec",)"
      R"("command":["ls"]}},{"type":"function_call_output","call_id":"c1","output":"a"}]})");
  EXPECT_NE(text.find(R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"local_shell")"), text.npos);
  EXPECT_NE(text.find(R"({"role":"tool","tool_call_id":"c1","content":"a"})"), text.npos) << text;
}

TEST(ResponsesRequest, what_both_wires_know_goes_to_openai_itself) {
  Target target = to(Wire::openai_chat);
  target.spelling.openai_itself = true;
  const std::string text =
      request_for(kThisWire,
                  R"({"model":"m","input":"hi","prompt_cache_key":"k","store":false,"truncation":"auto","text":)"
                  R"({"verbosity":"low"}})",
                  target);
  EXPECT_EQ(text,
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"verbosity":"low","prompt_cache_key":"k",)"
            R"("store":false})");
}

TEST(ResponsesRequest, choices_of_tools_are_flat) {
  const auto choice = [](const std::string& json) {
    return read_ok(kThisWire,
                   R"({"model":"m","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":)" + json + "}")
        .tool_choice;
  };
  EXPECT_EQ(choice(R"({"type":"function","name":"f"})").name, "f");
  EXPECT_EQ(choice(R"("required")").kind, ToolChoice::Kind::required);
  const ToolChoice allowed =
      choice(R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]})");
  EXPECT_EQ(allowed.kind, ToolChoice::Kind::required);
  ASSERT_EQ(allowed.allowed.size(), 1u);
  EXPECT_EQ(allowed.allowed[0], "f");
}

TEST(ResponsesRequest, what_stands_on_kept_answers_is_refused) {
  JsonScanner scanner;
  Refusal why;
  const std::string body = R"({"model":"m","input":"x","previous_response_id":"resp_1"})";
  EXPECT_FALSE(read_request(kThisWire, scanner, body, body.size(), why));
  EXPECT_EQ(why.param + " " + why.code, "previous_response_id previous_response_not_found");
  EXPECT_EQ(refusal_of(kThisWire, R"({"input":[{"type":"compaction_trigger"}]})").substr(0, 9), "input[0]:");
  EXPECT_EQ(refusal_of(kThisWire, R"({"input":[{"type":"item_reference","id":"x"}]})").substr(0, 9), "input[0]:");
  EXPECT_EQ(refusal_of(kThisWire, R"({"input":7})").substr(0, 6), "input:");
  EXPECT_EQ(refusal_of(kThisWire, R"({"input":[{"role":"robot","content":"x"}]})").substr(0, 13), "input[0].role");
}

}  // namespace
}  // namespace spillway::llm
