// Anthropic's event streams, read and written. One block is open at a time; a change of kind ends it.
#include <algorithm>

#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

using Kind = StreamEvent::Kind;

class Reader : public StreamReader {
 public:
  void read(const Node& root, EventSink& sink) override {
    const Node type = root["type"];
    if (type.equals("content_block_delta")) return delta(root, sink);
    if (type.equals("content_block_start")) return block(root["content_block"], root["index"].integer(0), sink);
    if (type.equals("message_start")) return start(root["message"], sink);
    if (type.equals("message_delta")) return ending(root, sink);
    StreamEvent event;
    std::string message, name;
    if (type.equals("content_block_stop") && tool_) {
      tool_ = false;
      event.kind = Kind::tool_end;
      event.tool = static_cast<std::int32_t>(root["index"].integer(0));
    } else if (type.equals("message_stop")) {
      event.kind = Kind::end;
    } else if (type.equals("error") || !root["error"].null()) {
      event.kind = Kind::error;
      event.text = root["error"]["message"].text(message);
      event.name = root["error"]["type"].text(name);
    } else {
      return;  // ping, and what is yet to be invented
    }
    sink.on_event(event);
  }

 private:
  void start(const Node& message, EventSink& sink) {
    StreamEvent event;
    std::string id, model;
    event.kind = Kind::start;
    event.id = message["id"].text(id);
    event.model = message["model"].text(model);
    read_tokens(Wire::anthropic, message["usage"], tokens_);
    event.tokens = tokens_;
    sink.on_event(event);
  }

  void block(const Node& block, std::int64_t index, EventSink& sink) {
    StreamEvent event;
    std::string text, name;
    const Node type = block["type"];
    tool_ = type.equals("tool_use");
    if (tool_) {
      event.kind = Kind::tool_start;
      event.tool = static_cast<std::int32_t>(index);
      event.id = block["id"].text(text);
      event.name = block["name"].text(name);
      sink.on_event(event);
      const Node input = block["input"];  // whole already, with some who imitate it
      if (!input.is(JsonType::object) || !(input.begin() != input.end())) return;
      event.kind = Kind::tool_arguments;
      event.text = input.raw();
    } else {
      event.kind = type.equals("thinking") ? Kind::thinking : Kind::text;
      event.text = block[type.equals("thinking") ? "thinking" : "text"].text(text);
    }
    sink.on_event(event);
  }

  static void delta(const Node& root, EventSink& sink) {
    struct Row {
      std::string_view type, member;
      Kind kind;
    };
    static constexpr Row kRows[] = {
        {"text_delta", "text", Kind::text},
        {"input_json_delta", "partial_json", Kind::tool_arguments},
        {"thinking_delta", "thinking", Kind::thinking},
        {"signature_delta", "signature", Kind::signature},
    };
    const Node delta = root["delta"], type = delta["type"];
    for (const Row& row : kRows) {
      if (!type.equals(row.type)) continue;
      std::string room;
      StreamEvent event;
      event.kind = row.kind;
      event.tool = static_cast<std::int32_t>(root["index"].integer(-1));
      event.text = delta[row.member].text(room);
      sink.on_event(event);
      return;
    }
  }

  void ending(const Node& root, EventSink& sink) {
    const Node delta = root["delta"];
    std::string room;
    StreamEvent event;
    event.kind = Kind::refusal;
    event.text = delta["stop_details"]["explanation"].text(room);
    event.finish = finish_of(Wire::anthropic, delta["stop_reason"].string());
    if (!event.text.empty() && event.finish == Finish::content_filter) sink.on_event(event);
    read_tokens(Wire::anthropic, root["usage"], tokens_);
    event.tokens = tokens_;
    event.text = {};
    event.kind = Kind::usage;
    sink.on_event(event);
    event.kind = Kind::finish;
    if (event.finish != Finish::none) sink.on_event(event);
  }

  bool tool_ = false;  // the open block is a tool's
  Tokens tokens_;
};

class Writer : public StreamWriter {
 public:
  explicit Writer(const Asked& asked) : StreamWriter(asked) {}

