// Cohere's events word for word, as its library reads them.
#include "cli/mock_cohere.h"

#include <utility>

#include "mock_wires.h"

namespace spillway {
namespace {

using Kind = llm::StreamEvent::Kind;

llm::StreamEvent event(Kind kind, std::string_view text = {}) {
  llm::StreamEvent one;
  one.kind = kind;
  one.text = text;
  return one;
}

std::string told(llm::StreamWriter& writer, const llm::StreamEvent& one) {
  writer.on_event(one);
  return std::exchange(writer.out(), {});
}

TEST(MockCohere, a_block_is_of_one_kind) {
  const auto writer = mock_cohere_writer({});
  EXPECT_EQ(
      told(*writer, event(Kind::thinking, "hm")),
      "event: content-start\n"
      R"(data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}})"
      "\n\nevent: content-delta\n"
      R"(data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"hm"}}}})"
      "\n\n");
  EXPECT_EQ(told(*writer, event(Kind::text, "Hi")),
            "event: content-end\n"
            R"(data: {"type":"content-end","index":0})"
            "\n\nevent: content-start\n"
            R"(data: {"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}})"
            "\n\nevent: content-delta\n"
            R"(data: {"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"Hi"}}}})"
            "\n\n");
}

TEST(MockCohere, a_call_is_an_object_and_its_arguments_are_pieces) {
  const auto writer = mock_cohere_writer({});
  llm::StreamEvent call = event(Kind::tool_start);
  call.id = "c1";
  call.name = "weather";
  EXPECT_EQ(
      told(*writer, call),
      "event: tool-call-start\n"
      R"(data: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c1","type":"function",)"
      R"("function":{"name":"weather","arguments":""}}}}})"
      "\n\n");
  EXPECT_EQ(told(*writer, event(Kind::tool_arguments, "{}")),
            "event: tool-call-delta\n"
            R"(data: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":)"
            R"({"arguments":"{}"}}}}})"
            "\n\n");
  EXPECT_EQ(told(*writer, event(Kind::tool_end)),
            "event: tool-call-end\ndata: {\"type\":\"tool-call-end\",\"index\":0}\n\n");
}

TEST(MockCohere, the_end_tells_reason_and_usage) {
  const auto writer = mock_cohere_writer({});
  llm::StreamEvent finish = event(Kind::finish), usage = event(Kind::usage);
  finish.finish = llm::Finish::length;
  usage.tokens.input = 3;
  usage.tokens.output = 4;
  EXPECT_EQ(told(*writer, finish) + told(*writer, usage), "");
  EXPECT_EQ(told(*writer, event(Kind::end)),
            "event: message-end\n"
            R"(data: {"type":"message-end","delta":{"finish_reason":"MAX_TOKENS","usage":{)"
            R"("billed_units":{"input_tokens":3,"output_tokens":4},"tokens":{"input_tokens":3,"output_tokens":4}}}})"
            "\n\n");
}

TEST(MockCohere, an_answer_has_content_or_calls) {
  llm::ChatAnswer answer;
  answer.id = "1";
  answer.tokens.input = 1;
  answer.tokens.output = 2;
  answer.parts.emplace_back().text = "Hi";
  EXPECT_EQ(mock_cohere_answer(answer),
            R"({"id":"1","message":{"role":"assistant","content":[{"type":"text","text":"Hi"}]},)"
            R"("finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":1,"output_tokens":2},)"
            R"("tokens":{"input_tokens":1,"output_tokens":2}}})");
  answer.finish = llm::Finish::tool_calls;
  answer.parts[0].kind = llm::Part::Kind::tool_use;
  answer.parts[0].id = "c1";
  answer.parts[0].name = "f";
  answer.parts[0].text = "{}";
  const std::string calls = mock_cohere_answer(answer);
  EXPECT_NE(calls.find(R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]})"),
            std::string::npos);
  EXPECT_EQ(calls.find("content"), std::string::npos);
  EXPECT_NE(calls.find(R"("finish_reason":"TOOL_CALL")"), std::string::npos);
}

}  // namespace
}  // namespace spillway
