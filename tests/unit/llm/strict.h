// What the strictest client libraries demand of a stream, as a list of complaints (ecosystem.md 1.4, 1.7, 1.9): the
// OpenAI library's helper and Vercel's schemas for chat, Anthropic's library for messages.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "http/sse.h"
#include "json/scan.h"

namespace spillway::llm {

class StrictChat {
 public:
  // Empty: nothing to complain about. What it said is in `text`, `reason` and so on.
  std::string check(std::string_view sse, bool usage_asked) {
    SseReader reader(1 << 20);
    SseEvent event;
    while (true) {
      const Result<bool> whole = reader.next(sse, event);
      if (!whole) return "framing";
      if (!*whole) break;
      if (!event.has_data) continue;  // comments
      if (!event.type.empty()) say("an event with a name");
      if (done_) say("data behind [DONE]");
      if (event.data == "[DONE]") {
        done_ = true;
      } else {
        chunk(event.data, usage_asked);
      }
    }
    if (reader.mid_event()) say("half an event");
    if (failed) {
      if (done_) say("[DONE] behind an error");
      return complaints_;
    }
    if (!done_) say("no [DONE]");
    if (reasons_ != 1) say(std::to_string(reasons_) + " reasons");
    if (usages_ != (usage_asked ? 1 : 0)) say(std::to_string(usages_) + " usage chunks");
    for (const auto& [index, arguments] : tools) {
      const Result<JsonValue> json = parse_json(arguments);
      if (!json || !json->is(JsonType::object)) say("arguments that are no object");
    }
    if (!tools.empty() && reason != "tool_calls") say("tool calls, but the reason is " + reason);
    return complaints_;
  }

  std::string text, thinking, refusal, reason, id, model, error;
  std::map<std::int64_t, std::string> tools, tool_ids, tool_names;
  std::int64_t total_tokens = -1;
  bool failed = false;

 private:
  void say(const std::string& what) { complaints_ += what + "; "; }

  void constant(std::string& first, std::string_view now, const std::string& what) {
    if (now.empty()) say("no " + what);
    if (!first.empty() && first != now) say("another " + what);
    first = now;
  }

  void chunk(std::string_view data, bool usage_asked) {
    const Result<JsonValue> root = parse_json(data);
    if (!root || !root->is(JsonType::object)) return say("data that is no object");
    if (root->has("error")) {
      failed = true;
      if (!(*root)["error"].is(JsonType::object)) say("an error that is no object");
      if ((*root)["error"]["message"].string().empty()) say("an error without a message");
      error = (*root)["error"]["message"].string();
      return;
    }
    if (failed) say("data behind an error");
    constant(id, (*root)["id"].string(), "id");
    constant(model, (*root)["model"].string(), "model");
    if ((*root)["object"].string() != "chat.completion.chunk") say("object");
    std::string created = (*root)["created"].text;
    constant(created_, created, "created");
    if (!(*root)["choices"].is(JsonType::array)) return say("choices is no array");
    const JsonValue& usage = (*root)["usage"];
    if (usage.is(JsonType::object)) {
      ++usages_;
      total_tokens = usage["total_tokens"].integer(-1);
      if (!usage_asked) say("usage that nobody asked for");
      if (total_tokens < 0 || usage["prompt_tokens"].integer(-1) < 0) say("usage without counts");
      if (!(*root)["choices"].items.empty()) say("usage beside choices");
      if (reasons_ == 0) say("usage before the reason");
    } else if ((*root)["choices"].items.empty()) {
      say("a chunk of nothing");
    }
    for (const JsonValue& choice : (*root)["choices"].items) read(choice);
  }

  void read(const JsonValue& choice) {
    if (choice["index"].integer(-1) < 0) say("a choice without index");
    const JsonValue& delta = choice["delta"];
    if (!delta.is(JsonType::object)) say("delta is no object");
    if (choice["index"].integer(0) != 0) return;
    if (!choice.has("finish_reason")) say("no finish_reason");
    const JsonValue& why = choice["finish_reason"];
    if (!role_ && delta["role"].string() != "assistant") say("no role in front");
    role_ = true;
    if (reasons_ > 0) say("a choice behind its reason");
    if (delta.has("content") && !delta["content"].is(JsonType::string) && !delta["content"].is(JsonType::null))
      say("content is no string");
    text += delta["content"].string();
    thinking += delta["reasoning_content"].string();
    refusal += delta["refusal"].string();
    const JsonValue& calls = delta["tool_calls"];
    if (!calls.is(JsonType::null) && !calls.is(JsonType::array)) say("tool_calls is no array");
    for (const JsonValue& call : calls.items) tool(call);
    if (why.is(JsonType::null)) return;
    ++reasons_;
    reason = why.string();
    if (reason != "stop" && reason != "length" && reason != "tool_calls" && reason != "content_filter")
      say("foreign reason " + reason);
  }

