// Gemini's generateContent requests, read. The model, and whether to stream, the caller takes from the path.
#include <algorithm>

#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

Part::Kind kind_of(std::string_view media) {
  if (media.starts_with("image/")) return Part::Kind::image;
  return media.starts_with("audio/") ? Part::Kind::audio : Part::Kind::file;
}

// Its `parameters` are half a JSON Schema: types are spelled in capitals there, and elsewhere must not be.
void write_schema(const Node& node, JsonWriter& json) {
  if (node.is(JsonType::object)) {
    json.open('{');
    for (const Node member : node) {
      const std::string key = member.key();
      json.key(key);
      if (key == "type" && member.is(JsonType::string)) {
        std::string type = member.string();
        for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        json.value(type);
      } else {
        write_schema(member, json);
      }
    }
    json.close('}');
  } else if (node.is(JsonType::array)) {
    json.open('[');
    for (const Node each : node) write_schema(each, json);
    json.close(']');
  } else {
    json.raw(node.raw());
  }
}

// Calls may have no ids: they get some, and responses take them in turn, by name.
struct Calls {
  std::vector<std::pair<std::string, std::string>> open;  // name and id
  int count = 0;

  std::string ask(const Node& call, const std::string& name) {
    std::string id = call["id"].string();
    if (id.empty()) id = "call_" + std::to_string(count);
    ++count;
    open.emplace_back(name, id);
    return id;
  }
  std::string answer(const Node& response) {
    std::string id = response["id"].string();
    const std::string name = response["name"].string();
    for (auto call = open.begin(); call != open.end(); ++call) {
      if (id.empty() ? call->first != name : call->second != id) continue;
      id = call->second;
      open.erase(call);
      return id;
    }
    return id.empty() ? "call_" + std::to_string(count++) : id;
  }
};

void read_result(const Node& response, Part& part, Calls& calls) {
  part.kind = Part::Kind::tool_result;
  part.id = calls.answer(response);
  const Node what = response["response"], result = what["result"], output = what["output"], error = what["error"];
  const Node told = !result.null() ? result : !output.null() ? output : !error.null() ? error : what;
  part.error = result.null() && output.null() && !error.null();
  part.inside.push_back(text_part(told.is(JsonType::string) ? told.string() : std::string(told.raw())));
}

bool read_part(const Node& node, Part& part, Calls& calls) {
  const Node call = node["functionCall"], response = node["functionResponse"];
  const Node data = node["inlineData"], file = node["fileData"];
  if (node["text"].is(JsonType::string)) {
    part.kind = node["thought"].truthy() ? Part::Kind::thinking : Part::Kind::text;
    node.read("text", part.text);
  } else if (call.is(JsonType::object)) {
    part.kind = Part::Kind::tool_use;
    call.read("name", part.name);
    part.id = calls.ask(call, part.name);
    part.text = call["args"].is(JsonType::object) ? call["args"].raw() : "{}";
  } else if (response.is(JsonType::object)) {
    read_result(response, part, calls);
  } else if (data.is(JsonType::object) || file.is(JsonType::object)) {
    const Node from = data.there() ? data : file;
    from.read("mimeType", part.media);
    from.read("data", part.data);
    from.read("fileUri", part.url);
    part.kind = kind_of(part.media);
  } else {
    return false;
  }
  node.read("thoughtSignature", part.signature);
  return true;
}

void read_content(const Node& content, Role role, Calls& calls, std::vector<Message>& messages) {
  Message rest;
  rest.role = role;
  for (const Node each : content["parts"]) {
    Part part;
    if (!read_part(each, part, calls)) continue;
    const bool result = part.kind == Part::Kind::tool_result;
    (result ? speak(messages, Role::tool) : rest).parts.push_back(std::move(part));
  }
  if (!rest.parts.empty()) messages.push_back(std::move(rest));
}

void read_tools(const Node& root, ChatRequest& out) {
  for (const Node each : root["tools"]) {
    for (const Node function : each["functionDeclarations"]) {
      Tool tool;
      function.read("name", tool.name);
      function.read("description", tool.description);
      function.read_raw("parametersJsonSchema", tool.schema);
      if (tool.schema.empty() && function["parameters"].is(JsonType::object)) {
        JsonWriter json(tool.schema);
        write_schema(function["parameters"], json);
      }
      out.tools.push_back(std::move(tool));
    }
  }
  const Node config = root["toolConfig"]["functionCallingConfig"], mode = config["mode"];
  using Kind = ToolChoice::Kind;
  ToolChoice& choice = out.tool_choice;
  if (mode.equals("AUTO") || mode.equals("VALIDATED")) choice.kind = Kind::automatic;
  if (mode.equals("NONE")) choice.kind = Kind::none;
  if (mode.equals("ANY")) choice.kind = Kind::required;
  choice.allowed = read_strings(config["allowedFunctionNames"]);
  if (choice.kind != Kind::required || choice.allowed.size() != 1) return;
  choice.kind = Kind::named;
  choice.name = std::move(choice.allowed[0]);
  choice.allowed.clear();
}

void read_config(const Node& config, ChatRequest& out) {
  out.max_tokens = config["maxOutputTokens"].integer(-1);
  out.stops = read_strings(config["stopSequences"]);
  out.temperature = config["temperature"].real();
  out.top_p = config["topP"].real();
  out.top_k = config["topK"].integer(-1);
  out.seed = config["seed"].integer(-1);
  out.presence_penalty = config["presencePenalty"].real();
  out.frequency_penalty = config["frequencyPenalty"].real();
  out.n = std::max<std::int64_t>(config["candidateCount"].integer(1), 1);
  if (config["responseMimeType"].equals("application/json")) out.format.kind = ResponseFormat::Kind::json_object;
  config.read_raw("responseJsonSchema", out.format.schema);
  if (out.format.schema.empty() && config["responseSchema"].is(JsonType::object)) {
    JsonWriter json(out.format.schema);
    write_schema(config["responseSchema"], json);
  }
  if (!out.format.schema.empty()) out.format.kind = ResponseFormat::Kind::json_schema;
  const Node thinking = config["thinkingConfig"];
  std::string level = thinking["thinkingLevel"].string();
  for (char& c : level) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  out.effort = effort_of(level);
  out.thinking_budget = thinking["thinkingBudget"].integer(-1);
  out.show_thinking = thinking["includeThoughts"].truthy();
}

}  // namespace

bool read_gemini_request(const Node& root, ChatRequest& out, Refusal& why) {
  if (!root["contents"].is(JsonType::array)) {
    why = {"'contents' must be a list", "contents", {}};
    return false;
  }
  Calls calls;
  read_content(root["systemInstruction"], Role::system, calls, out.messages);
  for (const Node each : root["contents"]) {
    read_content(each, each["role"].equals("model") ? Role::assistant : Role::user, calls, out.messages);
  }
  read_tools(root, out);
  read_config(root["generationConfig"], out);
  out.include_usage = true;  // it always tells
  return true;
}

}  // namespace spillway::llm
