#include "cli/mock_json.h"

#include "json/write.h"

namespace spillway {

namespace {

constexpr int kLevelsMax = 16;

// Its type, the first where there are several; of none what its members tell.
std::string_view type_of(const JsonValue& schema) {
  const JsonValue& type = schema["type"];
  if (type.is(JsonType::string)) return type.string();
  for (const JsonValue& each : type.items) return each.string();
  if (schema["properties"].is(JsonType::object)) return "object";
  return schema["items"].is(JsonType::object) ? "array" : "string";
}

void write(const JsonValue& schema, int levels, JsonWriter& json) {
  const JsonValue& choices = schema["enum"];
  const std::string_view type = type_of(schema);
  if (!choices.items.empty() && choices.at(0).is(JsonType::string)) {
    json.value(choices.at(0).string());
  } else if (type == "object") {
    const JsonValue& properties = schema["properties"];
    json.open('{');
    for (std::size_t i = 0; i < properties.items.size() && levels > 0; ++i) {
      json.key(properties.keys[i]);
      write(properties.items[i], levels - 1, json);
    }
    json.close('}');
  } else if (type == "array") {
    json.open('[');
    if (levels > 0) write(schema["items"], levels - 1, json);
    json.close(']');
  } else if (type == "number" || type == "integer") {
    json.value(1);
  } else if (type == "boolean") {
    json.value(true);
  } else if (type == "null") {
    json.null();
  } else {
    json.value("mock");
  }
}

}  // namespace

std::string mock_json_like(const JsonValue& schema) {
  if (schema["properties"].items.empty()) return R"({"answer":"mock"})";
  std::string out;
  JsonWriter json(out);
  write(schema, kLevelsMax, json);
  return out;
}

}  // namespace spillway
