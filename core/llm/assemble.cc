// stream_to_body: the chunks of a stream put together to the one answer they are parts of. See replay.h.
#include <algorithm>
#include <map>
#include <vector>

#include "http/headers.h"
#include "http/sse.h"
#include "llm/answer_tree.h"
#include "llm/replay.h"

namespace spillway {

namespace {

constexpr std::size_t kEventBytes = 16u << 20;

// One choice while a stream is put together.
struct Choice {
  struct Tool {
    std::int64_t index = 0;
    JsonValue call;
  };
  JsonValue message, text, logprobs;
  std::vector<Tool> tools;
  std::string finish;
};

struct Assembled {
  JsonValue head, usage;
  std::map<std::int64_t, Choice> choices;
  bool done = false;
};

bool add_tool(Choice& choice, const JsonValue& part) {
  const std::int64_t index = part["index"].integer(0);
  const auto last = std::find_if(choice.tools.rbegin(), choice.tools.rend(),
                                 [&](const Choice::Tool& tool) { return tool.index == index; });
  const std::string_view id = part["id"].string();
  // Some providers give every parallel call the index 0, and only the ids tell them apart.
  const bool other = last == choice.tools.rend() ||
                     (!id.empty() && !last->call["id"].string().empty() && last->call["id"].string() != id);
  Choice::Tool& tool = other ? choice.tools.emplace_back(Choice::Tool{index, {}}) : *last;
  for (std::size_t i = 0; i < part.keys.size(); ++i) {
    if (part.keys[i] == "index") continue;
    if (!merge_member(tool.call, part.keys[i], part.items[i])) return false;
  }
  return true;
}

bool add_choice(Choice& choice, const JsonValue& part) {
  const JsonValue& delta = part["delta"];
  for (std::size_t i = 0; i < delta.keys.size(); ++i) {
    if (delta.keys[i] == "role" || delta.keys[i] == "tool_calls") continue;
    if (!merge(member(choice.message, delta.keys[i]), delta.items[i])) return false;
  }
  for (const JsonValue& tool : delta["tool_calls"].items) {
    if (!add_tool(choice, tool)) return false;
  }
  if (!part["finish_reason"].string().empty()) choice.finish = part["finish_reason"].string();
  return merge(choice.text, part["text"]) && merge(choice.logprobs, part["logprobs"]);
}

bool add_chunk(Assembled& whole, const JsonValue& chunk) {
  if (!chunk.is(JsonType::object) || !chunk["error"].is(JsonType::null)) return false;
  add_head(whole.head, chunk);
  if (usage_in(chunk).is(JsonType::object)) whole.usage = usage_in(chunk);
  for (const JsonValue& part : chunk["choices"].items) {
    if (part["finish_reason"].string() == "error") return false;
    if (!add_choice(whole.choices[part["index"].integer(0)], part)) return false;
  }
  return true;
}

void write_message(JsonWriter& json, Choice& choice) {
  const JsonValue& content = choice.message["content"];
  json.open('{').member("role", "assistant").key("content");
  content.string().empty() && content.items.empty() && !choice.tools.empty() ? json.null()
                                                                             : (write(json, content), json);
  for (std::size_t i = 0; i < choice.message.keys.size(); ++i) {
    if (choice.message.keys[i] != "content") write(json.key(choice.message.keys[i]), choice.message.items[i]);
  }
  if (!choice.tools.empty()) {
    std::stable_sort(choice.tools.begin(), choice.tools.end(),
                     [](const auto& a, const auto& b) { return a.index < b.index; });
    json.key("tool_calls").open('[');
    for (Choice::Tool& tool : choice.tools) {
      if (JsonValue& type = member(tool.call, "type"); type.is(JsonType::null)) {
        type.type = JsonType::string;
        type.text = "function";
      }
      write(json, tool.call);
    }
    json.close(']');
  }
  json.close('}');
}

void write_choice(JsonWriter& json, Api api, std::int64_t index, Choice& choice) {
  json.open('{').member("index", index);
  if (api == Api::chat) {
    json.key("message");
    write_message(json, choice);
  } else {
    json.member("text", choice.text.string());
  }
  write(json.key("logprobs"), choice.logprobs);
  json.member("finish_reason", choice.finish.empty() ? std::string_view("stop") : std::string_view(choice.finish))
      .close('}');
}

Status read_stream(std::string_view sse, Assembled& whole) {
  SseReader reader(kEventBytes);
  SseEvent event;
  while (true) {
    const Result<bool> next = reader.next(sse, event);
    if (!next) return next.error();
    if (!*next) break;
    const std::string_view data = trim(event.data);
    if (data.empty() || whole.done) continue;
    whole.done = data == "[DONE]";
    if (whole.done) continue;
    const Result<JsonValue> chunk = parse_json(data);
    if (!chunk) return chunk.error();
    if (!add_chunk(whole, *chunk)) return refusal("the stream holds an error, or chunks that do not fit together");
  }
  if (whole.choices.empty()) return refusal("the stream holds no answer");
  const bool finished = std::none_of(whole.choices.begin(), whole.choices.end(),
                                     [](const auto& one) { return one.second.finish.empty(); });
  if (!whole.done && (!finished || reader.mid_event())) return refusal("the stream did not end properly");
  return Nothing{};
}

}  // namespace

Result<std::string> stream_to_body(Api api, std::string_view sse) {
  Assembled whole;
  if (const Status read = read_stream(sse, whole); !read) return read.error();
  std::string out;
  JsonWriter json(out);
  open_answer(json, whole.head, api == Api::chat ? "chat.completion" : "text_completion");
  json.key("choices").open('[');
  for (auto& [index, choice] : whole.choices) write_choice(json, api, index, choice);
  json.close(']');
  if (whole.usage.is(JsonType::object)) write(json.key("usage"), whole.usage);
  json.close('}');
  return out;
}

}  // namespace spillway
