// OpenAI's Responses requests, written: for models that refuse tools on the chat wire. Nothing is stored there.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

void write_part(const Part& part, bool assistant, JsonWriter& json) {
  json.open('{');
  switch (part.kind) {
    case Part::Kind::image:
      json.member("type"sv, "input_image");
      put(json, "image_url", url_of(part));
      put(json, "file_id", part.id);
      put(json, "detail", part.detail);
      break;
    case Part::Kind::file:
      json.member("type"sv, "input_file");
      put(json, "filename", part.name.empty() && part.id.empty() ? std::string_view("file.pdf") : part.name);
      put(json, part.url.empty() ? "file_data"sv : "file_url"sv, url_of(part));
      put(json, "file_id", part.id);
      break;
    case Part::Kind::refusal: json.member("type"sv, "refusal").member("refusal"sv, part.text); break;
    default: json.member("type"sv, assistant ? "output_text" : "input_text").member("text"sv, part.text);
  }
  json.close('}');
}

bool in_content(const Part& part) {
  return part.kind == Part::Kind::text || part.kind == Part::Kind::image || part.kind == Part::Kind::file ||
         part.kind == Part::Kind::refusal;
}

void write_content(const std::vector<Part>& parts, bool assistant, JsonWriter& json) {
  json.open('[');
  for (const Part& part : parts) {
    if (in_content(part)) write_part(part, assistant, json);
  }
  json.close(']');
}

// What is said, then what is called: items of their own.
void write_message(const Message& message, JsonWriter& json) {
  constexpr std::string_view kRoles[] = {"developer", "user", "assistant"};
  bool says = false;
  for (const Part& part : message.parts) says = says || in_content(part);
  if (says) {
    json.open('{').member("type"sv, "message").member("role"sv, kRoles[static_cast<std::size_t>(message.role)]);
    json.key("content"sv);
    write_content(message.parts, message.role == Role::assistant, json);
    json.close('}');
  }
  for (const Part& part : message.parts) {
    if (part.kind == Part::Kind::tool_use) {
      json.open('{').member("type"sv, "function_call").member("call_id"sv, part.id).member("name"sv, part.name);
      json.member("arguments"sv, part.text).close('}');
    } else if (part.kind == Part::Kind::tool_result) {
      json.open('{').member("type"sv, "function_call_output").member("call_id"sv, part.id).key("output"sv);
      const bool text = part.inside.size() <= 1 && !any(part.inside, Part::Kind::image);
      if (text) {
        json.value(joined_text(part.inside, Part::Kind::text));
      } else {
        write_content(part.inside, false, json);
      }
      json.close('}');
    }
  }
}

void write_tools(const ChatRequest& request, JsonWriter& json) {
  if (request.tools.empty()) return;
  json.key("tools"sv).open('[');
  for (const Tool& tool : request.tools) {
    json.open('{').member("type"sv, "function").member("name"sv, tool.name);
    put(json, "description", tool.description);
    json.key("parameters"sv).raw(tool.schema.empty() ? std::string_view("{}") : std::string_view(tool.schema));
    json.member("strict"sv, tool.strict.value_or(false)).close('}');
  }
  json.close(']');
  const ToolChoice& choice = request.tool_choice;
  constexpr std::string_view kWords[] = {"", "auto", "none", "required"};
  if (choice.kind == ToolChoice::Kind::named) {
    json.key("tool_choice"sv).open('{').member("type"sv, "function").member("name"sv, choice.name).close('}');
  } else if (!choice.allowed.empty()) {
    json.key("tool_choice"sv).open('{').member("type"sv, "allowed_tools");
    json.member("mode"sv, choice.kind == ToolChoice::Kind::required ? "required" : "auto").key("tools"sv).open('[');
    for (const std::string& name : choice.allowed) {
      json.open('{').member("type"sv, "function").member("name"sv, name).close('}');
    }
    json.close(']').close('}');
  } else {
    put(json, "tool_choice", kWords[static_cast<std::size_t>(choice.kind)]);
  }
  put(json, "parallel_tool_calls", request.parallel_tool_calls);
}

}  // namespace

void write_responses_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  json.open('{').member("model"sv, spelling.model);
  std::size_t from = 0;
  std::string instructions;
  for (; from < request.messages.size() && request.messages[from].role == Role::system; ++from) {
    if (!instructions.empty()) instructions += "\n";
    instructions += joined_text(request.messages[from].parts, Part::Kind::text, "\n");
  }
  put(json, "instructions", instructions);
  json.key("input"sv).open('[');
  for (; from < request.messages.size(); ++from) write_message(request.messages[from], json);
  json.close(']');
  write_tools(request, json);
  if (request.max_tokens >= 0) json.member("max_output_tokens"sv, request.max_tokens);
  put(json, "temperature", request.temperature);
  put(json, "top_p", request.top_p);
  const Effort effort = request.effort == Effort::unset ? effort_for_budget(request.thinking_budget) : request.effort;
  if (effort != Effort::unset) json.key("reasoning"sv).open('{').member("effort"sv, word_of(effort)).close('}');
  const bool format = request.format.kind != ResponseFormat::Kind::text;
  if (format || !request.verbosity.empty()) {
    json.key("text"sv).open('{');
    if (format) {
      json.key("format"sv);
      write_openai_format(request.format, false, json);
    }
    put(json, "verbosity", request.verbosity);
    json.close('}');
  }
  put(json, "user", request.from == Wire::anthropic ? opaque(request.user) : request.user);
  json.member("store"sv, false);
  if (request.stream) json.member("stream"sv, true);
  for (const Extra& extra : request.extras) {
    const bool openai = request.from == Wire::openai_chat || request.from == Wire::openai_responses;
    if (openai && extra.name != "store" && both_have(extra.name)) json.key(extra.name).raw(extra.json);
  }
  json.close('}');
}

}  // namespace spillway::llm
