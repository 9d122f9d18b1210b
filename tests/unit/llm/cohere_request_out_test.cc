// Cohere's v2 requests, written (ecosystem.md 2.1, 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(CohereOut, the_worked_example_has_openais_messages_and_tools) {
  EXPECT_EQ(
      request_for(Wire::openai_chat, fixture("examples/openai.request.json"), to(Wire::cohere)),
      R"({"model":"best","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"typ)"
      R"(e":"text",)"
      R"("text":"Weather here?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBOR"}}]},{"role":)"
      R"("assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":)"
      R"("{\"city\":\"Paris\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"sunny"}],"tools":[{"type":)"
      R"("function","function":{"name":"w","description":"Weather","parameters":{"type":"object","properties)"
      R"(":{"city":)"
      R"({"type":"string"}}}}}],"max_tokens":500,"stop_sequences":["END"]})");
}

TEST(CohereOut, the_rest_is_called_otherwise) {
  EXPECT_EQ(
      request_for(Wire::openai_chat,
                  R"({"model":"m","messages":[{"role":"assistant","content":"plan","tool_calls":[{"id":"a",")"
                  R"(function":)"
                  R"({"name":"f","arguments":"{}"}}]}],"tools":[{"type":"function","function":{"name":"f"}},{"type":)"
                  R"("function","function":{"name":"g"}}],"tool_choice":{"type":"function","function":{"name":"g"}},)"
                  R"("temperature":2,"top_p":1,"top_k":3,"seed":7,"presence_penalty":0.1,"frequency_penalty":0.2,)"
                  R"("reasoning_effort":"medium","stream":true,"response_format":{"type":"json_schema","json)"
                  R"(_schema":)"
                  R"({"schema":{"a":1}}}})",
                  to(Wire::cohere)),
      R"({"model":"m","messages":[{"role":"assistant","tool_plan":"plan","tool_calls":[{"id":"a","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"}}]}],"tools":[{"type":"function","function":{"name":"g"}}],)"
      R"("tool_choice":"REQUIRED","temperature":1,"p":0.99,"k":3,"seed":7,"presence_penalty":0.1,"frequency_)"
      R"(penalty":)"
      R"(0.2,"response_format":{"type":"json_object","json_schema":{"a":1}},"thinking":{"type":"enabled",)"
      R"("token_budget":4096},"stream":true})");
  EXPECT_NE(request_for(Wire::openai_chat, R"({"model":"m","messages":[],"reasoning_effort":"none"})", to(Wire::cohere))
                .find(R"("thinking":{"type":"disabled"})"),
            std::string::npos);
}

}  // namespace
}  // namespace spillway::llm
