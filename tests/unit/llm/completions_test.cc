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
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":"p","suffix":"s"})").substr(0, 7), "suffix:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":["a","b"]})").substr(0, 7), "prompt:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":[1,2]})").substr(0, 7), "prompt:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":"p","echo":true})").substr(0, 5), "echo:");
  EXPECT_EQ(refusal_of(kCompletions, R"({"prompt":"p","logprobs":2})").substr(0, 9), "logprobs:");
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
