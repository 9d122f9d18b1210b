// Legacy completions in front of providers that only chat (ecosystem.md 1.6).
#include "codec_help.h"

namespace spillway::llm {
namespace {

constexpr Wire kCompletions = Wire::openai_completions;

TEST(Completions, a_prompt_is_what_the_user_says) {
  EXPECT_EQ(request_for(kCompletions, R"({"model":"m","prompt":["p"],"max_tokens":5,"temperature":0.5,"stop":"x"})",
                        to(Wire::openai_chat)),
            R"({"model":"m","max_completion_tokens":5,"messages":[{"role":"user","content":"p"}],"stop":"x","tempe)"
            R"(rature":0.5})");
  EXPECT_EQ(read_ok(kCompletions, R"({"prompt":"p"})").max_tokens, 16);
}

TEST(Completions, what_cannot_be_said_is_refused) {
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":"p","suffix":7})").substr(0, 7), "suffix:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":["a","b"]})").substr(0, 7), "prompt:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":[1,2]})").substr(0, 7), "prompt:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":"p","echo":true})").substr(0, 5), "echo:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":"p","logprobs":2})").substr(0, 9), "logprobs:");
}

TEST(Completions, a_gap_is_filled_in_by_who_has_words_for_it_and_refused_for_all_others) {
  const std::string asked_for =
      R"({"model":"m","prompt":"p","suffix":"s","max_tokens":5,"temperature":0.5,"stop":["x"],"seed":3,"stream":true})";
  Target ollama = to(Wire::ollama), openai = to(Wire::openai_chat);
  ollama.fills = openai.fills = true;
  EXPECT_EQ(request_for(kCompletions, asked_for, ollama),
            R"({"model":"m","stream":true,"prompt":"p","suffix":"s","options":{"num_predict":5,"stop":["x"],)"
            R"("temperature":0.5,"seed":3}})");
  EXPECT_EQ(request_for(kCompletions, asked_for, openai),
            R"({"model":"m","prompt":"p","suffix":"s","max_tokens":5,"stop":["x"],"temperature":0.5,"seed":3,)"
            R"("stream":true,"stream_options":{"include_usage":true}})");
  openai.spelling.mistral_words = openai.spelling.no_usage_asked = true;
  EXPECT_EQ(request_for(kCompletions, asked_for, openai),
            R"({"model":"m","prompt":"p","suffix":"s","max_tokens":5,"stop":["x"],"temperature":0.5,"random_seed":3,)"
            R"("stream":true})");
  for (const Wire wire :
       {Wire::openai_chat, Wire::openai_responses, Wire::anthropic, Wire::gemini, Wire::ollama, Wire::cohere}) {
    ChatRequest request = read_ok(kCompletions, asked_for);
    JsonScanner scanner;
    Fitted fitted;
    Refusal why;
    EXPECT_FALSE(fit(request, to(wire), scanner, fitted, why));
    EXPECT_EQ(why.message, "'suffix' needs a provider that fills in the middle");
    EXPECT_EQ(why.param, "suffix");
  }
  EXPECT_EQ(request_for(kCompletions, R"({"prompt":"p","suffix":""})", to(Wire::gemini)).find("suffix"),
            std::string::npos);
}

TEST(Completions, ollama_s_gaps_are_openai_s_and_have_room) {
  Target openai = to(Wire::openai_chat);
  openai.fills = true;
  EXPECT_EQ(request_for(Wire::ollama, R"({"model":"m","system":"a","prompt":"p","suffix":"s","stream":false})", openai),
            R"({"model":"m","prompt":"ap","suffix":"s","max_tokens":512})");
}

TEST(Completions, answers_of_completions_are_read_as_those_of_chats) {
  EXPECT_NE(answer_for(Wire::openai_chat, R"({"id":"1","choices":[{"finish_reason":"stop","text":"x"}]})", kCompletions,
                       asked("m"))
                .find(R"("text":"x")"),
            std::string::npos);
  const Streamed got = stream_for(Wire::openai_chat,
                                  sse({R"({"id":"1","choices":[{"index":0,"text":"x","finish_reason":null}]})",
                                       R"({"choices":[{"index":0,"text":"y","finish_reason":"stop"}]})", "[DONE]"}),
                                  kCompletions, asked("m"));
  EXPECT_NE(got.out.find(R"("text":"x")"), std::string::npos);
  EXPECT_NE(got.out.find(R"("text":"y")"), std::string::npos);
}

TEST(Completions, the_contract_word_for_word) {
  EXPECT_EQ(answer_for(Wire::openai_chat,
                       R"({"id":"1","choices":[{"finish_reason":"length","message":{"content":"x"}}],)"
                       R"("usage":{"prompt_tokens":1,"completion_tokens":2}})",
                       kCompletions, asked("m")),
            R"({"id":"cmpl-1","object":"text_completion","created":1795228606,"model":"m","choices":[{"index":0,"t)"
            R"(ext":"x",)"
            R"("logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_)"
            R"(tokens":3,)"
            R"("prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"completion_tokens_details":)"
            R"({"reasoning_tokens":0}}})");
  const Streamed got = stream_for(Wire::openai_chat,
                                  sse({R"({"id":"1","choices":[{"index":0,"delta":{"content":"x"}}]})",
                                       R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})", "[DONE]"}),
                                  kCompletions, asked("m"));
  const std::string head = R"({"id":"cmpl-1","object":"text_completion","created":1795228606,"model":"m","choices":)";
  EXPECT_EQ(data_of(got.out), head + R"([{"index":0,"text":"x","logprobs":null,"finish_reason":null}]})" + "\n" + head +
                                  R"([{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]})" + "\n[DONE]\n");
}

}  // namespace
}  // namespace spillway::llm
