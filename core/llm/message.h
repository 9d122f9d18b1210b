// One message model between all wire formats: what a chat request asks, what an answer says, what one event of a stream
// brings. A codec (codec.h) reads its wire format into this and writes it from this; nothing here knows any of them.
//
// For translated requests only: a request whose client and provider speak alike passes as bytes and never gets here.
// What copies, moves and ends them is in message.cc: inline, it would be most of the codecs' code.
// Memory: owned, but for StreamEvent, whose texts are good until the sink returns. Thread: any.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::llm {

// Names of JSON members are written as string_views: JsonKey, made for the hot path, costs 50 bytes of code each.
using namespace std::string_view_literals;

enum class Wire : std::uint8_t {
  openai_chat,
  openai_completions,
  openai_responses,
  anthropic,
  gemini,
  ollama,
  cohere,
};
inline constexpr std::size_t kWires = 7;

enum class Role : std::uint8_t { system, user, assistant, tool };

struct Part {
  Part();
  ~Part();
  Part(const Part&);
  Part(Part&&) noexcept;
  Part& operator=(const Part&);
  Part& operator=(Part&&) noexcept;

  enum class Kind : std::uint8_t { text, image, audio, file, tool_use, tool_result, thinking, refusal };
  Kind kind = Kind::text;
  bool error = false;        // of a tool result: the tool failed
  bool redacted = false;     // of thinking: only its maker can read it; all there is stands in `signature`
  std::string text;          // text, thinking, refusal; of a tool_use its arguments, as JSON
  std::string id, name;      // of tools; of a file its name
  std::string media, data;   // "image/png" and base64
  std::string url;           // where the data is instead
  std::string signature;     // of thinking and of tool calls: good only where it was made
  std::string detail;        // of an image: how closely to look
  std::string cache;         // cache_control as spelled
  std::vector<Part> inside;  // what a tool result holds
};

struct Message {
  Message();
  ~Message();
  Message(const Message&);
  Message(Message&&) noexcept;
  Message& operator=(const Message&);
  Message& operator=(Message&&) noexcept;

  Role role = Role::user;
  std::vector<Part> parts;
  std::string name;  // who speaks, where there are several
};

struct Tool {
  Tool();
  ~Tool();
  Tool(const Tool&);
  Tool(Tool&&) noexcept;
  Tool& operator=(const Tool&);
  Tool& operator=(Tool&&) noexcept;

  std::string name, description;
  std::string schema;  // of its arguments, as JSON; empty: none given
  std::string space;   // the namespace it was taken out of (Responses); its name then begins with "space__"
  std::optional<bool> strict;
  std::string cache;
};

struct ToolChoice {
  enum class Kind : std::uint8_t { unset, automatic, none, required, named };
  Kind kind = Kind::unset;
  std::string name;                  // of `named`
  std::vector<std::string> allowed;  // with automatic and required: only these
};

struct ResponseFormat {
  enum class Kind : std::uint8_t { text, json_object, json_schema };
  Kind kind = Kind::text;
  std::string name, description, schema;  // the schema as JSON
  std::optional<bool> strict;
};

enum class Effort : std::uint8_t { unset, none, minimal, low, medium, high, xhigh, max };

struct Extra {
  std::string name, json;
};

struct ChatRequest {
  ChatRequest();
  ~ChatRequest();
  ChatRequest(const ChatRequest&);
  ChatRequest(ChatRequest&&) noexcept;
  ChatRequest& operator=(const ChatRequest&);
  ChatRequest& operator=(ChatRequest&&) noexcept;

  Wire from = Wire::openai_chat;
  std::string model;
  std::vector<Message> messages;  // system messages stay where they stood
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  std::optional<bool> parallel_tool_calls;
  ResponseFormat format;
  std::vector<std::string> stops;
  std::int64_t max_tokens = -1;
  std::optional<double> temperature, top_p, presence_penalty, frequency_penalty;
  std::int64_t top_k = -1, seed = -1, n = 1;
  Effort effort = Effort::unset;
  std::int64_t thinking_budget = -1;  // tokens; with effort unset it alone decides
  bool show_thinking = true;
  bool stream = false, include_usage = false;
  bool prompt = false;  // asked as one prompt, which is the only message (Ollama's generate)
  std::string suffix;   // what stands behind the gap that the prompt ends at; empty: there is no gap to fill in
  std::string verbosity;
  std::string user;
  std::vector<Extra> extras;  // top-level members that are not modelled, in their order
};

enum class Finish : std::uint8_t { none, stop, length, tool_calls, content_filter, error };

// Meanings are OpenAI's: input includes what came from and went to the cache, output includes reasoning. -1: not told.
struct Tokens {
  std::int64_t input = -1, output = -1;
  std::int64_t cached = 0, cache_write = 0, reasoning = 0;
  bool known() const { return input >= 0 || output >= 0; }
};

struct ChatAnswer {
  ChatAnswer();
  ~ChatAnswer();
  ChatAnswer(const ChatAnswer&);
  ChatAnswer(ChatAnswer&&) noexcept;
  ChatAnswer& operator=(const ChatAnswer&);
  ChatAnswer& operator=(ChatAnswer&&) noexcept;

  std::string id, model;
  std::int64_t created = 0;  // unix seconds; 0: not told
  std::vector<Part> parts;
  Finish finish = Finish::none;
  std::string stop_sequence;  // which one ended it, where that is told
  Tokens tokens;
  std::string error;  // an error in place of an answer; empty: none
};

// What one step of a stream brings. Readers give them in the order they came; Translation (translation.h) puts them in
// order, so that writers get: start first; tool calls counted from 0, tool_start before arguments, each with a name
// and an id; one finish, then one usage at most, then end; or an error, and nothing behind that.
struct StreamEvent {
  enum class Kind : std::uint8_t {
    start,           // id, model; tokens.input where it is told at once
    text,            // text
    thinking,        // text
    signature,       // text: of the thinking before it
    refusal,         // text
    tool_start,      // tool, id, name; text: its signature
    tool_arguments,  // tool, text
    tool_end,        // tool
    finish,          // finish
    usage,           // tokens; what is told later counts
    error,           // text: message; name: its type, id: its code, as the provider calls them
    end,
  };
  Kind kind = Kind::end;
  Finish finish = Finish::none;
  std::int32_t tool = 0;  // from a reader: the provider's number of it, -1 if it gives none
  std::string_view text, id, name, model;
  Tokens tokens;
};

class EventSink {
 public:
  virtual void on_event(const StreamEvent& event) = 0;

 protected:
  ~EventSink() = default;
};

// What the writers of answers need to know of the client's request.
struct Asked {
  std::string model;         // what the client called it
  std::string fallback_id;   // of the answer, where the provider gives none
  std::int64_t created = 0;  // unix seconds, where the provider does not tell
  bool include_usage = false;
  bool show_thinking = true;
  bool one_call = false;            // parallel_tool_calls = false: the first call is the only one
  bool prompt = false;              // Ollama's generate: words are `response`, not a message
  std::int64_t input_estimate = 0;  // tokens, for those who are told before it is known
  std::vector<Tool> spaced_tools;   // tools that were taken out of a namespace
};

}  // namespace spillway::llm
