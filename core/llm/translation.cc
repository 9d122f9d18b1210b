#include "llm/translation.h"

#include <algorithm>

namespace spillway::llm {

namespace {

std::string_view trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from);
}

}  // namespace

Translation::Translation(Wire from, Wire to, const Asked& asked, JsonScanner& scanner, std::size_t event_bytes_max)
    : scanner_(scanner),
      framing_(codec_of(from).framing),
      event_bytes_max_(event_bytes_max),
      fallback_id_(asked.fallback_id),
      one_call_(asked.one_call),
      reader_(codec_of(from).reader()),
      writer_(codec_of(to).writer(asked)),
      sse_(event_bytes_max) {}

Translation::State Translation::feed(std::string_view bytes) {
  if (framing_ == Framing::events) {
    feed_events(bytes);
  } else {
    feed_lines(bytes);
  }
  return state_;
}

void Translation::feed_events(std::string_view bytes) {
  SseEvent event;
  while (!over()) {
    const Result<bool> whole = sse_.next(bytes, event);
    if (!whole) return broken(whole.error().detail);
    if (!*whole) return;
    if (event.has_data) data(trim(event.data), event.type);
  }
}

void Translation::feed_lines(std::string_view bytes) {
  while (!over() && !bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (line_.size() + std::min(end, bytes.size()) > event_bytes_max_) return broken("one line is too large");
    if (end == bytes.npos) {
      line_ += bytes;
      return;
    }
    std::string whole;
    whole.swap(line_);
    data(trim(whole.empty() ? bytes.substr(0, end) : whole.append(bytes.substr(0, end))), {});
    bytes.remove_prefix(end + 1);
  }
}

void Translation::data(std::string_view text, std::string_view type) {
  if (text.empty()) return;
  if (text == "[DONE]") return end();
  const Node root = read_node(scanner_, text, text.size());
  if (!root.is(JsonType::object)) return broken("an event of the provider's stream is not a JSON object");
  // OpenAI's imitators name an event so whose data is only a message.
  if (type == "error" && root["error"].null() && root["type"].null()) {
    std::string room;
    error_code_ = root["code"].string();
    const std::string_view message = root["message"].text(room);
    return broken(message.empty() ? "the provider's stream reports an error" : message);
  }
  reader_->read(root, *this);
}

Translation::State Translation::finish() {
  if (!over() && framing_ == Framing::lines && !line_.empty()) feed_lines("\n");
  if (!over() && framing_ == Framing::events && sse_.mid_event()) feed_events("\n\n");
  if (over()) return state_;
  if (reason_ == Finish::none && !reader_->complete()) {
    broken("the provider's stream ended early");
  } else {
    end();
  }
  return state_;
}

void Translation::fail(const Failure& failure) {
  writer_->fail(failure);
  if (state_ != State::done) state_ = State::failed;
}

void Translation::broken(std::string_view why) {
  state_ = State::failed;
  error_ = why;
}

void Translation::start(const StreamEvent& event) {
  if (started_) return;
  started_ = true;
  model_ = event.model;
  pass(event);
}

void Translation::on_event(const StreamEvent& event) {
  using Kind = StreamEvent::Kind;
  if (over()) return;
  if (event.tokens.known()) tokens_ = event.tokens;
  switch (event.kind) {
    case Kind::start: return start(event);
    case Kind::text:
    case Kind::thinking:
    case Kind::signature:
    case Kind::refusal:
      if (event.text.empty()) return;
      if (event.kind == Kind::signature) book_.made({}, event.text);
      end_tools();
      return over() ? void() : pass_content(event);
    case Kind::tool_start:
    case Kind::tool_arguments:
    case Kind::tool_end: return tool(event);
    case Kind::finish:
      // The first one counts, but for those who end each piece of a tool call with a reason of its own.
      if (event.finish == Finish::error) return broken("the provider ended its answer with an error");
      if (reason_ == Finish::none || reason_ == Finish::stop) reason_ = event.finish;
      return;
    case Kind::usage: return;
    case Kind::error:
      error_type_ = event.name;
      error_code_ = event.id;
      return broken(event.text.empty() ? "the provider's stream reports an error" : event.text);
    case Kind::end: return end();
  }
}

