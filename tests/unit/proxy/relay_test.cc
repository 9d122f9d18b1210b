// The commit point, with strings only: what is held, what is released, what a failure becomes.
#include "proxy/relay.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

std::string chunk(const std::string& choices, const std::string& more = {}) {
  return R"(data: {"id":"x","object":"chat.completion.chunk","created":7,"model":"m","choices":[)" + choices + "]" +
         more + "}\n\n";
}
std::string delta(const std::string& inside, const std::string& reason = "null") {
  return chunk(R"({"index":0,"delta":{)" + inside + R"(},"finish_reason":)" + reason + "}");
}
const std::string kRole = delta(R"("role":"assistant","content":"")");
const std::string kFirst = delta(R"("role":"assistant","content":"Hi")"), kWord = delta(R"("content":"Hi")");
const std::string kStop = delta("", R"("stop")");
const std::string kUsage = chunk("", R"(,"usage":{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8})");
constexpr const char* kDone = "data: [DONE]\n\n";
constexpr const char* kError = "data: {\"error\":{\"code\":502,\"message\":\"overloaded\"}}\n\n";
constexpr const char* kComment = ": OPENROUTER PROCESSING\n\n";

class RelayTest : public ::testing::Test {
 protected:
  Relay& make(Relay::Options options = {}) {
    if (options.api == Api::other) options.api = Api::chat;
    relay_.emplace(limits_, options, scanner_);
    return *relay_;
  }
  Relay::State head(int status, std::string_view type, Framing framing = Framing::chunked, std::uint64_t length = 0) {
    head_.status = status;
    head_.headers.clear();
    head_.headers.add("content-type", type);
    head_.framing = framing;
    head_.length = length;
    return relay_->head(head_);
  }
  Relay& stream(Relay::Options options = {}) {
    make(options);
    EXPECT_EQ(head(200, "text/event-stream; charset=utf-8"), Relay::State::holding);
    return *relay_;
  }
  Limits limits_;
  JsonScanner scanner_;
  ResponseHead head_;
  std::optional<Relay> relay_;
};

TEST_F(RelayTest, comments_role_and_empty_deltas_are_held_until_the_first_word) {
  Relay& relay = stream();
  EXPECT_EQ(relay.body(kComment), Relay::State::holding);
  EXPECT_EQ(relay.body(kRole), Relay::State::holding);
  EXPECT_TRUE(relay.out().empty());
  EXPECT_EQ(relay.body(kWord), Relay::State::relaying);
  EXPECT_EQ(relay.out(), std::string(kComment) + kRole + kWord);
  EXPECT_TRUE(relay.committed());
}

TEST_F(RelayTest, whole_events_only_are_released_however_the_bytes_are_cut) {
  Relay& relay = stream();
  const std::string all = kRole + kWord + kStop + kDone;
  std::string got;
  for (const char c : all) {
    const Relay::State state = relay.body(std::string_view(&c, 1));
    ASSERT_TRUE(state == Relay::State::holding || state == Relay::State::relaying);
    if (state == Relay::State::relaying) got += relay.out(), relay.taken();
    EXPECT_TRUE(got.empty() || got.ends_with("\n\n"));
  }
  EXPECT_EQ(relay.end(), Relay::State::complete);
  EXPECT_EQ(got, all);
}

TEST_F(RelayTest, what_is_released_is_not_copied_while_it_lies_in_one_piece) {
  Relay& relay = stream({.wants_usage = false});
  const std::string first = kRole + kWord, next = kWord + kWord + "data: {\"cho";
  relay.body(first);
  EXPECT_EQ(relay.out(), first);
  relay.taken();
  EXPECT_TRUE(relay.out().empty());
  relay.body(next);
  EXPECT_EQ(relay.out(), kWord + kWord);
  EXPECT_EQ(relay.out().data(), next.data());
  relay.add("more");
  EXPECT_EQ(relay.out(), kWord + kWord + "more");
}

TEST_F(RelayTest, an_error_in_the_read_with_content_leaves_that_content_in_our_memory) {
  Relay& relay = stream();
  relay.body(kFirst);
  relay.taken();
  auto bytes = std::make_unique<std::string>(kWord + kError);
  EXPECT_EQ(relay.body(*bytes), Relay::State::broken);
  bytes.reset();
  EXPECT_EQ(relay.out(), kWord);
}

TEST_F(RelayTest, an_error_before_the_first_word_fails_unseen_and_is_classified) {
  Relay& relay = stream();
  relay.body(kComment);
  EXPECT_EQ(
      relay.body("data: {\"error\":{\"code\":429,\"message\":\"Provider returned error\",\"metadata\":{\"raw\":\"x is "
                 "temporarily rate-limited upstream\"}}}\n\n"),
      Relay::State::failed);
  EXPECT_EQ(relay.verdict().fault, Fault::rate_limited);  // section 11, the worked example
  EXPECT_FALSE(relay.committed());
}

