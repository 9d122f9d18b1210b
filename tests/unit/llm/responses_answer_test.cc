// OpenAI's Responses answers, read and written (ecosystem.md 1.6, 2.2).
#include "codec_help.h"

namespace spillway::llm {
namespace {

constexpr Wire kResponsesWire = Wire::openai_responses;

TEST(ResponsesAnswer, the_contract_word_for_word) {
  const std::string text = answer_for(
      Wire::openai_chat,
      R"({"id":"1","created":1,"choices":[{"finish_reason":"tool_calls","message":{"content":"hi","reasoning)"
      R"(_content":"hm",)"
      R"("tool_calls":[{"id":"call_1","function":{"name":"w","arguments":"{}"}}]}}],"usage":{"prompt_tokens":1,)"
      R"("completion_tokens":1}})",
      kResponsesWire, asked("m"));
  EXPECT_EQ(
      text,
      R"({"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"incomplete_det)"
      R"(ails":null,)"
      R"("instructions":null,"max_output_tokens":null,"model":"m","output":[{"type":"reasoning","id":"rs_)"
      R"(4e312fa590f5ff40e4bf5a78daa7e0d2_0",)"
      R"("summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":null},{"type":"message","id":"m)"
      R"(sg_4e312fa590f5ff40e4bf5a78daa7e0d2_1",)"
      R"("status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[],)"
      R"("logprobs":[]}]},{"type":"function_call","id":"fc_)"
      R"(4e312fa590f5ff40e4bf5a78daa7e0d2_2","call_id":"call_1","name":"w","arguments":"{}",)"
      R"("status":"completed"}],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,)"
      R"("summary":null},"store":false,"temperature":1,"text":{"format":{"type":"text"}},"tool_choice":"auto)"
      R"(","tools":)"
      R"([],"top_p":1,"truncation":"disabled","usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":0,)"
      R"("cache_write_tokens":0},"output_tokens":1,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":2},)"
      R"("metadata":{}})");
}

TEST(ResponsesAnswer, a_round_trip_through_chat_keeps_what_was_said) {
  const std::string chat = fixture("examples/openai.answer.json");
  const std::string there = answer_for(Wire::openai_chat, chat, kResponsesWire);
  std::string expected = chat;
  expected.replace(expected.find("chatcmpl-"), 9, "chatcmpl-resp_chatcmpl-");
  EXPECT_EQ(answer_for(kResponsesWire, there, Wire::openai_chat), expected);
}

TEST(ResponsesAnswer, reasons_are_states) {
  const auto reason = [](const std::string& rest) {
    const std::string text = answer_for(kResponsesWire,
                                        R"({"output":[{"type":"message","content":[{"type":"output_text",)"
                                        R"("text":"x"}]}],)" +
                                            rest + "}",
                                        Wire::openai_chat);
    const std::size_t at = text.find("\"finish_reason\":\"") + 17;
    return text.substr(at, text.find('"', at) - at);
  };
  EXPECT_EQ(reason(R"("status":"completed")"), "stop");
  EXPECT_EQ(reason(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"), "length");
  EXPECT_EQ(reason(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"), "content_filter");
  JsonScanner scanner;
  const std::string failed = R"({"output":[],"status":"failed","error":{"code":"server_error","message":"busy"}})";
  const Result<ChatAnswer> answer = read_answer(kResponsesWire, scanner, failed, failed.size());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().detail, "busy");
}

TEST(ResponsesAnswer, incomplete_answers_say_why_and_namespaces_come_back) {
  Asked as = asked("m");
  Tool& tool = as.spaced_tools.emplace_back();
  tool.name = "fs__read";
  tool.space = "fs";
  const std::string text = answer_for(
      Wire::openai_chat,
      R"({"choices":[{"finish_reason":"length","message":{"refusal":"no","tool_calls":[{"id":"a","function":{"name":)"
      R"("fs__read","arguments":"{}"}}]}}]})",
      kResponsesWire, as);
  EXPECT_NE(text.find(R"("status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"})"),
            text.npos)
      << text;
  EXPECT_NE(text.find(R"("name":"read","namespace":"fs")"), text.npos) << text;
  EXPECT_NE(text.find(R"("content":[{"type":"refusal","refusal":"no"}])"), text.npos) << text;
}

}  // namespace
}  // namespace spillway::llm
