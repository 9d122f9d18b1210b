// OpenAI's chat answers, read and written.
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

// Arguments are a string for OpenAI, and an object for some who imitate it.
std::string arguments_of(const Node& arguments) {
  std::string text = arguments.is(JsonType::string) ? arguments.string() : std::string(arguments.raw());
  return text.empty() || text == "null" ? "{}" : text;
}

}  // namespace

std::string answer_id(std::string_view prefix, std::string_view id, const Asked& asked) {
  const std::string_view own = id.empty() ? std::string_view(asked.fallback_id) : id;
  return own.starts_with(prefix) ? std::string(own) : std::string(prefix).append(own);
}

void read_openai_answer(const Node& root, ChatAnswer& out) {
  root.read("id", out.id);
  root.read("model", out.model);
  out.created = root["created"].integer(0);
  const Node choice = root["choices"].first(), message = choice["message"];
  if (!choice.is(JsonType::object)) {
    out.error = "the answer has no choices";
    return;
  }
  add(out.parts, Part::Kind::thinking,
      message[message["reasoning_content"].null() ? "reasoning" : "reasoning_content"]);
  const Node content = message.there() ? message["content"] : choice["text"];  // of completions
  add(out.parts, Part::Kind::text, content);
  for (const Node part : content.is(JsonType::array) ? content : Node()) add(out.parts, Part::Kind::text, part["text"]);
  add(out.parts, Part::Kind::refusal, message["refusal"]);
  for (const Node call : message["tool_calls"]) {
    Part part;
    part.kind = Part::Kind::tool_use;
    call.read("id", part.id);
    call["function"].read("name", part.name);
    part.text = arguments_of(call["function"]["arguments"]);
    call["extra_content"]["google"].read("thought_signature", part.signature);
    out.parts.push_back(std::move(part));
  }
  out.finish = finish_of(Wire::openai_chat, choice["finish_reason"].string());
  const Node usage = root["usage"];
  read_tokens(Wire::openai_chat, usage.null() ? root["x_groq"]["usage"] : usage, out.tokens);
}

void write_openai_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json) {
  const std::vector<Part>& parts = answer.parts;
  json.open('{').member("id"sv, answer_id("chatcmpl-", answer.id, asked)).member("object"sv, "chat.completion");
  json.member("created"sv, answer.created > 0 ? answer.created : asked.created);
  json.member("model"sv, asked.model.empty() ? answer.model : asked.model);
  json.key("choices"sv).open('[').open('{').member("index"sv, 0);
  json.member("finish_reason"sv, finish_word(Wire::openai_chat, answer.finish)).key("logprobs"sv).null();
  json.key("message"sv).open('{').member("role"sv, "assistant").key("content"sv);
  const std::string text = joined_text(parts, Part::Kind::text), refusal = joined_text(parts, Part::Kind::refusal);
  const bool calls = any(parts, Part::Kind::tool_use);
  if (text.empty() && (calls || !refusal.empty())) {
    json.null();
  } else {
    json.value(text);
  }
  json.key("refusal"sv);
  if (refusal.empty()) {
    json.null();
  } else {
    json.value(refusal);
  }
  json.key("annotations"sv).open('[').close(']');
  const std::string thinking = joined_text(parts, Part::Kind::thinking);
  if (asked.show_thinking) put(json, "reasoning_content", thinking);
  write_openai_calls(parts, json);
  json.close('}').close('}').close(']').key("usage"sv);
  write_tokens(Wire::openai_chat, answer.tokens, json);
  json.close('}');
}

}  // namespace spillway::llm
