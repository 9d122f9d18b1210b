// Gemini's requests, read (ecosystem.md 2.1).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(GeminiRequest, half_schemas_become_whole_ones) {
  const ChatRequest request =
      read_ok(Wire::gemini,
              R"({"contents":[],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT",)"
              R"("properties":{"type":{"type":"STRING","enum":["A"]}},"required":["type"]}}]}],"generationConfig":)"
              R"({"responseSchema":{"type":"ARRAY","items":{"type":"INTEGER"}}}})");
  ASSERT_EQ(request.tools.size(), 1u);
  EXPECT_EQ(request.tools[0].schema,
            R"({"type":"object","properties":{"type":{"type":"string","enum":["A"]}},"required":["type"]})");
  EXPECT_EQ(request.format.schema, R"({"type":"array","items":{"type":"integer"}})");
  EXPECT_EQ(request.format.kind, ResponseFormat::Kind::json_schema);
}

TEST(GeminiRequest, responses_find_their_calls_by_name_or_id) {
  const ChatRequest request = read_ok(
      Wire::gemini,
      R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":1}},"thoughtSignature":"s"},)"
      R"({"functionCall":{"name":"g"}},{"functionCall":{"name":"f","id":"own"}}]},{"role":"user","parts":[)"
      R"({"functionResponse":{"name":"g","response":{"output":"2"}}},{"functionResponse":{"name":"f","response":)"
      R"({"error":"1"}}},{"functionResponse":{"name":"f","id":"own","response":{"a":3}}},{"text":"and?"}]}]})");
  ASSERT_EQ(request.messages.size(), 3u);
  const std::vector<Part>&calls = request.messages[0].parts, &results = request.messages[1].parts;
  EXPECT_EQ(calls[0].signature + calls[0].text, R"(s{"x":1})");
  EXPECT_EQ(results[0].id, calls[1].id);
  EXPECT_EQ(results[1].id, calls[0].id);
  EXPECT_TRUE(results[1].error);
  EXPECT_EQ(results[2].id, "own");
  EXPECT_EQ(results[2].inside[0].text, R"({"a":3})");
  EXPECT_EQ(request.messages[2].role, Role::user);
}

TEST(GeminiRequest, the_rest_is_read) {
  const ChatRequest request = read_ok(
      Wire::gemini,
      R"({"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"parts":[{"text":"x"},{"inlineData":{"mimeType":)"
      R"("audio/wav","data":"QQ"}},{"fileData":{"mimeType":"application/pdf","fileUri":"u"}}]},{"role":"mode)"
      R"(l","parts":)"
      R"([{"text":"t","thought":true}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema)"
      R"(":{}}]}],)"
      R"("toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":)"
      R"({"maxOutputTokens":5,"candidateCount":2,"topK":3,"responseMimeType":"application/json","thinkingConfig":)"
      R"({"thinkingLevel":"HIGH","includeThoughts":true}}})");
  ASSERT_EQ(request.messages.size(), 3u);
  EXPECT_EQ(request.messages[0].role, Role::system);
  EXPECT_EQ(request.messages[1].parts[1].kind, Part::Kind::audio);
  EXPECT_EQ(request.messages[1].parts[2].url, "u");
  EXPECT_EQ(request.messages[2].parts[0].kind, Part::Kind::thinking);
  EXPECT_EQ(request.tool_choice.kind, ToolChoice::Kind::named);
  EXPECT_EQ(request.n, 2);
  EXPECT_EQ(request.max_tokens + request.top_k, 8);
  EXPECT_EQ(request.format.kind, ResponseFormat::Kind::json_object);
  EXPECT_EQ(request.effort, Effort::high);
  EXPECT_TRUE(request.show_thinking);
  EXPECT_EQ(refusal_of(Wire::gemini, "{}").substr(0, 9), "contents:");
}

}  // namespace
}  // namespace spillway::llm
