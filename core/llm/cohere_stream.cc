// Cohere's v2 streams, read.
#include "llm/codecs.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

using Kind = StreamEvent::Kind;

class Reader : public StreamReader {
 public:
  void read(const Node& root, EventSink& sink) override {
    const Node type = root["type"], delta = root["delta"], message = delta["message"];
    if (type.equals("content-delta") || type.equals("content-start")) return content(message["content"], sink);
    if (type.equals("message-end")) return ending(delta, sink);
    StreamEvent event;
    std::string text, name;
    event.tool = static_cast<std::int32_t>(root["index"].integer(-1));
    if (type.equals("message-start")) {
      event.kind = Kind::start;
      event.id = root["id"].text(text);
    } else if (type.equals("tool-plan-delta")) {
      event.kind = Kind::text;
      event.text = message["tool_plan"].text(text);
    } else if (type.equals("tool-call-start")) {
      const Node call = one_call(message);
      event.kind = Kind::tool_start;
      event.id = call["id"].text(text);
      event.name = call["function"]["name"].text(name);
      sink.on_event(event);
      return arguments(call, event.tool, sink);
    } else if (type.equals("tool-call-delta")) {
      return arguments(one_call(message), event.tool, sink);
    } else if (type.equals("tool-call-end")) {
      event.kind = Kind::tool_end;
    } else {
      return;  // ends of content, citations
    }
    sink.on_event(event);
  }

 private:
  // An object, and not a list of them.
  static Node one_call(const Node& message) {
    const Node calls = message["tool_calls"];
    return calls.is(JsonType::array) ? calls.first() : calls;
  }

  static void arguments(const Node& call, std::int32_t tool, EventSink& sink) {
    StreamEvent event;
    std::string text;
    event.kind = Kind::tool_arguments;
    event.tool = tool;
    event.text = call["function"]["arguments"].text(text);
    sink.on_event(event);
  }

  static void content(const Node& content, EventSink& sink) {
    StreamEvent event;
    std::string text;
    event.kind = Kind::thinking;
    event.text = content["thinking"].text(text);
    sink.on_event(event);
    event.kind = Kind::text;
    event.text = content["text"].text(text);
    sink.on_event(event);
  }

  static void ending(const Node& delta, EventSink& sink) {
    StreamEvent event;
    std::string error;
    event.finish = finish_of(Wire::cohere, delta["finish_reason"].string());
    event.text = delta["error"].text(error);
    event.kind = Kind::error;
    if (event.finish == Finish::error) return sink.on_event(event);
    event.kind = Kind::usage;
    read_tokens(Wire::cohere, delta["usage"], event.tokens);
    sink.on_event(event);
    event.kind = Kind::finish;
    sink.on_event(event);
    event.kind = Kind::end;
    sink.on_event(event);
  }
};

}  // namespace

std::unique_ptr<StreamReader> cohere_reader() { return std::make_unique<Reader>(); }

}  // namespace spillway::llm