TEST_F(RelayTest, an_error_after_the_first_word_is_mid_stream_row_15) {
  Relay& relay = stream();
  relay.body(kWord);
  relay.taken();
  EXPECT_EQ(relay.body(kError), Relay::State::broken);
  EXPECT_EQ(relay.verdict().fault, Fault::mid_stream);
  EXPECT_TRUE(relay.out().empty());
}

TEST_F(RelayTest, a_cut_is_never_a_clean_end) {
  Relay& relay = stream();
  relay.body(kWord);
  EXPECT_EQ(relay.cut({Kind::closed, Source::upstream, Retry::yes, "gone"}), Relay::State::broken);
  Relay& proper = stream();
  proper.body(kWord);
  EXPECT_EQ(proper.end(), Relay::State::broken) << "a proper end of the body without finish_reason or [DONE]";
  Relay& half = stream();
  half.body(kWord);
  half.body(kStop);
  half.body("data: {\"choi");
  EXPECT_EQ(half.end(), Relay::State::broken) << "an event was cut in two";
}

TEST_F(RelayTest, a_stream_that_said_done_is_whole_however_its_connection_ends) {
  Relay& relay = stream();
  relay.body(kWord + kStop + kDone);
  EXPECT_EQ(relay.cut({Kind::refused, Source::upstream, Retry::yes, "reset"}), Relay::State::complete);
}

TEST_F(RelayTest, nothing_after_done_is_passed_on) {
  Relay& relay = stream();
  const std::string all = kFirst + kStop + kDone + kDone + kWord;
  relay.body(all);
  EXPECT_EQ(relay.out(), kFirst + kStop + kDone);
}

TEST_F(RelayTest, a_usage_chunk_nobody_asked_for_is_read_and_swallowed) {
  Relay& relay = stream({.wants_usage = false});
  const std::string all = kFirst + kStop + kUsage + kDone;
  relay.body(all);
  EXPECT_EQ(relay.out(), kFirst + kStop + kDone);
  EXPECT_EQ(relay.usage().input, 7);
  EXPECT_EQ(relay.usage().output, 1);
  Relay& asked = stream({.wants_usage = true});
  asked.body(all);
  EXPECT_NE(asked.out().find("prompt_tokens"), std::string::npos);
}

TEST_F(RelayTest, a_stream_without_content_is_an_empty_answer_row_14) {
  Relay& relay = stream();
  relay.body(kRole);
  EXPECT_EQ(relay.body(kDone), Relay::State::failed);
  EXPECT_EQ(relay.verdict().fault, Fault::transient);
}

TEST_F(RelayTest, an_endless_prelude_and_an_endless_event_are_bounded) {
  Relay& relay = stream();
  Relay::State state = Relay::State::holding;
  for (int i = 0; i < 20'000 && state == Relay::State::holding; ++i) state = relay.body(kComment);
  EXPECT_EQ(state, Relay::State::failed);
  limits_.event_bytes = 1024;
  Relay& other = stream();
  EXPECT_EQ(other.body("data: " + std::string(5000, 'x')), Relay::State::failed);
}

TEST_F(RelayTest, a_plain_answer_is_held_whole_and_checked) {
  const std::string good = R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],)"
                           R"("usage":{"prompt_tokens":3,"completion_tokens":1}})";
  Relay& relay = make();
  EXPECT_EQ(head(200, "application/json"), Relay::State::holding);
  EXPECT_EQ(relay.body(good.substr(0, 20)), Relay::State::holding);
  EXPECT_EQ(relay.body(good.substr(20)), Relay::State::holding);
  EXPECT_EQ(relay.end(), Relay::State::complete);
  EXPECT_EQ(relay.out(), good);
  EXPECT_TRUE(relay.length_known());
  EXPECT_EQ(relay.body_bytes(), good.size());
  EXPECT_EQ(relay.usage().input, 3);
  EXPECT_EQ(relay.finish(), "stop");
}

TEST_F(RelayTest, unusable_plain_answers_fail_before_the_commit) {
  for (const char* bad :
       {"", "<html>", "{", R"({"choices":[]})", R"({"id":"x"})", R"({"error":{"code":503,"message":"x"}})"}) {
    Relay& relay = make();
    head(200, "application/json");
    relay.body(bad);
    EXPECT_EQ(relay.end(), Relay::State::failed) << bad;
    EXPECT_EQ(relay.verdict().fault, Fault::transient) << bad;
  }
}

