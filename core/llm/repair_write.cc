// Writes a stream anew from its first defect on. See repair.h.
#include <algorithm>

#include "llm/parts.h"
#include "llm/repair.h"

namespace spillway::llm {

namespace {

constexpr std::string_view kOfTheChunk[] = {"id", "object", "created", "model", "choices", "usage", "error"};
constexpr std::string_view kOfTheChoice[] = {"index", "delta", "message", "logprobs", "finish_reason"};
constexpr std::string_view kOfTheDelta[] = {"role", "content", "tool_calls"};

template <std::size_t N>
void write_rest(const Node& from, const std::string_view (&without)[N], JsonWriter& json) {
  for (const Node member : from) {
    const std::string key = member.key();
    if (std::find(without, without + N, key) == without + N) json.key(key).raw(one_line(member.raw()));
  }
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// Some send a list of parts.
std::string text_of(const Node& content) {
  if (!content.is(JsonType::array)) return content.string();
  std::string text;
  for (const Node part : content) text += part["text"].string();
  return text;
}

}  // namespace

void StreamRepair::mend(std::string_view defect, std::string_view data, std::string& instead) {
  state_ = State::mending;
  defect_ = defect;
  std::string held;
  held.swap(held_data_);
  held_.clear();
  held_choices_.clear();
  if (!held.empty()) rewrite(held, instead);
  if (state_ == State::mending) rewrite(data, instead);
}

void StreamRepair::open_chunk(const Node& root, JsonWriter& json, std::string& out) {
  if (id_.empty()) {
    const Node id = root["id"], created = root["created"], model = root["model"];
    id_ = id.is(JsonType::string) && id.raw().size() > 2 ? std::string(id.raw()) : json_string(options_.id);
    created_ = std::to_string(std::max<std::int64_t>(created.integer(options_.created), 1));
    model_ =
        model.is(JsonType::string) && model.raw().size() > 2 ? std::string(model.raw()) : json_string(options_.model);
  }
  out += "data: ";
  json.open('{').key("id"sv).raw(id_).member("object"sv, "chat.completion.chunk").key("created"sv).raw(created_);
  json.key("model"sv).raw(model_);
}

void StreamRepair::rewrite(std::string_view data, std::string& instead) {
  const Node root = read_node(scanner_, data, data.size());
  const Node usage = root["usage"].is(JsonType::object) ? root["usage"] : root["x_groq"]["usage"];
  if (usage.is(JsonType::object)) usage_ = one_line(usage.raw());
  std::string chunk, choices;
  for (const Node choice : root["choices"]) {
    std::string one;
    if (!write_choice(choice, one)) continue;
    if (!choices.empty()) choices += ',';
    choices += one;
  }
  if (state_ == State::failed || choices.empty()) return;
  JsonWriter json(chunk);
  open_chunk(root, json, chunk);
  write_rest(root, kOfTheChunk, json);
  json.key("choices"sv).open('[').raw(choices).close(']');
  if (options_.usage_asked) json.key("usage"sv).null();
  json.close('}');
  instead.append(chunk) += "\n\n";
}

// False: nothing of it is to be said now.
bool StreamRepair::write_choice(const Node& from, std::string& out) {
  Choice* const choice = this->choice(from["index"].integer(0));
  if (choice == nullptr) return broken("the provider's stream has too many choices");
  const Node delta = from["delta"].null() ? from["message"] : from["delta"], logprobs = from["logprobs"];
  std::string body;
  const bool said = write_delta(delta, *choice, body);
  const Finish reason = finish_of(Wire::openai_chat, from["finish_reason"].string());
  if (reason == Finish::error) return broken("the provider ended its answer with an error");
  if (reason != Finish::none && choice->reason.empty()) choice->reason = finish_word(Wire::openai_chat, reason);
  if (!said && logprobs.null()) return false;
  JsonWriter json(out);
  json.open('{').member("index"sv, choice->index).key("delta"sv).raw(body);
  write_rest(from, kOfTheChoice, json);
  json.key("logprobs"sv)
      .raw(logprobs.null() ? "null" : one_line(logprobs.raw()))
      .key("finish_reason"sv)
      .null()
      .close('}');
  return true;
}

bool StreamRepair::write_delta(const Node& delta, Choice& choice, std::string& out) {
  const bool first = !choice.role;
  const Node content = delta["content"], calls = delta["tool_calls"];
  JsonWriter json(out);
  json.open('{');
  const std::size_t empty = out.size();
  if (first) {
    json.member("role"sv, "assistant");
    choice.role = true;
  }
  const std::string text = text_of(content);
  if (first || !text.empty()) json.member("content"sv, text);
  write_rest(delta, kOfTheDelta, json);
  std::string tools;
  if (write_tools(calls, choice, tools)) json.key("tool_calls"sv).open('[').raw(tools).close(']');
  const bool said = out.size() > empty;
  json.close('}');
  return said;
}

bool StreamRepair::write_tools(const Node& calls, Choice& choice, std::string& out) {
  for (const Node call : calls) {
    const Node function = call["function"], given = function["arguments"];
    const int slot = choice.tools.find(static_cast<std::int32_t>(call["index"].integer(-1)), call["id"].string());
    if (slot < 0) return broken("the provider calls too many tools");
    ToolSlots::Slot& tool = choice.tools.at(slot);
    if (tool.name.empty()) function.read("name", tool.name);
    std::string text = given.is(JsonType::string) ? given.string() : given.null() ? "" : std::string(given.raw());
    if (!tool.started && tool.name.empty()) {
      if ((held_bytes_ += text.size()) > kHeldMax) return broken("the provider's tool call has no name");
      tool.held += text;
      continue;
    }
    if (tool.started && text.empty()) continue;
    if (!tool.held.empty()) text.insert(0, tool.held);
    tool.held.clear();
    tool.filled = tool.filled || !text.empty();
    if (!out.empty()) out += ',';
    JsonWriter json(out);
    json.open('{').member("index"sv, slot);
    if (!tool.started) {
      if (tool.id.empty()) tool.id = "call_" + std::string(options_.id) + "_" + std::to_string(slot);
      json.member("id"sv, tool.id).member("type"sv, "function");
    }
    json.key("function"sv).open('{');
    if (!tool.started) json.member("name"sv, tool.name);
    json.member("arguments"sv, text).close('}');
    if (call["extra_content"].there()) json.key("extra_content"sv).raw(one_line(call["extra_content"].raw()));
    json.close('}');
    tool.started = true;
  }
  return !out.empty();
}

void StreamRepair::write_chunk(const Choice& choice, std::string_view delta, std::string_view reason,
                               std::string& out) {
  JsonWriter json(out);
  open_chunk({}, json, out);
  json.key("choices"sv).open('[').open('{').member("index"sv, choice.index).key("delta"sv).raw(delta);
  json.key("logprobs"sv).null().key("finish_reason"sv);
  if (reason.empty()) {
    json.null();
  } else {
    json.value(reason);
  }
  json.close('}').close(']');
  if (options_.usage_asked) json.key("usage"sv).null();
  json.close('}');
  out += "\n\n";
}

// Each choice's missing arguments and, now that nothing more will come, its reason.
void StreamRepair::finish_choices(std::string& out) {
  if (choices_.empty()) choices_.emplace_back();
  for (Choice& choice : choices_) {
    const bool reason_passed = state_ == State::passing && !choice.reason.empty();
    if (reason_passed) continue;
    if (!choice.role) write_chunk(choice, R"({"role":"assistant","content":""})", {}, out);
    for (int slot = 0; slot < choice.tools.count(); ++slot) {
      const ToolSlots::Slot& tool = choice.tools.at(slot);
      if (!tool.started) return static_cast<void>(broken("the provider's tool call has no name"));
      if (tool.filled) continue;
      const std::string empty =
          R"({"tool_calls":[{"index":)" + std::to_string(slot) + R"(,"function":{"arguments":"{}"}}]})";
      write_chunk(choice, empty, {}, out);
    }
    const bool calls = choice.tools.count() > 0;
    if (choice.reason.empty() || choice.reason == "stop") choice.reason = calls ? "tool_calls" : "stop";
    if (choice.reason == "tool_calls" && !calls) choice.reason = "stop";
    write_chunk(choice, "{}", choice.reason, out);
  }
}

void StreamRepair::write_end(std::string& out) {
  std::string last;
  finish_choices(last);
  if (state_ == State::failed) return;
  if (options_.usage_asked && !usage_seen_ && !usage_.empty()) {
    JsonWriter json(last);
    open_chunk({}, json, last);
    json.key("choices"sv).open('[').close(']').key("usage"sv).raw(usage_).close('}');
    last += "\n\n";
  }
  out.append(last) += "data: [DONE]\n\n";
  state_ = State::done;
}

}  // namespace spillway::llm
