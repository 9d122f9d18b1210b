// OpenAI's chat requests, read. What is not modelled stays as it is spelled, for targets that know it.
#include <algorithm>

#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

bool wrong(Refusal& why, std::string message, std::string param) {
  why = {std::move(message), std::move(param), {}};
  return false;
}

void read_file(const Node& from, Part& part) {
  part.kind = Part::Kind::file;
  read_url(from["file_data"].string(), part);
  from.read("filename", part.name);
  if (part.data.empty() && part.url.empty()) from.read("file_url", part.url);
  from.read("file_id", part.id);
}

// False: a kind of part that nobody knows.
bool read_part(const Node& node, std::vector<Part>& parts) {
  const std::string type = node["type"].string();
  Part part;
  if (type == "text" || type == "refusal") {
    part.kind = type == "text" ? Part::Kind::text : Part::Kind::refusal;
    node.read(type, part.text);
    node.read_raw("cache_control", part.cache);
  } else if (type == "image_url") {
    part.kind = Part::Kind::image;
    const Node image = node["image_url"];
    read_url(image.is(JsonType::string) ? image.string() : image["url"].string(), part);
    image.read("detail", part.detail);
  } else if (type == "input_audio") {
    part.kind = Part::Kind::audio;
    node["input_audio"].read("data", part.data);
    part.media = "audio/" + node["input_audio"]["format"].string();
  } else if (type == "file") {
    read_file(node["file"], part);
  } else {
    return false;
  }
  parts.push_back(std::move(part));
  return true;
}

bool read_content(const Node& content, const std::string& at, std::vector<Part>& parts, Refusal& why) {
  if (content.null()) return true;
  if (content.is(JsonType::string)) {
    parts.push_back(text_part(content.string()));
    return true;
  }
  if (!content.is(JsonType::array)) return wrong(why, "'" + at + "' must be a string or an array", at);
  for (const Node each : content) {
    if (!read_part(each, parts)) return wrong(why, "'" + at + "' has a part of unknown type", at);
  }
  return true;
}

void read_calls(const Node& message, std::vector<Part>& parts) {
  for (const Node call : message["tool_calls"]) {
    Part part;
    part.kind = Part::Kind::tool_use;
    call.read("id", part.id);
    const Node custom = call["custom"], function = custom.there() ? custom : call["function"];
    function.read("name", part.name);
    function.read(custom.there() ? "input" : "arguments", part.text);
    call["extra_content"]["google"].read("thought_signature", part.signature);
    parts.push_back(std::move(part));
  }
  const Node old = message["function_call"];
  if (!old.is(JsonType::object)) return;
  Part part;
  part.kind = Part::Kind::tool_use;
  part.id = part.name = old["name"].string();
  old.read("arguments", part.text);
  parts.push_back(std::move(part));
}

bool read_message(const Node& node, const std::string& at, std::vector<Message>& messages, Refusal& why) {
  const std::string role = node["role"].string();
  if (role == "tool" || role == "function") {
    Part result;
    result.kind = Part::Kind::tool_result;
    node.read(role == "tool" ? "tool_call_id" : "name", result.id);
    if (!read_content(node["content"], at + ".content", result.inside, why)) return false;
    speak(messages, Role::tool).parts.push_back(std::move(result));
    return true;
  }
  Message message;
  if (role == "assistant") {
    message.role = Role::assistant;
    const Node deepseek = node["reasoning_content"], thinking = deepseek.null() ? node["reasoning"] : deepseek;
    if (thinking.is(JsonType::string)) {
      message.parts.push_back(text_part(thinking.string()));
      message.parts.back().kind = Part::Kind::thinking;
    }
  } else if (role == "system" || role == "developer") {
    message.role = Role::system;
  } else if (role != "user") {
    return wrong(why, "'" + at + ".role' is not one of system, developer, user, assistant, tool", at + ".role");
  }
  node.read("name", message.name);
  if (!read_content(node["content"], at + ".content", message.parts, why)) return false;
  if (message.role == Role::assistant) {
    if (node["refusal"].is(JsonType::string)) {
      message.parts.push_back(text_part(node["refusal"].string()));
      message.parts.back().kind = Part::Kind::refusal;
    }
    read_calls(node, message.parts);
  }
  messages.push_back(std::move(message));
  return true;
}

