// OpenAI's Responses streams, read and written (ecosystem.md 1.6).
#include <set>

#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

constexpr Wire kResponses = Wire::openai_responses;

// Counts events and items as OpenAI's library and Codex do.
struct StrictResponses {
  std::string complaints, types, text, thinking, arguments;
  JsonValue last;
  void check(std::string_view sse) {
    SseReader reader(1 << 20);
    SseEvent event;
    std::int64_t sequence = 0;
    std::string delta, items;
    while (true) {
      const Result<bool> whole = reader.next(sse, event);
      if (!whole || !*whole) break;
      const Result<JsonValue> root = parse_json(event.data);
      if (!root || (*root)["type"].string() != event.type) complaints += "name; ";
      if (!root) return;
      if ((*root)["sequence_number"].integer(-1) != sequence++) complaints += "sequence; ";
      const std::string type((*root)["type"].string());
      types += type.substr(9) + " ";
      if (type.ends_with(".delta")) delta += (*root)["delta"].string();
      if (type.ends_with("output_text.delta")) text += (*root)["delta"].string();
      if (type.ends_with("summary_text.delta")) thinking += (*root)["delta"].string();
      if (type.ends_with("arguments.delta")) arguments += (*root)["delta"].string();
      if (type.ends_with("text.done") && (*root)["text"].string() != delta) complaints += "text; ";
      if (type.ends_with("arguments.done") && (*root)["arguments"].string() != delta) complaints += "arguments; ";
      if (type.ends_with("_item.added")) delta.clear();
      if (type.ends_with("_item.done")) ++done;
      if ((*root).has("response")) last = (*root)["response"];
    }
    if (last["output"].items.size() != done) complaints += "items; ";
  }
  std::size_t done = 0;
};

std::string chat_chunk(const std::string& delta, const std::string& reason = "null") {
  return R"({"id":"x","created":7,"model":"m","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" +
         reason + "}]}";
}

TEST(ResponsesStream, chat_becomes_items_in_the_contracts_order) {
  const Streamed got = stream_for(
      Wire::openai_chat,
      sse({chat_chunk(R"({"reasoning_content":"hm"})"), chat_chunk(R"({"content":"Hel"})"),
           chat_chunk(R"({"content":"lo"})"),
           chat_chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}]})"),
           chat_chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})"), chat_chunk("{}", R"("stop")"),
           R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})", "[DONE]"}),
      kResponses);
  StrictResponses strict;
  strict.check(got.out);
  EXPECT_EQ(strict.complaints, "") << got.out;
  EXPECT_EQ(
      strict.types,
      "created in_progress output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
      "reasoning_summary_text.done reasoning_summary_part.done output_item.done output_item.added content_part.added "
      "output_text.delta output_text.delta output_text.done content_part.done output_item.done output_item.added "
      "function_call_arguments.delta function_call_arguments.delta function_call_arguments.done output_item.done "
      "completed ");
  EXPECT_EQ(strict.last["status"].string(), "completed");
  EXPECT_EQ(strict.last["usage"]["total_tokens"].integer(-1), 7);
  EXPECT_EQ(strict.last["output"].at(1)["content"].at(0)["text"].string(), "Hello");
  EXPECT_EQ(strict.last["output"].at(2)["arguments"].string(), R"({"x":1})");
  EXPECT_EQ(strict.last["output"].at(2)["call_id"].string(), "a");
}

TEST(ResponsesStream, items_have_ids_of_their_kind_that_no_other_answer_has) {
  // Codex shows one item for two of the same id, and providers repeat theirs. OpenAI refuses other kinds in a history.
  const std::string chat =
      sse({chat_chunk(R"({"reasoning_content":"hm"})"), chat_chunk(R"({"content":"Hello"})"),
           chat_chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
           chat_chunk("{}", R"("tool_calls")"), "[DONE]"});
  std::set<std::string> seen;
  for (const char* const request :
       {"req_1", "req_2", "an-id-of-the-clients-own-which-is-as-long-as-it-likes-to-be-and-longer"}) {
    Asked as = asked();
    as.fallback_id = request;
    StrictResponses strict;
    strict.check(stream_for(Wire::openai_chat, chat, kResponses, as).out);
    const std::string_view kinds[] = {"rs_", "msg_", "fc_"};
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string id(strict.last["output"].at(i)["id"].string());
      EXPECT_TRUE(id.starts_with(kinds[i]) && id.size() <= 64) << id;
      EXPECT_TRUE(seen.insert(id).second) << id;
    }
  }
}

