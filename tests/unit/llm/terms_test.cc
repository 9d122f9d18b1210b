// Rows of ecosystem.md 2.2 (stop reasons), 2.3 (usage) and of effort in 2.1.
#include "llm/terms.h"

#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(Terms, each_wires_reasons_are_ours) {
  struct Row {
    Wire wire;
    std::vector<std::string_view> stop, length, tools, filter, error;
  };
  const std::vector<Row> rows = {
      {Wire::openai_chat,
       {"stop", "eos", "whatever"},
       {"length", "model_length"},
       {"tool_calls", "function_call"},
       {"content_filter", "SAFETY"},
       {"error"}},
      {Wire::openai_responses, {"completed"}, {"max_output_tokens"}, {}, {"content_filter"}, {"failed"}},
      {Wire::anthropic,
       {"end_turn", "stop_sequence", "pause_turn"},
       {"max_tokens", "model_context_window_exceeded"},
       {"tool_use"},
       {"refusal"},
       {}},
      {Wire::gemini,
       {"STOP"},
       {"MAX_TOKENS"},
       {},
       {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_OTHER"},
       {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "OTHER", "LANGUAGE"}},
      {Wire::ollama, {"stop", "load", "unload"}, {"length"}, {}, {}, {}},
      {Wire::cohere, {"COMPLETE", "STOP_SEQUENCE"}, {"MAX_TOKENS"}, {"TOOL_CALL"}, {}, {"ERROR", "TIMEOUT"}},
  };
  for (const Row& row : rows) {
    const auto all = [&](const std::vector<std::string_view>& words, Finish finish) {
      for (const std::string_view word : words) EXPECT_EQ(finish_of(row.wire, word), finish) << word;
    };
    all(row.stop, Finish::stop);
    all(row.length, Finish::length);
    all(row.tools, Finish::tool_calls);
    all(row.filter, Finish::content_filter);
    all(row.error, Finish::error);
    EXPECT_EQ(finish_of(row.wire, ""), Finish::none);
  }
}

TEST(Terms, ours_are_each_wires_reasons) {
  const auto words = [](Wire wire) {
    std::string all;
    for (const Finish one : {Finish::stop, Finish::length, Finish::tool_calls, Finish::content_filter}) {
      all.append(finish_word(wire, one)) += ' ';
    }
    return all;
  };
  EXPECT_EQ(words(Wire::openai_chat), "stop length tool_calls content_filter ");
  EXPECT_EQ(words(Wire::openai_completions), "stop length stop content_filter ");
  EXPECT_EQ(words(Wire::anthropic), "end_turn max_tokens tool_use refusal ");
  EXPECT_EQ(words(Wire::gemini), "STOP MAX_TOKENS STOP SAFETY ");
  EXPECT_EQ(words(Wire::ollama), "stop length stop stop ");
  EXPECT_EQ(words(Wire::cohere), "COMPLETE MAX_TOKENS TOOL_CALL COMPLETE ");
}

Tokens tokens(Wire wire, std::string_view json, Tokens so_far = {}) {
  JsonScanner scanner;
  read_tokens(wire, read_node(scanner, json, json.size()), so_far);
  return so_far;
}
std::string told(const Tokens& t) {
  std::string all;
  for (const std::int64_t n : {t.input, t.cached, t.cache_write, t.output, t.reasoning}) all += std::to_string(n) + " ";
  return all;
}

TEST(Terms, each_wires_counts_are_ours) {
  EXPECT_EQ(told(tokens(Wire::openai_chat, R"({"prompt_tokens":20,"completion_tokens":6,"prompt_tokens_details":{
    "cached_tokens":8,"cache_write_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}})")),
            "20 8 3 6 2 ");
  EXPECT_EQ(told(tokens(Wire::openai_responses, R"({"input_tokens":20,"output_tokens":6,"input_tokens_details":{
    "cached_tokens":8,"cache_write_tokens":3},"output_tokens_details":{"reasoning_tokens":2}})")),
            "20 8 3 6 2 ");
  EXPECT_EQ(
      told(tokens(Wire::anthropic, R"({"input_tokens":9,"cache_read_input_tokens":8,"cache_creation_input_tokens":3,
    "output_tokens":6,"output_tokens_details":{"thinking_tokens":2}})")),
      "20 8 3 6 2 ");
  EXPECT_EQ(told(tokens(Wire::gemini, R"({"promptTokenCount":18,"toolUsePromptTokenCount":2,"cachedContentTokenCount":8,
    "candidatesTokenCount":4,"thoughtsTokenCount":2})")),
            "20 8 0 6 2 ");
  EXPECT_EQ(told(tokens(Wire::ollama, R"({"prompt_eval_count":20,"eval_count":6})")), "20 0 0 6 0 ");
  EXPECT_EQ(told(tokens(Wire::cohere, R"({"billed_units":{"input_tokens":1},"tokens":{"input_tokens":20,
    "output_tokens":6},"cached_tokens":8})")),
            "20 8 0 6 0 ");
}

TEST(Terms, counts_told_in_pieces_add_up_once) {
  Tokens claude = tokens(Wire::anthropic, R"({"input_tokens":12,"cache_read_input_tokens":8,"output_tokens":1})");
  EXPECT_EQ(told(tokens(Wire::anthropic, R"({"output_tokens":6})", claude)), "20 8 0 6 0 ");
  EXPECT_EQ(
      told(tokens(Wire::anthropic, R"({"input_tokens":12,"cache_read_input_tokens":8,"output_tokens":6})", claude)),
      "20 8 0 6 0 ");
  EXPECT_EQ(told(tokens(Wire::anthropic, R"({"cache_read_input_tokens":10})", claude)), "22 10 0 1 0 ");
  Tokens gemini = tokens(Wire::gemini, R"({"promptTokenCount":9,"thoughtsTokenCount":5})");
  EXPECT_EQ(told(tokens(Wire::gemini, R"({"promptTokenCount":9,"thoughtsTokenCount":7})", gemini)), "9 0 0 7 7 ");
}

TEST(Terms, absurd_counts_are_not_told) {
  EXPECT_EQ(told(tokens(Wire::openai_chat, R"({"prompt_tokens":-4,"completion_tokens":1e17})")), "-1 0 0 -1 0 ");
  EXPECT_FALSE(tokens(Wire::openai_chat, "[]").known());
}

TEST(Terms, effort_and_budget_are_one_scale) {
  EXPECT_EQ(effort_of("xhigh"), Effort::xhigh);
  EXPECT_EQ(effort_of("enormous"), Effort::unset);
  EXPECT_EQ(word_of(Effort::minimal), "minimal");
  EXPECT_EQ(word_of(Effort::unset), "");
  EXPECT_EQ(budget_of(Effort::medium), 4096);
  EXPECT_EQ(effort_for_budget(0), Effort::none);
  EXPECT_EQ(effort_for_budget(600), Effort::low);
  EXPECT_EQ(effort_for_budget(5000), Effort::medium);
  EXPECT_EQ(effort_for_budget(99999), Effort::high);
  EXPECT_EQ(effort_for_budget(-1), Effort::unset);
}

}  // namespace
}  // namespace spillway::llm
