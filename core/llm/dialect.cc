#include "llm/dialect.h"

#include <algorithm>

#include "base/error.h"
#include "http/url.h"
#include "json/write.h"

namespace spillway {

namespace {

using llm::Wire;

constexpr Dialect kDialects[] = {
    {"openai", "authorization", "Bearer ", Wire::openai_chat, "/chat/completions", "/chat/completions", "/embeddings"},
    {"openai-responses", "authorization", "Bearer ", Wire::openai_responses, "/responses", "/responses", "/embeddings"},
    {"anthropic", "x-api-key", "", Wire::anthropic, "/messages", "/messages", ""},
    {"gemini", "x-goog-api-key", "", Wire::gemini, "/models/*:generateContent",
     "/models/*:streamGenerateContent?alt=sse", "/models/*:batchEmbedContents"},
    {"ollama", "authorization", "Bearer ", Wire::ollama, "/api/chat", "/api/chat", "/api/embed"},
    {"cohere", "authorization", "Bearer ", Wire::cohere, "/chat", "/chat", "/embed"},
};

std::string with_model(std::string_view pattern, std::string_view model) {
  std::string path(pattern);
  const std::size_t at = path.find('*');
  return at == path.npos ? path : path.replace(at, 1, percent_encode(model));
}

}  // namespace

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect& dialect : kDialects) {
    if (dialect.name == name) return &dialect;
  }
  return nullptr;
}

const Dialect& dialect_of(Wire wire) {
  const auto* row =
      std::find_if(std::begin(kDialects), std::end(kDialects), [&](const Dialect& one) { return one.wire == wire; });
  CHECK(row != std::end(kDialects));
  return *row;
}

std::string dialect_names() {
  std::string names;
  for (const Dialect& dialect : kDialects) names.append(names.empty() ? "" : ", ").append(dialect.name);
  return names;
}

std::string chat_path(const Dialect& dialect, std::string_view model, bool stream) {
  return with_model(stream ? dialect.stream_path : dialect.chat_path, model);
}

std::string embed_path(const Dialect& dialect, std::string_view model) { return with_model(dialect.embed_path, model); }

std::optional<llm::Wire> wire_of(Api api) {
  switch (api) {
    case Api::chat: return Wire::openai_chat;
    case Api::completions: return Wire::openai_completions;
    case Api::messages: return Wire::anthropic;
    case Api::responses: return Wire::openai_responses;
    case Api::ollama: return Wire::ollama;
    case Api::gemini: return Wire::gemini;
    case Api::embeddings:
    case Api::embed:
    case Api::count_tokens:
    case Api::models:
    case Api::realtime:
    case Api::other: break;
  }
  return std::nullopt;
}

std::string error_body(std::string_view message, std::string_view type, std::string_view param, std::string_view code) {
  std::string out;
  JsonWriter json(out);
  json.open('{').key("error").open('{').member("message", message).member("type", type);
  json.text_or_null("param", param);
  json.text_or_null("code", code);
  json.close('}').close('}');
  return out;
}

std::string error_event(std::string_view message, std::string_view type, std::string_view code) {
  return "data: " + error_body(message, type, {}, code) + "\n\n";
}

}  // namespace spillway
