// Answers that policies keep: what goes in comes out, in the form the client asks for.
#include "llm/stored.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

constexpr std::string_view kBody = R"({"id":"a","object":"chat.completion","model":"m","choices":[{"index":0,)"
                                   R"("message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],)"
                                   R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})";
constexpr std::string_view kUsageChunk = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";

TEST(Stored, the_same_form_comes_back_byte_for_byte) {
  const std::string blob = pack_stored(Api::chat, false, "groq", "llama \"x\"\n", kBody);
  const Result<StoredAnswer> back = open_stored(Api::chat, blob, false, false);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->body, kBody);
  EXPECT_EQ(back->provider, "groq");
  EXPECT_EQ(back->model, "llama \"x\"\n");
}

TEST(Stored, a_body_is_streamed_to_who_streams_and_a_stream_put_together_for_who_does_not) {
  const std::string kept = pack_stored(Api::chat, false, "p", "m", kBody);
  const Result<StoredAnswer> stream = open_stored(Api::chat, kept, true, true);
  ASSERT_TRUE(stream);
  EXPECT_TRUE(stream->body.ends_with("data: [DONE]\n\n"));
  const Result<StoredAnswer> whole =
      open_stored(Api::chat, pack_stored(Api::chat, true, "p", "m", stream->body), false, false);
  ASSERT_TRUE(whole);
  EXPECT_NE(whole->body.find("\"content\":\"hi\""), std::string::npos);
}

TEST(Stored, the_usage_chunk_is_for_who_asked_for_it) {
  const std::string sse = std::string("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n") +
                          std::string(kUsageChunk) + "data: [DONE]\n\n";
  const std::string kept = pack_stored(Api::chat, true, "p", "m", sse);
  EXPECT_EQ(open_stored(Api::chat, kept, true, true)->body, sse);
  EXPECT_EQ(open_stored(Api::chat, kept, true, false)->body.find("prompt_tokens"), std::string::npos);
}

TEST(Stored, what_is_no_stored_answer_of_this_operation_is_refused) {
  const std::string kept = pack_stored(Api::chat, false, "p", "m", kBody);
  EXPECT_FALSE(open_stored(Api::completions, kept, false, false));
  for (const std::string_view blob : {"", "x", "\n", "{}\n{}", "{\"v\":2,\"api\":\"chat\"}\n{}", "[1]\n{}"}) {
    EXPECT_FALSE(open_stored(Api::chat, blob, false, false)) << blob;
  }
  EXPECT_FALSE(open_stored(Api::chat, pack_stored(Api::chat, true, "p", "m", "data: {}\n\n"), false, false)) << "cut";
}

}  // namespace
}  // namespace spillway
