// Answers kept in one form and asked for in the other: nothing may be lost, and nothing broken may become whole.
#include "llm/replay.h"

#include <gtest/gtest.h>

#include "json/scan.h"

namespace spillway {
namespace {

std::string canonical(std::string_view json) {
  const Result<std::string> text = canonical_json(json, {});
  EXPECT_TRUE(static_cast<bool>(text)) << json;
  return text ? *text : std::string();
}

std::string event(std::string_view choice) {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[)" +
         std::string(choice) + "]}\n\n";
}

std::string replay_delta(std::string_view members, std::string_view finish = "null", int index = 0) {
  return event(R"({"index":)" + std::to_string(index) + R"(,"delta":{)" + std::string(members) +
               R"(},"finish_reason":)" + std::string(finish) + "}");
}

const std::string kDone = "data: [DONE]\n\n";

std::string assembled(const std::string& stream, Api api = Api::chat) {
  const Result<std::string> body = stream_to_body(api, stream);
  return body ? canonical(*body) : "refused: " + body.error().detail;
}

std::string answer(std::string_view message, std::string_view finish = "stop") {
  return canonical(R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":)" +
                   std::string(message) + R"(,"logprobs":null,"finish_reason":")" + std::string(finish) + "\"}]}");
}

// body -> stream -> body gives the same.
void expect_kept(Api api, std::string_view body) {
  const Result<std::string> stream = body_to_stream(api, body, true);
  ASSERT_TRUE(static_cast<bool>(stream)) << stream.error().detail;
  EXPECT_TRUE(stream->ends_with("\n\ndata: [DONE]\n\n"));
  EXPECT_EQ(assembled(*stream, api), canonical(body)) << *stream;
}

TEST(StreamToBody, words_are_put_together) {
  EXPECT_EQ(assembled(replay_delta(R"("role":"assistant","content":"")") + ": OPENROUTER PROCESSING\n\n" +
                      replay_delta(R"("content":"Hel")") + replay_delta(R"("content":"lo é\n")") +
                      replay_delta("", "\"stop\"") + kDone),
            answer(R"({"role":"assistant","content":"Hello é\n"})"));
}

TEST(StreamToBody, other_line_ends_and_spaces) {
  EXPECT_EQ(assembled("data:{\"id\":\"c1\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                      "\"content\":\"a\"}}]}\r\n\r\n"
                      "data: { \"choices\" : [ { \"index\" : 0, \"delta\" : {}, \"finish_reason\" : \"stop\" } ] "
                      "}\r\n\r\ndata: [DONE]\r\n\r\n"),
            answer(R"({"role":"assistant","content":"a"})"));
}

TEST(StreamToBody, refusal_and_reasoning_keep_their_names) {
  EXPECT_EQ(assembled(replay_delta(R"("reasoning":"h","reasoning_content":"x")") +
                      replay_delta(R"("reasoning":"m","refusal":"No")") + replay_delta(R"("refusal":"!")", "\"stop\"") +
                      kDone),
            answer(R"({"role":"assistant","content":null,"reasoning":"hm","reasoning_content":"x","refusal":"No!"})"));
}

TEST(StreamToBody, parallel_tool_calls_with_interleaved_arguments) {
  const auto call = [](std::string_view members) {
    return replay_delta(R"("tool_calls":[{)" + std::string(members) + "}]");
  };
  const std::string stream =
      replay_delta(R"("role":"assistant","content":null)") +
      call(R"("index":1,"id":"b","type":"function","function":{"name":"g","arguments":""})") +
      call(R"("index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""})") +
      call(R"("index":1,"function":{"arguments":"{}"})") + call(R"("index":0,"function":{"arguments":":1}"})") +
      replay_delta("", "\"tool_calls\"") + kDone;
  EXPECT_EQ(assembled(stream), answer(R"({"role":"assistant","content":null,"tool_calls":[)"
                                      R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},)"
                                      R"({"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})",
                                      "tool_calls"));
}