  void on_event(const StreamEvent& event) override {
    switch (event.kind) {
      case Kind::start: return start(event);
      case Kind::refusal:
      case Kind::text:
        block(Open::text, R"({"type":"text","text":""})");
        return delta("text_delta", "text", event.text);
      case Kind::thinking:
        if (!asked_.show_thinking) return;
        block(Open::thinking, R"({"type":"thinking","thinking":"","signature":""})");
        return delta("thinking_delta", "thinking", event.text);
      case Kind::signature:
        if (open_ == Open::thinking) delta("signature_delta", "signature", event.text);
        return;
      case Kind::tool_start: return tool(event);
      case Kind::tool_arguments: return delta("input_json_delta", "partial_json", event.text);
      case Kind::tool_end: return close();
      case Kind::finish: finish_ = event.finish; return;
      case Kind::usage: tokens_ = event.tokens; return;
      case Kind::end: return end();
      case Kind::error: return;
    }
  }

  void fail(const Failure& failure) override { out_ += error_event(Wire::anthropic, failure); }

 private:
  enum class Open : std::uint8_t { nothing, text, thinking, tool };

  void begin(std::string_view type) {
    out_.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type) += '"';
  }
  void finish_event() { out_ += "}\n\n"; }

  void start(const StreamEvent& event) {
    Tokens tokens = event.tokens;
    if (tokens.input < 0) tokens.input = asked_.input_estimate;
    tokens.output = std::max<std::int64_t>(tokens.output, 1);
    begin("message_start");
    out_ += ",\"message\":";
    JsonWriter json(out_);
    json.open('{').member("id"sv, answer_id("msg_", event.id, asked_)).member("type"sv, "message");
    json.member("role"sv, "assistant").member("model"sv, asked_.model.empty() ? event.model : asked_.model);
    json.key("content"sv).open('[').close(']').key("stop_reason"sv).null().key("stop_sequence"sv).null().key("usage"sv);
    write_tokens(Wire::anthropic, tokens, json);
    json.close('}');
    finish_event();
  }

  void block(Open kind, std::string_view content) {
    if (open_ == kind) return;
    close();
    open_ = kind;
    begin("content_block_start");
    out_.append(",\"index\":").append(std::to_string(index_)).append(",\"content_block\":").append(content);
    finish_event();
  }

  void tool(const StreamEvent& event) {
    std::string content;
    JsonWriter json(content);
    json.open('{').member("type"sv, "tool_use").member("id"sv, event.id).member("name"sv, event.name);
    json.key("input"sv).open('{').close('}').close('}');
    close();
    block(Open::tool, content);
  }

  void delta(std::string_view type, std::string_view member, std::string_view text) {
    begin("content_block_delta");
    out_.append(",\"index\":").append(std::to_string(index_)).append(",\"delta\":{\"type\":\"").append(type);
    out_.append("\",\"").append(member) += "\":";
    append_json_string(out_, text);
    out_ += '}';
    finish_event();
  }

  void close() {
    if (open_ == Open::nothing) return;
    open_ = Open::nothing;
    begin("content_block_stop");
    out_.append(",\"index\":").append(std::to_string(index_++));
    finish_event();
  }

  void end() {
    close();
    begin("message_delta");
    out_ += ",\"delta\":";
    JsonWriter json(out_);
    json.open('{')
        .member("stop_reason"sv, finish_word(Wire::anthropic, finish_))
        .key("stop_sequence"sv)
        .null()
        .close('}');
    json.key("usage"sv);
    write_tokens(Wire::anthropic, tokens_, json);
    finish_event();
    begin("message_stop");
    finish_event();
  }

  Open open_ = Open::nothing;
  int index_ = 0;
};

}  // namespace

std::unique_ptr<StreamReader> anthropic_reader() { return std::make_unique<Reader>(); }
std::unique_ptr<StreamWriter> anthropic_writer(const Asked& asked) { return std::make_unique<Writer>(asked); }

}  // namespace spillway::llm
