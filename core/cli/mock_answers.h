// The synthetic provider's answers in the OpenAI dialect, ready for the wire. Pure functions.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/mock_ask.h"
#include "cli/mock_script.h"

namespace spillway {

// A whole response; `more` are finished header lines.
using MockFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;
std::string mock_http(int status, std::string_view type, std::string_view body, MockFields more = {});
std::string mock_error(std::string_view message, std::int64_t code, std::string_view metadata = {});
std::string mock_answer(const MockAsk& ask, std::size_t words);
std::string mock_words(const MockAsk& ask, std::size_t words);  // what an answer says, in any wire
// A GET of a provider that has a folder of files: what is behind /v1/ with '_' for '/' and ':', and ".json".
std::string mock_file(const std::string& folder, std::string_view path, bool authorized);
std::string mock_embeddings(const MockAsk& ask);

// Pieces of a stream: head, one event, one chunk of anything.
std::string mock_stream_head(std::string_view type = "text/event-stream");
std::string mock_chunk(std::string_view bytes);
std::string mock_event(std::string_view data);
void mock_stream_words(const MockAsk& ask, std::uint32_t words, std::uint32_t gap_ms, std::vector<MockStep>& steps);
void mock_stream_end(const MockAsk& ask, std::uint32_t words, std::vector<MockStep>& steps);

}  // namespace spillway
