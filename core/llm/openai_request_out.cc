// OpenAI's chat requests, written.
#include <algorithm>

#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

constexpr std::string_view kRoles[] = {"system", "user", "assistant", "tool"};

void write_part(const Part& part, JsonWriter& json) {
  switch (part.kind) {
    case Part::Kind::image:
      json.open('{').member("type"sv, "image_url").key("image_url"sv).open('{').member("url"sv, url_of(part));
      put(json, "detail", part.detail);
      json.close('}').close('}');
      return;
    case Part::Kind::audio:
      json.open('{').member("type"sv, "input_audio").key("input_audio"sv).open('{').member("data"sv, part.data);
      json.member("format"sv, std::string_view(part.media).substr(part.media.find('/') + 1)).close('}').close('}');
      return;
    case Part::Kind::file:
      json.open('{').member("type"sv, "file").key("file"sv).open('{');
      put(json, "filename", part.name.empty() && part.id.empty() ? "file.pdf" : std::string_view(part.name));
      put(json, "file_data", url_of(part));
      put(json, "file_id", part.id);
      json.close('}').close('}');
      return;
    case Part::Kind::text: json.open('{').member("type"sv, "text").member("text"sv, part.text).close('}'); return;
    case Part::Kind::tool_use:
    case Part::Kind::tool_result:
    case Part::Kind::thinking:
    case Part::Kind::refusal: return;  // members of the message
  }
}

bool in_content(const Part& part) {
  return part.kind == Part::Kind::text || part.kind == Part::Kind::image || part.kind == Part::Kind::audio ||
         part.kind == Part::Kind::file;
}

void write_assistant(const Message& message, JsonWriter& json) {
  if (any(message.parts, Part::Kind::text)) {
    write_openai_content(message.parts, json, true);
  } else {
    json.key("content"sv).null();
  }
  put(json, "refusal", joined_text(message.parts, Part::Kind::refusal));
  put(json, "reasoning_content", joined_text(message.parts, Part::Kind::thinking));
  write_openai_calls(message.parts, json);
}

void write_message(const Message& message, JsonWriter& json) {
  const std::string_view role = kRoles[static_cast<std::size_t>(message.role)];
  if (message.role == Role::tool) {
    std::vector<Part> shown;  // images of results: a tool message has text only, so the user shows them
    for (const Part& part : message.parts) {
      json.open('{').member("role"sv, role).member("tool_call_id"sv, part.id);
      json.member("content"sv, joined_text(part.inside, Part::Kind::text, "\n")).close('}');
      for (const Part& inside : part.inside) {
        if (in_content(inside) && inside.kind != Part::Kind::text) shown.push_back(inside);
      }
    }
    if (shown.empty()) return;
    json.open('{').member("role"sv, "user");
    write_openai_content(shown, json, false);
    json.close('}');
    return;
  }
  json.open('{').member("role"sv, role);
  put(json, "name", message.name);
  if (message.role == Role::assistant) {
    write_assistant(message, json);
  } else {
    write_openai_content(message.parts, json, message.role == Role::system);
  }
  json.close('}');
}

void write_tools(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  write_openai_tools(request.tools, json);
  const ToolChoice& choice = request.tool_choice;
  const std::string_view kWords[] = {"", "auto", "none", spelling.mistral_words ? "any" : "required"};
  if (choice.kind == ToolChoice::Kind::named) {
    json.key("tool_choice"sv).open('{').member("type"sv, "function").key("function"sv).open('{');
    json.member("name"sv, choice.name).close('}').close('}');
  } else if (!choice.allowed.empty()) {
    json.key("tool_choice"sv).open('{').member("type"sv, "allowed_tools").key("allowed_tools"sv).open('{');
    json.member("mode"sv, choice.kind == ToolChoice::Kind::required ? "required" : "auto").key("tools"sv).open('[');
    for (const std::string& name : choice.allowed) {
      json.open('{')
          .member("type"sv, "function")
          .key("function"sv)
          .open('{')
          .member("name"sv, name)
          .close('}')
          .close('}');
    }
    json.close(']').close('}').close('}');
  } else {
    put(json, "tool_choice", kWords[static_cast<std::size_t>(choice.kind)]);
  }
  if (!request.tools.empty()) put(json, "parallel_tool_calls", request.parallel_tool_calls);
}

void write_sampling(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  put(json, "temperature", request.temperature);
  put(json, "top_p", request.top_p);
  if (request.top_k >= 0) json.member("top_k"sv, request.top_k);
  put(json, "presence_penalty", request.presence_penalty);
  put(json, "frequency_penalty", request.frequency_penalty);
  if (request.seed >= 0) json.member(spelling.mistral_words ? "random_seed"sv : "seed"sv, request.seed);
  if (request.n > 1) json.member("n"sv, request.n);
  const Effort effort = request.effort == Effort::unset ? effort_for_budget(request.thinking_budget) : request.effort;
  put(json, "reasoning_effort", word_of(effort));
}

void write_stream(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  if (!request.stream) return;
  json.member("stream"sv, true);
  if (!spelling.no_usage_asked) json.key("stream_options"sv).open('{').member("include_usage"sv, true).close('}');
}