TEST(StreamToBody, calls_of_one_index_are_told_apart_by_their_ids) {
  const std::string stream =
      replay_delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])") +
      replay_delta(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{"}}])") +
      replay_delta(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"}"}}])", "\"tool_calls\"") +
      kDone;
  EXPECT_EQ(assembled(stream), answer(R"({"role":"assistant","content":null,"tool_calls":[)"
                                      R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},)"
                                      R"({"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]})",
                                      "tool_calls"));
}

TEST(StreamToBody, several_choices_in_order_and_usage_as_written) {
  const std::string stream =
      replay_delta(R"("content":"B")", "null", 1) + replay_delta(R"("content":"A")") + replay_delta("", "\"stop\"") +
      replay_delta(R"("content":"b")", "\"length\"", 1) +
      "data: {\"choices\":[],\"usage\": {\"prompt_tokens\":1,\"cost\":1.50e-4,\"d\":{\"cached\":0,\"w\":\"}{\"}}}\n\n" +
      kDone;
  EXPECT_EQ(
      assembled(stream),
      canonical(
          R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[)"
          R"({"index":0,"message":{"role":"assistant","content":"A"},"logprobs":null,"finish_reason":"stop"},)"
          R"({"index":1,"message":{"role":"assistant","content":"Bb"},"logprobs":null,"finish_reason":"length"}],)"
          R"("usage":{"prompt_tokens":1,"cost":1.50e-4,"d":{"cached":0,"w":"}{"}}})"));
}

TEST(StreamToBody, broken_streams_are_refused) {
  const std::string start = replay_delta(R"("content":"a")");
  const std::string finish = replay_delta("", "\"stop\"");
  EXPECT_TRUE(stream_to_body(Api::chat, start + finish)) << "a finish_reason is an end, too";
  EXPECT_TRUE(stream_to_body(Api::chat, start + kDone));
  for (const std::string& stream :
       {std::string(), start, kDone, std::string("<html>"), start + "data: {\"choices\":[\n\n" + kDone,
        start + "data: [1]\n\n" + kDone, start + "data: {\"error\":{\"message\":\"x\"}}\n\n" + kDone,
        start + replay_delta("", "\"error\"") + kDone, start + finish + "data: {\"cho",
        start + replay_delta(R"("content":[{"type":"text"}])") + finish + kDone,
        start + replay_delta(R"("content":"b")", "null", 1) + finish}) {
    const Result<std::string> body = stream_to_body(Api::chat, stream);
    EXPECT_FALSE(body) << stream;
    if (!body) {
      EXPECT_EQ(body.error().kind, Kind::invalid);
    }
  }
  const std::string whole = start + finish + kDone;
  for (std::size_t cut = 0; cut < start.size() + finish.size(); ++cut) {
    EXPECT_FALSE(stream_to_body(Api::chat, whole.substr(0, cut))) << cut;
  }
}

