// OpenAI's Responses requests, written: where models refuse tools on the chat wire (ecosystem.md 0.1, 1.6).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(ResponsesOut, the_worked_example_of_chat_becomes_items) {
  EXPECT_EQ(
      request_for(Wire::openai_chat, fixture("examples/openai.request.json"), to(Wire::openai_responses)),
      R"({"model":"best","instructions":"Be brief.","input":[{"type":"message","role":"user","content":[{"type":)"
      R"("input_text","text":"Weather here?"},{"type":"input_image","image_url":"data:image/png;base64,iVBOR)"
      R"("}]},{"type":"function_call","call_id":"call_1","name":"w","arguments":"{\"city\":\"P)"
      R"(aris\"}"},)"
      R"({"type":"function_call_output","call_id":"call_1","output":"sunny"}],"tools":[{"type":"function","n)"
      R"(ame":"w",)"
      R"("description":"Weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":)"
      R"(false}],"tool_choice":"auto","max_output_tokens":500,"store":false})");
}

TEST(ResponsesOut, a_round_trip_keeps_what_both_know) {
  const std::string there =
      request_for(Wire::openai_chat, fixture("examples/openai.request.json"), to(Wire::openai_responses));
  std::string expected = fixture("examples/openai.request.json");
  expected.replace(expected.find(R"(,"stop":"END")"), 13, "");
  const std::size_t strict = expected.find("}}}}}]");
  expected.insert(strict + 3, R"(,"strict":false)");
  EXPECT_EQ(request_for(Wire::openai_responses, there, to(Wire::openai_chat)), expected) << "there is no stop";
}

TEST(ResponsesOut, whom_anthropics_clients_serve_stays_here) {
  // OpenAI refuses a user of more than 64 characters, and Claude Code puts its device and session there.
  const std::string body =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}],"metadata":{"user_id":)"
      R"("{\"device_id\":\"64 characters\",\"account_uuid\":\"\",\"session_id\":\"36\"}"}})";
  for (const Wire wire : {Wire::openai_chat, Wire::openai_responses}) {
    const std::string text = request_for(Wire::anthropic, body, to(wire));
    const std::size_t at = text.find(R"("user":")") + 8;
    EXPECT_EQ(text.find('"', at) - at, 32u) << text;
    EXPECT_EQ(text.find("device"), text.npos) << text;
    EXPECT_EQ(text, request_for(Wire::anthropic, body, to(wire))) << "the same user is the same";
  }
}

TEST(ResponsesOut, the_rest_is_called_otherwise) {
  const std::string text = request_for(
      Wire::openai_chat,
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"file","file")"
      R"(:{"filename":)"
      R"("f.pdf","file_data":"data:application/pdf;base64,QQ"}}]},{"role":"assistant","content":"b"},{"role")"
      R"(:"system",)"
      R"("content":"late"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function",)"
      R"("function":{"name":"f"}},"parallel_tool_calls":false,"reasoning_effort":"high","verbosity":"low",)"
      R"("response_format":{"type":"json_object"},"temperature":0.5,"top_p":0.9,"user":"u","stream":true,"me)"
      R"(tadata":{"a":)"
      R"("b"},"logit_bias":{}})",
      to(Wire::openai_responses));
  EXPECT_EQ(
      text,
      R"({"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":)"
      R"("input_file","filename":"f.pdf","file_data":"data:application/pdf;base64,QQ"}]},{"type":"message","role":)"
      R"("assistant","content":[{"type":"output_text","text":"b"}]},{"type":"message","role":"developer","content":)"
      R"([{"type":"input_text","text":"late"}]}],"tools":[{"type":"function","name":"f","parameters":{},"str)"
      R"(ict":false}],)"
      R"("tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,"temperature":0.5,"top_p":0.9,)"
      R"("reasoning":{"effort":"high"},"text":{"format":{"type":"json_object"},"verbosity":"low"},"user":"u")"
      R"(,"store":)"
      R"(false,"stream":true,"metadata":{"a":"b"}})");
}

TEST(ResponsesOut, anthropics_request_and_its_images_of_results) {
  const std::string text = request_for(
      Wire::anthropic,
      R"({"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a",)"
      R"("name":"f",)"
      R"("input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image",)"
      R"("source":{"type":"base64","media_type":"image/png","data":"AA"}}]}]}],"tools":[{"name":"f"}],"tool_choice":)"
      R"({"type":"any"}})",
      to(Wire::openai_responses));
  EXPECT_NE(text.find(R"({"type":"function_call_output","call_id":"a","output":[{"type":"input_image","image_url":)"
                      R"("data:image/png;base64,AA"}]})"),
            text.npos)
      << text;
  EXPECT_NE(text.find(R"("tool_choice":"required")"), text.npos);
}

}  // namespace
}  // namespace spillway::llm
