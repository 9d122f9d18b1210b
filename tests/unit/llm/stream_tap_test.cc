// What StreamTap sees in the streams of providers: O-9, O-10, section 10 of semantics.md.
#include <gtest/gtest.h>

#include <vector>

#include "llm/usage.h"

namespace spillway {
namespace {

JsonScanner& scanner() {
  static JsonScanner one;
  return one;
}

using Events = std::vector<Event>;

Events see_all(StreamTap& tap, std::initializer_list<std::string_view> stream) {
  Events events;
  for (const std::string_view data : stream) events.push_back(tap.see(data));
  return events;
}

TEST(StreamTap, openai_with_usage_null_everywhere) {
  StreamTap tap(scanner());
  const Events events = see_all(
      tap,
      {R"({"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
       R"("logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"})",
       R"({"id":"c","choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":null,"finish_reason":null}],)"
       R"("usage":null})",
       R"({"id":"c","choices":[{"index":0,"delta":{"content":"lo"},"logprobs":null,"finish_reason":null}],)"
       R"("usage":null})",
       R"({"id":"c","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null})",
       R"({"id":"c","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})", "[DONE]"});
  EXPECT_EQ(events,
            (Events{Event::nothing, Event::content, Event::content, Event::nothing, Event::usage, Event::done}));
  EXPECT_TRUE(tap.finished() && tap.done());
  EXPECT_EQ(tap.finish(), "stop");
  EXPECT_EQ(tap.usage().input, 9);
  EXPECT_EQ(tap.content_events(), 2u);
}

TEST(StreamTap, openrouter_repeats_the_finish_beside_the_usage) {  // O-10
  StreamTap tap(scanner());
  const Events events =
      see_all(tap, {R"({"id":"g","provider":"P","choices":[{"index":0,"delta":{"role":"assistant","content":"",)"
                    R"("reasoning":null}}]})",
                    R"({"id":"g","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm"},)"
                    R"("finish_reason":null}]})",
                    R"({"id":"g","choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":null,)"
                    R"("native_finish_reason":null}]})",
                    R"({"id":"g","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop",)"
                    R"("native_finish_reason":"STOP"}]})",
                    R"({"id":"g","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],)"
                    R"("usage":{"prompt_tokens":3,"completion_tokens":5,"cost":0.001}})",
                    "[DONE]"});
  EXPECT_EQ(events,
            (Events{Event::nothing, Event::content, Event::content, Event::nothing, Event::nothing, Event::done}))
      << "usage beside a choice must not be dropped from the stream";
  EXPECT_DOUBLE_EQ(tap.usage().cost_usd, 0.001);
}

TEST(StreamTap, groq_and_mistral_tell_usage_without_being_asked) {
  StreamTap groq(scanner());
  EXPECT_EQ(see_all(groq, {R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],)"
                           R"("x_groq":{"id":"r"}})",
                           R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})",
                           R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":)"
                           R"({"prompt_tokens":4,"completion_tokens":1}}})"}),
            (Events{Event::nothing, Event::content, Event::nothing}));
  EXPECT_EQ(groq.usage().input, 4);
  StreamTap both(scanner());
  EXPECT_EQ(both.see(R"({"choices":[{"delta":{"content":"a"}}]})"), Event::content);
  both.see(R"({"usage":null,"choices":[{"index":0,"delta":{}}],"x_groq":{"usage":{"prompt_tokens":4,)"
           R"("completion_tokens":1}}})");
  EXPECT_EQ(both.usage().input, 4) << "a null usage in front hides nothing";

  StreamTap mistral(scanner());
  EXPECT_EQ(mistral.see(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]})"),
            Event::content);
  EXPECT_EQ(mistral.see(R"({"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}],)"
                        R"("usage":{"prompt_tokens":5,"total_tokens":7,"completion_tokens":2}})"),
            Event::content);
  EXPECT_TRUE(mistral.finished());
  EXPECT_FALSE(mistral.done());
  EXPECT_EQ(mistral.usage().output, 2);
  EXPECT_EQ(mistral.content_events(), 2u);
}

TEST(StreamTap, spaces_do_not_hide_anything) {
  for (const std::string_view finish : {R"({"choices": [{"delta": {}, "finish_reason": "length"}]})",
                                        R"({ "choices" : [ { "delta" : {}, "finish_reason" :  "length" } ] })",
                                        "{\"choices\":[{\"finish_reason\"\t:\t\"length\"}]}"}) {
    StreamTap tap(scanner());
    tap.see(R"({"choices": [{"delta": {"content": "a"}, "finish_reason": null}], "usage": null})");
    tap.see(finish);
    EXPECT_EQ(tap.finish(), "length") << finish;
  }
  StreamTap tap(scanner());
  tap.see(R"({"choices":[{"delta":{"content":"a"}}]})");
  EXPECT_EQ(tap.see(R"({ "choices" : [], "usage" :  {"prompt_tokens" : 6} })"), Event::usage);
  EXPECT_EQ(tap.see(R"({"error" : {"message":"x"}})"), Event::error);
  EXPECT_EQ(tap.see(" [DONE] "), Event::done);
}

