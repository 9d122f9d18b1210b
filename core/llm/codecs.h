// The functions of all codecs, for the table in codec.cc, and what related ones share. Private to core/llm.
#pragma once
#include <memory>

#include "llm/codec.h"

namespace spillway::llm {

bool read_openai_request(const Node& root, ChatRequest& out, Refusal& why);
void write_openai_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json);
void read_openai_answer(const Node& root, ChatAnswer& out);
void write_openai_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json);
std::unique_ptr<StreamReader> openai_reader();
std::unique_ptr<StreamWriter> openai_writer(const Asked& asked);

bool read_anthropic_request(const Node& root, ChatRequest& out, Refusal& why);
void write_anthropic_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json);
void read_anthropic_answer(const Node& root, ChatAnswer& out);
void write_anthropic_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json);
std::unique_ptr<StreamReader> anthropic_reader();
std::unique_ptr<StreamWriter> anthropic_writer(const Asked& asked);

// OpenAI's two wires.
void read_openai_format(const Node& format, ResponseFormat& out);
void read_openai_sampling(const Node& root, ChatRequest& out);
void read_extras(const Node& root, const std::string_view* known, std::size_t count, ChatRequest& out);
void write_openai_tool(const Tool& tool, JsonWriter& json);                 // the inside of `function`
void write_openai_calls(const std::vector<Part>& parts, JsonWriter& json);  // the member tool_calls, if any
void write_openai_format(const ResponseFormat& format, bool nested, JsonWriter& json);
std::string answer_id(std::string_view prefix, std::string_view id, const Asked& asked);

}  // namespace spillway::llm