TEST(ResponsesStream, a_round_trip_keeps_what_was_said) {
  const std::string chat =
      sse({chat_chunk(R"({"reasoning_content":"hm"})"), chat_chunk(R"({"content":"Hello"})"),
           chat_chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
           chat_chunk(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{\"x\":1}"}}]})"),
           chat_chunk("{}", R"("tool_calls")"), R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})",
           "[DONE]"});
  const Streamed there = stream_for(Wire::openai_chat, chat, kResponses);
  const Streamed back = stream_for(kResponses, there.out, Wire::openai_chat);
  StrictChat strict;
  EXPECT_EQ(strict.check(back.out, true), "") << back.out;
  EXPECT_EQ(strict.thinking + strict.text, "hmHello");
  EXPECT_EQ(strict.tools[0] + strict.tools[1] + strict.tool_ids[0] + strict.tool_names[1], R"({}{"x":1}ag)");
  EXPECT_EQ(strict.total_tokens, 7);
}

TEST(ResponsesStream, arguments_that_come_only_when_done_count) {
  const Streamed got = stream_for(
      kResponses,
      sse({R"({"type":"response.created","response":{"id":"r","model":"m"}})",
           R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id")"
           R"(:"a","name":"f",)"
           R"("arguments":""}})",
           R"({"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":)"
           R"("a","name":"f",)"
           R"("arguments":"{\"x\":1}"}})",
           R"({"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":1,"outpu)"
           R"(t_tokens":2}}})"}),
      Wire::openai_chat);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, true), "") << got.out;
  EXPECT_EQ(strict.tools[0], R"({"x":1})");
}

TEST(ResponsesStream, endings_of_each_kind) {
  const std::string start = R"({"type":"response.created","response":{"id":"r","model":"m"}})";
  const std::string text = R"({"type":"response.output_text.delta","delta":"x"})";
  EXPECT_EQ(stream_for(kResponses,
                       sse({start, text,
                            R"({"type":"response.incomplete","response":{"status":"incomplete",)"
                            R"("incomplete_details":{"reason":"max_output_tokens"}}})"}),
                       Wire::openai_chat)
                    .out.find("\"finish_reason\":\"length\"") != std::string::npos,
            true);
  EXPECT_EQ(stream_for(kResponses,
                       sse({start, text,
                            R"({"type":"response.failed","response":{"error":{"code":"server_error",)"
                            R"("message":"busy"}}})"}),
                       Wire::openai_chat)
                .error,
            "busy");
  EXPECT_EQ(
      stream_for(kResponses, sse({start, R"({"type":"error","code":"x","message":"busy"})"}), Wire::openai_chat).error,
      "busy");
  EXPECT_EQ(stream_for(kResponses, sse({start, text}), Wire::openai_chat).error, "the provider's stream ended early");
}

TEST(ResponsesStream, a_failure_is_a_failed_response) {
  JsonScanner scanner;
  Translation translation(Wire::openai_chat, kResponses, asked(), scanner, 1000);
  translation.feed(sse({chat_chunk(R"({"content":"x"})")}));
  translation.fail({Case::broken_stream, "cut", {}, {}, {}});
  StrictResponses strict;
  strict.check(translation.out());
  EXPECT_EQ(strict.last["status"].string(), "failed");
  EXPECT_EQ(strict.last["error"]["message"].string(), "cut");
}

TEST(ResponsesStream, what_must_be_told_again_is_bounded) {
  JsonScanner scanner;
  Translation translation(Wire::openai_chat, kResponses, asked(), scanner, 1 << 20);
  const std::string piece = sse({chat_chunk(R"({"content":")" + std::string(1 << 19, 'x') + "\"}")});
  for (int i = 0; i < 9; ++i) {
    translation.feed(piece);
    translation.out().clear();
  }
  EXPECT_EQ(translation.state(), Translation::State::failed);
}

}  // namespace
}  // namespace spillway::llm
