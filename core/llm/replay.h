// Complete answers between their two forms: one JSON body, and a stream of chunks. For the cache, which may have kept
// one and be asked for the other (OpenAI chat and completions).
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "llm/facts.h"

namespace spillway {

// A whole SSE body -> one JSON answer: content, refusal, reasoning, tool calls by index, finish_reason and usage are
// put together, choices in order. Kind::invalid unless it ended properly ([DONE] or finish_reason).
Result<std::string> stream_to_body(Api api, std::string_view sse);

// One JSON answer -> SSE: role chunk, content chunks, tool calls, finish, usage chunk if `with_usage`, [DONE].
Result<std::string> body_to_stream(Api api, std::string_view json, bool with_usage);

// A recorded stream for a client that did or did not ask for the usage chunk: adds nothing, drops it when not asked.
std::string without_usage_chunk(std::string_view sse);

}  // namespace spillway