void Translation::pass_content(const StreamEvent& event) {
  if (!started_) start({.kind = StreamEvent::Kind::start, .id = {}, .model = {}});
  state_ = State::content;
  ++content_events_;
  pass(event);
  if (writer_->held() > kHeldMax) broken("the provider's answer is too large to be told again at its end");
}

// Calls are passed on one after the other, because some wires have one open block at a time. The first streams, those
// behind it wait: nobody can act on them before the end anyway.
void Translation::tool(const StreamEvent& event) {
  using Kind = StreamEvent::Kind;
  const int slot = tools_.find(event.tool, event.id);
  if (slot < 0) return broken("the provider calls too many tools");
  ToolSlots::Slot& call = tools_.at(slot);
  if (call.ended) {
    const bool more = event.kind == Kind::tool_arguments && !event.text.empty();
    return more ? broken("the provider goes on with a tool call that had ended") : void();
  }
  if (event.kind == Kind::tool_start) {
    if (call.name.empty()) call.name = event.name;
    if (call.signature.empty()) call.signature = event.text;
  } else if (event.kind == Kind::tool_end) {
    call.complete = true;
    if (slot == open_tool_) end_tool(slot);
  } else if (event.text.empty() || (one_call_ && slot > 0)) {
    return;  // one call was asked for, and the first is it
  } else if (slot == open_tool_) {
    call.filled = true;
    StreamEvent counted = event;
    counted.tool = slot;
    pass_content(counted);
  } else if ((held_ += event.text.size()) > kHeldMax) {
    return broken("the provider's tool calls are too large");
  } else {
    call.held += event.text;
  }
  advance_tools();
}

void Translation::advance_tools() {
  for (int slot = 0; slot < tools_.count() && open_tool_ < 0; ++slot) {
    const ToolSlots::Slot& call = tools_.at(slot);
    if (call.ended) continue;
    if (call.name.empty() || (one_call_ && slot > 0)) return;
    begin_tool(slot);
    if (call.complete) end_tool(slot);
  }
}

void Translation::begin_tool(int slot) {
  ToolSlots::Slot& call = tools_.at(slot);
  call.started = true;
  open_tool_ = slot;
  if (call.id.empty()) call.id = "call_" + fallback_id_ + "_" + std::to_string(slot);
  StreamEvent event;
  event.kind = StreamEvent::Kind::tool_start;
  event.tool = slot;
  event.id = call.id;
  event.name = call.name;
  event.text = call.signature;
  book_.made(call.id, call.signature);
  pass_content(event);
  if (call.held.empty()) return;
  call.filled = true;
  event.kind = StreamEvent::Kind::tool_arguments;
  event.text = call.held;
  pass_content(event);
  held_ -= call.held.size();
  call.held = {};
}

void Translation::end_tool(int slot) {
  ToolSlots::Slot& call = tools_.at(slot);
  call.ended = true;
  open_tool_ = -1;
  StreamEvent event;
  event.tool = slot;
  if (!call.filled) {
    event.kind = StreamEvent::Kind::tool_arguments;
    event.text = "{}";
    pass_content(event);
  }
  event.kind = StreamEvent::Kind::tool_end;
  event.text = {};
  pass(event);
}

void Translation::end_tools() {
  for (int slot = 0; slot < tools_.count(); ++slot) tools_.at(slot).complete = true;
  if (open_tool_ >= 0) end_tool(open_tool_);
  advance_tools();
  const int wanted = one_call_ ? std::min(tools_.count(), 1) : tools_.count();
  if (wanted > 0 && !tools_.at(wanted - 1).ended) broken("the provider's tool call has no name");
}

void Translation::end() {
  using Kind = StreamEvent::Kind;
  if (!started_) start({.kind = Kind::start, .id = {}, .model = {}});
  end_tools();
  if (over()) return;
  if (reason_ == Finish::none || reason_ == Finish::stop) {
    reason_ = tools_.count() > 0 ? Finish::tool_calls : Finish::stop;
  }
  state_ = State::done;
  pass({.kind = Kind::finish, .finish = reason_, .text = {}, .id = {}, .name = {}, .model = {}});
  StreamEvent usage;
  usage.kind = Kind::usage;
  usage.tokens = tokens_;
  if (tokens_.known()) pass(usage);
  usage.kind = Kind::end;
  pass(usage);
}

}  // namespace spillway::llm
