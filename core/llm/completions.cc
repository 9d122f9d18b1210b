// OpenAI's legacy completions for providers that only chat: the prompt is what the user says. Several prompts cannot be
// said so and are refused, and a suffix (fill in the middle) is only for providers that have words for it.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

bool wrong(Refusal& why, std::string message, std::string param) {
  why = {std::move(message), std::move(param), "unsupported_parameter"};
  return false;
}

void write_head(const Asked& asked, std::string_view id, std::string_view model, JsonWriter& json) {
  json.open('{').member("id"sv, answer_id("cmpl-", id, asked)).member("object"sv, "text_completion");
  json.member("created"sv, asked.created)
      .member("model"sv, asked.model.empty() ? model : std::string_view(asked.model));
}

void write_choice(std::string_view text, std::string_view reason, JsonWriter& json) {
  json.key("choices"sv).open('[').open('{').member("index"sv, 0).member("text"sv, text).key("logprobs"sv).null();
  json.key("finish_reason"sv);
  if (reason.empty()) {
    json.null();
  } else {
    json.value(reason);
  }
  json.close('}').close(']');
}

class Writer : public StreamWriter {
 public:
  explicit Writer(const Asked& asked) : StreamWriter(asked) {}

  void on_event(const StreamEvent& event) override {
    using Kind = StreamEvent::Kind;
    if (event.kind == Kind::start) {
      id_ = event.id;
      model_ = event.model;
    }
    if (event.kind == Kind::text || event.kind == Kind::refusal) chunk(event.text, {});
    if (event.kind == Kind::finish) finish_ = event.finish;
    if (event.kind == Kind::usage) tokens_ = event.tokens;
    if (event.kind != Kind::end) return;
    chunk({}, finish_word(Wire::openai_completions, finish_));
    if (asked_.include_usage && tokens_.known()) {
      JsonWriter json = begin();
      json.key("choices"sv).raw("[]").key("usage"sv);
      write_tokens(Wire::openai_completions, tokens_, json);
      json.close('}');
      out_ += "\n\n";
    }
    out_ += "data: [DONE]\n\n";
  }
  void fail(const Failure& failure) override { out_ += error_event(Wire::openai_completions, failure); }

 private:
  JsonWriter begin() {
    out_ += "data: ";
    JsonWriter json(out_);
    write_head(asked_, id_, model_, json);
    return json;
  }
  void chunk(std::string_view text, std::string_view reason) {
    JsonWriter json = begin();
    write_choice(text, reason, json);
    json.close('}');
    out_ += "\n\n";
  }

  std::string id_, model_;
};

}  // namespace

bool read_completions_request(const Node& root, ChatRequest& out, Refusal& why) {
  root.read("model", out.model);
  const Node prompt = root["prompt"], suffix = root["suffix"];
  if (!suffix.null() && !suffix.is(JsonType::string)) return wrong(why, "'suffix' must be a text", "suffix");
  out.suffix = suffix.string();
  if (root["echo"].truthy()) return wrong(why, "'echo' needs a provider of completions", "echo");
  if (root["logprobs"].integer(0) > 0) return wrong(why, "'logprobs' needs a provider of completions", "logprobs");
  const std::vector<std::string> texts = read_strings(prompt);
  if (texts.size() != 1) return wrong(why, "'prompt' must be one text for the chosen model's provider", "prompt");
  out.messages.emplace_back().parts.push_back(text_part(texts[0]));
  read_openai_sampling(root, out);
  if (out.max_tokens < 0) out.max_tokens = 16;  // its documented default
  return true;
}

void write_completions_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json) {
  write_head(asked, answer.id, answer.model, json);
  write_choice(joined_text(answer.parts, Part::Kind::text), finish_word(Wire::openai_completions, answer.finish), json);
  json.key("usage"sv);
  write_tokens(Wire::openai_completions, answer.tokens, json);
  json.close('}');
}

std::unique_ptr<StreamWriter> completions_writer(const Asked& asked) { return std::make_unique<Writer>(asked); }

}  // namespace spillway::llm
