#include "cli/mock_script.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "cli/mock_answers.h"
#include "http/writer.h"
#include "json/scan.h"
#include "json/write.h"
#include "llm/dialect.h"

namespace spillway {

namespace {

using What = MockStep::What;

// "sse-20-50ms" -> 20, 50; missing numbers keep their value.
std::array<std::uint32_t, 2> numbers(std::string_view name, std::array<std::uint32_t, 2> found) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < name.size() && at < 2; ++i) {
    if (name[i] < '0' || name[i] > '9' || (i > 0 && name[i - 1] != '-')) continue;
    std::from_chars(name.data() + i, name.data() + name.size(), found[at++]);
  }
  return found;
}

// The three 429s of semantics.md O-6.
std::string quota_answer(std::string_view kind, std::int64_t wall_ms) {
  if (kind == "429-day") {
    const std::string reset = std::to_string((wall_ms / 86'400'000 + 1) * 86'400'000);
    const std::string metadata =
        R"({"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":")" + reset +
        R"("},"limit_source":"openrouter_free_tier_daily","provider_name":null})";
    return mock_http(
        429, "application/json",
        mock_error("Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests "
                   "per day",
                   429, metadata),
        {{"X-RateLimit-Limit", "50"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", reset}});
  }
  if (kind == "429-minute") {
    return mock_http(429, "application/json", mock_error("Rate limit exceeded: free-models-per-min. ", 429),
                     {{"Retry-After", "20"}});
  }
  return mock_http(
      429, "application/json",
      mock_error(
          "Provider returned error", 429,
          R"({"raw":"the model is temporarily rate-limited upstream. Please retry shortly","provider_name":"Mock"})"));
}

}  // namespace

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
  if (behaviour.starts_with("fail-")) return times <= numbers(behaviour, {1, 0})[0];
  if (behaviour.starts_with("flaky-")) return dice_.below(100) < numbers(behaviour, {50, 0})[0];
  return false;
}

