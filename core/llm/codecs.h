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

bool read_responses_request(const Node& root, ChatRequest& out, Refusal& why);
void write_responses_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json);
void read_responses_answer(const Node& root, ChatAnswer& out);
void write_responses_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json);
std::unique_ptr<StreamReader> responses_reader();
std::unique_ptr<StreamWriter> responses_writer(const Asked& asked);

bool read_gemini_request(const Node& root, ChatRequest& out, Refusal& why);
void write_gemini_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json);
void read_gemini_answer(const Node& root, ChatAnswer& out);
void write_gemini_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json);
std::unique_ptr<StreamReader> gemini_reader();
std::unique_ptr<StreamWriter> gemini_writer(const Asked& asked);

bool read_ollama_request(const Node& root, ChatRequest& out, Refusal& why);
void write_ollama_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json);
void read_ollama_answer(const Node& root, ChatAnswer& out);
void write_ollama_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json);
std::unique_ptr<StreamReader> ollama_reader();
std::unique_ptr<StreamWriter> ollama_writer(const Asked& asked);

void write_cohere_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json);
void read_cohere_answer(const Node& root, ChatAnswer& out);
std::unique_ptr<StreamReader> cohere_reader();

bool read_completions_request(const Node& root, ChatRequest& out, Refusal& why);
void write_completions_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json);
std::unique_ptr<StreamWriter> completions_writer(const Asked& asked);

// OpenAI's two wires.
void read_openai_choice(const Node& choice, ToolChoice& out);
bool both_have(std::string_view name);  // a top-level member that chat and Responses mean the same by
void read_openai_format(const Node& format, ResponseFormat& out);
void read_openai_sampling(const Node& root, ChatRequest& out);
void read_extras(const Node& root, const std::string_view* known, std::size_t count, ChatRequest& out);
void write_openai_tool(const Tool& tool, JsonWriter& json);                 // the inside of `function`
void write_openai_tools(const std::vector<Tool>& tools, JsonWriter& json);  // the member tools, if any
void read_openai_tool(const Node& node, Tool& out);                         // what stands beside its name
// The member content: a string where that is enough, parts else; texts are joined by line ends if `joined`.
void write_openai_content(const std::vector<Part>& parts, JsonWriter& json, bool joined);
void write_openai_calls(const std::vector<Part>& parts, JsonWriter& json);  // the member tool_calls, if any
void write_openai_format(const ResponseFormat& format, bool nested, JsonWriter& json);

// Responses: the object that an answer is, and that a stream repeats. `output` is the list's JSON without brackets.
struct ResponseState {
  std::string_view id, model, status, output, reason, error_code, error_message;
  std::int64_t created = 0;
  const Tokens* tokens = nullptr;  // null: not told yet
};
std::string_view incomplete_reason(Finish finish);  // empty: it is complete
void write_response(const ResponseState& state, JsonWriter& json);
// After the answer and the request, not the answer alone: clients show one item for two of the same id, and some
// providers repeat theirs. OpenAI takes no history whose ids are longer than 64 characters or do not begin with their
// kind.
std::string response_item_id(Part::Kind kind, std::string_view answer, const Asked& asked, int number);
// The item that a part is, as the list of them holds it.
void write_response_item(const Part& part, const Asked& asked, std::string_view id, bool done, JsonWriter& json);

std::string answer_id(std::string_view prefix, std::string_view id, const Asked& asked);

}  // namespace spillway::llm
