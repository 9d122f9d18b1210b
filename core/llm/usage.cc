#include "llm/usage.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/number.h"
#include "http/headers.h"

namespace spillway {

namespace {

constexpr std::int64_t kTokensMax = 1'000'000'000'000;  // more is no count but a mistake
constexpr double kCostMax = 1e6;

// A non-empty text, list or object.
bool some(const JsonSteps& value) {
  const JsonType type = value.type();
  if (type == JsonType::string) return value.value().len > 2;
  return (type == JsonType::array || type == JsonType::object) && value.inside().next();
}

// A message or delta with something in it for the reader.
bool speaks(const JsonSteps& message) {
  std::string room;
  for (JsonSteps member = message.inside(); member.next();) {
    const std::string_view key = member.key_text(room);
    const bool words = key == "content" || key == "reasoning" || key == "reasoning_content" || key == "refusal";
    const bool deeds = key == "tool_calls" || key == "function_call" || key == "audio";
    if ((words || deeds) && some(member) && (words || member.type() != JsonType::string)) return true;
  }
  return false;
}

std::int64_t count(const JsonSteps& value, std::int64_t otherwise) {
  const std::int64_t n = value.integer(-1);
  return n >= 0 && n <= kTokensMax ? n : otherwise;
}

// The count in the member `name` of an object of details.
std::int64_t detail(const JsonSteps& details, std::string_view name) {
  std::int64_t n = 0;
  for (JsonSteps member = details.inside(); member.next();) {
    if (member.key_is(name)) n = count(member, 0);
  }
  return n;
}

// One choice of an answer or of a chunk.
struct Choice {
  std::string finish;
  std::uint64_t bit = 1;               // by its index; all above 63 share the last one
  bool message = false, text = false;  // with something in it
};

Choice read_choice(const JsonSteps& choice) {
  Choice seen;
  std::string room;
  for (JsonSteps member = choice.inside(); member.next();) {
    const std::string_view key = member.key_text(room);
    if (key == "finish_reason") seen.finish = member.string();
    if (key == "index") seen.bit = std::uint64_t{1} << std::clamp<std::int64_t>(member.integer(0), 0, 63);
    if (key == "message" || key == "delta") seen.message = speaks(member);
    if (key == "text") seen.text = member.type() == JsonType::string && some(member);
  }
  return seen;
}

// What stands behind the key that begins `at`, if it is `key` (with its closing quote); empty if not.
template <std::size_t N>
std::string_view value_of(std::string_view at, const char (&key)[N]) {
  if (at.size() < N || std::memcmp(at.data(), key, N - 1) != 0) return {};
  std::size_t value = N - 1;
  while (value < at.size() && (at[value] == ' ' || at[value] == ':' || at[value] == '\t')) ++value;
  return at.substr(value);
}

// Whether the key that begins `key` is `error`, `finish_reason` or `usage` with a value, or an `index` over 0.
bool key_says_more(std::string_view key) {
  const auto more = [](std::string_view value) { return !value.empty() && !value.starts_with("null"); };
  switch (key.front()) {
    case 'e': return more(value_of(key, "error\""));
    case 'f': return more(value_of(key, "finish_reason\""));
    case 'u': return more(value_of(key, "usage\""));
    case 'i': {
      const std::string_view index = value_of(key, "index\"");
      return !index.empty() && index.front() >= '1' && index.front() <= '9';
    }
    default: return false;
  }
}

// Whether `data` may say more than content: one of these keys (an index over 0 may be a tool call's). Wrong only to the
// side of parsing needlessly, so words of the content may mislead it. Quotes with the first letter of such a key behind
// them are looked for sixteen bytes at once, because this sees every byte of every stream.
bool may_say_more(std::string_view data) {
  std::size_t from = 0;
#ifdef __SSE2__
  for (; from + 17 <= data.size(); from += 16) {
    const auto load = [&](std::size_t at) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data.data() + at));
    };
    const __m128i quote = _mm_cmpeq_epi8(load(from), _mm_set1_epi8('"')), next = load(from + 1);
    const auto is = [&](char c) { return _mm_cmpeq_epi8(next, _mm_set1_epi8(c)); };
    const __m128i letter = _mm_or_si128(_mm_or_si128(is('e'), is('f')), _mm_or_si128(is('u'), is('i')));
    auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(quote, letter)));
    for (; found != 0; found &= found - 1) {
      const auto at = from + static_cast<std::size_t>(std::countr_zero(found));
      if (key_says_more({data.data() + at + 1, data.size() - at - 1})) return true;
    }
  }