namespace {

// As OpenAI and Groq tell a window: limit, remaining, and how long until all of it is back. `owed_ms` is how long.
std::string limited_answer(const MockAsk& ask, std::int64_t limit, std::int64_t each_ms, std::int64_t owed_ms,
                           bool ok) {
  return mock_http(ok ? 200 : 429, "application/json", ok ? mock_answer(ask, 5) : mock_error("Rate limit reached", 429),
                   {{"x-ratelimit-limit-requests", std::to_string(limit)},
                    {"x-ratelimit-remaining-requests", std::to_string(limit - (owed_ms + each_ms - 1) / each_ms)},
                    {"x-ratelimit-reset-requests", std::to_string(owed_ms) + "ms"}});
}

// What a request says, as far as the mock cares.
bool read_ask(const MockRequest& request, MockAsk& ask) {
  const Result<JsonValue> body = parse_json(request.body);
  if (!body || !body->is(JsonType::object)) return false;
  ask.model = (*body)["model"].string();
  ask.stream = (*body)["stream"].boolean(false);
  ask.usage = (*body)["stream_options"]["include_usage"].boolean(false);
  ask.base64 = (*body)["encoding_format"].string() == "base64";
  ask.prompt_tokens = static_cast<std::int64_t>(request.body.size() / 4);
  if ((*body)["input"].is(JsonType::array)) ask.inputs = std::max<std::size_t>(1, (*body)["input"].items.size());
  ask.last = (*body)["prompt"].string();
  bool answered = false;
  for (const JsonValue& message : (*body)["messages"].items) {
    if (message["role"].string() == "user") ask.last = message["content"].string();
    answered = answered || message["role"].string() == "tool";
  }
  if (!answered) ask.tool = (*body)["tools"].at(0)["function"]["name"].string();
  std::string_view name = ask.model;
  if (const std::size_t slash = name.rfind('/'); slash != name.npos) name.remove_prefix(slash + 1);
  ask.behaviour = name.substr(0, name.find(':'));
  return !ask.behaviour.empty();
}

std::vector<MockStep> broken_stream(const MockAsk& ask) {
  std::vector<MockStep> steps;
  const std::string_view how = ask.behaviour;
  if (how == "comment-then-error") {
    steps.push_back(
        {What::send, mock_stream_head() + mock_chunk(": MOCK PROCESSING\n\n") + mock_chunk(": MOCK PROCESSING\n\n") +
                         mock_event(mock_error("the provider is overloaded", 502)) + std::string(kLastChunk)});
    return steps;
  }
  mock_stream_words(ask, 3, 0, steps);
  steps.push_back({What::wait, {}, 30});
  if (how == "reset-midstream") steps.push_back({What::reset});
  if (how == "stall-midstream") steps.push_back({What::hang});
  if (how == "truncate") steps.push_back({What::fin});
  if (how == "bad-json") {
    steps.push_back(
        {What::send, mock_event(R"({"id":"x","choices":[{"delta":{"content":"bro)") + std::string(kLastChunk)});
  }
  if (how == "bad-chunk") steps.push_back({What::send, "zz\r\nno chunk\r\n"}), steps.push_back({What::fin});
  if (how == "error-in-stream") {
    steps.push_back({What::send, mock_event(mock_error("the model stopped working", 502)) + std::string(kLastChunk)});
  }
  if (how == "empty")
    steps.assign(1, {What::send, mock_stream_head() + mock_event("[DONE]") + std::string(kLastChunk)});
  return steps;
}

std::vector<MockStep> broken_answer(const MockAsk& ask) {
  const std::string_view how = ask.behaviour;
  const std::string body = mock_answer(ask, 20);
  const std::string good = mock_http(200, "application/json", body);
  if (how == "bad-json") return {{What::send, mock_http(200, "application/json", R"({"id":"x","choices":[)")}};
  if (how == "bad-chunk") {
    return {
        {What::send, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
        {What::fin}};
  }
  if (how == "empty") return {{What::send, mock_http(200, "application/json", R"({"id":"x","choices":[]})")}};
  if (how == "error-in-stream" || how == "comment-then-error") {
    return {{What::send, mock_http(200, "application/json", mock_error("the model stopped working", 502))}};
  }
  std::vector<MockStep> steps{{What::send, good.substr(0, good.size() - body.size() / 2)}};
  if (how == "reset-midstream") steps.push_back({What::reset});
  if (how == "stall-midstream") steps.push_back({What::hang});
  if (how == "truncate") steps.push_back({What::fin});
  return steps;
}

bool breaks(std::string_view how) {
  for (const std::string_view one : {"reset-midstream", "stall-midstream", "truncate", "bad-json", "bad-chunk",
                                     "error-in-stream", "comment-then-error", "empty"}) {
    if (how == one) return true;
  }
  return false;
}

}  // namespace

namespace {

// Pass-through paths are echoed; everything else needs a model.
std::vector<MockStep> unread_answer(const Operation& operation, const MockRequest& request) {
  if (!operation.ok || operation.api != Api::other)
    return {{What::send, mock_http(400, "application/json", mock_error("the request has no model", 400))}};
  std::string echo;
  JsonWriter(echo)
      .open('{')
      .member("path", std::string_view(request.path))
      .member("bytes", static_cast<std::int64_t>(request.body.size()))
      .close('}');
  return {{What::send, mock_http(200, "application/json", echo)}};
}

}  // namespace

std::string MockScript::limited(const MockAsk& ask, std::int64_t wall_ms) {
  const auto [n, seconds] = numbers(ask.behaviour, {1, 60});
  const auto limit = static_cast<std::int64_t>(std::max<std::uint64_t>(n, 1));
  const std::int64_t each_ms = std::max<std::int64_t>(static_cast<std::int64_t>(seconds) * 1000 / limit, 1);
  std::int64_t& paid_ms = windows_[ask.model];  // when all of it will be back
  const std::int64_t owed_ms = std::max<std::int64_t>(paid_ms - wall_ms, 0);
  const bool ok = owed_ms + each_ms <= limit * each_ms;
  paid_ms = wall_ms + owed_ms + (ok ? each_ms : 0);
  return limited_answer(ask, limit, each_ms, paid_ms - wall_ms, ok);
}

std::vector<MockStep> MockScript::answer(const MockRequest& request, std::int64_t wall_ms) {
  const Operation operation = operation_of(request.path);
  if (!request.authorized)
    return {{What::send, mock_http(401, "application/json", mock_error("invalid api key", 401))}};
  if (operation.ok && operation.api == Api::models) {
    return {
        {What::send, mock_http(200, "application/json", R"({"object":"list","data":[{"id":"ok","object":"model"}]})")}};
  }
  if (operation.ok && operation.below == "/key") return key_answer();
  MockAsk ask;
  if (!operation.ok || !read_ask(request, ask)) return unread_answer(operation, request);
  ask.api = operation.api == Api::other ? Api::chat : operation.api;
  ask.id = "mock-" + std::to_string(++number_);
  ask.created = wall_ms / 1000;
  const std::uint64_t times = ++asked_[ask.model];
  const std::string_view how = ask.behaviour;
  if (free_per_day_ > 0 && ask.model.ends_with(":free")) {
    if (free_used_ >= free_per_day_) return {{What::send, quota_answer("429-day", wall_ms)}};
    ++free_used_;
  }
  if (how.starts_with("limit-")) return {{What::send, limited(ask, wall_ms)}};
  if (how.starts_with("429-")) return {{What::send, quota_answer(how, wall_ms)}};
  if (how.starts_with("status-") || fails(how, times)) {
    const auto code = static_cast<int>(how.starts_with("status-") ? numbers(how, {500, 0})[0] : 503);
    return {
        {What::send, mock_http(code, "application/json", mock_error("mock answers " + std::to_string(code), code))}};
  }
  if (how.starts_with("retry-after-")) {
    const std::string seconds = std::to_string(numbers(how, {1, 0})[0]);
    return {{What::send, mock_http(429, "application/json", mock_error("slow down", 429), {{"Retry-After", seconds}})}};
  }
  if (how == "html") return {{What::send, mock_http(200, "text/html", "<html><body>Please log in</body></html>")}};
  if (how == "hang") return {{What::hang}};
  if (how == "reset") return {{What::reset}};
  if (breaks(how)) return ask.stream ? broken_stream(ask) : broken_answer(ask);
  std::vector<MockStep> steps;
  const auto [words, gap_ms] = numbers(how, {5, 0});
  const bool paced = how.starts_with("sse-");
  if (how.starts_with("delay-")) steps.push_back({What::wait, {}, numbers(how, {0, 0})[0]});
  if (ask.api == Api::embeddings) {
    steps.push_back({What::send, mock_http(200, "application/json", mock_embeddings(ask))});
  } else if (ask.stream) {
    mock_stream_words(ask, paced ? words : 5, paced ? gap_ms : 0, steps);
    mock_stream_end(ask, paced ? words : 5, steps);
  } else {
    steps.push_back({What::send, mock_http(200, "application/json", mock_answer(ask, paced ? words : 5))});
  }
  if (how == "slow-drip") {
    for (MockStep& step : steps) step.what = What::drip, step.ms = 20;
  }
  return steps;
}

}  // namespace spillway
