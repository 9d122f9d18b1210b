#include "llm/usage.h"

#include <algorithm>

#include "http/headers.h"

namespace spillway {

namespace {

constexpr std::int64_t kTokensMax = 1'000'000'000'000;  // more is no count but a mistake
constexpr double kCostMax = 1e6;

std::int64_t count(const JsonValue& value, std::int64_t otherwise) {
  const std::int64_t n = value.integer(-1);
  return n >= 0 && n <= kTokensMax ? n : otherwise;
}

bool text(const JsonValue& value) { return !value.string().empty(); }

// A non-empty list or object.
bool some(const JsonValue& value) { return !value.items.empty(); }

// A message or delta with something in it for the reader.
bool speaks(const JsonValue& message) {
  return text(message["content"]) || some(message["content"]) || some(message["tool_calls"]) ||
         text(message["refusal"]) || text(message["reasoning"]) || text(message["reasoning_content"]) ||
         some(message["function_call"]) || some(message["audio"]);
}

// Whether `quoted_key` stands in `data` with anything but null behind it. Wrong only to the side of parsing needlessly.
bool says(std::string_view data, std::string_view quoted_key) {
  for (std::size_t at = data.find(quoted_key); at != data.npos; at = data.find(quoted_key, at + 1)) {
    const std::string_view value =
        data.substr(std::min(data.find_first_not_of(" :\t", at + quoted_key.size()), data.size()));
    if (!value.starts_with("null")) return true;
  }
  return false;
}

// A choice other than the first is spoken of: `"index":` with a number above 0 (a tool call's, perhaps).
bool says_index(std::string_view data) {
  constexpr std::string_view kKey = "\"index\"";
  for (std::size_t at = data.find(kKey); at != data.npos; at = data.find(kKey, at + 1)) {
    const std::size_t value = data.find_first_not_of(" :\t", at + kKey.size());
    if (value != data.npos && data[value] >= '1' && data[value] <= '9') return true;
  }
  return false;
}

// The bit of a choice; all above 63 share the last one.
std::uint64_t bit_of(const JsonValue& choice) {
  return std::uint64_t{1} << std::clamp<std::int64_t>(choice["index"].integer(0), 0, 63);
}

}  // namespace

Usage read_usage(const JsonValue& root) {
  Usage usage;
  const JsonValue& direct = root["usage"];
  const JsonValue& from = direct.is(JsonType::object) ? direct : root["x_groq"]["usage"];
  if (!from.is(JsonType::object)) return usage;
  usage.input = count(from["prompt_tokens"], -1);
  usage.output = count(from["completion_tokens"], usage.input >= 0 ? 0 : -1);
  usage.cached = count(from["prompt_tokens_details"]["cached_tokens"], 0);
  usage.reasoning = count(from["completion_tokens_details"]["reasoning_tokens"], 0);
  const double cost = from["cost"].number(-1);
  if (cost >= 0 && cost <= kCostMax) usage.cost_usd = cost;
  return usage;
}

Answer read_answer(Api api, std::string_view body) {
  Answer answer;
  const Result<JsonValue> parsed = parse_json(body);
  if (!parsed || !parsed->is(JsonType::object)) return answer;
  const JsonValue& root = *parsed;
  answer.readable = true;
  answer.model = root["model"].string();
  answer.usage = read_usage(root);
  const JsonValue& first = root["choices"].at(0);
  answer.finish = first["finish_reason"].string();
  answer.has_error = !root["error"].is(JsonType::null) || answer.finish == "error";
  switch (api) {
    case Api::chat:
      answer.has_content = some(root["choices"]) && (speaks(first["message"]) || !answer.finish.empty());
      break;
    case Api::completions:
      answer.has_content = some(root["choices"]) && (text(first["text"]) || !answer.finish.empty());
      break;
    case Api::embeddings: answer.has_content = some(root["data"]); break;
    default: answer.has_content = true;
  }
  return answer;
}

Event StreamTap::see(std::string_view data) {
  data = trim(data);
  if (data.empty()) return Event::nothing;
  if (data == "[DONE]") {
    done_ = true;
    return Event::done;
  }
  // Most events are one word of content. Once the stream has begun, only those are parsed that may say more; an event
  // that is no JSON is then found by its ends.
  const bool plain = content_events_ > 0 && !says(data, "\"error\"") && !says(data, "\"finish_reason\"") &&
                     !says(data, "\"usage\"") && !says_index(data);
  if (plain && data.front() == '{' && data.back() == '}') {
    ++content_events_;
    return Event::content;
  }
  return read(data);
}

Event StreamTap::read(std::string_view data) {
  const Result<JsonValue> parsed = parse_json(data);
  if (!parsed || !parsed->is(JsonType::object)) return Event::broken;
  const JsonValue& root = *parsed;
  if (!root["error"].is(JsonType::null)) return Event::error;
  const Usage usage = read_usage(root);
  if (usage.known()) usage_ = usage;
  bool content = false;
  for (const JsonValue& choice : root["choices"].items) {
    const std::string_view finish = choice["finish_reason"].string();
    if (finish == "error") return Event::error;
    begun_ |= bit_of(choice);
    if (!finish.empty()) {
      ended_ |= bit_of(choice);
      if (finish_.empty()) finish_ = finish;
    }
    content = content || speaks(choice["delta"]) || text(choice["text"]);
  }
  if (content) {
    ++content_events_;
    return Event::content;
  }
  if (usage.known() && root["choices"].items.empty()) return Event::usage;
  // A finish without a word is an answer too: the model chose to say nothing.
  return ended_ != 0 && content_events_ == 0 ? Event::content : Event::nothing;
}

double cost_usd(const Usage& usage, double price_in, double price_out) {
  if (usage.cost_usd >= 0) return usage.cost_usd;
  if (price_in == 0 && price_out == 0) return 0;
  if (!usage.known() || price_in < 0 || price_out < 0) return -1;
  return (static_cast<double>(usage.input) * price_in +
          static_cast<double>(usage.output < 0 ? 0 : usage.output) * price_out) /
         1e6;
}

}  // namespace spillway
