// The texts that are measured: requests as the official Python client sends them, answers and stream events as an
// OpenAI-compatible provider does. Thread: any.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::micro {

// A chat request of exactly `bytes` bytes, prose with escapes, `model` last. Room for a JSON scanner is behind it.
std::string chat_body(std::size_t bytes, bool cacheable = false, bool stream = false);

// A whole request with that many header fields: 3 to 20.
std::string request_text(std::size_t fields, std::string_view body);

std::string answer_text();  // a whole response, with a Content-Length
std::string stream_head();  // of a chunked event stream
std::string event_text();   // one event with a word, the blank line included
std::string chunk_of(std::string_view bytes);
std::string stream_end();  // the last events and the last chunk

}  // namespace spillway::micro
