// Cohere's v2 answers, read. Nobody speaks this wire to us, so it is not written.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

void add(std::vector<Part>& parts, Part::Kind kind, const Node& text) {
  std::string words = text.string();
  if (words.empty()) return;
  parts.push_back(text_part(std::move(words)));
  parts.back().kind = kind;
}

}  // namespace

void read_cohere_answer(const Node& root, ChatAnswer& out) {
  root.read("id", out.id);
  const Node message = root["message"];
  if (!message.is(JsonType::object)) {
    out.error = message.is(JsonType::string) ? message.string() : "the answer has no message";
    return;
  }
  for (const Node part : message["content"]) {
    add(out.parts, Part::Kind::thinking, part["thinking"]);
    add(out.parts, Part::Kind::text, part["text"]);
  }
  add(out.parts, Part::Kind::text, message["tool_plan"]);
  for (const Node call : message["tool_calls"]) {
    Part part;
    part.kind = Part::Kind::tool_use;
    call.read("id", part.id);
    call["function"].read("name", part.name);
    call["function"].read("arguments", part.text);
    if (part.text.empty()) part.text = "{}";
    out.parts.push_back(std::move(part));
  }
  out.finish = finish_of(Wire::cohere, root["finish_reason"].string());
  read_tokens(Wire::cohere, root["usage"], out.tokens);
}

}  // namespace spillway::llm
