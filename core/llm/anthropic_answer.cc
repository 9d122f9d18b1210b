// Anthropic's messages, read and written.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

void read_said(const Node& block, ChatAnswer& out) {
  const std::string type = block["type"].string();
  Part part;
  if (type == "text") {
    block.read("text", part.text);
  } else if (type == "thinking" || type == "redacted_thinking") {
    part.kind = Part::Kind::thinking;
    part.redacted = type != "thinking";
    block.read("thinking", part.text);
    block.read(part.redacted ? "data" : "signature", part.signature);
  } else if (type == "tool_use") {
    part.kind = Part::Kind::tool_use;
    block.read("id", part.id);
    block.read("name", part.name);
    part.text = block["input"].is(JsonType::object) ? block["input"].raw() : "{}";
  } else {
    return;
  }
  out.parts.push_back(std::move(part));
}

void write_said(const Part& part, JsonWriter& json) {
  switch (part.kind) {
    case Part::Kind::thinking:
      json.open('{').member("type"sv, part.redacted ? "redacted_thinking" : "thinking");
      if (!part.redacted) json.member("thinking"sv, part.text);
      json.member(std::string_view(part.redacted ? "data" : "signature"), part.signature).close('}');
      return;
    case Part::Kind::tool_use:
      json.open('{').member("type"sv, "tool_use").member("id"sv, part.id).member("name"sv, part.name).key("input"sv);
      json.raw(as_object(part.text)).close('}');
      return;
    default: json.open('{').member("type"sv, "text").member("text"sv, part.text).close('}');
  }
}

}  // namespace

void read_anthropic_answer(const Node& root, ChatAnswer& out) {
  root.read("id", out.id);
  root.read("model", out.model);
  if (!root["content"].is(JsonType::array)) {
    out.error = "the answer has no content";
    return;
  }
  for (const Node block : root["content"]) read_said(block, out);
  out.finish = finish_of(Wire::anthropic, root["stop_reason"].string());
  root.read("stop_sequence", out.stop_sequence);
  const std::string refusal = root["stop_details"]["explanation"].string();
  if (out.finish == Finish::content_filter && !refusal.empty()) {
    out.parts.push_back(text_part(refusal));
    out.parts.back().kind = Part::Kind::refusal;
  }
  read_tokens(Wire::anthropic, root["usage"], out.tokens);
}

void write_anthropic_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json) {
  json.open('{')
      .member("id"sv, answer_id("msg_", answer.id, asked))
      .member("type"sv, "message")
      .member("role"sv, "assistant");
  json.member("model"sv, asked.model.empty() ? answer.model : asked.model).key("content"sv).open('[');
  for (const Part& part : answer.parts) {
    if (part.kind == Part::Kind::thinking && !asked.show_thinking) continue;
    if (part.text.empty() && part.kind == Part::Kind::text) continue;
    write_said(part, json);
  }
  json.close(']');
  const bool sequence = !answer.stop_sequence.empty() && answer.finish == Finish::stop;
  json.member("stop_reason"sv, sequence ? "stop_sequence" : finish_word(Wire::anthropic, answer.finish));
  json.key("stop_sequence"sv);
  if (sequence) {
    json.value(answer.stop_sequence);
  } else {
    json.null();
  }
  json.key("usage"sv);
  write_tokens(Wire::anthropic, answer.tokens, json);
  json.close('}');
}

}  // namespace spillway::llm
