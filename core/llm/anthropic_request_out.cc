// Anthropic's message requests, written: turns that alternate, results of tools in front of what the user says.
#include <algorithm>

#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

constexpr std::string_view kNewVersion = "2026-10-21";
constexpr std::int64_t kThinkingLeast = 1024;

struct Turn {
  std::string_view role;
  std::vector<const Part*> parts;
};

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

// Empty texts and thinking nobody signed are refused there.
bool sayable(const Part& part) {
  if (part.kind == Part::Kind::text || part.kind == Part::Kind::refusal) return !blank(part.text);
  return part.kind != Part::Kind::thinking || !part.signature.empty();
}

void add(Turn& turn, const Message& message) {
  auto at = turn.parts.end();
  if (message.role == Role::tool) {
    at = turn.parts.begin();
    while (at != turn.parts.end() && (*at)->kind == Part::Kind::tool_result) ++at;
  }
  for (const Part& part : message.parts) {
    if (sayable(part)) at = turn.parts.insert(at, &part) + 1;
  }
}

std::vector<Turn> turns_of(const ChatRequest& request, bool late_system, Turn& system) {
  std::vector<Turn> turns;
  for (const Message& message : request.messages) {
    std::string_view role = message.role == Role::assistant ? "assistant" : "user";
    if (message.role == Role::system && turns.empty()) {
      add(system, message);
      continue;
    }
    if (message.role == Role::system && late_system) role = "system";
    Turn more{role, {}};
    add(more, message);
    if (more.parts.empty()) continue;
    if (turns.empty() || turns.back().role != role) {
      turns.push_back(std::move(more));
    } else {
      add(turns.back(), message);
    }
  }
  return turns;
}

void write_source(const Part& part, std::string_view type, JsonWriter& json) {
  json.open('{').member("type"sv, type).key("source"sv).open('{');
  if (!part.data.empty()) {
    json.member("type"sv, "base64").member("media_type"sv, part.media).member("data"sv, part.data);
  } else if (!part.url.empty()) {
    json.member("type"sv, "url").member("url"sv, part.url);
  } else {
    json.member("type"sv, "file").member("file_id"sv, part.id);
  }
  json.close('}');
  if (part.kind == Part::Kind::file) put(json, "title", part.name);
}

void write_block(const Part& part, JsonWriter& json);

void write_result(const Part& part, JsonWriter& json) {
  json.open('{').member("type"sv, "tool_result").member("tool_use_id"sv, part.id);
  if (part.inside.size() == 1 && part.inside[0].kind == Part::Kind::text && part.inside[0].cache.empty()) {
    json.member("content"sv, part.inside[0].text);
  } else if (!part.inside.empty()) {
    json.key("content"sv).open('[');
    for (const Part& inside : part.inside) {
      if (sayable(inside)) write_block(inside, json);
    }
    json.close(']');
  }
  if (part.error) json.member("is_error"sv, true);
}

void write_block(const Part& part, JsonWriter& json) {
  switch (part.kind) {
    case Part::Kind::audio: return;  // fit() has refused it
    case Part::Kind::image: write_source(part, "image", json); break;
    case Part::Kind::file: write_source(part, "document", json); break;
    case Part::Kind::tool_result: write_result(part, json); break;
    case Part::Kind::tool_use:
      json.open('{').member("type"sv, "tool_use").member("id"sv, part.id).member("name"sv, part.name);
      json.key("input"sv).raw(part.text);
      break;
    case Part::Kind::thinking:
      json.open('{').member("type"sv, part.redacted ? "redacted_thinking" : "thinking");
      if (!part.redacted) json.member("thinking"sv, part.text);
      json.member(std::string_view(part.redacted ? "data" : "signature"), part.signature);
      break;
    case Part::Kind::text:
    case Part::Kind::refusal: json.open('{').member("type"sv, "text").member("text"sv, part.text); break;
  }
  put_json(json, "cache_control", part.cache);
  json.close('}');
}

void write_blocks(const Turn& turn, JsonWriter& json) {
  json.open('[');
  for (const Part* part : turn.parts) write_block(*part, json);
  json.close(']');
}

