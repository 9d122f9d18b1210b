// Whole answers that are no chats: vectors and counts.
#include <gtest/gtest.h>

#include "proxy/relay.h"

namespace spillway {
namespace {

using State = Relay::State;
using llm::Wire;

class EmbedRelay : public testing::Test {
 protected:
  State whole(Api api, Way way, std::string_view body) {
    foreign_.way = way;
    foreign_.asked.model = "mine";
    Relay::Options options;
    options.api = api;
    options.foreign = &foreign_;
    relay_.emplace(limits_, options, scanner_);
    head_ = {};
    head_.status = 200;
    head_.framing = Framing::chunked;
    head_.headers.add("content-type", "application/json");
    EXPECT_EQ(relay_->head(head_), State::holding);
    for (const char c : body) {
      if (const State state = relay_->body({&c, 1}); state != State::holding) return state;
    }
    return relay_->end();
  }
  static Way way(Way::Kind kind, Wire client, Wire provider) {
    Way way{kind, client, provider};
    way.embeds = true;
    return way;
  }
  Limits limits_;
  JsonScanner scanner_;
  ResponseHead head_;
  Foreign foreign_;
  std::optional<Relay> relay_;
};

TEST_F(EmbedRelay, vectors_come_in_the_client_s_words_and_are_counted) {
  foreign_.embed.inputs = {R"("a")"};
  const Way translated = way(Way::Kind::translate, Wire::ollama, Wire::openai_chat);
  ASSERT_EQ(whole(Api::embed, translated, R"({"data":[{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":5}})"),
            State::complete);
  EXPECT_EQ(relay_->out().substr(0, 36), R"({"model":"mine","embeddings":[[1]],")");
  EXPECT_EQ(relay_->body_bytes(), relay_->out().size());
  EXPECT_EQ(relay_->usage().input, 5);
  const Way back = way(Way::Kind::translate, Wire::openai_chat, Wire::ollama);
  ASSERT_EQ(whole(Api::embeddings, back, R"({"embeddings":[[1]],"prompt_eval_count":7})"), State::complete);
  EXPECT_EQ(relay_->usage().input, 7);
}

TEST_F(EmbedRelay, what_passes_is_respelled_only_when_the_client_wants_another) {
  const Way passed = way(Way::Kind::pass, Wire::openai_chat, Wire::openai_chat);
  foreign_.embed.inputs = {R"("a")"};
  ASSERT_EQ(whole(Api::embeddings, passed, R"({"data":[{"embedding":[1]}], "x":1})"), State::complete);
  EXPECT_EQ(relay_->out(), R"({"data":[{"embedding":[1]}], "x":1})");
  foreign_.embed.base64 = true;
  ASSERT_EQ(whole(Api::embeddings, passed, R"({"data":[{"embedding":[1]}], "x":1})"), State::complete);
  EXPECT_EQ(relay_->out(), R"({"data":[{"embedding":"AACAPw=="}], "x":1})");
}

TEST_F(EmbedRelay, an_error_with_status_200_or_no_vectors_fails_over) {
  foreign_.embed.inputs = {R"("a")"};
  for (const Way& one : {way(Way::Kind::pass, Wire::openai_chat, Wire::openai_chat),
                         way(Way::Kind::translate, Wire::ollama, Wire::openai_chat)}) {
    EXPECT_EQ(whole(Api::embeddings, one, R"({"error":{"message":"busy"}})"), State::failed);
    EXPECT_EQ(whole(Api::embeddings, one, R"({"data":[]})"), State::failed);
    EXPECT_EQ(whole(Api::embeddings, one, "<html>"), State::failed);
    EXPECT_FALSE(relay_->committed());
  }
}

// One that passed as it came would be in the wrong words.
TEST_F(EmbedRelay, what_is_too_large_to_translate_fails_and_what_passes_does_not) {
  limits_.answer_hold_bytes = 64;
  const std::string large = R"({"data":[{"embedding":[)" + std::string(100, '1') + "]}]}";
  EXPECT_EQ(whole(Api::embed, way(Way::Kind::translate, Wire::ollama, Wire::openai_chat), large), State::failed);
  EXPECT_EQ(whole(Api::embeddings, way(Way::Kind::pass, Wire::openai_chat, Wire::openai_chat), large), State::relaying);
}

TEST_F(EmbedRelay, a_count_must_be_one) {
  const Way anthropic{Way::Kind::pass, Wire::anthropic, Wire::anthropic},
      gemini{Way::Kind::pass, Wire::gemini, Wire::gemini};
  EXPECT_EQ(whole(Api::count_tokens, anthropic, R"({"input_tokens":3})"), State::complete);
  EXPECT_EQ(relay_->out(), R"({"input_tokens":3})");
  EXPECT_EQ(whole(Api::count_tokens, gemini, R"({"totalTokens":0})"), State::complete);
  for (const char* body :
       {"<html>", "{}", R"({"totalTokens":3})", R"({"input_tokens":"3"})", R"({"input_tokens":-1})"}) {
    EXPECT_EQ(whole(Api::count_tokens, anthropic, body), State::failed) << body;
  }
}

}  // namespace
}  // namespace spillway
