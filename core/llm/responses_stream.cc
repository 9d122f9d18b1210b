// OpenAI's Responses streams, read and written. The wire tells every item again when it is done, and all of them at
// the end, so the writer keeps what it has said; Translation bounds that.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

using Kind = StreamEvent::Kind;

class Reader : public StreamReader {
 public:
  void read(const Node& root, EventSink& sink) override {
    struct Row {
      std::string_view type;
      Kind kind;
    };
    static constexpr Row kDeltas[] = {
        {"response.output_text.delta", Kind::text},
        {"response.function_call_arguments.delta", Kind::tool_arguments},
        {"response.reasoning_summary_text.delta", Kind::thinking},
        {"response.reasoning_text.delta", Kind::thinking},
        {"response.refusal.delta", Kind::refusal},
    };
    std::string room, text;
    const std::string_view type = root["type"].text(room);
    for (const Row& row : kDeltas) {
      if (row.type != type) continue;
      StreamEvent event;
      event.kind = row.kind;
      event.tool = static_cast<std::int32_t>(root["output_index"].integer(-1));
      if (row.kind == Kind::tool_arguments) filled_ = event.tool;
      event.text = root["delta"].text(text);
      return sink.on_event(event);
    }
    if (type == "response.created") return start(root["response"], sink);
    if (type == "response.output_item.added" || type == "response.output_item.done") {
      return item(root["item"], root["output_index"].integer(-1), type.ends_with("done"), sink);
    }
    if (type == "response.reasoning_summary_part.added" && root["summary_index"].integer(0) > 0) {
      StreamEvent event;
      event.kind = Kind::thinking;
      event.text = "\n\n";
      return sink.on_event(event);
    }
    if (type == "response.completed" || type == "response.incomplete") return ending(root["response"], sink);
    if (type == "response.failed") return error(root["response"]["error"], sink);
    if (type == "error") return error(root["error"].null() ? root : root["error"], sink);
  }

 private:
  static void start(const Node& response, EventSink& sink) {
    StreamEvent event;
    std::string id, model;
    event.kind = Kind::start;
    event.id = response["id"].text(id);
    event.model = response["model"].text(model);
    sink.on_event(event);
  }

  void item(const Node& item, std::int64_t index, bool done, EventSink& sink) {
    if (!item["type"].equals("function_call")) return;
    StreamEvent event;
    std::string id, name;
    event.kind = Kind::tool_start;
    event.tool = static_cast<std::int32_t>(index);
    event.id = item["call_id"].text(id);
    event.name = item["name"].text(name);
    sink.on_event(event);
    if (!done) return;
    event.kind = Kind::tool_arguments;
    event.text = item["arguments"].text(name);
    if (filled_ != event.tool && !event.text.empty()) sink.on_event(event);
    event.kind = Kind::tool_end;
    sink.on_event(event);
  }

  static void error(const Node& error, EventSink& sink) {
    StreamEvent event;
    std::string message, code;
    event.kind = Kind::error;
    event.text = error["message"].text(message);
    event.id = error["code"].text(code);
    sink.on_event(event);
  }

  static void ending(const Node& response, EventSink& sink) {
    const Node reason = response["incomplete_details"]["reason"];
    StreamEvent event;
    event.kind = Kind::usage;
    read_tokens(Wire::openai_responses, response["usage"], event.tokens);
    sink.on_event(event);
    event.kind = Kind::finish;
    event.finish = finish_of(Wire::openai_responses, (reason.null() ? response["status"] : reason).string());
    sink.on_event(event);
    event.kind = Kind::end;
    sink.on_event(event);
  }

  std::int32_t filled_ = -1;  // the call whose arguments came piece by piece
};

class Writer : public StreamWriter {
 public:
  explicit Writer(const Asked& asked) : StreamWriter(asked) {}

  void on_event(const StreamEvent& event) override {
    switch (event.kind) {
      case Kind::start: return start(event);
      case Kind::text: return say(Part::Kind::text, event.text);
      case Kind::refusal: return say(Part::Kind::refusal, event.text);
      case Kind::thinking: return asked_.show_thinking ? say(Part::Kind::thinking, event.text) : void();
      case Kind::tool_start:
        close();
        item_.id = event.id;
        item_.name = event.name;
        return open(Part::Kind::tool_use);
      case Kind::tool_arguments: return say(Part::Kind::tool_use, event.text);
      case Kind::tool_end: return close();
      case Kind::finish: finish_ = event.finish; return;
      case Kind::usage: tokens_ = event.tokens; return;
      case Kind::end: return end();
      case Kind::signature:
      case Kind::error: return;
    }
  }

  void fail(const Failure& failure) override {
    if (id_.empty()) {
      out_ += error_event(Wire::openai_responses, failure);
    } else {
      ResponseState state = this->state("failed");
      state.error_code = failure.code.empty() ? std::string_view("server_error") : std::string_view(failure.code);
      state.error_message = failure.message;
      response("response.failed", state);
    }
  }
  std::size_t held() const override { return output_.size() + item_.text.size(); }

