#include "llm/parts.h"

#include <algorithm>

#include "base/hash.h"

namespace spillway::llm {

void read_url(std::string_view url, Part& part) {
  constexpr std::string_view kData = "data:", kBase64 = ";base64";
  const std::size_t comma = url.find(',');
  if (!url.starts_with(kData) || comma == url.npos || !url.substr(0, comma).ends_with(kBase64)) {
    part.url = url;
    return;
  }
  std::string_view media = url.substr(kData.size(), comma - kData.size() - kBase64.size());
  part.media = media.substr(0, media.find(';'));
  part.data = url.substr(comma + 1);
}

std::string url_of(const Part& part) {
  return part.data.empty() ? part.url : "data:" + part.media + ";base64," + part.data;
}

Part text_part(std::string text) {
  Part part;
  part.text = std::move(text);
  return part;
}

std::string joined_text(const std::vector<Part>& parts, Part::Kind kind, std::string_view between) {
  std::string all;
  for (const Part& part : parts) {
    if (part.kind != kind || part.text.empty()) continue;
    if (!all.empty()) all += between;
    all += part.text;
  }
  return all;
}

bool any(const std::vector<Part>& parts, Part::Kind kind) {
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) { return part.kind == kind; });
}

Message& speak(std::vector<Message>& messages, Role role) {
  if (messages.empty() || messages.back().role != role) messages.emplace_back().role = role;
  return messages.back();
}

std::string_view as_object(std::string_view json) {
  const Result<JsonValue> value = parse_json(json, 1);
  return value && value->is(JsonType::object) ? json : "{}";
}

std::string one_line(std::string_view json) {
  std::string line(json);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

void put(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.member(name, text);
}

void put(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(name).open('[');
  for (const std::string& text : texts) json.value(text);
  json.close(']');
}

void put_json(JsonWriter& json, std::string_view name, std::string_view value) {
  if (!value.empty()) json.key(name).raw(value);
}

std::vector<std::string> read_strings(const Node& node) {
  std::vector<std::string> all;
  if (node.is(JsonType::string)) all.push_back(node.string());
  if (!node.is(JsonType::array)) return all;
  for (const Node each : node) {
    if (each.is(JsonType::string)) all.push_back(each.string());
  }
  return all;
}

std::string opaque(std::string_view id) {
  if (id.empty()) return {};
  const Digest digest = sha256(id);
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size() / 2});
}

std::string_view tool_called(const std::vector<Message>& messages, std::string_view id) {
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    for (const Part& part : message->parts) {
      if (part.kind == Part::Kind::tool_use && part.id == id) return part.name;
    }
  }
  return id;
}

}  // namespace spillway::llm
