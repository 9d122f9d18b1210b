// Anthropic's message requests, read. Tool results, which it puts into a user's message, become messages of their own.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

bool wrong(Refusal& why, std::string message, std::string param) {
  why = {std::move(message), std::move(param), {}};
  return false;
}

void read_source(const Node& source, Part& part) {
  const Node type = source["type"];
  source.read("media_type", part.media);
  if (type.equals("base64")) source.read("data", part.data);
  if (type.equals("url")) source.read("url", part.url);
  if (type.equals("file")) source.read("file_id", part.id);
  if (type.equals("text")) source.read("data", part.text);
}

bool read_blocks(const Node& content, std::vector<Part>& parts);

bool read_block(const Node& block, std::vector<Part>& parts) {
  const std::string type = block["type"].string();
  Part part;
  part.cache = block["cache_control"].null() ? std::string() : std::string(block["cache_control"].raw());
  if (type == "text") {
    block.read("text", part.text);
  } else if (type == "image" || type == "document") {
    part.kind = type == "image" ? Part::Kind::image : Part::Kind::file;
    block.read("title", part.name);
    read_source(block["source"], part);
    if (!part.text.empty()) part.kind = Part::Kind::text;  // a document of plain text
  } else if (type == "tool_use") {
    part.kind = Part::Kind::tool_use;
    block.read("id", part.id);
    block.read("name", part.name);
    part.text = block["input"].is(JsonType::object) ? block["input"].raw() : "{}";
  } else if (type == "tool_result") {
    part.kind = Part::Kind::tool_result;
    block.read("tool_use_id", part.id);
    part.error = block["is_error"].truthy();
    if (!read_blocks(block["content"], part.inside)) return false;
  } else if (type == "thinking" || type == "redacted_thinking") {
    part.kind = Part::Kind::thinking;
    part.redacted = type != "thinking";
    block.read("thinking", part.text);
    block.read(part.redacted ? "data" : "signature", part.signature);
  } else {
    // What hosted tools did, and names of tools that are there anyway: nothing to others.
    return type == "server_tool_use" || type.ends_with("_tool_result") || type == "tool_reference";
  }
  parts.push_back(std::move(part));
  return true;
}

// A string, or blocks.
bool read_blocks(const Node& content, std::vector<Part>& parts) {
  if (content.null()) return true;
  if (content.is(JsonType::string)) {
    parts.push_back(text_part(content.string()));
    return true;
  }
  if (!content.is(JsonType::array)) return false;
  for (const Node block : content) {
    if (!read_block(block, parts)) return false;
  }
  return true;
}

bool read_messages(const Node& list, ChatRequest& out, Refusal& why) {
  if (!list.is(JsonType::array)) return wrong(why, "messages: must be an array", "messages");
  std::size_t i = 0;
  for (const Node each : list) {
    const std::string at = "messages." + std::to_string(i++);
    const Node role = each["role"];
    const bool user = role.equals("user"), assistant = role.equals("assistant");
    if (!user && !assistant && !role.equals("system")) {
      return wrong(why, at + ".role: must be user, assistant or system", at + ".role");
    }
    std::vector<Part> parts;
    if (!read_blocks(each["content"], parts)) {
      return wrong(why, at + ".content: a block of unknown type", at + ".content");
    }
    Message rest;
    rest.role = assistant ? Role::assistant : user ? Role::user : Role::system;
    for (Part& part : parts) {
      const bool result = user && part.kind == Part::Kind::tool_result;
      (result ? speak(out.messages, Role::tool) : rest).parts.push_back(std::move(part));
    }
    if (!rest.parts.empty()) out.messages.push_back(std::move(rest));
  }
  return true;
}

void read_tools(const Node& root, ChatRequest& out) {
  for (const Node each : root["tools"]) {
    const Node type = each["type"];
    if (!type.null() && !type.equals("custom")) continue;  // hosted: nobody else has them
    Tool tool;
    each.read("name", tool.name);
    each.read("description", tool.description);
    each.read_raw("input_schema", tool.schema);
    tool.strict = each["strict"].flag();
    each.read_raw("cache_control", tool.cache);
    out.tools.push_back(std::move(tool));
  }
  const Node choice = root["tool_choice"], type = choice["type"];
  using Kind = ToolChoice::Kind;
  if (type.equals("auto")) out.tool_choice.kind = Kind::automatic;
  if (type.equals("none")) out.tool_choice.kind = Kind::none;
  if (type.equals("any")) out.tool_choice.kind = Kind::required;
  if (type.equals("tool")) {
    out.tool_choice.kind = Kind::named;
    choice.read("name", out.tool_choice.name);
  }
  if (choice["disable_parallel_tool_use"].truthy()) out.parallel_tool_calls = false;
}

void read_thinking(const Node& root, ChatRequest& out) {
  const Node thinking = root["thinking"], type = thinking["type"];
  if (type.equals("disabled")) out.effort = Effort::none;
  if (type.equals("enabled")) out.thinking_budget = thinking["budget_tokens"].integer(-1);
  if (type.equals("disabled")) return;
  out.effort = effort_of(root["output_config"]["effort"].string());
  if (type.equals("adaptive") && out.effort == Effort::unset) out.effort = Effort::high;  // its default
}

constexpr std::string_view kModelled[] = {
    "model", "messages", "system",         "tools",  "tool_choice", "max_tokens",    "temperature",
    "top_p", "top_k",    "stop_sequences", "stream", "thinking",    "output_config", "metadata",
};

}  // namespace

bool read_anthropic_request(const Node& root, ChatRequest& out, Refusal& why) {
  root.read("model", out.model);
  Message system;
  system.role = Role::system;
  if (!read_blocks(root["system"], system.parts))
    return wrong(why, "system: must be a string or text blocks", "system");
  if (!system.parts.empty()) out.messages.push_back(std::move(system));
  if (!read_messages(root["messages"], out, why)) return false;
  read_tools(root, out);
  read_thinking(root, out);
  out.max_tokens = root["max_tokens"].integer(-1);
  out.temperature = root["temperature"].real();
  out.top_p = root["top_p"].real();
  out.top_k = root["top_k"].integer(-1);
  out.stops = read_strings(root["stop_sequences"]);
  out.stream = root["stream"].truthy();
  out.include_usage = true;  // it always tells
  root["metadata"].read("user_id", out.user);
  const Node format = root["output_config"]["format"];
  if (format["type"].equals("json_schema")) {
    out.format.kind = ResponseFormat::Kind::json_schema;
    format.read_raw("schema", out.format.schema);
  }
  read_extras(root, kModelled, std::size(kModelled), out);
  return true;
}

}  // namespace spillway::llm
