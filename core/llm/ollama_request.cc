// Ollama's native requests, read: /api/chat, and /api/generate, whose prompt is the only message.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

// The kind of an image in base64, told by how its bytes begin.
std::string_view media_of(std::string_view base64) {
  if (base64.starts_with("/9j/")) return "image/jpeg";
  if (base64.starts_with("R0lG")) return "image/gif";
  return base64.starts_with("UklG") ? "image/webp" : "image/png";
}

void read_images(const Node& images, std::vector<Part>& parts) {
  for (const Node each : images) {
    Part part;
    part.kind = Part::Kind::image;
    part.data = each.string();
    part.media = media_of(part.data);
    parts.push_back(std::move(part));
  }
}

void read_words(const Node& from, std::string_view member, Part::Kind kind, std::vector<Part>& parts) {
  std::string text = from[member].string();
  if (text.empty()) return;
  parts.push_back(text_part(std::move(text)));
  parts.back().kind = kind;
}

// Results name their tool; calls have no ids there, so they get some, and results take those of the calls in turn.
struct Calls {
  std::vector<std::pair<std::string, std::string>> open;  // name and id
  int count = 0;

  void read(const Node& message, std::vector<Part>& parts) {
    for (const Node call : message["tool_calls"]) {
      Part part;
      part.kind = Part::Kind::tool_use;
      call.read("id", part.id);
      if (part.id.empty()) part.id = "call_" + std::to_string(count);
      ++count;
      call["function"].read("name", part.name);
      part.text = call["function"]["arguments"].is(JsonType::object) ? call["function"]["arguments"].raw() : "{}";
      open.emplace_back(part.name, part.id);
      parts.push_back(std::move(part));
    }
  }
  std::string answer(const std::string& name) {
    for (auto call = open.begin(); call != open.end(); ++call) {
      if (!name.empty() && call->first != name) continue;
      std::string id = std::move(call->second);
      open.erase(call);
      return id;
    }
    return "call_" + std::to_string(count++);
  }
};

bool read_messages(const Node& list, ChatRequest& out, Refusal& why) {
  Calls calls;
  for (const Node each : list) {
    const Node role = each["role"];
    Message message;
    if (role.equals("tool")) {
      Part result;
      result.kind = Part::Kind::tool_result;
      each.read("tool_call_id", result.id);
      if (result.id.empty()) result.id = calls.answer(each["tool_name"].string());
      read_words(each, "content", Part::Kind::text, result.inside);
      speak(out.messages, Role::tool).parts.push_back(std::move(result));
      continue;
    }
    if (role.equals("assistant")) {
      message.role = Role::assistant;
    } else if (role.equals("system")) {
      message.role = Role::system;
    } else if (!role.equals("user")) {
      why = {"a message's role is not one of system, user, assistant, tool", "messages", {}};
      return false;
    }
    read_words(each, "thinking", Part::Kind::thinking, message.parts);
    read_words(each, "content", Part::Kind::text, message.parts);
    read_images(each["images"], message.parts);
    calls.read(each, message.parts);
    out.messages.push_back(std::move(message));
  }
  return true;
}

void read_options(const Node& options, ChatRequest& out) {
  out.max_tokens = options["num_predict"].integer(-1);
  out.temperature = options["temperature"].real();
  out.top_p = options["top_p"].real();
  out.top_k = options["top_k"].integer(-1);
  out.seed = options["seed"].integer(-1);
  out.presence_penalty = options["presence_penalty"].real();
  out.frequency_penalty = options["frequency_penalty"].real();
  out.stops = read_strings(options["stop"]);
}

void read_format(const Node& format, ResponseFormat& out) {
  if (format.equals("json")) out.kind = ResponseFormat::Kind::json_object;
  if (!format.is(JsonType::object)) return;
  out.kind = ResponseFormat::Kind::json_schema;
  out.schema = format.raw();
}

}  // namespace

bool read_ollama_request(const Node& root, ChatRequest& out, Refusal& why) {
  root.read("model", out.model);
  out.prompt = !root["messages"].there();
  if (out.prompt) {
    out.suffix = root["suffix"].string();
    Message system, user;
    system.role = Role::system;
    read_words(root, "system", Part::Kind::text, system.parts);
    if (!system.parts.empty()) out.messages.push_back(std::move(system));
    read_words(root, "prompt", Part::Kind::text, user.parts);
    read_images(root["images"], user.parts);
    out.messages.push_back(std::move(user));
  } else if (!read_messages(root["messages"], out, why)) {
    return false;
  }
  for (const Node each : root["tools"]) {
    Tool tool;
    each["function"].read("name", tool.name);
    each["function"].read("description", tool.description);
    each["function"].read_raw("parameters", tool.schema);
    out.tools.push_back(std::move(tool));
  }
  read_options(root["options"], out);
  read_format(root["format"], out.format);
  const Node think = root["think"];
  if (think.flag()) out.effort = think.truthy() ? Effort::medium : Effort::none;
  if (think.is(JsonType::string)) out.effort = effort_of(think.string());
  out.stream = root["stream"].flag().value_or(true);
  out.include_usage = true;  // it always tells
  return true;
}

}  // namespace spillway::llm
