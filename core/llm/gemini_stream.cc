// Gemini's streams (alt=sse), read and written: each event is an answer of its own, tool calls come whole.
#include "llm/codecs.h"
#include "llm/gemini.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

using Kind = StreamEvent::Kind;

class Reader : public StreamReader {
 public:
  void read(const Node& root, EventSink& sink) override {
    StreamEvent event;
    std::string id, model;
    const Node error = root["error"];
    if (!error.null()) {
      event.kind = Kind::error;
      event.text = error["message"].text(id);
      event.name = error["status"].text(model);
      event.id = error["code"].raw();
      return sink.on_event(event);
    }
    event.kind = Kind::start;
    event.id = root["responseId"].text(id);
    event.model = root["modelVersion"].text(model);
    sink.on_event(event);
    const Node candidate = root["candidates"].first();
    for (const Node part : candidate["content"]["parts"]) read_part(part, sink);
    event = {};
    event.kind = Kind::usage;
    read_tokens(Wire::gemini, root["usageMetadata"], event.tokens);
    if (event.tokens.known()) sink.on_event(event);
    event = {};
    event.kind = Kind::finish;
    event.finish = gemini_finish(candidate, root["promptFeedback"], words_);
    if (event.finish != Finish::none) sink.on_event(event);
  }

 private:
  void read_part(const Node& part, EventSink& sink) {
    StreamEvent event;
    std::string text, id, name;
    const Node call = part["functionCall"];
    if (!call.is(JsonType::object)) {
      event.kind = part["thought"].truthy() ? Kind::thinking : Kind::text;
      event.text = part["text"].text(text);
      words_ = words_ || (event.kind == Kind::text && !event.text.empty());
      sink.on_event(event);
      return;
    }
    event.kind = Kind::tool_start;
    event.tool = calls_++;
    event.id = call["id"].text(id);
    event.name = call["name"].text(name);
    event.text = part["thoughtSignature"].text(text);
    sink.on_event(event);
    event.kind = Kind::tool_arguments;
    event.text = call["args"].is(JsonType::object) ? call["args"].raw() : "{}";
    sink.on_event(event);
    event.kind = Kind::tool_end;
    sink.on_event(event);
  }

  std::int32_t calls_ = 0;
  bool words_ = false;
};

class Writer : public StreamWriter {
 public:
  explicit Writer(const Asked& asked) : StreamWriter(asked) {}

  void on_event(const StreamEvent& event) override {
    switch (event.kind) {
      case Kind::start: return start(event);
      case Kind::text:
      case Kind::refusal: return say(Part::Kind::text, event.text);
      case Kind::thinking: return asked_.show_thinking ? say(Part::Kind::thinking, event.text) : void();
      case Kind::tool_start:
        call_.kind = Part::Kind::tool_use;
        call_.id = event.id;
        call_.name = event.name;
        call_.signature = event.text;
        return;
      case Kind::tool_arguments: call_.text += event.text; return;
      case Kind::tool_end:
        part(call_);
        call_ = {};
        return;
      case Kind::finish: finish_ = event.finish; return;
      case Kind::usage: tokens_ = event.tokens; return;
      case Kind::end: return end();
      case Kind::signature:
      case Kind::error: return;
    }
  }
  void fail(const Failure& failure) override { out_ += error_event(Wire::gemini, failure); }
  std::size_t held() const override { return call_.text.size(); }

 private:
  void start(const StreamEvent& event) {
    JsonWriter json(head_);
    head_ = "data: ";
    json.open('{').member("responseId"sv, event.id.empty() ? asked_.fallback_id : event.id);
    json.member("modelVersion"sv, asked_.model.empty() ? event.model : asked_.model);
    head_ += R"(,"candidates":[{"index":0,"content":{"role":"model","parts":[)";
  }
  void say(Part::Kind kind, std::string_view text) {
    Part words = text_part(std::string(text));
    words.kind = kind;
    part(words);
  }
  void part(const Part& part) {
    out_ += head_;
    JsonWriter json(out_);
    write_gemini_part(part, json);
    out_ += "]}}]}\n\n";
  }
  void end() {
    out_.append(head_) += "]}";
    out_.append(",\"finishReason\":\"").append(finish_word(Wire::gemini, finish_)) += "\"}],\"usageMetadata\":";
    JsonWriter json(out_);
    write_gemini_tokens(tokens_, json);
    out_ += "}\n\n";
  }

  std::string head_;  // of each event, up to its parts
  Part call_;
};

}  // namespace

std::unique_ptr<StreamReader> gemini_reader() { return std::make_unique<Reader>(); }
std::unique_ptr<StreamWriter> gemini_writer(const Asked& asked) { return std::make_unique<Writer>(asked); }

}  // namespace spillway::llm
