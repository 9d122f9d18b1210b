#include "llm/wire_tap.h"

namespace spillway::llm {

Usage usage_of(const Tokens& tokens) {
  Usage usage;
  usage.input = tokens.input;
  usage.output = tokens.output;
  usage.cached = tokens.cached;
  usage.reasoning = tokens.reasoning;
  return usage;
}

Event WireTap::see(std::string_view data) {
  if (data == "[DONE]") {  // some imitators end every stream so (semantics.md O-14)
    done_ = true;
    return Event::done;
  }
  const Node root = read_node(scanner_, data, data.size());
  if (!root.is(JsonType::object)) return Event::broken;
  seen_ = Event::nothing;
  reader_->read(root, *this);
  if (seen_ == Event::content) ++content_events_;
  return seen_;
}

void WireTap::on_event(const StreamEvent& event) {
  using Kind = StreamEvent::Kind;
  if (event.tokens.known()) tokens_ = event.tokens;
  switch (event.kind) {
    case Kind::text:
    case Kind::thinking:
    case Kind::refusal:
    case Kind::tool_arguments:
      if (!event.text.empty() && seen_ == Event::nothing) seen_ = Event::content;
      return;
    case Kind::tool_start:
      if (seen_ == Event::nothing) seen_ = Event::content;
      return;
    case Kind::finish: finish_ = event.finish; return;
    case Kind::error: seen_ = Event::error; return;
    case Kind::end: done_ = true; return;
    case Kind::start:
    case Kind::signature:
    case Kind::tool_end:
    case Kind::usage: return;
  }
}

}  // namespace spillway::llm
