// Whether an event is as it should be. See repair.h; what is done about it is in repair_write.cc.
#include "llm/repair.h"

#include <algorithm>

#include "llm/failure.h"
#include "llm/parts.h"

namespace spillway::llm {

namespace {

constexpr std::string_view kObject = "chat.completion.chunk";
constexpr std::string_view kReasons[] = {"stop", "length", "tool_calls", "content_filter", "function_call"};

bool several(const Node& list) {
  std::size_t n = 0;
  for ([[maybe_unused]] const Node one : list) ++n;
  return n > 1;
}

bool some(const Node& node) { return node.is(JsonType::string) && node.raw().size() > 2; }

}  // namespace

StreamRepair::Chunk::Chunk(const Node& root) {
  static constexpr std::string_view kTop[] = {"id",      "created", "model", "object",
                                              "choices", "usage",   "error", "x_groq"};
  static constexpr std::string_view kChoice[] = {"index", "delta", "finish_reason"};
  pick(root, kTop, at);
  first = choices.first();
  pick(first, kChoice, of_first);
}

const StreamRepair::Choice* StreamRepair::find(std::int64_t index) const {
  for (const Choice& one : choices_) {
    if (one.index == index) return &one;
  }
  return nullptr;
}

StreamRepair::Choice* StreamRepair::choice(std::int64_t index) {
  for (Choice& one : choices_) {
    if (one.index == index) return &one;
  }
  if (choices_.size() == kChoicesMax || index < 0) return nullptr;
  choices_.emplace_back().index = index;
  return &choices_.back();
}

bool StreamRepair::broken(std::string_view why) {
  state_ = State::failed;
  error_ = why;
  return false;
}

StreamRepair::Seen StreamRepair::see(const SseEvent& event, std::string& instead) {
  if (state_ == State::done || state_ == State::failed) return Seen::instead;
  if (state_ == State::passing && held_.empty() && form_.matches(event.raw)) return Seen::word;
  if (!event.has_data) {
    return state_ == State::passing || event.raw.starts_with(':') ? Seen::passes : Seen::instead;
  }
  if (event.data.starts_with("[DONE]")) return done(event, instead);
  const Node root = read_node(scanner_, event.data, event.data.size());
  if (!root.is(JsonType::object)) {
    broken("an event of the provider's stream is not a JSON object");
    return Seen::instead;
  }
  const Chunk chunk(root);
  if (!chunk.error.null() || event.type == "error") return report(root, instead);
  if (state_ == State::mending) {
    rewrite(event.data, instead);
    return Seen::instead;
  }
  const std::string_view wrong = flaw(event, chunk);
  if (wrong.empty()) return pass(event, chunk, instead);
  mend(wrong, event.data, instead);
  return Seen::instead;
}

StreamRepair::Seen StreamRepair::report(const Node& root, std::string& instead) {
  const Node error = root["error"], inside = error.is(JsonType::object) ? error : root;
  Failure failure;
  failure.what = Case::broken_stream;
  failure.message = error.is(JsonType::string) ? error.string() : inside["message"].string();
  if (failure.message.empty()) failure.message = "the provider's stream reports an error";
  inside.read("code", failure.code);
  instead += error_event(Wire::openai_chat, failure);
  broken(failure.message);
  return Seen::instead;
}

bool StreamRepair::has_reason(const Node& choices) {
  held_choices_.clear();
  for (const Node one : choices) {
    if (some(one["finish_reason"])) held_choices_.push_back(one["index"].integer(0));
  }
  return !held_choices_.empty();
}

// The event with the reason, now that it is known what follows.
void StreamRepair::let_go(std::string& instead) {
  if (held_.empty()) return;
  note(held_data_);
  instead += held_;
  held_.clear();
  held_data_.clear();
}

// Nothing is wrong with it.
StreamRepair::Seen StreamRepair::pass(const SseEvent& event, const Chunk& chunk, std::string& instead) {
  const bool empty = !chunk.first.there(), told = chunk.usage.is(JsonType::object);
  // A chunk of nothing makes careless clients stumble; usage is for those who asked.
  if (empty && (!told || !options_.usage_asked || usage_seen_)) {
    if (told) let_go(instead);
    return Seen::instead;
  }
  usage_seen_ = usage_seen_ || told;
  if (held_.empty() && !empty && !has_reason(chunk.choices)) {
    const bool begun = choices_.size() == 1 && choices_[0].role && chunk.index.integer(-1) == choices_[0].index;
    if (begun && chunk.delta["tool_calls"].null() && !several(chunk.choices)) {
      form_.learn(event.raw);
    } else {
      note(event.data);
    }
    return Seen::passes;
  }
  const bool held = !held_.empty();
  let_go(instead);
  const Node again = read_node(scanner_, event.data, event.data.size());
  if (has_reason(again["choices"])) {
    held_ = event.raw;
    held_data_ = event.data;
    form_.forget();
    return Seen::instead;
  }
  note(event.data);
  if (!held) return Seen::passes;
  instead += event.raw;
  return Seen::instead;
}

// Keeps what a later repair must know of an event that passed.
void StreamRepair::note(std::string_view data) {
  const Node root = read_node(scanner_, data, data.size());
  if (id_.empty()) {
    id_ = root["id"].raw();
    created_ = root["created"].raw();
    model_ = root["model"].raw();
  }
  for (const Node one : root["choices"]) {
    Choice* const known = choice(one["index"].integer(0));
    if (known == nullptr) continue;
    known->role = true;
    one.read("finish_reason", known->reason);
    for (const Node call : one["delta"]["tool_calls"]) {
      const int slot = known->tools.find(static_cast<std::int32_t>(call["index"].integer(-1)), call["id"].string());
      if (slot < 0) continue;
      ToolSlots::Slot& tool = known->tools.at(slot);
      tool.started = true;
      call["function"].read("name", tool.name);
      tool.filled = tool.filled || some(call["function"]["arguments"]);
    }
  }
}

std::string_view StreamRepair::flaw(const SseEvent& event, const Chunk& chunk) const {
  if (!event.type.empty()) return "an event with a name";
  if (event.data.find('\n') != event.data.npos) return "an event of several lines";
  const bool first = id_.empty();
  if (first ? !some(chunk.id) : chunk.id.raw() != id_) return "no id, or another one";
  if (first ? chunk.created.integer(-1) <= 0 : chunk.created.raw() != created_) return "no time, or another one";
  if (first ? !some(chunk.model) : chunk.model.raw() != model_) return "no model, or another one";
  if (!chunk.object.equals(kObject)) return "no object";
  if (!chunk.choices.is(JsonType::array)) return "choices is no list";
  const Node& usage = chunk.usage;
  if (!usage.null() && !usage.is(JsonType::object)) return "usage is no object";
  if (!usage.null() && chunk.first.there()) return "usage beside choices";
  const auto ended = [](const Choice& one) { return !one.reason.empty(); };
  if (!usage.null() && held_.empty() && std::none_of(choices_.begin(), choices_.end(), ended)) {
    return "usage before the reason";
  }
  for (const Node one : chunk.choices) {
    if (const std::string_view wrong = flaw_of(one); !wrong.empty()) return wrong;
  }
  return {};
}

std::string_view StreamRepair::flaw_of(const Node& choice) const {
  static constexpr std::string_view kChoice[] = {"index", "delta", "finish_reason"};
  static constexpr std::string_view kDelta[] = {"role", "content", "tool_calls"};
  Node of_choice[3], of_delta[3];
  pick(choice, kChoice, of_choice);
  const Node &delta = of_choice[1], &reason = of_choice[2];
  pick(delta, kDelta, of_delta);
  const Node &role = of_delta[0], &content = of_delta[1], &calls = of_delta[2];
  const std::int64_t index = of_choice[0].integer(-1);
  if (index < 0 || index >= static_cast<std::int64_t>(kChoicesMax)) return "a choice without index";
  if (!delta.is(JsonType::object)) return "delta is no object";
  const Choice* const known = find(index);
  const bool held = std::find(held_choices_.begin(), held_choices_.end(), index) != held_choices_.end();
  if ((known != nullptr && !known->reason.empty()) || (!held_.empty() && held)) return "a choice behind its end";
  if ((known == nullptr || !known->role) && !role.equals("assistant")) return "no role in front";
  if (!content.null() && !content.is(JsonType::string)) return "content is no string";
  if (!reason.there()) return "no finish_reason";
  const bool any = calls.first().there();
  if (!calls.null() && !calls.is(JsonType::array)) return "tool_calls is no list";
  if (const std::string_view wrong = flaw_of_tools(calls, known); !wrong.empty()) return wrong;
  return reason.null() ? std::string_view() : flaw_of_end(reason.string(), known, any);
}

std::string_view StreamRepair::flaw_of_tools(const Node& calls, const Choice* known) const {
  std::int64_t count = known == nullptr ? 0 : known->tools.count();
  for (const Node call : calls) {
    const std::int64_t index = call["index"].integer(-1);
    const Node function = call["function"], arguments = function["arguments"];
    if (index < 0 || index > count) return "a gap in the tool calls";
    if (!arguments.null() && !arguments.is(JsonType::string)) return "arguments are no string";
    if (index == count) {
      if (!some(call["id"]) || !some(function["name"])) return "a tool call without id or name";
      if (!call["type"].equals("function") || arguments.null()) return "a tool call without type or arguments";
      ++count;
    } else if (known != nullptr && index < known->tools.count()) {
      const ToolSlots::Slot& slot = known->tools.at(static_cast<int>(index));
      if (some(call["id"]) && !call["id"].equals(slot.id)) return "another call with the same index";
    }
  }
  return {};
}

std::string_view StreamRepair::flaw_of_end(std::string_view reason, const Choice* known, bool calls) const {
  if (std::find(std::begin(kReasons), std::end(kReasons), reason) == std::end(kReasons)) return "a foreign reason";
  if (calls) return "tool calls beside the reason";
  const int count = known == nullptr ? 0 : known->tools.count();
  if ((count > 0) != (reason == "tool_calls")) return "tool calls and the reason do not agree";
  for (int i = 0; i < count; ++i) {
    if (!known->tools.at(i).filled) return "a tool call without arguments";
  }
  return {};
}

StreamRepair::Seen StreamRepair::done(const SseEvent& event, std::string& instead) {
  if (state_ == State::passing && !held_data_.empty()) note(held_data_);
  const bool ended = !choices_.empty() && std::all_of(choices_.begin(), choices_.end(),
                                                      [](const Choice& one) { return !one.reason.empty(); });
  if (state_ == State::passing && ended && event.type.empty() && event.data == "[DONE]") {
    state_ = State::done;
    if (held_.empty()) return Seen::passes;
    instead.append(held_).append(event.raw);
    return Seen::instead;
  }
  if (state_ == State::passing) {
    defect_ = ended ? "another [DONE]" : "[DONE] without a reason";
    instead += held_;
  }
  write_end(instead);
  return Seen::instead;
}

bool StreamRepair::end(std::string& instead) {
  if (state_ == State::done) return true;
  if (state_ == State::failed) return false;
  if (state_ == State::passing && !held_data_.empty()) note(held_data_);
  const bool ended =
      std::any_of(choices_.begin(), choices_.end(), [](const Choice& one) { return !one.reason.empty(); });
  if (!ended) return broken("the provider's stream ended early");
  if (state_ == State::passing) {
    defect_ = "no [DONE]";
    instead += held_;
  }
  write_end(instead);
  return state_ == State::done;
}

}  // namespace spillway::llm
