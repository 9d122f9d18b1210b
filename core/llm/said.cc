// Reads the shapes one after another; what is absent reads as empty, so no shape has to be recognised first.
#include "llm/said.h"

#include <algorithm>
#include <charconv>

#include "http/headers.h"

namespace spillway {

namespace {

constexpr std::size_t kTextBytes = 4096;  // of each kind of words that are kept and searched
constexpr std::size_t kMessageBytes = 1024;

void add(std::string& words, std::string_view text) {
  if (text.empty() || words.size() >= kTextBytes) return;
  for (const char c : text.substr(0, kTextBytes)) words += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  words += '\n';
}

std::int64_t integer_of(const JsonValue& value) {
  if (value.is(JsonType::number)) return value.integer(-1);
  std::int64_t n = -1;
  const std::string_view text = value.string();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size() ? n : -1;
}

// FastAPI's `detail`: a sentence, or a list of complaints of which the first is told.
std::string_view detail_of(const JsonValue& detail) {
  return detail.is(JsonType::array) ? detail.at(0)["msg"].string() : detail.string();
}

void add_details(Said& said) {
  add(said.codes, (*said.details)["error_code"].string());
  for (const JsonValue& detail : said.details->items) {
    add(said.codes, detail["reason"].string());
    for (const JsonValue& violation : detail["violations"].items) add(said.codes, violation["quotaId"].string());
  }
}

void choose_message(Said& said, const JsonValue& error, const JsonValue& body) {
  for (const std::string_view text : {error.string(), body["message"].string(), detail_of(body["message"]["detail"]),
                                      detail_of(body["detail"]), body["title"].string()}) {
    if (said.message.empty()) said.message = text.substr(0, kMessageBytes);
    add(said.text, text);
  }
  const std::string_view raw = (*said.metadata)["raw"].string();
  if (!raw.empty() && said.message.size() < kMessageBytes / 2) {
    if (!said.message.empty()) said.message += ": ";
    said.message.append(raw.substr(0, kMessageBytes / 2));
  }
}

// An error may stand at the top or, after the model started, in the choice it ended (O-9).
const JsonValue& error_in(const JsonValue& top) {
  return top["error"].is(JsonType::null) ? top["choices"].at(0)["error"] : top["error"];
}

}  // namespace

Said listen(const JsonValue& root, std::string_view body_text) {
  Said said;
  const JsonValue& top = root.is(JsonType::array) ? root.at(0) : root;
  const JsonValue& error = error_in(top);
  const JsonValue& body = error.is(JsonType::object) ? error : top;
  const auto& choices = top["choices"].items;
  said.error = !error.is(JsonType::null) || top["type"].string() == "error" || top["object"].string() == "error" ||
               std::any_of(choices.begin(), choices.end(),
                           [](const JsonValue& one) { return one["finish_reason"].string() == "error"; });
  said.metadata = &body["metadata"];
  said.details = &body["details"];
  for (const std::string_view key : {"code", "status", "status_code"}) {
    if (said.code < 0) said.code = integer_of(body[key]);
  }
  for (const std::string_view key : {"code", "type", "status"}) add(said.codes, body[key].string());
  for (const std::string_view key : {"limit_source", "error_type"}) add(said.codes, (*said.metadata)[key].string());
  for (const std::string_view key : {"raw", "provider_code"}) add(said.raw, (*said.metadata)[key].string());
  add_details(said);
  choose_message(said, error, body);
  if (said.message.empty()) {
    const std::string_view plain = trim(body_text);
    if (!plain.starts_with('{') && !plain.starts_with('[') && !plain.starts_with('<'))
      said.message = plain.substr(0, kMessageBytes);
    add(said.text, plain);
  }
  return said;
}

}  // namespace spillway
