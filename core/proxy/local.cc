// What a request gets without any provider: lists of models in each API's shape, counts of tokens that nobody else can
// make, what Ollama's clients probe for.
#include "http/url.h"
#include "proxy/client.h"
#include "proxy/models_list.h"
#include "proxy/models_wires.h"
#include "proxy/request.h"
#include "proxy/translated.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::string_view kJson = "application/json";

// Anthropic's libraries say their version, Google's their kind of key, at paths that are OpenAI's as well.
llm::Wire list_wire(const Operation& operation, const RequestHead& head) {
  if (operation.native()) return operation.wire;
  if (!head.headers.get("anthropic-version").empty()) return llm::Wire::anthropic;
  const bool google = head.headers.has(FieldId::x_goog_api_key) && !head.headers.has(FieldId::authorization);
  return google ? llm::Wire::gemini : llm::Wire::openai_chat;
}

// Bytes of all that a model reads: what says it, by whichever name (prompt_tokens leaves out instructions and tools).
std::uint64_t prompt_bytes(JsonScanner& scanner, std::string_view body, std::size_t room) {
  std::uint64_t bytes = 0;
  const Result<std::vector<JsonMember>> members = scanner.members(body, room);
  if (!members) return 0;
  for (const JsonMember& member : *members) {
    for (const std::string_view read :
         {"messages", "system", "tools", "contents", "systemInstruction", "generateContentRequest"}) {
      if (member.key == read) bytes += member.value.len;
    }
  }
  return bytes;
}

}  // namespace

void Request::refuse_path() { refuse({404, "invalid_request_error", "unknown_url", no_such_path(head_->path), {}}); }

void Request::answer_models() {
  const llm::Wire wire = list_wire(operation_, *head_);
  operation_.wire = wire;  // for the refusal, too
  if (wire == llm::Wire::ollama) return answer(200, kJson, ollama_memory(operation_.below, generation_, key_));
  const Result<std::string> id = percent_decode(operation_.model_id);
  if (operation_.model_id.empty()) {
    return answer(200, kJson, list_models(wire, generation_, key_, head_->query));
  }
  const std::string found = id ? one_model(wire, generation_, *id, key_) : std::string();
  if (!found.empty()) return answer(200, kJson, found);
  refuse({404, "invalid_request_error", "model_not_found", "there is no such model here", "model"});
}

void Request::answer_show() {
  const std::string found = one_model(llm::Wire::ollama, generation_, tagless(generation_, facts_.model), key_);
  if (!found.empty()) return answer(200, kJson, found);
  refuse({404, "invalid_request_error", "model_not_found", "model '" + facts_.model + "' not found", "model"});
}

bool Request::needs_nobody() {
  if (plan_.candidates.empty()) return false;
  const Way first = way_of(operation_, *generation_.targets[plan_.candidates[0].target]->endpoint);
  if (operation_.api == Api::count_tokens && first.kind == Way::Kind::none) {
    answer_estimate();
    return true;
  }
  // Nothing is said: Ollama loads the model then, and only Ollama could.
  if (operation_.api == Api::ollama && facts_.prompt_bytes == 0 && first.kind == Way::Kind::translate) {
    answer(200, kJson, ollama_loaded(facts_.model, operation_.below, worker_.clock().wall_ms() / 1000));
    return true;
  }
  return false;
}

void Request::answer_estimate() {
  const std::uint64_t tokens = (prompt_bytes(worker_.scanner(), body_, body_room_) + 3) / 4;
  const std::string_view name = operation_.wire == llm::Wire::gemini ? "totalTokens" : "input_tokens";
  answer_fields_.emplace_back("x-spillway-estimated", "true");
  std::string body;
  JsonWriter(body).open('{').member(name, tokens).close('}');
  answer(200, kJson, body);
}

}  // namespace spillway
