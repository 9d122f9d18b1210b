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
    static constexpr std::string_view kTop[] = {"error", "choices", "usage", "x_groq", "id", "model"};
    Node top[6];
    pick(root, kTop, top);
    if (!top[0].null()) return error(top[0], sink);
    StreamEvent event;
    if (!started_) {
      started_ = true;
      std::string id, model;
      event.kind = Kind::start;
      event.id = top[4].text(id);
      event.model = top[5].text(model);
      sink.on_event(event);
    }
    for (const Node choice : top[1]) read_choice(choice, sink);
    const Node usage = top[2].null() ? top[3]["usage"] : top[2];
    if (usage.null()) return;
    event = {};
    event.kind = Kind::usage;
    read_tokens(Wire::openai_chat, usage, event.tokens);
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

  static void read_choice(const Node& choice, EventSink& sink) {
    static constexpr std::string_view kChoice[] = {"index", "delta", "message", "finish_reason", "text"};
    static constexpr std::string_view kDelta[] = {"content", "reasoning_content", "reasoning", "refusal", "tool_calls"};
    Node of_choice[5], of_delta[5];
    pick(choice, kChoice, of_choice);
    if (of_choice[0].integer(0) != 0) return;
    pick(of_choice[1].null() ? of_choice[2] : of_choice[1], kDelta, of_delta);
    std::string room;
    say(Kind::thinking, of_delta[of_delta[1].null() ? 2 : 1].text(room), sink);
    content(of_choice[4].null() ? of_delta[0] : of_choice[4], sink);  // the latter of completions
    say(Kind::refusal, of_delta[3].text(room), sink);
    for (const Node call : of_delta[4]) tool(call, sink);
    const std::string_view why = of_choice[3].text(room);
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
  explicit Writer(const Asked& asked) : StreamWriter(asked) {}

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
    json.open('{').member("id"sv, answer_id("chatcmpl-", event.id, asked_)).member("object"sv, "chat.completion.chunk");
    json.member("created"sv, asked_.created).member("model"sv, asked_.model.empty() ? event.model : asked_.model);
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
    json.key("tool_calls"sv).open('[').open('{').member("index"sv, event.tool).member("id"sv, event.id);
    json.member("type"sv, "function")
        .key("function"sv)
        .open('{')
        .member("name"sv, event.name)
        .member("arguments"sv, "");
    json.close('}');
    if (!event.text.empty()) {
      json.key("extra_content"sv).open('{').key("google"sv).open('{').member("thought_signature"sv, event.text);
      json.close('}').close('}');
    }
    json.close('}').close(']');
    close();
  }

  void arguments(const StreamEvent& event) {
    open();
    JsonWriter json(out_);
    json.key("tool_calls"sv).open('[').open('{').member("index"sv, event.tool).key("function"sv).open('{');
    json.member("arguments"sv, event.text).close('}').close('}').close(']');
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

  std::string head_;  // of each chunk, up to its choices
  bool role_ = false;
};

}  // namespace

std::unique_ptr<StreamReader> openai_reader() { return std::make_unique<Reader>(); }
std::unique_ptr<StreamWriter> openai_writer(const Asked& asked) { return std::make_unique<Writer>(asked); }

}  // namespace spillway::llm
