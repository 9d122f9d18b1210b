#include "cli/mock_script.h"

#include <algorithm>

#include "cli/mock_answers.h"
#include "cli/mock_ask.h"
#include "cli/mock_broken.h"
#include "cli/mock_lists.h"
#include "cli/mock_refusals.h"
#include "cli/mock_voice.h"
#include "http/writer.h"
#include "json/write.h"

namespace spillway {

using What = MockStep::What;

std::string mock_help() {
  return "  ok                   an answer, or a short stream\n"
         "  sse-N-GAPms          N words, GAP ms apart when streamed\n"
         "  delay-MS             an answer after MS ms\n"
         "  status-CODE          an error with that status\n"
         "  429-day 429-minute   the account's free quota is used up\n"
         "  limit-N-SECONDS      ok, and heads tell that N requests come back over so many seconds; else 429\n"
         "  429-upstream         the model is rate-limited at its provider\n"
         "  retry-after-S        status 429 with Retry-After: S\n"
         "  html                 a web page with status 200\n"
         "  hang                 no byte, ever\n"
         "  reset                RST instead of an answer\n"
         "  reset-midstream      RST after a few words\n"
         "  stall-midstream      silence after a few words\n"
         "  truncate             the body ends too early\n"
         "  bad-json bad-chunk   an answer that breaks its format\n"
         "  error-in-stream      an error event after a few words\n"
         "  comment-then-error   comments, then an error event, no words\n"
         "  empty                an answer without content\n"
         "  tools-N              N parallel calls of the tools offered; any other behaviour calls the first, once\n"
         "  reasoning            thinking before the answer, signed where the wire has that\n"
         "  json                 a JSON object of the schema that was asked for\n"
         "  slow-drip            one byte every 20 ms\n"
         "  fail-N-then-ok       status 503 for the first N requests, then ok\n"
         "  flaky-PCT            status 503 for PCT percent of the requests\n";
}

std::uint64_t MockScript::asked(const std::string& model) const {
  const auto found = asked_.find(model);
  return found == asked_.end() ? 0 : found->second;
}

void MockScript::forget() {
  asked_.clear();
  windows_.clear();
}

// OpenRouter's GET /key (O-4), as far as anybody reads it.
std::vector<MockStep> MockScript::key_answer() {
  ++asked_["/key"];
  if (free_per_day_ == 0)
    return {{What::send, mock_http(404, "application/json", mock_error("there is no key info here", 404))}};
  std::string body;
  JsonWriter json(body);
  const auto limit = static_cast<std::int64_t>(free_per_day_), used = static_cast<std::int64_t>(free_used_);
  json.open('{').key("data").open('{').member("label", "mock").key("limit").null();
  json.key("free_model_daily_requests").open('{').member("used", used).member("limit", limit);
  json.member("remaining", limit - used).close('}').close('}').close('}');
  return {{What::send, mock_http(200, "application/json", body)}};
}

bool MockScript::fails(std::string_view behaviour, std::uint64_t times) {
  if (behaviour.starts_with("fail-")) return times <= mock_numbers(behaviour, {1, 0}).first;
  if (behaviour.starts_with("flaky-")) return dice_.below(100) < mock_numbers(behaviour, {50, 0}).first;
  return false;
}

namespace {

// Pass-through paths are echoed; everything else needs a model.
std::vector<MockStep> unread_answer(const MockPlace& place, const MockRequest& request, std::string_view refused) {
  if (!place.passed) {
    const std::string_view why = refused.empty() ? "the request has no model" : refused;
    return {{What::send, mock_refusal(place.wire, 400, why)}};
  }
  std::string echo;
  JsonWriter(echo)
      .open('{')
      .member("path", std::string_view(request.path))
      .member("bytes", static_cast<std::int64_t>(request.body.size()))
      .close('}');
  return {{What::send, mock_http(200, "application/json", echo)}};
}

void speak(const MockAsk& ask, std::uint32_t words, std::uint32_t gap_ms, std::vector<MockStep>& steps) {
  MockSpeech speech = mock_speech(ask, words);
  std::string open = mock_stream_head(mock_speech_type(ask.wire));
  if (!speech.open.empty()) open += mock_chunk(speech.open);
  steps.push_back({What::send, std::move(open)});
  for (const std::string& piece : speech.pieces) {
    if (gap_ms > 0) steps.push_back({What::wait, {}, gap_ms});
    steps.push_back({What::send, mock_chunk(piece)});
  }
  steps.push_back({What::send, mock_chunk(speech.end) + std::string(kLastChunk)});
}

std::vector<MockStep> good_answer(const MockAsk& ask) {
  std::vector<MockStep> steps;
  const std::string_view how = ask.behaviour;
  const auto [words, gap_ms] = how.starts_with("sse-") ? mock_numbers(how, {5, 0}) : MockNumbers{5, 0};
  if (how.starts_with("delay-")) steps.push_back({What::wait, {}, mock_numbers(how, {0, 0}).first});
  if (ask.api == Api::embeddings) {
    steps.push_back({What::send, mock_http(200, "application/json", mock_embeddings(ask))});
  } else if (!ask.stream) {
    steps.push_back({What::send, mock_http(200, "application/json",
                                           ask.plain() ? mock_answer(ask, words) : mock_spoken(ask, words))});
  } else if (ask.plain()) {
    mock_stream_words(ask, words, gap_ms, steps);
    mock_stream_end(ask, words, steps);
  } else {
    speak(ask, words, gap_ms, steps);
  }
  if (how == "slow-drip") {
    for (MockStep& step : steps) step.what = What::drip, step.ms = 20;
  }
  return steps;
}

}  // namespace

std::vector<MockStep> MockScript::limited(const MockAsk& ask, std::int64_t wall_ms) {
  const auto [n, seconds] = mock_numbers(ask.behaviour, {1, 60});
  const auto limit = static_cast<std::int64_t>(std::max<std::uint32_t>(n, 1));
  const std::int64_t each_ms = std::max<std::int64_t>(static_cast<std::int64_t>(seconds) * 1000 / limit, 1);
  std::int64_t& paid_ms = windows_[ask.model];  // when all of it will be back
  const std::int64_t owed_ms = std::max<std::int64_t>(paid_ms - wall_ms, 0);
  const bool ok = owed_ms + each_ms <= limit * each_ms;
  paid_ms = wall_ms + owed_ms + (ok ? each_ms : 0);
  MockWindow window{limit, 0, paid_ms - wall_ms};
  window.left = limit - (window.owed_ms + each_ms - 1) / each_ms;
  std::vector<MockStep> steps{{What::send, mock_refusal(ask.wire, 429, "Rate limit reached")}};
  if (ok) steps = good_answer(ask);
  steps[0].bytes = mock_told(std::move(steps[0].bytes), ask.wire, window, wall_ms);
  return steps;
}

std::vector<MockStep> MockScript::behave(const MockAsk& ask, std::int64_t wall_ms) {
  const std::uint64_t times = ++asked_[ask.model];
  const std::string_view how = ask.behaviour;
  if (free_per_day_ > 0 && ask.model.ends_with(":free")) {
    if (free_used_ >= free_per_day_) return {{What::send, mock_quota(ask.wire, "429-day", wall_ms)}};
    ++free_used_;
  }
  if (how.starts_with("limit-")) return limited(ask, wall_ms);
  if (how.starts_with("429-")) return {{What::send, mock_quota(ask.wire, how, wall_ms)}};
  if (how.starts_with("status-") || fails(how, times)) {
    const auto code = static_cast<int>(how.starts_with("status-") ? mock_numbers(how, {500, 0}).first : 503);
    return {{What::send, mock_refusal(ask.wire, code, "mock answers " + std::to_string(code))}};
  }
  if (how.starts_with("retry-after-")) {
    const std::string seconds = std::to_string(mock_numbers(how, {1, 0}).first);
    return {{What::send, mock_refusal(ask.wire, 429, "slow down", {{"Retry-After", seconds}})}};
  }
  if (how == "html") return {{What::send, mock_http(200, "text/html", "<html><body>Please log in</body></html>")}};
  if (how == "hang") return {{What::hang}};
  if (how == "reset") return {{What::reset}};
  return mock_breaks(how) ? mock_broken(ask) : good_answer(ask);
}

std::vector<MockStep> MockScript::answer(const MockRequest& request, std::int64_t wall_ms) {
  MockPlace place = mock_place(request.path);
  if (place.what == MockPlace::What::models && request.anthropic) place.wire = llm::Wire::anthropic;
  if (!request.authorized) return {{What::send, mock_refusal(place.wire, 401, "invalid api key")}};
  MockAsk ask;
  switch (place.what) {
    case MockPlace::What::models: return {{What::send, mock_models(place.wire)}};
    case MockPlace::What::version: return {{What::send, mock_version()}};
    case MockPlace::What::count: return {{What::send, mock_count(place.wire, request.body.size())}};
    case MockPlace::What::key: return key_answer();
    case MockPlace::What::nothing: return unread_answer(place, request, {});
    case MockPlace::What::ask: break;
  }
  // Its other form is a list of all events, which nobody asks for.
  if (place.stream && request.query != "alt=sse") return unread_answer(place, request, "streams are for alt=sse");
  if (!mock_read(place, request.body, scanner_, ask)) return unread_answer(place, request, ask.refused);
  ask.id = "mock-" + std::to_string(++number_);
  ask.created = wall_ms / 1000;
  return behave(ask, wall_ms);
}

}  // namespace spillway
