// OpenAI's chat streams: chunks read, as sloppy as its imitators send them, and written as its libraries want them.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

using Kind = StreamEvent::Kind;

class Reader : public StreamReader {
 public:
  void read(const Node& root, EventSink& sink) override {
    if (!root["error"].null()) return error(root["error"], sink);
    StreamEvent event;
    if (!started_) {
      started_ = true;
      std::string id, model;
      event.kind = Kind::start;
      event.id = root["id"].text(id);
      event.model = root["model"].text(model);
      sink.on_event(event);
    }
    for (const Node choice : root["choices"]) {
      if (choice["index"].integer(0) == 0) read_choice(choice, sink);
    }
    event = {};
    event.kind = Kind::usage;
    const Node usage = root["usage"];
    read_tokens(Wire::openai_chat, usage.null() ? root["x_groq"]["usage"] : usage, event.tokens);
    if (event.tokens.known()) sink.on_event(event);
  }

 private:
  static void say(Kind kind, std::string_view text, EventSink& sink) {
    if (text.empty()) return;
    StreamEvent event;
    event.kind = kind;
    event.text = text;
    sink.on_event(event);
  }

  static void error(const Node& error, EventSink& sink) {
    StreamEvent event;
    std::string message, type, code;
    event.kind = Kind::error;
    event.text = error.is(JsonType::string) ? error.text(message) : error["message"].text(message);
    event.name = error["type"].text(type);
    event.id = error["code"].is(JsonType::number) ? error["code"].raw() : error["code"].text(code);
    sink.on_event(event);
  }

  void read_choice(const Node& choice, EventSink& sink) {
    const Node delta = choice["delta"], message = delta.null() ? choice["message"] : delta;
    std::string room;
    for (const Node member : message) {
      const std::string key = member.key();
      if (key == "content") content(member, sink);
      if (key == "reasoning_content" || (key == "reasoning" && message["reasoning_content"].null())) {
        say(Kind::thinking, member.text(room), sink);
      }
      if (key == "refusal") say(Kind::refusal, member.text(room), sink);
      if (key != "tool_calls") continue;
      for (const Node call : member) tool(call, sink);
    }
    const std::string_view why = choice["finish_reason"].text(room);
    if (why.empty()) return;
    StreamEvent event;
    event.kind = Kind::finish;
    event.finish = finish_of(Wire::openai_chat, why);
    sink.on_event(event);
  }

  // Mistral's reasoning models send a list of parts.
  static void content(const Node& content, EventSink& sink) {
    std::string room;
    if (content.is(JsonType::string)) return say(Kind::text, content.text(room), sink);
    for (const Node part : content) {
      say(Kind::text, part["text"].text(room), sink);
      for (const Node thought : part["thinking"]) say(Kind::thinking, thought["text"].text(room), sink);
    }
  }

  static void tool(const Node& call, EventSink& sink) {
    const Node function = call["function"];
    std::string id, name, signature;
    StreamEvent event;
    event.tool = static_cast<std::int32_t>(call["index"].integer(-1));
    event.id = call["id"].text(id);
    event.name = function["name"].text(name);
    if (!event.id.empty() || !event.name.empty()) {
      event.kind = Kind::tool_start;
      event.text = call["extra_content"]["google"]["thought_signature"].text(signature);
      sink.on_event(event);
    }
    const Node arguments = function["arguments"];
    event.kind = Kind::tool_arguments;
    event.text = arguments.is(JsonType::string) ? arguments.text(signature) : arguments.raw();
    if (!event.text.empty() && event.text != "null") sink.on_event(event);
  }

  bool started_ = false;
};

class Writer : public StreamWriter {
 public:
  explicit Writer(const Asked& asked) : asked_(asked) {}

  void on_event(const StreamEvent& event) override {
    switch (event.kind) {
      case Kind::start: return start(event);
      case Kind::text: return say("\"content\":", event.text, true);
      case Kind::refusal: return say("\"refusal\":", event.text, true);
      case Kind::thinking:
        if (asked_.show_thinking) say("\"reasoning_content\":", event.text, false);
        return;
      case Kind::tool_start: return tool(event);
      case Kind::tool_arguments: return arguments(event);
      case Kind::finish: finish_ = event.finish; return;
      case Kind::usage: tokens_ = event.tokens; return;
      case Kind::end: return end();
      case Kind::signature:
      case Kind::tool_end:
      case Kind::error: return;
    }
  }

  void fail(const Failure& failure) override { out_ += error_event(Wire::openai_chat, failure); }

 private:
  void start(const StreamEvent& event) {
    JsonWriter json(head_);
    head_ = "data: ";
    json.open('{').member("id", answer_id("chatcmpl-", event.id, asked_)).member("object", "chat.completion.chunk");
    json.member("created", asked_.created).member("model", asked_.model.empty() ? event.model : asked_.model);
    head_ += ",\"choices\":[";
  }

  void open() { out_.append(head_) += "{\"index\":0,\"delta\":{"; }
  void close() {
    out_ += "},\"logprobs\":null,\"finish_reason\":null}]";
    out_ += asked_.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
  }

  void role(bool text) {
    if (role_) return;
    role_ = true;
    open();
    out_ +=
        text ? "\"role\":\"assistant\",\"content\":\"\",\"refusal\":null" : "\"role\":\"assistant\",\"content\":null";
    close();
  }

  void say(std::string_view key, std::string_view text, bool content) {
    role(content);
    open();
    out_ += key;
    append_json_string(out_, text);
    close();
  }

  void tool(const StreamEvent& event) {
    role(false);
    open();
    JsonWriter json(out_);
    json.key("tool_calls").open('[').open('{').member("index", event.tool).member("id", event.id);
    json.member("type", "function").key("function").open('{').member("name", event.name).member("arguments", "");
    json.close('}');
    if (!event.text.empty()) {
      json.key("extra_content").open('{').key("google").open('{').member("thought_signature", event.text);
      json.close('}').close('}');
    }
    json.close('}').close(']');
    close();
  }

  void arguments(const StreamEvent& event) {
    open();
    JsonWriter json(out_);
    json.key("tool_calls").open('[').open('{').member("index", event.tool).key("function").open('{');
    json.member("arguments", event.text).close('}').close('}').close(']');
    close();
  }

  void end() {
    role(true);
    out_.append(head_) += "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":";
    append_json_string(out_, finish_word(Wire::openai_chat, finish_));
    out_ += asked_.include_usage ? "}],\"usage\":null}\n\n" : "}]}\n\n";
    if (asked_.include_usage && tokens_.known()) {
      out_.append(head_) += "],\"usage\":";
      JsonWriter json(out_);
      write_tokens(Wire::openai_chat, tokens_, json);
      out_ += "}\n\n";
    }
    out_ += "data: [DONE]\n\n";
  }

  const Asked asked_;
  std::string head_;  // of each chunk, up to its choices
  bool role_ = false;
  Finish finish_ = Finish::stop;
  Tokens tokens_;
};

}  // namespace

std::unique_ptr<StreamReader> openai_reader() { return std::make_unique<Reader>(); }
std::unique_ptr<StreamWriter> openai_writer(const Asked& asked) { return std::make_unique<Writer>(asked); }

}  // namespace spillway::llm