TEST_F(RelayTest, an_answer_too_large_to_hold_passes_as_it_comes) {
  limits_.answer_hold_bytes = 100;
  Relay& relay = make();
  head(200, "application/json");
  EXPECT_EQ(relay.body(std::string(60, 'a')), Relay::State::holding);
  EXPECT_EQ(relay.body(std::string(60, 'b')), Relay::State::relaying);
  EXPECT_EQ(relay.out().size(), 120u);
  EXPECT_FALSE(relay.length_known());
  Relay& announced = make();
  EXPECT_EQ(head(200, "application/json", Framing::length, 500), Relay::State::relaying);
  EXPECT_TRUE(announced.length_known());
}

TEST_F(RelayTest, error_statuses_are_read_bounded_and_classified_with_their_headers) {
  Relay& relay = make();
  EXPECT_EQ(head(429, "application/json"), Relay::State::holding);
  head_.headers.add("retry-after", "7");
  for (int i = 0; i < 100; ++i) relay.body(std::string(1024, ' '));
  EXPECT_EQ(relay.end(), Relay::State::failed);
  EXPECT_EQ(relay.verdict().fault, Fault::rate_limited);
  EXPECT_EQ(relay.verdict().retry_after_ms, 7000);
  EXPECT_LE(relay.error_body().size(), Relay::kErrorBytes);
}

TEST_F(RelayTest, a_stream_is_mended_from_its_first_defect_on) {
  Relay& relay = stream({.id = "req_1", .model = "asked"});
  const std::string good = kFirst + kWord;
  relay.body(good);
  EXPECT_EQ(relay.out().data(), good.data()) << "untouched";
  EXPECT_EQ(relay.defect(), "");
  relay.taken();
  EXPECT_EQ(relay.body("data: {\"choices\":[{\"delta\":{\"content\":\"more\"}}]}\n\n"), Relay::State::relaying);
  EXPECT_EQ(relay.out(), chunk(R"({"index":0,"delta":{"content":"more"},"logprobs":null,"finish_reason":null})",
                               R"(,"usage":null)"));
  EXPECT_EQ(relay.defect(), "no id, or another one");
  relay.taken();
  relay.body("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"eos\"}]}\n\n");
  EXPECT_EQ(relay.end(), Relay::State::complete) << "a reason is enough";
  EXPECT_NE(relay.out().find(R"("finish_reason":"stop")"), std::string::npos) << relay.out();
  EXPECT_TRUE(relay.out().ends_with(kDone)) << relay.out();
}

TEST_F(RelayTest, what_a_stream_does_not_name_comes_from_us) {
  Relay& relay = stream({.id = "req_1", .model = "asked"});
  relay.body("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n");
  EXPECT_NE(relay.out().find(R"("id":"req_1")"), std::string::npos) << relay.out();
  EXPECT_NE(relay.out().find(R"("model":"asked")"), std::string::npos) << relay.out();
}

TEST_F(RelayTest, a_reason_goes_out_with_what_follows_it_even_if_that_is_usage_nobody_asked_for) {
  Relay& relay = stream({.wants_usage = false, .capture_max = 10'000});
  const std::string begin = kFirst + kStop;
  relay.body(begin);
  EXPECT_EQ(relay.out(), kFirst);
  relay.body(kUsage);
  EXPECT_EQ(relay.out(), kFirst + kStop);
  relay.body(kDone);
  EXPECT_EQ(relay.end(), Relay::State::complete);
  EXPECT_EQ(relay.out(), kFirst + kStop + kDone);
  EXPECT_EQ(relay.captured(), kFirst + kStop + kUsage + kDone) << "whoever asks the cache may want it";
}

TEST_F(RelayTest, a_redirect_is_no_answer) {
  Relay& relay = make();
  head(302, "text/html");
  EXPECT_EQ(relay.end(), Relay::State::failed);
  EXPECT_EQ(relay.verdict().fault, Fault::transient);
}

TEST_F(RelayTest, a_capture_is_kept_only_whole_and_under_its_bound) {
  Relay& relay = stream({.capture_max = 10'000});
  const std::string all = kFirst + kStop + kUsage + kDone;
  relay.body(all);
  relay.end();
  EXPECT_TRUE(relay.capture_ok());
  EXPECT_EQ(relay.captured(), all);
  Relay& small = stream({.capture_max = 50});
  small.body(all);
  small.end();
  EXPECT_FALSE(small.capture_ok());
  Relay& broken = stream({.capture_max = 10'000});
  broken.body(kFirst);
  broken.body(kError);
  EXPECT_FALSE(broken.capture_ok());
}

}  // namespace
}  // namespace spillway
