#include "llm/dialect.h"

#include <utility>

#include "http/url.h"
#include "json/write.h"

namespace spillway {

namespace {

using llm::Wire;

constexpr Dialect kDialects[] = {
    {"openai", "authorization", "Bearer ", "/models", Wire::openai_chat, "/chat/completions", "/chat/completions"},
    {"openai-responses", "authorization", "Bearer ", "/models", Wire::openai_responses, "/responses", "/responses"},
    {"anthropic", "x-api-key", "", "/models", Wire::anthropic, "/messages", "/messages"},
    {"gemini", "x-goog-api-key", "", "/models", Wire::gemini, "/models/*:generateContent",
     "/models/*:streamGenerateContent?alt=sse"},
    {"ollama", "authorization", "Bearer ", "/api/tags", Wire::ollama, "/api/chat", "/api/chat"},
    {"cohere", "authorization", "Bearer ", "/models", Wire::cohere, "/chat", "/chat"},
};

constexpr std::pair<std::string_view, Api> kUsual[] = {
    {"/chat/completions", Api::chat}, {"/completions", Api::completions}, {"/embeddings", Api::embeddings},
    {"/models", Api::models},         {"/messages", Api::messages},       {"/responses", Api::responses},
};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_' || c == '~';
}

// Spellings that a server behind us might read as another path: `..`, `//`, `\`, `;`, controls, and the same in
// escapes. Inside a model id, escapes are plain data. Anywhere else nobody needs them for a slash or a letter, but
// `%63hat` would be chat to the provider and something unknown to us.
bool suspicious(std::string_view path, bool model_id) {
  std::size_t segment = 0;  // bytes in it so far
  bool dots = true;         // ... and all of them dots
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    bool escaped = false;
    if (c == '%') {
      if (i + 2 >= path.size() || !is_hex(path[i + 1]) || !is_hex(path[i + 2])) return true;
      const auto value = [](char h) { return h <= '9' ? h - '0' : lower(h) - 'a' + 10; };
      c = static_cast<char>(value(path[i + 1]) * 16 + value(path[i + 2]));
      escaped = true;
      i += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '\\' || c == ';') return true;
    if (escaped && (c == '%' || c == '.' || (!model_id && (c == '/' || c == '?' || c == '#' || is_plain(c)))))
      return true;
    if (!escaped && (byte > 0x7f || c == '?' || c == '#')) return true;
    if (c != '/') {
      dots = dots && c == '.';
      ++segment;
      continue;
    }
    if (i > 0 && (segment == 0 || dots)) return true;
    segment = 0;
    dots = true;
  }
  return dots;  // also of nothing: a slash at the end
}

}  // namespace

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect& dialect : kDialects) {
    if (dialect.name == name) return &dialect;
  }
  return nullptr;
}

std::string dialect_names() {
  std::string names;
  for (const Dialect& dialect : kDialects) names.append(names.empty() ? "" : ", ").append(dialect.name);
  return names;
}

std::string chat_path(const Dialect& dialect, std::string_view model, bool stream) {
  std::string path(stream ? dialect.stream_path : dialect.chat_path);
  const std::size_t at = path.find('*');
  return at == path.npos ? path : path.replace(at, 1, percent_encode(model));
}

std::optional<llm::Wire> wire_of(Api api) {
  switch (api) {
    case Api::chat: return Wire::openai_chat;
    case Api::completions: return Wire::openai_completions;
    case Api::messages: return Wire::anthropic;
    case Api::responses: return Wire::openai_responses;
    case Api::embeddings:
    case Api::models:
    case Api::other: break;
  }
  return std::nullopt;
}

Operation operation_of(std::string_view path) {
  constexpr std::string_view kRoot = "/v1/", kModels = "/models/";
  Operation operation;
  if (!path.starts_with(kRoot) || path.size() == kRoot.size()) return operation;
  operation.below = path.substr(kRoot.size() - 1);
  for (const auto& [below, api] : kUsual) {
    if (operation.below != below) continue;
    operation.ok = true;
    operation.api = api;
    return operation;
  }
  const bool one_model = operation.below.starts_with(kModels) && operation.below.size() > kModels.size();
  if (suspicious(path, one_model) || operation.below == "/v1" || operation.below.starts_with("/v1/")) return operation;
  operation.ok = true;
  if (!one_model) return operation;
  operation.api = Api::models;
  operation.model_id = operation.below.substr(kModels.size());
  return operation;
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