void write_tools(const ChatRequest& request, JsonWriter& json) {
  if (request.tools.empty()) return;
  json.key("tools"sv).open('[');
  for (const Tool& tool : request.tools) {
    json.open('{').member("name"sv, tool.name);
    put(json, "description", tool.description);
    json.key("input_schema"sv).raw(tool.schema.empty() ? R"({"type":"object"})" : std::string_view(tool.schema));
    if (tool.strict.value_or(false)) json.member("strict"sv, true);
    put_json(json, "cache_control", tool.cache);
    json.close('}');
  }
  json.close(']');
  constexpr std::string_view kWords[] = {"auto", "auto", "none", "any", "tool"};
  const ToolChoice& choice = request.tool_choice;
  const bool one = request.parallel_tool_calls == false && choice.kind != ToolChoice::Kind::none;
  if (choice.kind == ToolChoice::Kind::unset && !one) return;
  json.key("tool_choice"sv).open('{').member("type"sv, kWords[static_cast<std::size_t>(choice.kind)]);
  put(json, "name", choice.name);
  if (one) json.member("disable_parallel_tool_use"sv, true);
  json.close('}');
}

void write_thinking(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  const bool asked = request.effort != Effort::unset || request.thinking_budget >= 0;
  const bool none = request.effort == Effort::none || request.thinking_budget == 0;
  Effort effort = request.effort == Effort::unset ? effort_for_budget(request.thinking_budget) : request.effort;
  if (effort == Effort::minimal) effort = Effort::low;
  if (asked) {
    json.key("thinking"sv)
        .open('{')
        .member("type"sv, none                       ? "disabled"
                          : spelling.manual_thinking ? "enabled"
                                                     : "adaptive");
    if (!none && spelling.manual_thinking) {
      const std::int64_t wanted = request.thinking_budget > 0 ? request.thinking_budget : budget_of(effort);
      json.member("budget_tokens"sv, std::max(std::min(wanted, request.max_tokens - 1), kThinkingLeast));
    }
    json.close('}');
  }
  const bool schema = request.format.kind == ResponseFormat::Kind::json_schema;
  const bool degree = asked && !none && !spelling.manual_thinking;
  if (!schema && !degree) return;
  json.key("output_config"sv).open('{');
  if (degree) json.member("effort"sv, word_of(effort));
  if (schema) {
    json.key("format"sv).open('{').member("type"sv, "json_schema");
    put_json(json, "schema", request.format.schema);
    json.close('}');
  }
  json.close('}');
}

// Who the user is stays ours: Anthropic wants an id that tells nothing. Its own clients have seen to that.
void write_user(const ChatRequest& request, JsonWriter& json) {
  if (request.user.empty()) return;
  json.key("metadata"sv).open('{').key("user_id"sv);
  json.value(request.from == Wire::anthropic ? request.user : opaque(request.user)).close('}');
}

}  // namespace

void write_anthropic_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  Turn system;
  const std::vector<Turn> turns = turns_of(request, spelling.anthropic_version == kNewVersion, system);
  json.open('{').member("model"sv, spelling.model).member("max_tokens"sv, request.max_tokens);
  if (!system.parts.empty()) {
    json.key("system"sv);
    write_blocks(system, json);
  }
  json.key("messages"sv).open('[');
  for (const Turn& turn : turns) {
    json.open('{').member("role"sv, turn.role).key("content"sv);
    write_blocks(turn, json);
    json.close('}');
  }
  json.close(']');
  write_tools(request, json);
  if (!request.stops.empty()) {
    json.key("stop_sequences"sv).open('[');
    for (const std::string& stop : request.stops) {
      if (!blank(stop)) json.value(stop);
    }
    json.close(']');
  }
  put(json, "temperature", request.temperature);
  put(json, "top_p", request.top_p);
  if (request.top_k >= 0) json.member("top_k"sv, request.top_k);
  write_thinking(request, spelling, json);
  write_user(request, json);
  if (request.stream) json.member("stream"sv, true);
  if (request.from == Wire::anthropic) {
    for (const Extra& extra : request.extras) json.key(extra.name).raw(extra.json);
  }
  json.close('}');
}

}  // namespace spillway::llm