// The rest of a request to fill in the middle: completions in the words of OpenAI's, Mistral's and DeepSeek's. The
// completions' own default of 16 tokens is too little for who knows of no limit.
void write_fill(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  constexpr std::int64_t kTokens = 512;
  std::string prompt;
  for (const Message& message : request.messages) prompt += joined_text(message.parts, Part::Kind::text);
  json.member("prompt"sv, prompt).member("suffix"sv, request.suffix);
  json.member("max_tokens"sv, request.max_tokens >= 0 ? request.max_tokens : kTokens);
  put(json, "stop", request.stops);
  put(json, "temperature", request.temperature);
  put(json, "top_p", request.top_p);
  if (request.seed >= 0) json.member(spelling.mistral_words ? "random_seed"sv : "seed"sv, request.seed);
  put(json, "user", request.user);
  write_stream(request, spelling, json);
  json.close('}');
}

}  // namespace

void write_openai_calls(const std::vector<Part>& parts, JsonWriter& json) {
  if (!any(parts, Part::Kind::tool_use)) return;
  json.key("tool_calls"sv).open('[');
  for (const Part& part : parts) {
    if (part.kind != Part::Kind::tool_use) continue;
    json.open('{').member("id"sv, part.id).member("type"sv, "function").key("function"sv).open('{');
    json.member("name"sv, part.name)
        .member("arguments"sv, part.text.empty() ? "{}" : std::string_view(part.text))
        .close('}');
    if (!part.signature.empty()) {
      json.key("extra_content"sv).open('{').key("google"sv).open('{').member("thought_signature"sv, part.signature);
      json.close('}').close('}');
    }
    json.close('}');
  }
  json.close(']');
}

// The shortest form that says it: a string where that is enough, as the many imitators understand it best.
void write_openai_content(const std::vector<Part>& parts, JsonWriter& json, bool joined) {
  std::size_t shown = 0;
  bool text = true;
  for (const Part& part : parts) {
    if (!in_content(part)) continue;
    ++shown;
    text = text && part.kind == Part::Kind::text;
  }
  json.key("content"sv);
  if (text && (shown <= 1 || joined)) {
    json.value(joined_text(parts, Part::Kind::text, joined ? "\n" : ""));
    return;
  }
  json.open('[');
  for (const Part& part : parts) write_part(part, json);
  json.close(']');
}

bool both_have(std::string_view name) {
  constexpr std::string_view kBoth[] = {
      "metadata", "service_tier", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "store"};
  return std::find(std::begin(kBoth), std::end(kBoth), name) != std::end(kBoth);
}

void write_openai_tool(const Tool& tool, JsonWriter& json) {
  json.open('{').member("name"sv, tool.name);
  put(json, "description", tool.description);
  put_json(json, "parameters", tool.schema);
  put(json, "strict", tool.strict);
  json.close('}');
}

void write_openai_format(const ResponseFormat& format, bool nested, JsonWriter& json) {
  const bool schema = format.kind == ResponseFormat::Kind::json_schema;
  json.open('{').member("type"sv, schema ? "json_schema" : "json_object");
  if (schema) {
    if (nested) json.key("json_schema"sv).open('{');
    json.member("name"sv, format.name.empty() ? std::string_view("answer") : std::string_view(format.name));
    put(json, "description", format.description);
    put_json(json, "schema", format.schema);
    put(json, "strict", format.strict);
    if (nested) json.close('}');
  }
  json.close('}');
}

void write_openai_tools(const std::vector<Tool>& tools, JsonWriter& json) {
  if (tools.empty()) return;
  json.key("tools"sv).open('[');
  for (const Tool& tool : tools) {
    json.open('{').member("type"sv, "function").key("function"sv);
    write_openai_tool(tool, json);
    json.close('}');
  }
  json.close(']');
}

void write_openai_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  json.open('{').member("model"sv, spelling.model);
  if (!request.suffix.empty()) return write_fill(request, spelling, json);
  if (request.max_tokens >= 0 && spelling.old_max_tokens) json.member("max_tokens"sv, request.max_tokens);
  if (request.max_tokens >= 0 && !spelling.old_max_tokens) json.member("max_completion_tokens"sv, request.max_tokens);
  json.key("messages"sv).open('[');
  for (const Message& message : request.messages) write_message(message, json);
  json.close(']');
  write_tools(request, spelling, json);
  if (request.stops.size() == 1) {
    json.member("stop"sv, request.stops[0]);
  } else {
    put(json, "stop", request.stops);
  }
  write_sampling(request, spelling, json);
  if (request.format.kind != ResponseFormat::Kind::text) {
    json.key("response_format"sv);
    write_openai_format(request.format, true, json);
  }
  // OpenAI's own limit is 64 characters, and Anthropic's clients say more there: Claude Code its device and session.
  put(json, "user", request.from == Wire::anthropic ? opaque(request.user) : request.user);
  write_stream(request, spelling, json);
  if (request.from == Wire::openai_chat || spelling.openai_itself) put(json, "verbosity", request.verbosity);
  for (const Extra& extra : request.extras) {
    const bool known = spelling.openai_itself && request.from == Wire::openai_responses && both_have(extra.name);
    if (request.from == Wire::openai_chat || known) json.key(extra.name).raw(extra.json);
  }
  json.close('}');
}

}  // namespace spillway::llm
