#include "cli/mock_cohere.h"

#include "json/write.h"

namespace spillway {

namespace {

using llm::Finish;
using llm::Part;
using llm::StreamEvent;
using Kind = StreamEvent::Kind;

std::string_view finish_of(Finish finish) {
  switch (finish) {
    case Finish::length: return "MAX_TOKENS";
    case Finish::tool_calls: return "TOOL_CALL";
    case Finish::error:
    case Finish::content_filter: return "ERROR";
    case Finish::none:
    case Finish::stop: break;
  }
  return "COMPLETE";
}

void write_usage(const llm::Tokens& tokens, JsonWriter& json) {
  json.key("usage").open('{');
  for (const std::string_view kind : {"billed_units", "tokens"}) {
    json.key(kind).open('{').member("input_tokens", tokens.input).member("output_tokens", tokens.output).close('}');
  }
  json.close('}');
}

void write_call(std::string_view id, std::string_view name, std::string_view arguments, JsonWriter& json) {
  json.open('{').member("id", id).member("type", "function").key("function").open('{');
  json.member("name", name).member("arguments", arguments).close('}').close('}');
}

class Writer final : public llm::StreamWriter {
 public:
  explicit Writer(const llm::Asked& asked) : StreamWriter(asked) {}

  void on_event(const StreamEvent& event) override {
    switch (event.kind) {
      case Kind::start: return start(event);
      case Kind::refusal:
      case Kind::text: return say("text", event.text);
      case Kind::thinking: return say("thinking", event.text);
      case Kind::tool_start: return call(event);
      case Kind::tool_arguments: return arguments(event);
      case Kind::tool_end: return put("tool-call-end", event.tool, {});
      case Kind::finish: finish_ = event.finish; return;
      case Kind::usage: tokens_ = event.tokens; return;
      case Kind::end: return end();
      case Kind::signature:
      case Kind::error: return;
    }
  }

  void fail(const llm::Failure& failure) override { out_ += llm::error_event(llm::Wire::cohere, failure); }

 private:
  // One event; an index below 0 is left out, and so is no delta.
  void put(std::string_view type, int index, std::string_view delta) {
    out_.append("event: ").append(type) += "\ndata: ";
    JsonWriter json(out_);
    json.open('{').member("type", type);
    if (index >= 0) json.member("index", index);
    if (!delta.empty()) json.key("delta").raw(delta);
    json.close('}');
    out_ += "\n\n";
  }

  void start(const StreamEvent& event) {
    out_ += "event: message-start\ndata: ";
    JsonWriter json(out_);
    json.open('{').member("type", "message-start").member("id", event.id).key("delta").open('{');
    json.key("message").open('{').member("role", "assistant");
    for (const std::string_view list : {"content", "tool_calls", "citations"}) json.key(list).open('[').close(']');
    json.member("tool_plan", "").close('}').close('}').close('}');
    out_ += "\n\n";
  }

  // What is said is in blocks of one kind: "text" or "thinking".
  void say(std::string_view kind, std::string_view text) {
    if (open_ != kind) {
      close();
      open_ = kind;
      block("content-start", kind, true, {});
    }
    block("content-delta", kind, false, text);
  }
  void block(std::string_view type, std::string_view kind, bool whole, std::string_view text) {
    std::string delta;
    JsonWriter json(delta);
    json.open('{').key("message").open('{').key("content").open('{');
    if (whole) json.member("type", kind);
    json.member(kind, text).close('}').close('}').close('}');
    put(type, index_, delta);
  }
  void close() {
    if (open_.empty()) return;
    open_ = {};
    put("content-end", index_++, {});
  }

  void call(const StreamEvent& event) {
    close();
    std::string delta;
    JsonWriter json(delta);
    json.open('{').key("message").open('{').key("tool_calls");
    write_call(event.id, event.name, {}, json);
    json.close('}').close('}');
    put("tool-call-start", event.tool, delta);
  }
  void arguments(const StreamEvent& event) {
    std::string delta;
    JsonWriter json(delta);
    json.open('{').key("message").open('{').key("tool_calls").open('{').key("function").open('{');
    json.member("arguments", event.text).close('}').close('}').close('}').close('}');
    put("tool-call-delta", event.tool, delta);
  }

  void end() {
    close();
    std::string delta;
    JsonWriter json(delta);
    json.open('{').member("finish_reason", finish_of(finish_));
    write_usage(tokens_, json);
    json.close('}');
    put("message-end", -1, delta);
  }

  std::string_view open_;  // the kind of the open block
  int index_ = 0;
};

}  // namespace

std::string mock_cohere_answer(const llm::ChatAnswer& answer) {
  std::string out;
  JsonWriter json(out);
  json.open('{').member("id", answer.id).key("message").open('{').member("role", "assistant");
  bool content = false, calls = false;
  for (const Part& part : answer.parts) {
    if (part.kind == Part::Kind::tool_use) {
      calls = true;
      continue;
    }
    if (!content) json.key("content").open('[');
    content = true;
    const std::string_view kind = part.kind == Part::Kind::thinking ? "thinking" : "text";
    json.open('{').member("type", kind).member(kind, part.text).close('}');
  }
  if (content) json.close(']');
  if (calls) {
    json.key("tool_calls").open('[');
    for (const Part& part : answer.parts) {
      if (part.kind == Part::Kind::tool_use) write_call(part.id, part.name, part.text, json);
    }
    json.close(']');
  }
  json.close('}').member("finish_reason", finish_of(answer.finish));
  write_usage(answer.tokens, json);
  json.close('}');
  return out;
}

std::unique_ptr<llm::StreamWriter> mock_cohere_writer(const llm::Asked& asked) {
  return std::make_unique<Writer>(asked);
}

}  // namespace spillway