TEST(StreamTap, all_kinds_of_content_count) {
  for (const std::string_view delta :
       {R"({"content":"a"})", R"({"refusal":"no"})", R"({"reasoning":"hm"})", R"({"reasoning_content":"hm"})",
        R"({"content":[{"type":"thinking","thinking":[]}]})", R"({"function_call":{"name":"f","arguments":""}})",
        R"({"audio":{"id":"a"}})",
        R"({"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"c","function":{"name":"f",)"
        R"("arguments":""}}]})"}) {
    StreamTap tap(scanner());
    EXPECT_EQ(tap.see(R"({"choices":[{"index":0,"delta":)" + std::string(delta) + "}]}"), Event::content) << delta;
  }
  StreamTap completions(scanner());
  EXPECT_EQ(completions.see(R"({"object":"text_completion","choices":[{"text":"x","index":0}]})"), Event::content);
}

TEST(StreamTap, nothing_is_no_content) {
  for (const std::string_view data :
       {"", " ", R"({"choices":[]})", R"({"choices":[{"delta":{}}]})",
        R"({"choices":[{"delta":{"role":"assistant"}}]})",
        R"({"choices":[{"delta":{"content":null,"tool_calls":[],"refusal":null}}]})", R"({"choices":[{"text":""}]})",
        R"({"choices":[],"prompt_filter_results":[{}]})"}) {
    StreamTap tap(scanner());
    EXPECT_EQ(tap.see(data), Event::nothing) << data;
    EXPECT_FALSE(tap.finished());
  }
}

TEST(StreamTap, an_end_without_a_word_is_an_answer) {
  StreamTap tap(scanner());
  EXPECT_EQ(tap.see(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"), Event::content);
  EXPECT_TRUE(tap.finished());
}

TEST(StreamTap, errors_before_and_after_content) {  // O-9, U13
  const std::string frame =
      R"({"id":"g","object":"chat.completion.chunk","created":1,"model":"m","provider":"P","error":{"code":502,)"
      R"("message":"m",)"
      R"("metadata":{"error_type":"provider_unavailable"}},"choices":[{"index":0,"delta":{"content":""},)"
      R"("finish_reason":"error"}]})";
  StreamTap before(scanner());
  EXPECT_EQ(before.see(frame), Event::error);
  StreamTap after(scanner());
  after.see(R"({"choices":[{"delta":{"content":"a"}}]})");
  EXPECT_EQ(after.see(frame), Event::error);
  EXPECT_FALSE(after.finished());
  StreamTap bare(scanner());
  EXPECT_EQ(bare.see(R"({"error":"an error was encountered"})"), Event::error);
  EXPECT_EQ(bare.see(R"({"choices":[{"delta":{},"finish_reason":"error"}]})"), Event::error);
  StreamTap none(scanner());
  EXPECT_EQ(none.see(R"({"error":null,"choices":[{"delta":{"content":"a"}}]})"), Event::content);
  EXPECT_EQ(none.see(R"({"choices":[{"delta":{"content":"the \"error\": here"}}]})"), Event::content)
      << "a word of the answer";
}

TEST(StreamTap, what_is_no_json_object_is_broken) {
  for (const std::string_view data : {"<html>", "[1]", "{\"choices\":[", "DONE", "nonsense}"}) {
    StreamTap fresh(scanner());
    EXPECT_EQ(fresh.see(data), Event::broken) << data;
    StreamTap running(scanner());
    running.see(R"({"choices":[{"delta":{"content":"a"}}]})");
    EXPECT_EQ(running.see(data), Event::broken) << data;
  }
}

TEST(StreamTap, every_choice_must_end) {  // U5: a cut is never a clean end
  StreamTap tap(scanner());
  see_all(tap, {R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})",
                R"({"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]})",
                R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"});
  EXPECT_FALSE(tap.finished()) << "the second is still speaking";
  tap.see(R"({"choices":[{"index":1,"delta":{},"finish_reason":"length"}]})");
  EXPECT_TRUE(tap.finished());
  EXPECT_EQ(tap.finish(), "stop");
}

}  // namespace
}  // namespace spillway
