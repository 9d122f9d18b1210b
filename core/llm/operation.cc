#include "llm/operation.h"

#include <utility>

#include "base/ascii.h"

namespace spillway {

namespace {

using llm::Wire;

struct Usual {
  std::string_view below;
  Api api;
  Wire wire;
};
constexpr Usual kUsual[] = {
    {"/chat/completions", Api::chat, Wire::openai_chat},
    {"/completions", Api::completions, Wire::openai_completions},
    {"/embeddings", Api::embeddings, Wire::openai_chat},
    {"/models", Api::models, Wire::openai_chat},
    {"/messages", Api::messages, Wire::anthropic},
    {"/responses", Api::responses, Wire::openai_responses},
    {"/messages/count_tokens", Api::count_tokens, Wire::anthropic},
};

// Ollama's, whole.
constexpr std::pair<std::string_view, Api> kOllama[] = {
    {"/api/chat", Api::ollama},      {"/api/generate", Api::ollama}, {"/api/embed", Api::embed},
    {"/api/embeddings", Api::embed}, {"/api/tags", Api::models},     {"/api/show", Api::models},
    {"/api/version", Api::models},   {"/api/ps", Api::models},
};

// What stands behind the model in Gemini's paths.
struct Method {
  std::string_view name;
  Api api;
  bool stream;
};
constexpr Method kMethods[] = {
    {":generateContent", Api::gemini, false},   {":streamGenerateContent", Api::gemini, true},
    {":countTokens", Api::count_tokens, false}, {":embedContent", Api::embed, false},
    {":batchEmbedContents", Api::embed, false},
};

constexpr std::string_view kRoot = "/v1", kTwice = "/v1/v1/", kBeta = "/v1beta", kModels = "/models/";

bool is_plain(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_' || c == '~';
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
      c = static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
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

bool find_usual(Operation& operation) {
  for (const Usual& usual : kUsual) {
    if (operation.below != usual.below) continue;
    operation.ok = true;
    operation.api = usual.api;
    operation.wire = usual.wire;
    return true;
  }
  return false;
}

// `below` is /models/ID, perhaps with one of Gemini's methods behind it. An id may hold colons itself.
void one_model(Operation& operation) {
  operation.ok = true;
  operation.api = Api::models;
  operation.model_id = operation.below.substr(kModels.size());
  for (const Method& method : kMethods) {
    if (!operation.model_id.ends_with(method.name) || operation.model_id.size() == method.name.size()) continue;
    operation.api = method.api;
    operation.wire = Wire::gemini;
    operation.stream = method.stream;
    return operation.model_id.remove_suffix(method.name.size());
  }
}

bool names_model(std::string_view below) { return below.starts_with(kModels) && below.size() > kModels.size(); }

void ollama_operation(std::string_view path, Operation& operation) {
  operation.wire = Wire::ollama;
  operation.below = path;
  for (const auto& [known, api] : kOllama) {
    if (path != known) continue;
    operation.ok = true;
    operation.api = api;
  }
}

void gemini_operation(std::string_view path, Operation& operation) {
  operation.wire = Wire::gemini;
  operation.below = path.substr(kBeta.size());
  if (suspicious(path, names_model(operation.below))) return;
  if (names_model(operation.below)) return one_model(operation);
  operation.ok = operation.below == "/models";
  operation.api = Api::models;
}

// Without /v1, or with two of them: of what only passes through nobody could tell what it means.
void misspelt_operation(std::string_view path, Operation& operation) {
  const bool twice = path.starts_with(kTwice);
  operation.below = twice ? path.substr(kTwice.size() - 1) : path;
  if (find_usual(operation) || !names_model(operation.below) || suspicious(path, true)) return;
  operation.ok = true;
  operation.api = Api::models;
  operation.model_id = operation.below.substr(kModels.size());
}

[[gnu::cold]] void rare_operation(std::string_view path, Operation& operation) {
  if (path.starts_with("/api/")) return ollama_operation(path, operation);
  if (path.starts_with("/v1beta/")) return gemini_operation(path, operation);
  if (!path.starts_with("/v1/") || path.starts_with(kTwice)) return misspelt_operation(path, operation);
  const bool model = names_model(operation.below);
  if (operation.below.starts_with("/messages/")) operation.wire = Wire::anthropic;
  if (path.size() == kRoot.size() + 1 || suspicious(path, model) || operation.below == kRoot) return;
  operation.ok = true;
  if (model) one_model(operation);
}

}  // namespace

Operation operation_of(std::string_view path) {
  Operation operation;
  if (path.starts_with("/v1/")) {
    operation.below = path.substr(kRoot.size());
    if (find_usual(operation)) return operation;
  }
  rare_operation(path, operation);
  return operation;
}

std::string no_such_path(std::string_view path) {
  std::string text = "there is nothing at " + std::string(path);
  if (path.starts_with(kTwice)) return text + ": say /v1 once, " + std::string(path.substr(kRoot.size()));
  if (path.starts_with("/api/")) {
    return text + ": of Ollama's API there are chat, generate, embed, embeddings, tags, show, ps and version";
  }
  if (path.starts_with("/v1beta/")) {
    return text +
           ": of Gemini's API there are models, generateContent, streamGenerateContent, countTokens, "
           "embedContent and batchEmbedContents";
  }
  if (path.starts_with("/v1/")) return text;
  return text + ": paths begin with /v1 (OpenAI's and Anthropic's), /api (Ollama's) or /v1beta (Gemini's)";
}

}  // namespace spillway
