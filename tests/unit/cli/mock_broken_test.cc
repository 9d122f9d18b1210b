// What goes wrong goes wrong in each wire format, and at the level it says.
#include "cli/mock_broken.h"

#include "mock_wires.h"

namespace spillway {
namespace {

using What = MockStep::What;
using State = llm::Translation::State;

std::vector<MockStep> steps_of(const MockWire& wire, const std::string& behaviour, bool stream) {
  MockScript script(1);
  return script.answer(mock_request(wire, mock_talk(behaviour, stream)), 0);
}

Heard heard_of(const MockWire& wire, const std::vector<MockStep>& steps) {
  return hear_stream(wire.wire, dechunked(body_of(mock_bytes(steps))));
}

TEST(MockBroken, streams_that_end_too_early_have_said_something) {
  struct Row {
    const char* behaviour;
    What last;
  };
  for (const MockWire& wire : mock_wires()) {
    for (const auto& [behaviour, last] : {Row{"reset-midstream", What::reset}, Row{"stall-midstream", What::hang},
                                          Row{"truncate", What::fin}, Row{"bad-chunk", What::fin}}) {
      SCOPED_TRACE(wire.dialect + " " + behaviour);
      const std::vector<MockStep> steps = steps_of(wire, behaviour, true);
      EXPECT_EQ(steps.back().what, last);
      const Heard heard = heard_of(wire, steps);
      EXPECT_EQ(heard.state, State::failed);
      EXPECT_NE(heard.text.find("word2"), std::string::npos) << heard.text;
      EXPECT_EQ(heard.text.find("word3"), std::string::npos);
      EXPECT_FALSE(mock_bytes(steps).ends_with("\r\n0\r\n\r\n"));
    }
  }
}

TEST(MockBroken, a_truncated_stream_ends_inside_an_event) {
  for (const MockWire& wire : mock_wires()) {
    if (wire.wire == llm::Wire::openai_chat) continue;  // between two, as it always was
    const std::string body = dechunked(body_of(mock_bytes(steps_of(wire, "truncate", true))));
    EXPECT_NE(body.back(), '\n') << wire.dialect;
  }
}

TEST(MockBroken, bad_json_is_whole_but_for_its_json) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    const std::string stream = mock_bytes(steps_of(wire, "bad-json", true));
    EXPECT_TRUE(stream.ends_with("\r\n0\r\n\r\n"));
    EXPECT_TRUE(dechunked(body_of(stream)).ends_with(wire.wire == llm::Wire::ollama ? "\n" : "\n\n"));
    EXPECT_EQ(hear_stream(wire.wire, dechunked(body_of(stream))).state, State::failed);
    const std::string answer = mock_bytes(steps_of(wire, "bad-json", false));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
    EXPECT_FALSE(parse_json(body_of(answer)));
  }
}

TEST(MockBroken, errors_come_inside_streams_and_with_status_200) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    const Heard late = heard_of(wire, steps_of(wire, "error-in-stream", true));
    EXPECT_EQ(late.error, "the model stopped working");
    EXPECT_NE(late.text.find("word2"), std::string::npos);
    const Heard early = heard_of(wire, steps_of(wire, "comment-then-error", true));
    EXPECT_EQ(early.error, "the provider is overloaded");
    EXPECT_EQ(early.text.find("word"), std::string::npos);
    const std::string answer = mock_bytes(steps_of(wire, "error-in-stream", false));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
    JsonScanner scanner;
    const std::string body = body_of(answer);
    const auto read = llm::read_answer(wire.wire, scanner, body, body.size());
    EXPECT_FALSE(read);
  }
}

TEST(MockBroken, empty_is_an_answer_without_a_word) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    const std::string stream = mock_bytes(steps_of(wire, "empty", true));
    EXPECT_TRUE(stream.ends_with("\r\n0\r\n\r\n"));
    EXPECT_EQ(stream.find("word"), std::string::npos);
    const std::string answer = mock_bytes(steps_of(wire, "empty", false));
    EXPECT_TRUE(parse_json(body_of(answer)));
    EXPECT_EQ(answer.find("You said"), std::string::npos);
  }
}

TEST(MockBroken, answers_that_are_no_streams_end_in_their_middle) {
  for (const MockWire& wire : mock_wires()) {
    for (const char* const behaviour : {"reset-midstream", "stall-midstream", "truncate"}) {
      const std::string bytes = mock_bytes(steps_of(wire, behaviour, false));
      const std::size_t at = bytes.find("content-length: ") + 16;
      EXPECT_LT(body_of(bytes).size(), std::stoul(bytes.substr(at))) << wire.dialect << " " << behaviour;
      EXPECT_GT(body_of(bytes).size(), 0u);
    }
  }
}

TEST(MockBroken, an_events_frame_outlives_its_json) {
  EXPECT_EQ(mock_cut_json("event: x\ndata: {\"a\":\"bcdef\"}\n\n"), "event: x\ndata: {\"a\":\"b\n\n");
  EXPECT_EQ(mock_cut_json("{\"a\":\"bcdef\"}\n"), "{\"a\":\"b\n");
  EXPECT_EQ(mock_cut_json("{}\n"), "{}\n") << "nothing to cut";
  EXPECT_TRUE(mock_breaks("truncate"));
  EXPECT_FALSE(mock_breaks("ok"));
}

}  // namespace
}  // namespace spillway
