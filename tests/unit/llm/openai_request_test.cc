// OpenAI's chat requests into the model and back out (ecosystem.md 2.1).
#include "codec_help.h"

namespace spillway::llm {
namespace {

ChatRequest read(std::string_view body) { return read_ok(Wire::openai_chat, body); }

std::string again(std::string_view body) { return request_for(Wire::openai_chat, body, to(Wire::openai_chat)); }

TEST(OpenAiRequest, the_worked_example_comes_back_as_it_was) {
  const std::string text = fixture("examples/openai.request.json");
  EXPECT_EQ(again(text), text);
}

TEST(OpenAiRequest, every_kind_of_part_is_read) {
  const ChatRequest request = read(R"({"model":"m","messages":[{"role":"developer","content":"d"},{"role":"user",
   "name":"ann","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"https://x/y.png","detail":
    "low"}},{"type":"input_audio","input_audio":{"data":"QQ","format":"wav"}},{"type":"file","file":{"filename":"a.pdf",
   "file_data":"data:application/pdf;base64,JVBE"}}]},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}],
    "reasoning_content":"hm"}]})");
  ASSERT_EQ(request.messages.size(), 3u);
  EXPECT_EQ(request.messages[0].role, Role::system);
  const std::vector<Part>& parts = request.messages[1].parts;
  EXPECT_EQ(request.messages[1].name, "ann");
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].text, "t");
  EXPECT_EQ(parts[1].url, "https://x/y.png");
  EXPECT_EQ(parts[1].detail, "low");
  EXPECT_EQ(parts[2].media + parts[2].data, "audio/wavQQ");
  EXPECT_EQ(parts[3].media + parts[3].data + parts[3].name, "application/pdfJVBEa.pdf");
  ASSERT_EQ(request.messages[2].parts.size(), 2u);
  EXPECT_EQ(request.messages[2].parts[0].kind, Part::Kind::thinking);
  EXPECT_EQ(request.messages[2].parts[1].kind, Part::Kind::refusal);
}

TEST(OpenAiRequest, all_that_is_modelled_survives_the_way_to_itself) {
  const std::string text =
      R"({"model":"m","max_completion_tokens":9,"messages":[{"role":"user","name":"a","content":"x"}],"tools)"
      R"(":[{"type":)"
      R"("function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}}],)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"stop":["a","b"],)"
      R"("temperature":0.7,"top_p":0.5,"top_k":3,"presence_penalty":0.1,"frequency_penalty":0.2,"seed":7,"n":2,)"
      R"("reasoning_effort":"xhigh","response_format":{"type":"json_schema","json_schema":{"name":"s","schem)"
      R"(a":{"a":1},)"
      R"("strict":true}},"user":"u","stream":true,"stream_options":{"include_usage":true},"verbosity":"low",)"
      R"("logit_bias":{"1":2}})";
  EXPECT_EQ(again(text), text) << "what is not modelled stands at the end, as it was spelled";
}

TEST(OpenAiRequest, tool_choices_are_all_read_and_written) {
  for (const std::string choice :
       {R"("auto")", R"("none")", R"("required")", R"({"type":"function","function":{"name":"f"}})",
        R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function")"
        R"(:{"name":)"
        R"("f"}}]}})"}) {
    const std::string text = R"({"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"f"}}],)"
                             R"("tool_choice":)" +
                             choice + "}";
    EXPECT_EQ(again(text), text);
  }
}

TEST(OpenAiRequest, legacy_functions_become_tools) {
  const ChatRequest request =
      read(R"({"model":"m","functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"},
    "messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function",
    "name":"f","content":"r"}]})");
  ASSERT_EQ(request.tools.size(), 1u);
  EXPECT_EQ(request.tool_choice.name, "f");
  ASSERT_EQ(request.messages.size(), 2u);
  EXPECT_EQ(request.messages[0].parts[0].id, request.messages[1].parts[0].id);
}

TEST(OpenAiRequest, hosted_tools_and_unknown_choices_are_left_out) {
  const ChatRequest request = read(R"({"messages":[],"tools":[{"type":"web_search"},{"type":"function","function":
    {"name":"f"}}],"tool_choice":"sometimes"})");
  ASSERT_EQ(request.tools.size(), 1u);
  EXPECT_EQ(request.tool_choice.kind, ToolChoice::Kind::unset);
}

TEST(OpenAiRequest, what_is_wrong_is_named) {
  EXPECT_EQ(refusal_of(Wire::openai_chat, R"({"model":"m"})"), "messages: 'messages' must be an array");
  EXPECT_EQ(refusal_of(Wire::openai_chat, R"({"messages":[{"role":"robot"}]})").substr(0, 16), "messages[0].role");
  EXPECT_EQ(refusal_of(Wire::openai_chat, R"({"messages":[{"role":"user","content":1}]})").substr(0, 19),
            "messages[0].content");
  EXPECT_EQ(
      refusal_of(Wire::openai_chat, R"({"messages":[{"role":"user","content":[{"type":"smell"}]}]})").substr(0, 19),
      "messages[0].content");
  EXPECT_NE(refusal_of(Wire::openai_chat, "{").find("not valid JSON"), std::string::npos);
  EXPECT_NE(refusal_of(Wire::openai_chat, "[]").find("must be a JSON object"), std::string::npos);
}

}  // namespace
}  // namespace spillway::llm
