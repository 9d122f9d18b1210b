// OpenAI's Responses requests, read. Stateless: what stands on a stored answer is refused.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

bool wrong(Refusal& why, std::string message, std::string param, std::string code = {}) {
  why = {std::move(message), std::move(param), std::move(code)};
  return false;
}

void read_part(const Node& node, std::vector<Part>& parts) {
  const std::string type = node["type"].string();
  Part part;
  if (type == "input_text" || type == "output_text" || type == "text") {
    node.read("text", part.text);
  } else if (type == "refusal") {
    part.kind = Part::Kind::refusal;
    node.read("refusal", part.text);
  } else if (type == "input_image") {
    part.kind = Part::Kind::image;
    read_url(node["image_url"].string(), part);
    node.read("detail", part.detail);
    node.read("file_id", part.id);
  } else if (type == "input_file") {
    part.kind = Part::Kind::file;
    read_url(node["file_data"].string(), part);
    node.read("filename", part.name);
    node.read("file_url", part.url);
    node.read("file_id", part.id);
  } else if (type == "input_audio") {
    part.kind = Part::Kind::audio;
    node["input_audio"].read("data", part.data);
    part.media = "audio/" + node["input_audio"]["format"].string();
  } else {
    return;
  }
  parts.push_back(std::move(part));
}

void read_content(const Node& content, std::vector<Part>& parts) {
  if (content.is(JsonType::string)) parts.push_back(text_part(content.string()));
  if (!content.is(JsonType::array)) return;
  for (const Node each : content) read_part(each, parts);
}

// A tool of a namespace is called space__name by those who know no namespaces.
std::string flat_name(std::string_view space, const std::string& name) {
  return space.empty() ? name : std::string(space).append("__").append(name);
}

bool read_message(const Node& item, const std::string& at, ChatRequest& out, Refusal& why) {
  const Node role = item["role"];
  Message message;
  if (role.equals("assistant")) {
    message.role = Role::assistant;
  } else if (role.equals("system") || role.equals("developer")) {
    message.role = Role::system;
  } else if (!role.equals("user")) {
    return wrong(why, "'" + at + ".role' is not one of system, developer, user, assistant", at + ".role");
  }
  read_content(item["content"], message.parts);
  // Words and calls of one turn are items of their own; elsewhere they are one message.
  if (message.role == Role::assistant && !out.messages.empty() && out.messages.back().role == Role::assistant) {
    for (Part& part : message.parts) out.messages.back().parts.push_back(std::move(part));
  } else {
    out.messages.push_back(std::move(message));
  }
  return true;
}

bool read_item(const Node& item, const std::string& at, ChatRequest& out, Refusal& why) {
  const std::string type = item["type"].string();
  if (type.empty() || type == "message") return read_message(item, at, out, why);
  Part part;
  if (type == "function_call") {
    part.kind = Part::Kind::tool_use;
    item.read("call_id", part.id);
    part.name = flat_name(item["namespace"].string(), item["name"].string());
    item.read("arguments", part.text);
    speak(out.messages, Role::assistant).parts.push_back(std::move(part));
  } else if (type == "local_shell_call") {  // its output comes as any function's, which must not stand alone
    part.kind = Part::Kind::tool_use;
    item.read("call_id", part.id);
    part.name = "local_shell";
    part.text = item["action"].is(JsonType::object) ? item["action"].raw() : "{}";
    speak(out.messages, Role::assistant).parts.push_back(std::move(part));
  } else if (type == "function_call_output") {
    part.kind = Part::Kind::tool_result;
    item.read("call_id", part.id);
    read_content(item["output"], part.inside);
    speak(out.messages, Role::tool).parts.push_back(std::move(part));
  } else if (type == "item_reference" || type == "compaction_trigger") {
    return wrong(why, "items of type '" + type + "' need a provider that keeps answers", at);
  }
  return true;  // reasoning and what hosted tools did is nothing to others
}

void read_tool(const Node& node, std::string_view space, ChatRequest& out) {
  const Node type = node["type"];
  if (type.equals("namespace")) {
    const std::string inner = node["name"].string();
    for (const Node each : node["tools"]) {
      if (each["type"].equals("function")) read_tool(each, inner, out);
    }
    return;
  }
  if (!type.equals("function")) return;  // hosted: nobody else has them
  Tool tool;
  tool.space = space;
  tool.name = flat_name(space, node["name"].string());
  read_openai_tool(node, tool);
  out.tools.push_back(std::move(tool));
}

constexpr std::string_view kModelled[] = {
    "model",
    "instructions",
    "input",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "max_output_tokens",
    "text",
    "temperature",
    "top_p",
    "stream",
    "user",
    "reasoning",
    "previous_response_id",
    "prompt",
    "include",
    "truncation",
    "background",
    "stream_options",
};

bool read_input(const Node& input, ChatRequest& out, Refusal& why) {
  if (input.is(JsonType::string)) {
    out.messages.emplace_back().parts.push_back(text_part(input.string()));
    return true;
  }
  if (!input.is(JsonType::array)) return wrong(why, "'input' must be a string or an array", "input");
  std::size_t i = 0;
  for (const Node item : input) {
    if (!read_item(item, "input[" + std::to_string(i++) + "]", out, why)) return false;
  }
  return true;
}

}  // namespace

bool read_responses_request(const Node& root, ChatRequest& out, Refusal& why) {
  for (const char* const state : {"previous_response_id", "conversation"}) {
    if (root[state].null()) continue;
    return wrong(why, "no answers are kept here: send the whole input instead", state, "previous_response_not_found");
  }
  root.read("model", out.model);
  if (root["instructions"].is(JsonType::string)) {
    Message& system = out.messages.emplace_back();
    system.role = Role::system;
    system.parts.push_back(text_part(root["instructions"].string()));
  }
  if (!read_input(root["input"], out, why)) return false;
  for (const Node tool : root["tools"]) read_tool(tool, {}, out);
  read_openai_choice(root["tool_choice"], out.tool_choice);
  out.parallel_tool_calls = root["parallel_tool_calls"].flag();
  out.max_tokens = root["max_output_tokens"].integer(-1);
  out.temperature = root["temperature"].real();
  out.top_p = root["top_p"].real();
  out.stream = root["stream"].truthy();
  out.include_usage = true;  // it always tells
  root.read("user", out.user);
  root["text"].read("verbosity", out.verbosity);
  read_openai_format(root["text"]["format"], out.format);
  out.effort = effort_of(root["reasoning"]["effort"].string());
  read_extras(root, kModelled, std::size(kModelled), out);
  return true;
}

}  // namespace spillway::llm