TEST(BodyToStream, nothing_is_lost_on_the_way_and_back) {
  const std::string head =
      R"({"id":"c1","object":"chat.completion","created":7,"model":"m","provider":"P","system_fingerprint":"f",)"
      R"("choices":[)";
  const std::string usage =
      R"(],"usage":{"prompt_tokens":1,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":1}}})";
  for (const std::string_view message :
       {R"({"role":"assistant","content":"He said \"hi\"\n\u0001 é"})", R"({"role":"assistant","content":""})",
        R"({"role":"assistant","content":null,"refusal":"No."})",
        R"({"role":"assistant","content":"a","reasoning":"b","reasoning_details":[{"type":"reasoning.text",)"
        R"("text":"b","index":0}]})",
        R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}})",
        R"({"role":"assistant","content":"x","annotations":[{"type":"url_citation","url_citation":{"url":"u",)"
        R"("start_index":1}}]})",
        R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f",)"
        R"("arguments":"{\"x\":1}"}},)"
        R"({"id":"b","type":"function","function":{"name":"g","arguments":"{}"},)"
        R"("extra_content":{"google":{"thought_signature":"s"}}}]})"}) {
    const std::string choice =
        R"({"index":0,"message":)" + std::string(message) + R"(,"logprobs":null,"finish_reason":"stop"})";
    expect_kept(Api::chat, head + choice + usage);
  }
  expect_kept(Api::chat,
              head +
                  R"({"index":0,"message":{"role":"assistant","content":"a"},"logprobs":{"content":[{"token":"a",)"
                  R"("logprob":-0.1}]},"finish_reason":"length"},)" +
                  R"({"index":1,"message":{"role":"assistant","content":"b"},"logprobs":null,"finish_reason":"stop"})" +
                  usage);
  expect_kept(Api::completions,
              R"({"id":"c1","object":"text_completion","created":7,"model":"m","choices":[)"
              R"({"index":0,"text":"a\n","logprobs":null,"finish_reason":"length"},)"
              R"({"index":1,"text":"b","logprobs":{"tokens":["b"],"token_logprobs":[-1.5]},"finish_reason":"stop"}]})");
}

TEST(BodyToStream, usage_only_when_asked) {
  const std::string body = R"({"id":"c","created":1,"model":"m","choices":[{"index":0,"message":{"content":"a"},)"
                           R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1}})";
  const Result<std::string> with = body_to_stream(Api::chat, body, true);
  const Result<std::string> without = body_to_stream(Api::chat, body, false);
  ASSERT_TRUE(with && without);
  EXPECT_NE(with->find(R"("choices":[],"usage":{"prompt_tokens":1}})"), with->npos);
  EXPECT_EQ(without->find("usage"), without->npos);
  EXPECT_EQ(without_usage_chunk(*with), *without);
}

TEST(BodyToStream, what_is_no_answer_is_refused) {
  for (const std::string_view body : {"", "[]", "{}", R"({"choices":[]})",
                                      R"({"error":{"message":"x"},"choices":[{"index":0}]})", "{\"choices\":[{"}) {
    EXPECT_FALSE(body_to_stream(Api::chat, body, true)) << body;
  }
}

TEST(StreamToBodyToStream, says_the_same_again) {
  const std::string stream =
      replay_delta(R"("role":"assistant","content":"")") + replay_delta(R"("content":"Hel")") +
      replay_delta(R"("content":"lo")") +
      replay_delta(R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}])") +
      replay_delta(R"("tool_calls":[{"index":0,"function":{"arguments":"}"}}])") + replay_delta("", "\"tool_calls\"") +
      "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":4}}\n\n" + kDone;
  const Result<std::string> body = stream_to_body(Api::chat, stream);
  ASSERT_TRUE(static_cast<bool>(body));
  const Result<std::string> again = body_to_stream(Api::chat, *body, true);
  ASSERT_TRUE(static_cast<bool>(again));
  EXPECT_EQ(assembled(*again), assembled(stream));
}

TEST(WithoutUsageChunk, is_byte_exact_otherwise) {
  const std::string odd =
      ": comment\n\ndata:{\"choices\" : [{\"delta\":{\"content\":\"usage\"}}] ,\"usage\":null}\r\n\r\n\n"
      "event: x\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}\n\n"
      "data: not json with \"usage\"\n\n";
  const std::string usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
  EXPECT_EQ(without_usage_chunk(odd + usage + kDone), odd + kDone);
  EXPECT_EQ(without_usage_chunk(odd + kDone), odd + kDone);
  EXPECT_EQ(without_usage_chunk(odd + usage + "data: [DONE]\n"), odd + "data: [DONE]\n")
      << "an end without its blank line stays";
  EXPECT_EQ(without_usage_chunk("\xEF\xBB\xBF" + odd), "\xEF\xBB\xBF" + odd);
  EXPECT_EQ(without_usage_chunk(""), "");
}

}  // namespace
}  // namespace spillway
