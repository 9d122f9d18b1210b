// Any bytes as a request body of every operation, spliced: what inspect() accepts comes out as JSON that says the new
// model and asks for usage, and is the same text but for that.
#include <cstdlib>
#include <string>

#include "llm/embeddings.h"
#include "llm/facts.h"
#include "llm/form.h"
#include "llm/native_facts.h"

namespace {

using namespace spillway;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string joined(const Splice& splice) {
  std::string out;
  for (const std::string_view piece : splice.pieces) out += piece;
  require(out.size() == splice.bytes);
  return out;
}

void check(JsonScanner& scanner, Api api, const std::string& body) {
  BadRequest why;
  const Result<Facts> facts = inspect(scanner, api, "application/json", body, body.size(), why);
  if (!facts) return require(!why.message.empty());
  Splice spliced;
  splice(*facts, body, "", false, spliced);
  require(joined(spliced) == body);
  splice(*facts, body, "new \"model\"\n", true, spliced);
  const std::string sent = joined(spliced);
  if (!facts->json) return require(sent == body);
  Splice denied;
  splice(*facts, body, "", false, denied, true);
  require(static_cast<bool>(parse_json(joined(denied))));
  const Result<JsonValue> tree = parse_json(sent);
  require(static_cast<bool>(tree));
  if (facts->model_at.len != 0) require((*tree)["model"].string() == "new \"model\"\n");
  const JsonValue& usage = (*tree)["stream_options"]["include_usage"];
  if (api == Api::chat && facts->stream) require(usage.boolean(false));
  const std::vector<std::string_view> ours = {"model", "stream_options"};
  require(*canonical_json(body, ours) == *canonical_json(sent, ours));
}

// A form that names a model says the new one instead, and is the same text but for that.
void check_form(JsonScanner& scanner, const std::string& body) {
  BadRequest why;
  const Result<Facts> facts = inspect(scanner, Api::other, "multipart/form-data; boundary=b", body, body.size(), why);
  if (!facts) return require(!why.message.empty());
  Splice spliced;
  splice(*facts, body, "other model", true, spliced);
  std::string expected = body;
  if (facts->form) expected.replace(facts->model_at.at, facts->model_at.len, "other model");
  require(joined(spliced) == expected);
  // In pieces it is the same form.
  FormReader form("multipart/form-data; boundary=b");
  const std::size_t piece = 1 + body.size() % 7;
  bool good = true;
  for (std::size_t at = 0; good && at < body.size(); at += piece) {
    good = form.feed(std::string_view(body).substr(at, piece));
  }
  Facts again;
  if (good && form.ended()) require(form.tell(again, why));
  require(again.model == facts->model && again.model_at.at == facts->model_at.at);
}

// Bodies in Ollama's and Gemini's words: the model's place is the model's, and another name leaves valid JSON.
void check_native(JsonScanner& scanner, const std::string& body) {
  for (const std::string_view path :
       {"/api/chat", "/api/generate", "/api/embed", "/api/embeddings", "/api/show", "/v1beta/models/m:generateContent",
        "/v1beta/models/m:countTokens", "/v1beta/models/m:embedContent"}) {
    BadRequest why;
    const Result<Facts> facts = inspect_native(scanner, operation_of(path), body, body.size(), why);
    if (!facts) {
      require(!why.message.empty());
      continue;
    }
    require(!facts->model.empty());
    Splice spliced;
    splice(*facts, body, "new \"model\"", true, spliced);
    require(static_cast<bool>(parse_json(joined(spliced))));
  }
}

// What is passed on as a path has one reading.
void check_path(const std::string& path) {
  const Operation operation = operation_of(path);
  if (!operation.ok) return;
  require(operation.below.starts_with('/') && path.ends_with(operation.below));
  for (const std::string_view bad : {"/../", "//", "/./", "\\", ";", "?", "#", " ", "\n", "%2e", "%2E", "%00"}) {
    require(path.find(bad) == path.npos);
  }
  require(!path.ends_with("/..") && !path.ends_with('/'));
}

// Answers with vectors: whatever comes out is valid JSON.
void check_vectors(JsonScanner& scanner, const std::string& body) {
  llm::EmbedRequest asked;
  asked.inputs = {"\"a\""};
  constexpr llm::Wire kClients[] = {llm::Wire::openai_chat, llm::Wire::ollama, llm::Wire::gemini};
  for (const llm::Wire provider : {llm::Wire::openai_chat, llm::Wire::ollama, llm::Wire::gemini, llm::Wire::cohere}) {
    for (const llm::Wire client : kClients) {
      asked.base64 = !asked.base64;
      const auto answer = llm::embed_answer(provider, client, asked, "m", scanner, body, body.size());
      if (answer && !answer->body.empty()) require(static_cast<bool>(parse_json(answer->body)));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonScanner scanner;
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (const Api api : {Api::chat, Api::completions, Api::embeddings, Api::models, Api::other}) {
    check(scanner, api, body);
  }
  check_form(scanner, body);
  check_native(scanner, body);
  check_path(body);
  check_vectors(scanner, body);
  return 0;
}
