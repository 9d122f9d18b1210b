// Ollama's streams, read and written: one JSON object a line, tool calls whole, the last line with done:true.
#include "llm/codecs.h"
#include "llm/ollama.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

using Kind = StreamEvent::Kind;

class Reader : public StreamReader {
 public:
  void read(const Node& root, EventSink& sink) override {
    StreamEvent event;
    std::string text;
    const Node error = root["error"], generated = root["response"],
               message = generated.there() ? root : root["message"];
    if (!error.null()) {
      event.kind = Kind::error;
      event.text = error.is(JsonType::string) ? error.text(text) : error["message"].text(text);
      return sink.on_event(event);
    }
    event.kind = Kind::start;
    event.model = root["model"].text(text);
    sink.on_event(event);
    event.kind = Kind::thinking;
    event.text = message["thinking"].text(text);
    sink.on_event(event);
    event.kind = Kind::text;
    event.text = generated.there() ? generated.text(text) : message["content"].text(text);
    sink.on_event(event);
    for (const Node call : message["tool_calls"]) read_call(call, sink);
    if (!root["done"].truthy()) return;
    event = {};
    event.kind = Kind::usage;
    read_tokens(Wire::ollama, root, event.tokens);
    sink.on_event(event);
    event.kind = Kind::finish;
    event.finish = finish_of(Wire::ollama, root["done_reason"].string());
    if (event.finish != Finish::none) sink.on_event(event);
    event.kind = Kind::end;
    sink.on_event(event);
  }

 private:
  void read_call(const Node& call, EventSink& sink) {
    StreamEvent event;
    std::string id, name;
    const Node function = call["function"], arguments = function["arguments"];
    event.kind = Kind::tool_start;
    event.tool = calls_++;
    event.id = call["id"].text(id);
    event.name = function["name"].text(name);
    sink.on_event(event);
    event.kind = Kind::tool_arguments;
    event.text = arguments.is(JsonType::object) ? arguments.raw() : "{}";
    sink.on_event(event);
    event.kind = Kind::tool_end;
    sink.on_event(event);
  }

  std::int32_t calls_ = 0;
};

class Writer : public StreamWriter {
 public:
  explicit Writer(const Asked& asked) : StreamWriter(asked), time_(ollama_time(asked.created)) {}

  void on_event(const StreamEvent& event) override {
    OllamaLine line;
    switch (event.kind) {
      case Kind::start: model_ = event.model; return;
      case Kind::text:
      case Kind::refusal: line.text = event.text; return put_line(line);
      case Kind::thinking: line.thinking = event.text; return asked_.show_thinking ? put_line(line) : void();
      case Kind::tool_start: name_ = event.name; return;
      case Kind::tool_arguments: arguments_ += event.text; return;
      case Kind::tool_end: return call();
      case Kind::finish: finish_ = event.finish; return;
      case Kind::usage: tokens_ = event.tokens; return;
      case Kind::end:
        line.reason = finish_word(Wire::ollama, finish_);
        line.tokens = tokens_;
        return put_line(line);
      case Kind::signature:
      case Kind::error: return;
    }
  }
  void fail(const Failure& failure) override { out_ += error_event(Wire::ollama, failure); }
  std::size_t held() const override { return arguments_.size(); }

 private:
  void call() {
    OllamaLine line;
    JsonWriter json(line.calls);
    write_ollama_call(name_, arguments_, json);
    arguments_.clear();
    put_line(line);
  }
  void put_line(OllamaLine& line) {
    line.model = model_;
    line.time = time_;
    JsonWriter json(out_);
    write_ollama(line, asked_, json);
    out_ += '\n';
  }

  const std::string time_;
  std::string model_, name_, arguments_;
};

}  // namespace

std::unique_ptr<StreamReader> ollama_reader() { return std::make_unique<Reader>(); }
std::unique_ptr<StreamWriter> ollama_writer(const Asked& asked) { return std::make_unique<Writer>(asked); }

}  // namespace spillway::llm
