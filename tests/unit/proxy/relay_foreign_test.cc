// Answers that are not OpenAI's chat to a client of OpenAI's: the same commit point, the same ends.
#include "proxy/relay.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using State = Relay::State;
using llm::Wire;

const std::string kOpening =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":9}}}\n\n";
const std::string kForeignWord =
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n";
const std::string kForeignEnd =
    "event: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const std::string kForeignError =
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n";

class ForeignRelay : public ::testing::Test {
 protected:
  Relay& make(Way::Kind kind, Wire client, Wire provider, std::string_view type = "text/event-stream") {
    foreign_.way = {kind, client, provider};
    foreign_.asked.model = "mine";
    foreign_.asked.fallback_id = "id";
    Relay::Options options;
    options.api = client == Wire::anthropic ? Api::messages : Api::chat;
    options.foreign = &foreign_;
    relay_.emplace(limits_, options, scanner_);
    head_.status = 200;
    head_.framing = Framing::chunked;
    head_.headers.add("content-type", type);
    EXPECT_EQ(relay_->head(head_), State::holding);
    return *relay_;
  }
  std::string take() {
    const std::string out(relay_->out());
    relay_->taken();
    return out;
  }
  Limits limits_;
  JsonScanner scanner_;
  ResponseHead head_;
  Foreign foreign_;
  std::optional<Relay> relay_;
};

TEST_F(ForeignRelay, a_stream_that_passes_is_not_touched) {
  Relay& relay = make(Way::Kind::pass, Wire::anthropic, Wire::anthropic);
  EXPECT_EQ(relay.body(kOpening), State::holding);
  std::string got;
  for (const char c : kForeignWord + kForeignEnd) {
    const State state = relay.body({&c, 1});
    EXPECT_NE(state, State::failed);
    if (state == State::relaying) got += take();
  }
  EXPECT_EQ(relay.end(), State::complete);
  EXPECT_EQ(got, kOpening + kForeignWord + kForeignEnd);
  EXPECT_EQ(relay.usage().input, 9);
  EXPECT_EQ(relay.usage().output, 1);
  EXPECT_EQ(relay.finish(), "stop");
}

TEST_F(ForeignRelay, a_stream_between_wires_commits_with_its_first_word) {
  Relay& relay = make(Way::Kind::translate, Wire::openai_chat, Wire::anthropic);
  EXPECT_EQ(relay.body(kOpening), State::holding);
  EXPECT_TRUE(relay.out().empty());
  EXPECT_EQ(relay.body(kForeignWord), State::relaying);
  EXPECT_NE(take().find("\"content\":\"Hi\""), std::string::npos);
  EXPECT_EQ(relay.body(kForeignEnd), State::relaying);
  EXPECT_TRUE(take().ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(relay.end(), State::complete);
  EXPECT_EQ(relay.usage().input, 9);
  EXPECT_EQ(relay.finish(), "stop");
  EXPECT_EQ(relay.cut({Kind::closed, Source::upstream, Retry::yes, "reset"}), State::complete) << "it was whole";
}

TEST_F(ForeignRelay, before_the_first_word_any_failure_can_go_elsewhere) {
  for (const Way::Kind kind : {Way::Kind::pass, Way::Kind::translate}) {
    const Wire client = kind == Way::Kind::pass ? Wire::anthropic : Wire::openai_chat;
    EXPECT_EQ(make(kind, client, Wire::anthropic).body(kOpening + kForeignError), State::failed);
    EXPECT_EQ(relay_->verdict().fault, Fault::transient);
    EXPECT_EQ(make(kind, client, Wire::anthropic).body("data: {\n\n"), State::failed);
    make(kind, client, Wire::anthropic).body(kOpening);
    EXPECT_EQ(relay_->end(), State::failed) << "it ended without a word";
    make(kind, client, Wire::anthropic).body(kOpening);
    EXPECT_EQ(relay_->cut({Kind::closed, Source::upstream, Retry::yes, "reset"}), State::failed);
  }
}

TEST_F(ForeignRelay, behind_it_the_stream_breaks_in_the_client_s_own_words) {
  make(Way::Kind::translate, Wire::openai_chat, Wire::anthropic).body(kOpening + kForeignWord);
  take();
  EXPECT_EQ(relay_->body(kForeignError), State::broken);
  EXPECT_EQ(relay_->verdict().fault, Fault::mid_stream);
  relay_->add_error("it broke off", "server_error", "upstream_error");
  EXPECT_NE(take().find("\"error\":{\"message\":\"it broke off\""), std::string::npos);

  make(Way::Kind::translate, Wire::anthropic, Wire::openai_chat);
  EXPECT_EQ(relay_->body("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n"), State::relaying);
  take();
  EXPECT_EQ(relay_->end(), State::broken) << "neither a reason nor [DONE]";
  relay_->add_error("it broke off", "server_error", "upstream_error");
  EXPECT_TRUE(take().starts_with("event: error\ndata: {\"type\":\"error\""));

  make(Way::Kind::pass, Wire::anthropic, Wire::anthropic).body(kOpening + kForeignWord);
  take();
  EXPECT_EQ(relay_->end(), State::broken);
  relay_->add_error("it broke off", "server_error", "upstream_error");
  EXPECT_TRUE(take().starts_with("event: error\ndata: {\"type\":\"error\""));
}

TEST_F(ForeignRelay, plain_answers_are_translated_whole) {
  Relay& relay = make(Way::Kind::translate, Wire::openai_chat, Wire::anthropic, "application/json");
  relay.body(R"({"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"Hi"}],)");
  relay.body(R"("stop_reason":"max_tokens","usage":{"input_tokens":4,"output_tokens":2}})");
  EXPECT_EQ(relay.end(), State::complete);
  const std::string out = take();
  EXPECT_NE(out.find(R"("content":"Hi")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("finish_reason":"length")"), std::string::npos) << out;
  EXPECT_EQ(relay.body_bytes(), out.size());
  EXPECT_EQ(relay.usage().input, 4);
}

