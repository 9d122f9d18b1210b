// See answer_tree.h.
#include "llm/answer_tree.h"

#include <algorithm>

namespace spillway {

namespace {

// Names that come once and whole, though a provider may repeat them in every chunk.
bool said_once(std::string_view name) { return name == "id" || name == "type" || name == "name" || name == "role"; }

// Members of the answer itself that go over as they are; obfuscation is padding of the stream.
bool of_head(std::string_view name) {
  return name != "object" && name != "choices" && name != "usage" && name != "x_groq" && name != "obfuscation";
}

}  // namespace

Error refusal(std::string_view why) { return invalid(std::string(why)); }

void write(JsonWriter& json, const JsonValue& value) {
  switch (value.type) {
    case JsonType::object:
      json.open('{');
      for (std::size_t i = 0; i < value.keys.size(); ++i) write(json.key(value.keys[i]), value.items[i]);
      json.close('}');
      return;
    case JsonType::array:
      json.open('[');
      for (const JsonValue& item : value.items) write(json, item);
      json.close(']');
      return;
    case JsonType::string: json.value(value.string()); return;
    case JsonType::null: json.null(); return;
    default: json.raw(value.text);
  }
}

JsonValue& member(JsonValue& object, std::string_view name) {
  object.type = JsonType::object;
  const auto at = std::find(object.keys.begin(), object.keys.end(), name);
  if (at != object.keys.end()) return object.items[static_cast<std::size_t>(at - object.keys.begin())];
  object.keys.emplace_back(name);
  return object.items.emplace_back();
}

bool merge_member(JsonValue& object, std::string_view name, const JsonValue& part) {
  JsonValue& old = member(object, name);
  return (said_once(name) && !old.string().empty()) || merge(old, part);
}

bool merge(JsonValue& into, const JsonValue& part) {
  if (part.is(JsonType::null)) return true;
  if (into.is(JsonType::null)) {
    into = part;
    return true;
  }
  if (into.type != part.type) return false;
  if (part.is(JsonType::string)) {
    into.text += part.text;
  } else if (part.is(JsonType::array)) {
    into.items.insert(into.items.end(), part.items.begin(), part.items.end());
  } else if (part.is(JsonType::object)) {
    for (std::size_t i = 0; i < part.keys.size(); ++i) {
      if (!merge_member(into, part.keys[i], part.items[i])) return false;
    }
  } else {
    into.text = part.text;
  }
  return true;
}

const JsonValue& usage_in(const JsonValue& root) {
  return root["usage"].is(JsonType::object) ? root["usage"] : root["x_groq"]["usage"];
}

void add_head(JsonValue& head, const JsonValue& root) {
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    if (of_head(root.keys[i]) && !root.items[i].is(JsonType::null)) member(head, root.keys[i]) = root.items[i];
  }
}

void open_answer(JsonWriter& json, const JsonValue& head, std::string_view object) {
  json.open('{').member("object", object);
  for (std::size_t i = 0; i < head.keys.size(); ++i) write(json.key(head.keys[i]), head.items[i]);
}

}  // namespace spillway
