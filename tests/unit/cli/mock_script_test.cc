// Each model name does what mock_help() says.
#include "cli/mock_script.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using What = MockStep::What;

MockRequest chat(const std::string& model, bool stream = false) {
  return {"POST", "/v1/chat/completions",
          R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Hi"}])" +
              (stream ? R"(,"stream":true})" : "}"),
          true};
}

std::string bytes(const std::vector<MockStep>& steps) {
  std::string all;
  for (const MockStep& step : steps) all += step.bytes;
  return all;
}

TEST(MockScript, paths_and_variants_around_a_behaviour_are_ignored) {
  MockScript script(1);
  EXPECT_NE(bytes(script.answer(chat("vendor/ok:free"), 0)).find("You said: Hi"), std::string::npos);
  EXPECT_NE(bytes(script.answer(chat("vendor/status-404:free"), 0)).find("HTTP/1.1 404"), std::string::npos);
  EXPECT_EQ(script.asked("vendor/ok:free"), 1u);
}

TEST(MockScript, streams_have_as_many_words_and_gaps_as_asked) {
  MockScript script(1);
  const auto steps = script.answer(chat("sse-4-50ms", true), 0);
  int waits = 0;
  for (const MockStep& step : steps) waits += step.what == What::wait && step.ms == 50;
  EXPECT_EQ(waits, 4);
  EXPECT_NE(bytes(steps).find("word3"), std::string::npos);
  EXPECT_EQ(bytes(steps).find("word4"), std::string::npos);
  EXPECT_TRUE(bytes(steps).ends_with("0\r\n\r\n"));
}

TEST(MockScript, cohere_embeds_by_type_and_must_be_told_what_for) {
  MockScript script(1);
  const auto embed = [&](const std::string& more) {
    return bytes(script.answer({"POST", "/v2/embed", R"({"model":"ok","texts":["a","b"])" + more + "}", true}, 0));
  };
  const std::string floats = embed(R"(,"input_type":"search_query","embedding_types":["float"])");
  EXPECT_NE(floats.find(R"("float":[[0.5,0.25,0.125,0.0625],[0.5,0.25,0.125,0.0625]])"), std::string::npos) << floats;
  EXPECT_NE(embed(R"(,"input_type":"search_query","embedding_types":["base64"])").find(R"("base64":["AAAAPw)"),
            std::string::npos);
  EXPECT_NE(embed("").find("HTTP/1.1 400"), std::string::npos);
}

TEST(MockScript, a_window_comes_back_bit_by_bit) {
  MockScript script(1);
  const auto at = [&](std::int64_t ms) { return bytes(script.answer(chat("limit-2-3"), ms)); };
  EXPECT_NE(at(0).find("x-ratelimit-remaining-requests: 1\r\nx-ratelimit-reset-requests: 1500ms"), std::string::npos);
  EXPECT_NE(at(0).find("x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 3000ms"), std::string::npos);
  EXPECT_TRUE(at(1499).starts_with("HTTP/1.1 429")) << "which costs nothing";
  EXPECT_TRUE(at(1500).starts_with("HTTP/1.1 200"));
  EXPECT_NE(at(60'000).find("x-ratelimit-remaining-requests: 1"), std::string::npos);
}

TEST(MockScript, failures_end_as_their_names_say) {
  MockScript script(1);
  EXPECT_EQ(script.answer(chat("hang"), 0).back().what, What::hang);
  EXPECT_EQ(script.answer(chat("reset"), 0).back().what, What::reset);
  EXPECT_EQ(script.answer(chat("reset-midstream", true), 0).back().what, What::reset);
  EXPECT_EQ(script.answer(chat("stall-midstream", true), 0).back().what, What::hang);
  EXPECT_EQ(script.answer(chat("truncate", true), 0).back().what, What::fin);
  EXPECT_EQ(script.answer(chat("truncate"), 0).back().what, What::fin);
  EXPECT_EQ(script.answer(chat("delay-70"), 0).front().ms, 70u);
  EXPECT_EQ(script.answer(chat("slow-drip"), 0).front().what, What::drip);
  EXPECT_NE(bytes(script.answer(chat("bad-chunk", true), 0)).find("zz\r\n"), std::string::npos);
  EXPECT_NE(bytes(script.answer(chat("comment-then-error", true), 0)).find("overloaded"), std::string::npos);
}

TEST(MockScript, quota_answers_are_openrouters_O_6) {
  MockScript script(1);
  const std::string day = bytes(script.answer(chat("429-day"), 1'795'219'200'000));
  EXPECT_NE(day.find("free-models-per-day"), std::string::npos);
  EXPECT_NE(day.find("\r\nX-RateLimit-Reset: 1795305600000\r\n"), std::string::npos)
      << "a field: the next midnight, in ms";
  EXPECT_NE(day.find("\"X-RateLimit-Reset\":\"1795305600000\""), std::string::npos) << "and in the body";
  EXPECT_NE(bytes(script.answer(chat("429-minute"), 0)).find("free-models-per-min"), std::string::npos);
  EXPECT_NE(bytes(script.answer(chat("429-upstream"), 0)).find("temporarily rate-limited upstream"), std::string::npos);
}

TEST(MockScript, a_rate_limit_says_when_to_come_back) {
  MockScript script(1);
  for (const bool stream : {false, true}) {
    const std::string text = bytes(script.answer(chat("vendor/retry-after-90:free", stream), 0));
    EXPECT_TRUE(text.starts_with("HTTP/1.1 429 "));
    EXPECT_NE(text.find("\r\nRetry-After: 90\r\n"), std::string::npos) << text;
  }
}

TEST(MockScript, a_web_page_is_no_answer_yet_has_status_200) {
  MockScript script(1);
  const std::string text = bytes(script.answer(chat("html"), 0));
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 "));
  EXPECT_NE(text.find("text/html"), std::string::npos);
}

TEST(MockScript, fail_n_counts_per_model) {
  MockScript script(1);
  for (int i = 0; i < 2; ++i) EXPECT_NE(bytes(script.answer(chat("fail-2-then-ok"), 0)).find("503"), std::string::npos);
  EXPECT_NE(bytes(script.answer(chat("fail-2-then-ok"), 0)).find("HTTP/1.1 200"), std::string::npos);
  EXPECT_NE(bytes(script.answer(chat("x/fail-2-then-ok"), 0)).find("503"), std::string::npos);
}

TEST(MockScript, flaky_fails_about_as_often_as_asked) {
  MockScript script(7);
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += bytes(script.answer(chat("flaky-30"), 0)).find("503") != std::string::npos;
  EXPECT_NEAR(failed, 300, 60);
}

TEST(MockScript, geminis_streams_are_asked_for_as_events) {
  MockScript script(1);
  MockRequest request{"POST", "/v1beta/models/ok:streamGenerateContent", R"({"contents":[]})", true};
  EXPECT_TRUE(bytes(script.answer(request, 0)).starts_with("HTTP/1.1 400 "));
  request.query = "alt=sse";
  EXPECT_NE(bytes(script.answer(request, 0)).find("content-type: text/event-stream"), std::string::npos);
  EXPECT_EQ(script.asked("ok"), 1u);
}

}  // namespace
}  // namespace spillway
