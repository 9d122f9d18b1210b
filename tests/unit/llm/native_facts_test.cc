// Facts of requests in Ollama's and Gemini's words.
#include "llm/native_facts.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

class Native : public testing::Test {
 protected:
  std::string read(std::string_view path, std::string body) {
    body_ = std::move(body);
    body_.reserve(body_.size() + JsonScanner::kPadding);
    const Operation operation = operation_of(path);
    EXPECT_TRUE(operation.ok && operation.native()) << path;
    Result<Facts> facts = inspect_native(scanner_, operation, body_, body_.capacity(), why_);
    if (!facts) return why_.message;
    facts_ = std::move(*facts);
    return "ok";
  }
  JsonScanner scanner_;
  std::string body_;
  Facts facts_;
  BadRequest why_;
};

constexpr std::string_view kChatPath = "/api/chat", kGenerate = "/api/generate";
constexpr std::string_view kGeminiPath = "/v1beta/models/org%2Fm:generateContent";

TEST_F(Native, ollama_s_chat_gives_all_its_facts) {
  ASSERT_EQ(read(kChatPath,
                 R"({"model":"m\u002f1","messages":[{"role":"user","content":"Hi","images":["iVBOR"]}],"tools":[{}],
      "format":{"type":"object"},"think":true,"options":{"num_predict":7,"temperature":0.5,"seed":3,"stop":["x"]}})"),
            "ok");
  EXPECT_EQ(facts_.model, "m/1");
  EXPECT_EQ(facts_.model_at.in(body_), R"("m\u002f1")");
  EXPECT_TRUE(facts_.stream) << "unless it is told otherwise";
  EXPECT_TRUE(facts_.include_usage && facts_.json && facts_.tools && facts_.images && facts_.response_format);
  EXPECT_EQ(facts_.max_tokens, 7);
  EXPECT_EQ(facts_.temperature, 0.5);
  EXPECT_TRUE(facts_.has_temperature && facts_.has_seed);
  EXPECT_EQ(facts_.parameters, parameter_asked("seed", "3") | parameter_asked("stop", "[]") |
                                   parameter_asked("reasoning", "true") | kStructuredOutputs);
  EXPECT_EQ(facts_.prompt_tokens, (facts_.prompt_bytes + 3) / 4);
  EXPECT_GT(facts_.prompt_bytes, 40u);
  ASSERT_EQ(read(kChatPath, R"({"model":"m","messages":[],"stream":false})"), "ok");
  EXPECT_FALSE(facts_.stream || facts_.tools || facts_.images || facts_.response_format || facts_.has_seed);
  EXPECT_EQ(facts_.prompt_bytes, 0u) << "a wish to load the model";
}

TEST_F(Native, generate_needs_only_a_model) {
  ASSERT_EQ(read(kGenerate, R"({"model":"m"})"), "ok");
  EXPECT_EQ(facts_.prompt_bytes, 0u);
  ASSERT_EQ(read(kGenerate, R"({"model":"m","prompt":"","images":[]})"), "ok");
  EXPECT_EQ(facts_.prompt_bytes, 0u);
  ASSERT_EQ(read(kGenerate, R"({"model":"m","prompt":"123456","format":"json","images":["iVBOR"]})"), "ok");
  EXPECT_EQ(facts_.prompt_bytes, 8u);
  EXPECT_TRUE(facts_.response_format && facts_.images);
}

