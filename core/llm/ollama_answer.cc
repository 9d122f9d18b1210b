// Ollama's answers, read and written.
#include <algorithm>

#include "llm/codecs.h"
#include "llm/ollama.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

// The calendar's arithmetic is that of days since 0000-03-01.
std::string ollama_time(std::int64_t unix_s) {
  constexpr std::int64_t kDay = 86'400, kEra = 146'097;
  const std::int64_t of_day = ((unix_s % kDay) + kDay) % kDay, days = (unix_s - of_day) / kDay + 719'468;
  const std::int64_t era = days / kEra, of_era = days % kEra;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * of_year + 2) / 153, day = of_year - (153 * shifted + 2) / 5 + 1;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const auto two = [](std::int64_t n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(year) + "-" + two(month) + "-" + two(day) + "T" + two(of_day / 3600) + ":" +
         two(of_day / 60 % 60) + ":" + two(of_day % 60) + "Z";
}

void read_ollama_answer(const Node& root, ChatAnswer& out) {
  root.read("model", out.model);
  const Node inside = root["message"], generated = root["response"];
  if (!inside.is(JsonType::object) && !generated.is(JsonType::string)) {
    out.error = "the answer has no message";
    return;
  }
  // What /api/generate answers has no message: its words stand at the top.
  const Node message = generated.there() ? root : inside;
  for (const char* const member : {"thinking", generated.there() ? "response" : "content"}) {
    std::string text = message[member].string();
    if (text.empty()) continue;
    out.parts.push_back(text_part(std::move(text)));
    if (member[0] == 't') out.parts.back().kind = Part::Kind::thinking;
  }
  for (const Node call : message["tool_calls"]) {
    Part part;
    part.kind = Part::Kind::tool_use;
    const Node function = call["function"], arguments = function["arguments"];
    call.read("id", part.id);
    function.read("name", part.name);
    part.text = arguments.is(JsonType::object) ? arguments.raw() : "{}";
    out.parts.push_back(std::move(part));
  }
  out.finish = finish_of(Wire::ollama, root["done_reason"].string());
  read_tokens(Wire::ollama, root, out.tokens);
}

void write_ollama_call(std::string_view name, std::string_view arguments, JsonWriter& json) {
  json.open('{').key("function"sv).open('{').member("name"sv, name).key("arguments"sv);
  json.raw(one_line(as_object(arguments))).close('}').close('}');
}

void write_ollama(const OllamaLine& line, const Asked& asked, JsonWriter& json) {
  json.open('{').member("model"sv, asked.model.empty() ? line.model : asked.model);
  json.member("created_at"sv, line.time);
  if (asked.prompt) {
    json.member("response"sv, line.text);
    put(json, "thinking", line.thinking);
  } else {
    json.key("message"sv).open('{').member("role"sv, "assistant").member("content"sv, line.text);
    put(json, "thinking", line.thinking);
    if (!line.calls.empty()) json.key("tool_calls"sv).open('[').raw(line.calls).close(']');
    json.close('}');
  }
  json.member("done"sv, !line.reason.empty());
  if (!line.reason.empty()) {
    json.member("done_reason"sv, line.reason).member("total_duration"sv, 0).member("load_duration"sv, 0);
    json.member("prompt_eval_count"sv, std::max<std::int64_t>(line.tokens.input, 0))
        .member("prompt_eval_duration"sv, 0);
    json.member("eval_count"sv, std::max<std::int64_t>(line.tokens.output, 0)).member("eval_duration"sv, 0);
  }
  json.close('}');
}

void write_ollama_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json) {
  OllamaLine line;
  const std::string text = joined_text(answer.parts, Part::Kind::text);
  const std::string refusal = joined_text(answer.parts, Part::Kind::refusal);
  const std::string thinking = joined_text(answer.parts, Part::Kind::thinking);
  JsonWriter calls(line.calls);
  for (const Part& part : answer.parts) {
    if (part.kind == Part::Kind::tool_use) write_ollama_call(part.name, part.text, calls);
  }
  const std::string time = ollama_time(answer.created > 0 ? answer.created : asked.created);
  line.model = answer.model;
  line.time = time;
  line.text = text.empty() ? refusal : text;
  if (asked.show_thinking) line.thinking = thinking;
  line.reason = finish_word(Wire::ollama, answer.finish);
  line.tokens = answer.tokens;
  write_ollama(line, asked, json);
}

}  // namespace spillway::llm