  void tool(const JsonValue& call) {
    const std::int64_t index = call["index"].integer(-1);
    const JsonValue& function = call["function"];
    if (index < 0 || index > static_cast<std::int64_t>(tools.size())) return say("a gap in the tool calls");
    if (function.has("arguments") && !function["arguments"].is(JsonType::string)) say("arguments are no string");
    if (!tools.contains(index)) {
      if (call["id"].string().empty()) say("a call without id");
      if (call["type"].string() != "function") say("a call without type");
      if (function["name"].string().empty()) say("a call without name");
      if (!function.has("arguments")) say("a call without arguments");
      tool_ids[index] = call["id"].string();
      tool_names[index] = function["name"].string();
    }
    tools[index] += function["arguments"].string();
  }

  std::string complaints_, created_;
  bool done_ = false, role_ = false;
  int reasons_ = 0, usages_ = 0;
};

class StrictMessages {
 public:
  std::string check(std::string_view sse) {
    SseReader reader(1 << 20);
    SseEvent event;
    while (true) {
      const Result<bool> whole = reader.next(sse, event);
      if (!whole) return "framing";
      if (!*whole) break;
      if (!event.has_data) continue;
      const Result<JsonValue> root = parse_json(event.data);
      if (!root || (*root)["type"].string() != event.type) say("a name that is not the type");
      if (root) read(*root);
    }
    if (!failed && !stopped_) say("no message_stop");
    for (const auto& [index, arguments] : tools) {
      const Result<JsonValue> json = parse_json(arguments);
      if (!json || !json->is(JsonType::object)) say("input that is no object");
    }
    return complaints_;
  }
  std::string text, thinking, signature, reason;
  std::map<std::int64_t, std::string> tools;
  bool failed = false;
  JsonValue usage;

 private:
  void say(const std::string& what) { complaints_ += what + "; "; }
  void read(const JsonValue& root) {
    const std::string_view type = root["type"].string();
    if (stopped_ || failed) say("an event behind the end");
    if (type == "message_start") {
      if (started_) say("two starts");
      started_ = true;
      if (!root["message"]["content"].is(JsonType::array) || !root["message"].has("usage")) say("message_start");
    } else if (type == "error") {
      failed = true;
      if (root["error"]["type"].string().empty() || root["error"]["message"].string().empty()) say("error");
    } else if (!started_) {
      say("no message_start");
    } else if (type == "content_block_start") {
      if (open_) say("two open blocks");
      if (root["index"].integer(-1) != next_) say("a gap in the blocks");
      open_ = true;
      kind_ = root["content_block"]["type"].string();
      if (kind_ == "tool_use") {
        tools[next_];
        if (root["content_block"]["id"].string().empty() || root["content_block"]["name"].string().empty()) say("tool");
      }
    } else if (type == "content_block_delta") {
      if (!open_ || root["index"].integer(-1) != next_) say("a delta of no block");
      delta(root["delta"]);
    } else if (type == "content_block_stop") {
      if (!open_ || root["index"].integer(-1) != next_) say("an end of no block");
      open_ = false;
      ++next_;
    } else if (type == "message_delta") {
      if (open_) say("an open block at the end");
      reason = root["delta"]["stop_reason"].string();
      usage = root["usage"];
    } else if (type == "message_stop") {
      if (reason.empty()) say("no reason");
      stopped_ = true;
    }
  }
  void delta(const JsonValue& delta) {
    static const std::map<std::string, std::string, std::less<>> kinds = {{"text_delta", "text"},
                                                                          {"input_json_delta", "tool_use"},
                                                                          {"thinking_delta", "thinking"},
                                                                          {"signature_delta", "thinking"}};
    const auto kind = kinds.find(delta["type"].string());
    if (kind == kinds.end() || kind->second != kind_) return say("a delta of another kind");
    text += delta["text"].string();
    thinking += delta["thinking"].string();
    signature += delta["signature"].string();
    if (kind_ == "tool_use") tools[next_] += delta["partial_json"].string();
  }

  std::string complaints_, kind_;
  bool started_ = false, open_ = false, stopped_ = false;
  std::int64_t next_ = 0;
};

}  // namespace spillway::llm