#endif
  for (; from + 1 < data.size(); ++from) {
    if (data[from] == '"' && key_says_more(data.substr(from + 1))) return true;
  }
  return false;
}

Usage read_usage(const JsonSteps& from) {
  Usage usage;
  std::string room;
  for (JsonSteps member = from.inside(); member.next();) {
    const std::string_view key = member.key_text(room);
    if (key == "prompt_tokens") usage.input = count(member, -1);
    if (key == "completion_tokens") usage.output = count(member, -1);
    if (key == "prompt_tokens_details") usage.cached = detail(member, "cached_tokens");
    if (key == "completion_tokens_details") usage.reasoning = detail(member, "reasoning_tokens");
    if (key != "cost" || member.type() != JsonType::number) continue;
    const double cost = read_real(member.bytes()).value_or(-1);
    usage.cost_usd = cost >= 0 && cost <= kCostMax ? cost : -1;
  }
  if (usage.input >= 0 && usage.output < 0) usage.output = 0;
  return usage;
}

// What stands at the top of an answer or of a chunk.
struct Top {
  bool object = false, error = false, data = false;
  JsonSteps choices, usage, groq;
};

Top read_top(JsonSteps root) {
  Top top;
  std::string room;
  top.object = root.next() && root.type() == JsonType::object;
  for (JsonSteps member = root.inside(); member.next();) {
    const std::string_view key = member.key_text(room);
    if (key == "choices") top.choices = member;
    if (key == "usage") top.usage = member;
    if (key == "x_groq") top.groq = member;
    if (key == "data") top.data = member.type() != JsonType::string && some(member);
    if (key == "error") top.error = member.type() != JsonType::null;
  }
  return top;
}

// Groq may put it into x_groq.
Usage usage_of(const Top& top) {
  if (top.usage.type() == JsonType::object) return read_usage(top.usage);
  for (JsonSteps member = top.groq.inside(); member.next();) {
    if (member.key_is("usage")) return read_usage(member);
  }
  return {};
}

}  // namespace

Answer read_answer(Api api, JsonScanner& scanner, std::string_view body, std::size_t room) {
  Answer answer;
  if (!scanner.validate(body, room, JsonScanner::Halves::pass)) return answer;
  const Top top = read_top(scanner.root());
  if (!top.object) return answer;
  answer.readable = true;
  answer.usage = usage_of(top);
  JsonSteps choices = top.choices.inside();
  const bool any = choices.next();
  Choice first;
  if (any) first = read_choice(choices);
  answer.has_error = top.error || first.finish == "error";
  switch (api) {
    case Api::chat: answer.has_content = any && (first.message || !first.finish.empty()); break;
    case Api::completions: answer.has_content = any && (first.text || !first.finish.empty()); break;
    case Api::embeddings: answer.has_content = top.data; break;
    default: answer.has_content = true;
  }
  answer.finish = std::move(first.finish);
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
  if (content_events_ > 0 && data.front() == '{' && data.back() == '}' && !may_say_more(data)) {
    return word();
  }
  return read(data);
}

Event StreamTap::read(std::string_view data) {
  if (!scanner_.validate(data, data.size(), JsonScanner::Halves::pass)) return Event::broken;
  const Top top = read_top(scanner_.root());
  if (!top.object) return Event::broken;
  if (top.error) return Event::error;
  const Usage usage = usage_of(top);
  if (usage.known()) usage_ = usage;
  bool any = false, content = false;
  for (JsonSteps each = top.choices.inside(); each.next(); any = true) {
    const Choice choice = read_choice(each);
    if (choice.finish == "error") return Event::error;
    begun_ |= choice.bit;
    if (!choice.finish.empty()) {
      ended_ |= choice.bit;
      if (finish_.empty()) finish_ = choice.finish;
    }
    content = content || choice.message || choice.text;
  }
  if (content) return word();
  if (usage.known() && !any) return Event::usage;
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