 private:
  // How the events of an item are called, and what its part is.
  struct Names {
    std::string_view delta, done, member, part_added, part_done, part;
  };
  static const Names& names(Part::Kind kind) {
    static constexpr Names kText = {"response.output_text.delta",  "response.output_text.done",  "text",
                                    "response.content_part.added", "response.content_part.done", "output_text"};
    static constexpr Names kRefusal = {"response.refusal.delta",      "response.refusal.done",      "refusal",
                                       "response.content_part.added", "response.content_part.done", "refusal"};
    static constexpr Names kThinking = {
        "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "text",
        "response.reasoning_summary_part.added", "response.reasoning_summary_part.done", "summary_text"};
    static constexpr Names kTool = {
        "response.function_call_arguments.delta", "response.function_call_arguments.done", "arguments", "", "", ""};
    if (kind == Part::Kind::tool_use) return kTool;
    if (kind == Part::Kind::thinking) return kThinking;
    return kind == Part::Kind::refusal ? kRefusal : kText;
  }

  JsonWriter begin(std::string_view type) {
    out_.append("event: ").append(type) += "\ndata: ";
    JsonWriter json(out_);
    json.open('{').member("type"sv, type).member("sequence_number"sv, sequence_++);
    return json;
  }
  void finish(JsonWriter& json) {
    json.close('}');
    out_ += "\n\n";
  }

  ResponseState state(std::string_view status) const {
    ResponseState state;
    state.id = id_;
    state.model = model_;
    state.created = asked_.created;
    state.status = status;
    state.output = output_;
    return state;
  }
  void response(std::string_view type, const ResponseState& state) {
    JsonWriter json = begin(type);
    json.key("response"sv);
    write_response(state, json);
    finish(json);
  }

  void start(const StreamEvent& event) {
    id_ = answer_id("resp_", event.id, asked_);
    model_ = asked_.model.empty() ? std::string(event.model) : asked_.model;
    response("response.created", state("in_progress"));
    response("response.in_progress", state("in_progress"));
  }

  JsonWriter begin_item(std::string_view type) {
    JsonWriter json = begin(type);
    if (!type.starts_with("response.output_item")) json.member("item_id"sv, item_id_);
    json.member("output_index"sv, index_);
    if (item_.kind == Part::Kind::thinking && !type.starts_with("response.output_item")) {
      json.member("summary_index"sv, 0);
    } else if (item_.kind != Part::Kind::tool_use && !type.starts_with("response.output_item")) {
      json.member("content_index"sv, 0);
    }
    return json;
  }

  void item(std::string_view type, bool done) {
    JsonWriter json = begin_item(type);
    json.key("item"sv);
    write_response_item(item_, asked_, item_id_, done, json);
    finish(json);
  }

  void part(std::string_view type, std::string_view text) {
    if (type.empty()) return;
    const Names& as = names(item_.kind);
    JsonWriter json = begin_item(type);
    json.key("part"sv).open('{').member("type"sv, as.part).member(as.member, text);
    if (item_.kind == Part::Kind::text) json.key("annotations"sv).raw("[]").key("logprobs"sv).raw("[]");
    json.close('}');
    finish(json);
  }

  void open(Part::Kind kind) {
    open_ = true;
    item_.kind = kind;
    item_id_ = response_item_id(kind, id_, asked_, index_);
    item("response.output_item.added", false);
    part(names(kind).part_added, {});
  }

  void say(Part::Kind kind, std::string_view text) {
    if (!open_ || item_.kind != kind) {
      close();
      open(kind);
    }
    item_.text += text;
    JsonWriter json = begin_item(names(kind).delta);
    json.member("delta"sv, text);
    if (kind == Part::Kind::text) json.key("logprobs"sv).raw("[]");
    finish(json);
  }

  void close() {
    if (!open_) return;
    const Names& as = names(item_.kind);
    JsonWriter json = begin_item(as.done);
    json.member(as.member, item_.text);
    if (item_.kind == Part::Kind::text) json.key("logprobs"sv).raw("[]");
    finish(json);
    part(as.part_done, item_.text);
    item("response.output_item.done", true);
    if (!output_.empty()) output_ += ',';
    JsonWriter list(output_);
    write_response_item(item_, asked_, item_id_, true, list);
    item_ = {};
    open_ = false;
    ++index_;
  }

  void end() {
    close();
    ResponseState last = state("completed");
    last.reason = incomplete_reason(finish_);
    last.tokens = &tokens_;
    if (!last.reason.empty()) last.status = "incomplete";
    response(last.reason.empty() ? "response.completed" : "response.incomplete", last);
  }

  std::string id_, model_, item_id_;
  std::string output_;  // the items that are done, as JSON
  Part item_;           // the one that is open
  bool open_ = false;
  int index_ = 0, sequence_ = 0;
};

}  // namespace

std::unique_ptr<StreamReader> responses_reader() { return std::make_unique<Reader>(); }
std::unique_ptr<StreamWriter> responses_writer(const Asked& asked) { return std::make_unique<Writer>(asked); }

}  // namespace spillway::llm
