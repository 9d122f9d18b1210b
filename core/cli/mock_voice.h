// What the synthetic provider says, spoken in any wire format by that wire's own writer (core/llm; Cohere's is in
// mock_cohere). Plain OpenAI chats are not spoken here but in mock_answers, whose bytes the bench knows. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cli/mock_ask.h"

namespace spillway {

// The body of an answer of so many words, of tool calls, of thinking and so on, as `ask.behaviour` says. `silent`:
// there is nothing in it.
std::string mock_spoken(const MockAsk& ask, std::size_t words, bool silent = false);

// The same as a stream's events: what opens it (which may be empty), its words one by one, what ends it.
struct MockSpeech {
  std::string open;
  std::vector<std::string> pieces;
  std::string end;
};
MockSpeech mock_speech(const MockAsk& ask, std::size_t words, bool silent = false);
// An error as the last event of a stream that has begun.
std::string mock_speech_error(const MockAsk& ask, std::string_view message);

// Content types of streams, and what stands before an event where there is nothing to say yet.
std::string_view mock_speech_type(llm::Wire wire);
std::string_view mock_speech_comment(llm::Wire wire);

}  // namespace spillway
