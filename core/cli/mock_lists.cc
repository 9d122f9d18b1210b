#include "cli/mock_lists.h"

#include "cli/mock_answers.h"
#include "json/write.h"

namespace spillway {

using llm::Wire;

namespace {

constexpr std::string_view kJson = "application/json";

// One model, whose name is the plainest behaviour.
std::string_view list_of(Wire wire) {
  switch (wire) {
    case Wire::anthropic:
      return R"({"data":[{"type":"model","id":"ok","display_name":"ok","created_at":"2026-01-01T00:00:00Z"}],)"
             R"("has_more":false,"first_id":"ok","last_id":"ok"})";
    case Wire::gemini:
      return R"({"models":[{"name":"models/ok","displayName":"ok","inputTokenLimit":131072,"outputTokenLimit":8192,)"
             R"("supportedGenerationMethods":["generateContent","countTokens"]}]})";
    case Wire::ollama:
      return R"({"models":[{"name":"ok","model":"ok","modified_at":"2026-01-01T00:00:00Z","size":0,"digest":"",)"
             R"("details":{"format":"mock","family":"mock","families":["mock"],"parameter_size":"0B",)"
             R"("quantization_level":"none"}}]})";
    case Wire::cohere: return R"({"models":[{"name":"ok","endpoints":["chat"],"context_length":131072}]})";
    case Wire::openai_chat:
    case Wire::openai_completions:
    case Wire::openai_responses: break;
  }
  return R"({"object":"list","data":[{"id":"ok","object":"model"}]})";
}

}  // namespace

std::string mock_models(Wire wire) { return mock_http(200, kJson, list_of(wire)); }

std::string mock_version() { return mock_http(200, kJson, R"({"version":"0.0.0-mock"})"); }

std::string mock_count(Wire wire, std::size_t body_bytes) {
  std::string body;
  JsonWriter(body)
      .open('{')
      .member(wire == Wire::gemini ? "totalTokens" : "input_tokens", static_cast<std::int64_t>(body_bytes / 4))
      .close('}');
  return mock_http(200, kJson, body);
}

}  // namespace spillway