TEST_F(ForeignRelay, plain_answers_that_are_none_fail) {
  for (const char* body : {"{}", "nothing", R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})",
                           R"({"id":"m","type":"message","content":[],"stop_reason":"end_turn"})"}) {
    Relay& relay = make(Way::Kind::translate, Wire::openai_chat, Wire::anthropic, "application/json");
    relay.body(body);
    EXPECT_EQ(relay.end(), State::failed) << body;
  }
}

TEST_F(ForeignRelay, lines_are_a_stream_as_well) {
  Relay& relay = make(Way::Kind::translate, Wire::openai_chat, Wire::ollama, "application/x-ndjson");
  EXPECT_EQ(relay.body("{\"model\":\"q\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n"),
            State::relaying);
  EXPECT_EQ(
      relay.body("{\"model\":\"q\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":2,\"eval_count\":1}\n"),
      State::relaying);
  EXPECT_EQ(relay.end(), State::complete);
  EXPECT_TRUE(take().ends_with("data: [DONE]\n\n"));
}

constexpr std::string_view kLines =
    "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n"
    "{\"model\":\"m\", \"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n"
    "{\"model\":\"m\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":1}\n";

TEST_F(ForeignRelay, lines_that_pass_are_not_touched_however_they_are_cut) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{100}, kLines.size()}) {
    Relay& relay = make(Way::Kind::pass, Wire::ollama, Wire::ollama, "application/x-ndjson");
    std::string got;
    for (std::size_t at = 0; at < kLines.size(); at += size) {
      const std::string piece(kLines.substr(at, size));  // gone before it is taken, as a connection's bytes may be
      const State state = relay.body(piece);
      ASSERT_NE(state, State::failed);
      if (state == State::relaying) got += take();
    }
    EXPECT_EQ(relay.end(), State::complete) << size;
    EXPECT_EQ(got, kLines) << size;
    EXPECT_EQ(relay.usage().output, 1);
    EXPECT_EQ(relay.finish(), "stop");
  }
}

TEST_F(ForeignRelay, the_last_line_s_end_may_be_left_out) {
  Relay& relay = make(Way::Kind::pass, Wire::ollama, Wire::ollama, "application/x-ndjson");
  EXPECT_EQ(relay.body(kLines.substr(0, kLines.size() - 1)), State::relaying);
  std::string got = take();
  EXPECT_EQ(relay.end(), State::complete);
  EXPECT_EQ(got + take(), kLines);
}

TEST_F(ForeignRelay, lines_that_break_off_or_say_an_error_are_no_answer) {
  const std::string error = "{\"error\":\"out of memory\"}\n";
  Relay& first = make(Way::Kind::pass, Wire::ollama, Wire::ollama, "application/x-ndjson");
  EXPECT_EQ(first.body(error), State::failed);
  EXPECT_NE(first.verdict().message.find("out of memory"), std::string::npos);
  const std::size_t second_line = kLines.find('\n', kLines.find('\n') + 1) + 1;
  Relay& later = make(Way::Kind::pass, Wire::ollama, Wire::ollama, "application/x-ndjson");
  EXPECT_EQ(later.body(kLines.substr(0, second_line)), State::relaying);
  EXPECT_EQ(later.body(error), State::broken);
  EXPECT_EQ(take().find("out of memory"), std::string::npos) << "the error is told in our words, once";
  for (const std::size_t cut : {second_line, second_line + 20}) {
    Relay& relay = make(Way::Kind::pass, Wire::ollama, Wire::ollama, "application/x-ndjson");
    EXPECT_EQ(relay.body(kLines.substr(0, cut)), State::relaying);
    EXPECT_EQ(relay.end(), State::broken);
    relay.add_error("it broke", "server_error", "upstream_error");
    EXPECT_NE(take().find("\n{\"error\":\"it broke\"}\n"), std::string::npos);
  }
}

}  // namespace
}  // namespace spillway
