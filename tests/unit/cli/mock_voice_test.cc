// What the synthetic provider says in each wire format is what that wire's reader hears.
#include "cli/mock_voice.h"

#include "mock_wires.h"

namespace spillway {
namespace {

using llm::Part;
using llm::Wire;
using State = llm::Translation::State;

MockAsk ask_for(Wire wire, const std::string& behaviour, const std::vector<std::string>& tools = {}) {
  MockAsk ask;
  ask.wire = wire;
  ask.api = Api::chat;
  ask.model = ask.behaviour = behaviour;
  ask.tools = tools;
  ask.last = "Hi";
  ask.prompt_tokens = 7;
  ask.id = "mock-1";
  ask.created = 1'800'000'000;
  ask.asked.model = behaviour;
  ask.asked.include_usage = true;
  if (behaviour == "json") ask.json = R"({"city":"mock"})";
  return ask;
}

std::string whole(const MockSpeech& speech) {
  std::string all = speech.open;
  for (const std::string& piece : speech.pieces) all += piece;
  return all + speech.end;
}

std::string joined(const std::vector<Part>& parts, Part::Kind kind) {
  std::string text;
  for (const Part& part : parts) text += part.kind == kind ? part.text : "";
  return text;
}

TEST(MockVoice, words_and_counts_arrive_in_each_wire) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    const MockAsk ask = ask_for(wire.wire, "sse-2");
    const llm::ChatAnswer answer = hear_answer(wire.wire, mock_spoken(ask, 2));
    EXPECT_EQ(joined(answer.parts, Part::Kind::text), "You said: Hi word0 word1");
    EXPECT_EQ(answer.finish, llm::Finish::stop);
    EXPECT_EQ(answer.tokens.input, 7);
    EXPECT_EQ(answer.tokens.output, 5);
    const Heard heard = hear_stream(wire.wire, whole(mock_speech(ask, 2)));
    EXPECT_EQ(heard.state, State::done) << heard.error;
    EXPECT_NE(heard.text.find(R"("content":"word0")"), std::string::npos) << heard.text;
    EXPECT_NE(heard.text.find(R"("content":" word1")"), std::string::npos);
    EXPECT_EQ(heard.finish, llm::Finish::stop);
    EXPECT_EQ(heard.tokens.input, 7);
    EXPECT_EQ(heard.tokens.output, 2);
  }
}

TEST(MockVoice, each_word_is_a_piece_of_its_own) {
  for (const MockWire& wire : mock_wires()) {
    const MockSpeech speech = mock_speech(ask_for(wire.wire, "ok"), 3);
    ASSERT_EQ(speech.pieces.size(), 3u) << wire.dialect;
    for (int i = 0; i < 3; ++i) {
      EXPECT_NE(speech.pieces[static_cast<std::size_t>(i)].find("word" + std::to_string(i)), std::string::npos);
    }
  }
}

TEST(MockVoice, several_calls_arrive_with_their_arguments) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    const MockAsk ask = ask_for(wire.wire, "tools-3", {"weather", "time"});
    const llm::ChatAnswer answer = hear_answer(wire.wire, mock_spoken(ask, 5));
    ASSERT_EQ(answer.parts.size(), 3u);
    EXPECT_EQ(answer.parts[0].name, "weather");
    EXPECT_EQ(answer.parts[1].name, "time");
    EXPECT_EQ(answer.parts[2].text, R"({"city":"Lima"})");
    EXPECT_EQ(answer.finish, llm::Finish::tool_calls);
    const Heard heard = hear_stream(wire.wire, whole(mock_speech(ask, 5)));
    EXPECT_EQ(heard.state, State::done) << heard.error;
    EXPECT_EQ(heard.finish, llm::Finish::tool_calls);
    for (const char* const index : {R"("index":0,"id":)", R"("index":1,"id":)", R"("index":2,"id":)"}) {
      EXPECT_NE(heard.text.find(index), std::string::npos) << index << "\n" << heard.text;
    }
  }
}

TEST(MockVoice, openais_calls_come_interleaved) {
  const MockSpeech speech = mock_speech(ask_for(Wire::openai_chat, "tools-2", {"weather"}), 5);
  std::string indices;
  for (const std::string& piece : speech.pieces) {
    const std::size_t at = piece.find(R"("tool_calls":[{"index":)");
    if (at != std::string::npos) indices += piece[at + 23];
  }
  EXPECT_EQ(indices, "01010101");
}

TEST(MockVoice, thinking_stands_before_the_answer_and_is_signed) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    const MockAsk ask = ask_for(wire.wire, "reasoning");
    const llm::ChatAnswer answer = hear_answer(wire.wire, mock_spoken(ask, 1));
    ASSERT_EQ(answer.parts.size(), 2u);
    EXPECT_EQ(answer.parts[0].kind, Part::Kind::thinking);
    EXPECT_EQ(answer.parts[0].text, "Let me think.");
    EXPECT_EQ(answer.parts[0].signature.empty(), wire.wire != Wire::anthropic && wire.wire != Wire::gemini);
    const Heard heard = hear_stream(wire.wire, whole(mock_speech(ask, 1)));
    EXPECT_EQ(heard.state, State::done) << heard.error;
    const std::size_t thought = heard.text.find(R"("reasoning_content":"Let")"), word = heard.text.find("word0");
    EXPECT_NE(thought, std::string::npos) << heard.text;
    EXPECT_LT(thought, word);
  }
}

TEST(MockVoice, json_arrives_whole_and_in_pieces) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    const MockAsk ask = ask_for(wire.wire, "json");
    const llm::ChatAnswer answer = hear_answer(wire.wire, mock_spoken(ask, 5));
    EXPECT_EQ(joined(answer.parts, Part::Kind::text), ask.json);
    EXPECT_EQ(mock_speech(ask, 5).pieces.size(), 3u);
  }
}

TEST(MockVoice, images_are_told_in_answers_and_streams) {
  for (const MockWire& wire : mock_wires()) {
    MockAsk ask = ask_for(wire.wire, "ok");
    ask.seen = " (images: 1 data)";
    EXPECT_NE(mock_spoken(ask, 1).find("Hi (images: 1 data)"), std::string::npos) << wire.dialect;
    EXPECT_NE(whole(mock_speech(ask, 1)).find(" (images: 1 data)"), std::string::npos) << wire.dialect;
  }
}

TEST(MockVoice, an_error_in_a_stream_is_heard_as_one) {
  for (const MockWire& wire : mock_wires()) {
    const MockAsk ask = ask_for(wire.wire, "ok");
    const MockSpeech speech = mock_speech(ask, 1);
    const Heard heard =
        hear_stream(wire.wire, speech.open + speech.pieces[0] + mock_speech_error(ask, "it stopped working"));
    EXPECT_EQ(heard.state, State::failed) << wire.dialect;
    EXPECT_EQ(heard.error, "it stopped working") << wire.dialect;
  }
}

TEST(MockVoice, comments_are_nothing_in_their_wire) {
  for (const MockWire& wire : mock_wires()) {
    const std::string comment(mock_speech_comment(wire.wire));
    EXPECT_EQ(hear_stream(wire.wire, comment + whole(mock_speech(ask_for(wire.wire, "ok"), 1))).state, State::done)
        << wire.dialect;
  }
  EXPECT_EQ(mock_speech_type(Wire::ollama), "application/x-ndjson");
  EXPECT_EQ(mock_speech_type(Wire::gemini), "text/event-stream");
}

}  // namespace
}  // namespace spillway