bool read_messages(const Node& list, ChatRequest& out, Refusal& why) {
  if (!list.is(JsonType::array)) return wrong(why, "'messages' must be an array", "messages");
  std::size_t i = 0;
  for (const Node each : list) {
    if (!read_message(each, "messages[" + std::to_string(i++) + "]", out.messages, why)) return false;
  }
  return true;
}

void read_tool(const Node& function, ChatRequest& out) {
  Tool tool;
  function.read("name", tool.name);
  read_openai_tool(function, tool);
  out.tools.push_back(std::move(tool));
}

// What read_request takes out of the top level; the rest are extras.
constexpr std::string_view kModelled[] = {
    "model",
    "messages",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "parallel_tool_calls",
    "response_format",
    "stop",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "top_k",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "n",
    "reasoning_effort",
    "stream",
    "stream_options",
    "user",
    "verbosity",
};

}  // namespace

void read_openai_choice(const Node& choice, ToolChoice& out) {
  using Kind = ToolChoice::Kind;
  const auto word = [&](const Node& node) {
    if (node.equals("auto")) out.kind = Kind::automatic;
    if (node.equals("none")) out.kind = Kind::none;
    if (node.equals("required") || node.equals("any")) out.kind = Kind::required;
  };
  word(choice);
  const Node function = choice["function"], allowed = choice["allowed_tools"];
  if (function.is(JsonType::object) || choice["name"].is(JsonType::string)) {  // Responses has it flat
    out.kind = Kind::named;
    out.name = (function.there() ? function : choice)["name"].string();
  }
  if (!choice["type"].equals("allowed_tools")) return;
  const Node list = allowed.is(JsonType::object) ? allowed : choice;
  word(list["mode"]);
  for (const Node tool : list["tools"]) {
    out.allowed.push_back((tool["function"].there() ? tool["function"] : tool)["name"].string());
  }
}

void read_openai_format(const Node& format, ResponseFormat& out) {
  using Kind = ResponseFormat::Kind;
  if (format["type"].equals("json_object")) out.kind = Kind::json_object;
  if (!format["type"].equals("json_schema")) return;
  out.kind = Kind::json_schema;
  const Node nested = format["json_schema"], schema = nested.there() ? nested : format;  // Responses has it flat
  schema.read("name", out.name);
  schema.read("description", out.description);
  schema.read_raw("schema", out.schema);
  out.strict = schema["strict"].flag();
}

void read_openai_sampling(const Node& root, ChatRequest& out) {
  out.temperature = root["temperature"].real();
  out.top_p = root["top_p"].real();
  out.top_k = root["top_k"].integer(-1);
  out.presence_penalty = root["presence_penalty"].real();
  out.frequency_penalty = root["frequency_penalty"].real();
  out.seed = root["seed"].integer(-1);
  out.stops = read_strings(root["stop"]);
  out.n = std::max<std::int64_t>(root["n"].integer(1), 1);
  out.stream = root["stream"].truthy();
  out.include_usage = root["stream_options"]["include_usage"].truthy();
  root.read("user", out.user);
  root.read("verbosity", out.verbosity);
  out.max_tokens = root["max_completion_tokens"].integer(root["max_tokens"].integer(-1));
}

void read_extras(const Node& root, const std::string_view* known, std::size_t count, ChatRequest& out) {
  for (const Node member : root) {
    std::string key = member.key();
    if (std::find(known, known + count, key) != known + count) continue;
    out.extras.push_back({std::move(key), std::string(member.raw())});
  }
}

void read_openai_tool(const Node& node, Tool& out) {
  node.read("description", out.description);
  node.read_raw("parameters", out.schema);
  out.strict = node["strict"].flag();
}

bool read_openai_request(const Node& root, ChatRequest& out, Refusal& why) {
  out.from = Wire::openai_chat;
  root.read("model", out.model);
  if (!read_messages(root["messages"], out, why)) return false;
  for (const Node tool : root["tools"]) {
    if (!tool["type"].null() && !tool["type"].equals("function")) continue;  // hosted: nobody else has them
    read_tool(tool["function"], out);
  }
  for (const Node function : root["functions"]) read_tool(function, out);
  read_openai_choice(root[root["tool_choice"].null() ? "function_call" : "tool_choice"], out.tool_choice);
  out.parallel_tool_calls = root["parallel_tool_calls"].flag();
  read_openai_format(root["response_format"], out.format);
  read_openai_sampling(root, out);
  out.effort = effort_of(root["reasoning_effort"].string());
  read_extras(root, kModelled, std::size(kModelled), out);
  return true;
}

}  // namespace spillway::llm