TEST_F(Native, what_ollama_s_clients_get_wrong_is_named) {
  EXPECT_EQ(read(kChatPath, R"({"messages":[]})"), "you must give a `model`");
  EXPECT_EQ(read(kChatPath, R"({"model":"","messages":[]})"), "`model` must not be empty");
  EXPECT_EQ(read(kChatPath, R"({"model":3,"messages":[]})"), "`model` must be a string");
  EXPECT_EQ(read(kChatPath, R"({"model":"m"})"), "you must give `messages`, a list");
  EXPECT_EQ(read(kChatPath, R"({"model":"m","messages":"Hi"})"), "you must give `messages`, a list");
  EXPECT_EQ(read(kChatPath, R"({"model":"m","messages":[],"stream":"no"})"), "`stream` must be true or false");
  EXPECT_EQ(read(kChatPath, R"({"model":"cheap","mod\u0065l":"dear","messages":[]})"),
            "a key of the body is there twice");
  EXPECT_EQ(read(kChatPath, R"({"model":"a\u0000","messages":[]})"), "`model` must not hold control characters");
  EXPECT_EQ(read(kChatPath, "[]"), "the body must be a JSON object");
  EXPECT_NE(read(kChatPath, R"({"model":"m","messages":[]}{})"), "ok");
  EXPECT_NE(read(kChatPath, ""), "ok");
  EXPECT_EQ(read("/api/embed", R"({"model":"m"})"), "you must give an `input`");
  EXPECT_EQ(read("/api/embeddings", R"({"model":"m"})"), "you must give `prompt`");
}

TEST_F(Native, embeddings_and_show_never_stream) {
  ASSERT_EQ(read("/api/embed", R"({"model":"m","input":["a","b"]})"), "ok");
  EXPECT_FALSE(facts_.stream);
  EXPECT_GT(facts_.prompt_bytes, 0u);
  ASSERT_EQ(read("/api/show", R"({"name":"old"})"), "ok");
  EXPECT_EQ(facts_.model, "old");
  ASSERT_EQ(read("/api/show", R"({"model":"new","name":"old"})"), "ok");
  EXPECT_EQ(facts_.model, "new");
}

TEST_F(Native, gemini_s_request_gives_all_its_facts) {
  ASSERT_EQ(read(kGeminiPath,
                 R"({"contents":[{"parts":[{"text":"Hi"},{"inlineData":{"mimeType":"image/png","data":"iVBOR"}}]}],
      "tools":[{"functionDeclarations":[]}],"generationConfig":{"maxOutputTokens":9,"temperature":0,"seed":1,
      "stopSequences":["x"],"candidateCount":2,"responseMimeType":"application/json",
      "responseSchema":{"type":"OBJECT"}}})"),
            "ok");
  EXPECT_EQ(facts_.model, "org/m") << "of the path, decoded";
  EXPECT_EQ(facts_.model_at.len, 0u);
  EXPECT_FALSE(facts_.stream);
  EXPECT_TRUE(facts_.tools && facts_.images && facts_.response_format && facts_.has_seed && facts_.has_temperature);
  EXPECT_EQ(facts_.max_tokens, 9);
  EXPECT_EQ(facts_.n, 2);
  EXPECT_NE(facts_.parameters & kStructuredOutputs, 0u);
  ASSERT_EQ(read("/v1/models/m:streamGenerateContent", R"({"model":"other","contents":[{}]})"), "ok");
  EXPECT_TRUE(facts_.stream);
  EXPECT_EQ(facts_.model, "m") << "the path says it, not the body";
}

TEST_F(Native, what_gemini_s_clients_get_wrong_is_named) {
  EXPECT_EQ(read(kGeminiPath, "{}"), "you must give `contents`, a list");
  EXPECT_EQ(read(kGeminiPath, R"({"contents":[],"contents":[]})"), "a key of the body is there twice");
  EXPECT_EQ(read("/v1beta/models/" + std::string(300, 'x') + ":generateContent", R"({"contents":[]})"),
            "`model` must be at most 256 bytes long");
  EXPECT_EQ(read("/v1beta/models/m:countTokens", "{}"), "you must give `contents`, a list");
  EXPECT_EQ(read("/v1beta/models/m:countTokens", R"({"generateContentRequest":{"contents":[{"parts":[]}]}})"), "ok");
  EXPECT_GT(facts_.prompt_bytes, 0u);
  EXPECT_FALSE(facts_.stream);
  EXPECT_EQ(read("/v1beta/models/m:embedContent", "{}"), "you must give `requests`, a list");
  EXPECT_EQ(read("/v1beta/models/m:embedContent", R"({"content":{"parts":[]}})"), "ok");
  EXPECT_GT(facts_.prompt_bytes, 0u);
}

}  // namespace
}  // namespace spillway
