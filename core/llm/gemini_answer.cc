// Gemini's answers, read and written.
#include <algorithm>

#include "llm/codecs.h"
#include "llm/gemini.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

// What ends without a word for no good reason is a failure; behind words it is an end.
Finish gemini_finish(const Node& candidate, const Node& feedback, bool words) {
  if (!candidate.there()) return feedback["blockReason"].null() ? Finish::none : Finish::content_filter;
  const std::string word = candidate["finishReason"].string();
  if (words && (word == "OTHER" || word == "LANGUAGE")) return Finish::stop;
  return finish_of(Wire::gemini, word);
}

void read_gemini_answer(const Node& root, ChatAnswer& out) {
  root.read("responseId", out.id);
  root.read("modelVersion", out.model);
  const Node candidate = root["candidates"].first();
  for (const Node each : candidate["content"]["parts"]) {
    Part part;
    const Node call = each["functionCall"];
    if (call.is(JsonType::object)) {
      part.kind = Part::Kind::tool_use;
      call.read("id", part.id);
      call.read("name", part.name);
      part.text = call["args"].is(JsonType::object) ? call["args"].raw() : "{}";
    } else if (each["text"].is(JsonType::string)) {
      part.kind = each["thought"].truthy() ? Part::Kind::thinking : Part::Kind::text;
      each.read("text", part.text);
    } else {
      continue;
    }
    each.read("thoughtSignature", part.signature);
    out.parts.push_back(std::move(part));
  }
  out.finish = gemini_finish(candidate, root["promptFeedback"], any(out.parts, Part::Kind::text));
  if (!candidate.there() && out.finish == Finish::none) out.error = "the answer has no candidates";
  read_tokens(Wire::gemini, root["usageMetadata"], out.tokens);
}

void write_gemini_part(const Part& part, JsonWriter& json) {
  json.open('{');
  if (part.kind == Part::Kind::tool_use) {
    json.key("functionCall"sv).open('{').member("id"sv, part.id).member("name"sv, part.name);
    json.key("args"sv).raw(one_line(as_object(part.text))).close('}');
  } else {
    json.member("text"sv, part.text);
    if (part.kind == Part::Kind::thinking) json.member("thought"sv, true);
  }
  put(json, "thoughtSignature", part.signature);
  json.close('}');
}

void write_gemini_tokens(const Tokens& tokens, JsonWriter& json) {
  const std::int64_t input = std::max<std::int64_t>(tokens.input, 0), output = std::max<std::int64_t>(tokens.output, 0);
  json.open('{').member("promptTokenCount"sv, input);
  if (tokens.cached > 0) json.member("cachedContentTokenCount"sv, tokens.cached);
  json.member("candidatesTokenCount"sv, std::max<std::int64_t>(output - tokens.reasoning, 0));
  if (tokens.reasoning > 0) json.member("thoughtsTokenCount"sv, tokens.reasoning);
  json.member("totalTokenCount"sv, input + output).close('}');
}

void write_gemini_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json) {
  json.open('{').member("responseId"sv, answer.id.empty() ? asked.fallback_id : answer.id);
  json.member("modelVersion"sv, asked.model.empty() ? answer.model : asked.model);
  json.key("candidates"sv)
      .open('[')
      .open('{')
      .member("index"sv, 0)
      .key("content"sv)
      .open('{')
      .member("role"sv, "model");
  json.key("parts"sv).open('[');
  for (const Part& part : answer.parts) {
    if (part.kind == Part::Kind::thinking && (!asked.show_thinking || part.text.empty())) continue;
    write_gemini_part(part, json);
  }
  json.close(']').close('}').member("finishReason"sv, finish_word(Wire::gemini, answer.finish)).close('}').close(']');
  json.key("usageMetadata"sv);
  write_gemini_tokens(answer.tokens, json);
  json.close('}');
}

}  // namespace spillway::llm
