// Gemini's answers, read and written (ecosystem.md 2.2, 2.3, 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(GeminiAnswer, the_worked_example_is_openais) {
  std::string expected = fixture("examples/openai.answer.json");
  expected.replace(expected.find("msg_9"), 5, "r9");
  EXPECT_EQ(answer_for(Wire::gemini, fixture("examples/gemini.answer.json"), Wire::openai_chat), expected);
}

TEST(GeminiAnswer, the_worked_example_comes_back_as_it_was) {
  const std::string text = fixture("examples/gemini.answer.json");
  std::string own = answer_for(Wire::gemini, text, Wire::gemini, asked("gemini-3.8-flash"));
  EXPECT_EQ(own, text);
}

TEST(GeminiAnswer, each_reason) {
  const auto reason = [](const std::string& candidate, const std::string& rest = "") {
    const std::string body = R"({"candidates":[{)" + candidate + "}]" + rest + "}";
    JsonScanner scanner;
    const Result<ChatAnswer> answer = read_answer(Wire::gemini, scanner, body, body.size());
    return answer ? answer->finish : Finish::error;
  };
  const std::string text = R"("content":{"parts":[{"text":"x"}]},"finishReason":)";
  EXPECT_EQ(reason(text + R"("STOP")"), Finish::stop);
  EXPECT_EQ(reason(text + R"("MAX_TOKENS")"), Finish::length);
  EXPECT_EQ(reason(text + R"("SAFETY")"), Finish::content_filter);
  EXPECT_EQ(reason(text + R"("OTHER")"), Finish::stop) << "there is text";
  EXPECT_EQ(reason(R"("finishReason":"OTHER")"), Finish::error);
  EXPECT_EQ(reason(R"("finishReason":"MALFORMED_FUNCTION_CALL")"), Finish::error);
  EXPECT_EQ(reason(R"("content":{"parts":[{"functionCall":{"name":"f","args":{}}}]},"finishReason":"STOP")"),
            Finish::tool_calls);
  JsonScanner scanner;
  const std::string blocked = R"({"promptFeedback":{"blockReason":"SAFETY"}})";
  const Result<ChatAnswer> answer = read_answer(Wire::gemini, scanner, blocked, blocked.size());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->finish, Finish::content_filter);
  EXPECT_FALSE(read_answer(Wire::gemini, scanner, "{}", 2)) << "nothing at all is no answer";
}

TEST(GeminiAnswer, calls_keep_their_signatures_and_get_ids) {
  const std::string text =
      answer_for(Wire::gemini,
                 R"({"responseId":"r","candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":)"
                 R"({"x":1}},)"
                 R"("thoughtSignature":"sig"}]},"finishReason":"STOP"}]})",
                 Wire::openai_chat);
  EXPECT_NE(
      text.find(R"("tool_calls":[{"id":"call_r_0","type":"function","function":{"name":"f","arguments":"{\"x\":1}"},)"
                R"("extra_content":{"google":{"thought_signature":"sig"}}}])"),
      text.npos)
      << text;
  const std::string back = answer_for(Wire::openai_chat, text, Wire::gemini);
  EXPECT_NE(back.find(R"({"functionCall":{"id":"call_r_0","name":"f","args":{"x":1}},"thoughtSignature":"sig"})"),
            back.npos)
      << back;
}

TEST(GeminiAnswer, one_call_is_kept_where_one_was_asked_for) {
  Asked as = asked();
  as.one_call = true;
  const std::string text = answer_for(Wire::gemini,
                                      R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},)"
                                      R"({"functionCall":{"name":"g"}}]},"finishReason":"STOP"}]})",
                                      Wire::openai_chat, as);
  EXPECT_NE(text.find(R"("name":"f")"), text.npos);
  EXPECT_EQ(text.find(R"("name":"g")"), text.npos);
}

}  // namespace
}  // namespace spillway::llm
