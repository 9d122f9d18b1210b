// The answers that are not OpenAI's chat to a client of OpenAI's: watched as they pass, or translated.
#include <utility>

#include "json/write.h"
#include "llm/dialect.h"
#include "llm/terms.h"
#include "proxy/relay.h"

namespace spillway {

namespace {

// What the provider's own stream said was wrong, as one of its error bodies, for the classifier.
std::string error_text(const llm::Translation& translation) {
  std::string text;
  JsonWriter json(text);
  json.open('{').key("error").open('{').member("message", translation.error());
  json.member("type", translation.error_type()).member("code", translation.error_code()).close('}').close('}');
  return text;
}

std::string finish_name(llm::Finish finish) {
  if (finish == llm::Finish::none) return {};
  return std::string(llm::finish_word(llm::Wire::openai_chat, finish));
}

}  // namespace

void Relay::begin_foreign() {
  const Foreign& foreign = *options_.foreign;
  const auto most = static_cast<std::size_t>(limits_.event_bytes);
  if (foreign.way.kind == Way::Kind::translate) {
    translation_ =
        std::make_unique<llm::Translation>(foreign.way.provider, foreign.way.client, foreign.asked, scanner_, most);
    translation_->note_signatures(foreign.signatures);
  } else {
    wire_tap_ = std::make_unique<llm::WireTap>(foreign.way.client, scanner_);
    lines_ = llm::codec_of(foreign.way.client).framing == llm::Framing::lines;
  }
}

Relay::State Relay::lines_body(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const bool whole = end != bytes.npos;
    const std::string_view more = bytes.substr(0, whole ? end + 1 : end);
    if (line_.size() + more.size() > static_cast<std::size_t>(limits_.event_bytes)) {
      return fail(unreadable("the provider's stream: one line is too large"));
    }
    bytes.remove_prefix(more.size());
    if (!whole || !line_.empty()) line_ += more;
    if (!whole) break;
    const std::string kept = std::exchange(line_, {});
    SseEvent event;
    event.raw = kept.empty() ? more : kept;
    event.data = trim(event.raw.substr(0, event.raw.size() - 1));
    event.has_data = !event.data.empty();
    const State state = see(event);
    if (!kept.empty()) add({});  // what was released must not be lent of it
    if (state == State::failed || state == State::broken) return state;
  }
  return committed_ ? State::relaying : State::holding;
}

Relay::State Relay::follow(llm::Translation::State state) {
  using Now = llm::Translation::State;
  const bool content = translation_->content_events() > 0;
  if (state == Now::waiting) {
    return translation_->out().size() > kHeldBytes ? fail(unreadable("the provider's stream never came to content"))
                                                   : State::holding;
  }
  if (state == Now::done && !content) return fail(unreadable("the provider ended its stream without content"));
  if (content) {
    committed_ = true;
    const std::string out = std::exchange(translation_->out(), {});
    capture(out);
    add(out);
  }
  if (state != Now::failed) return State::relaying;
  const bool told = !translation_->error_type().empty() || !translation_->error_code().empty();
  return fail(told ? classify(200, Headers{}, error_text(*translation_), options_.wall_ms)
                   : unreadable(translation_->error()));
}

Relay::State Relay::foreign_whole_end() {
  if (options_.foreign->way.embeds) return vectors_end();
  if (options_.api == Api::count_tokens) return count_end();
  const Way& way = options_.foreign->way;
  held_.reserve(held_.size() + JsonScanner::kPadding);
  const Result<llm::ChatAnswer> answer = llm::read_answer(way.provider, scanner_, held_, held_.capacity());
  if (!answer) {
    const Answer outline = read_answer(Api::chat, scanner_, held_, held_.capacity());
    if (outline.has_error) return fail(classify(status_, Headers{}, held_, options_.wall_ms));
    return fail(unreadable("the provider's answer: " + answer.error().detail));
  }
  if (answer->parts.empty() && !options_.foreign->silent) return fail(unreadable("the provider's answer is empty"));
  answer_.readable = answer_.has_content = true;
  answer_.usage = llm::usage_of(answer->tokens);
  answer_.finish = finish_name(answer->finish);
  const llm::SignatureBook& book = options_.foreign->signatures;
  if (book.all != nullptr) book.all->made(book.maker, *answer);
  if (way.kind == Way::Kind::translate) held_ = llm::write_answer(way.client, *answer, options_.foreign->asked);
  return release_whole();
}

void Relay::add_error(std::string_view message, std::string_view type, std::string_view code) {
  const llm::Wire client = options_.foreign == nullptr ? llm::Wire::openai_chat : options_.foreign->way.client;
  if (translation_ == nullptr) return add(error_event_of(client, message, type, code));
  translation_->fail(failure_of(message, code));
  add(std::exchange(translation_->out(), {}));
}

bool Relay::stream_done() const {
  if (translation_ != nullptr) return translation_->state() == llm::Translation::State::done;
  return wire_tap_ != nullptr ? wire_tap_->done() : tap_.done();
}

Usage Relay::foreign_usage() const {
  return llm::usage_of(translation_ != nullptr ? translation_->tokens() : wire_tap_->tokens());
}

std::string Relay::foreign_finish() const {
  return finish_name(translation_ != nullptr ? translation_->reason() : wire_tap_->finish());
}

}  // namespace spillway
