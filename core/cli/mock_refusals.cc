#include "cli/mock_refusals.h"

#include "base/calendar.h"
#include "http/writer.h"
#include "json/write.h"
#include "llm/failure.h"

namespace spillway {

using llm::Case;
using llm::Wire;

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::int64_t kDayMs = 86'400'000;

Case case_of(int status) {
  switch (status) {
    case 400: return Case::bad_request;
    case 401: return Case::bad_key;
    case 403: return Case::model_forbidden;
    case 404: return Case::unknown_model;
    case 413: return Case::too_large;
    case 429: return Case::rate_limited;
    case 503:
    case 529: return Case::none_healthy;
    case 504: return Case::upstream_timeout;
    default: return Case::upstream_error;
  }
}

std::string body_of(Wire wire, int status, std::string_view message) {
  if (wire == Wire::openai_chat || wire == Wire::openai_completions) return mock_error(message, status);
  llm::Failure failure;
  failure.what = case_of(status);
  failure.message = message;
  return llm::error_body(wire, failure);
}

std::string openrouter_day(std::int64_t wall_ms) {
  const std::string reset = std::to_string((wall_ms / kDayMs + 1) * kDayMs);
  const std::string metadata =
      R"({"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":")" + reset +
      R"("},"limit_source":"openrouter_free_tier_daily","provider_name":null})";
  return mock_http(429, kJson,
                   mock_error("Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model "
                              "requests per day",
                              429, metadata),
                   {{"X-RateLimit-Limit", "50"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", reset}});
}

std::string openrouter_quota(std::string_view kind, std::int64_t wall_ms) {
  if (kind == "429-day") return openrouter_day(wall_ms);
  if (kind == "429-minute") {
    return mock_http(429, kJson, mock_error("Rate limit exceeded: free-models-per-min. ", 429),
                     {{"Retry-After", "20"}});
  }
  return mock_http(
      429, kJson,
      mock_error(
          "Provider returned error", 429,
          R"({"raw":"the model is temporarily rate-limited upstream. Please retry shortly","provider_name":"Mock"})"));
}

// Gemini has no heads for it: details name the quota and say how long to wait.
std::string gemini_quota(std::string_view kind, std::int64_t seconds) {
  std::string body;
  JsonWriter json(body);
  const bool day = kind == "429-day", minute = kind == "429-minute";
  json.open('{').key("error").open('{').member("code", 429);
  json.member("message", day || minute
                             ? "You exceeded your current quota. Please retry in " + std::to_string(seconds) + "s."
                             : "The model is overloaded. Please try again later.");
  json.member("status", "RESOURCE_EXHAUSTED");
  if (day || minute) {
    json.key("details").open('[').open('{').member("@type", "type.googleapis.com/google.rpc.QuotaFailure");
    json.key("violations").open('[').open('{');
    json.member("quotaId", day ? "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
                               : "GenerateRequestsPerMinutePerProjectPerModel-FreeTier");
    json.close('}').close(']').close('}').open('{').member("@type", "type.googleapis.com/google.rpc.RetryInfo");
    json.member("retryDelay", std::to_string(seconds) + "s").close('}').close(']');
  }
  json.close('}').close('}');
  return mock_http(429, kJson, body);
}

}  // namespace

std::string mock_refusal(Wire wire, int status, std::string_view message, MockFields more) {
  return mock_http(status, kJson, body_of(wire, status, message), more);
}

std::string mock_quota(Wire wire, std::string_view kind, std::int64_t wall_ms) {
  if (wire == Wire::openai_chat || wire == Wire::openai_completions) return openrouter_quota(kind, wall_ms);
  const bool day = kind == "429-day", minute = kind == "429-minute";
  const std::int64_t seconds = day ? (kDayMs - wall_ms % kDayMs) / 1000 : 20;
  if (wire == Wire::gemini) return gemini_quota(kind, seconds);
  if (!day && !minute) return mock_refusal(wire, 429, "the model is overloaded, please retry shortly");
  return mock_refusal(wire, 429, day ? "Rate limit reached for requests per day" : "Rate limit reached per minute",
                      {{"Retry-After", std::to_string(seconds)}});
}

std::string mock_told(std::string response, Wire wire, const MockWindow& window, std::int64_t wall_ms) {
  const bool anthropic = wire == Wire::anthropic;
  if (!anthropic && wire != Wire::openai_chat && wire != Wire::openai_completions && wire != Wire::openai_responses)
    return response;
  const std::string limit = std::to_string(window.limit), left = std::to_string(window.left);
  const std::string lines =
      anthropic
          ? "anthropic-ratelimit-requests-limit: " + limit + "\r\nanthropic-ratelimit-requests-remaining: " + left +
                "\r\nanthropic-ratelimit-requests-reset: " + utc_text((wall_ms + window.owed_ms + 999) / 1000) + "\r\n"
          : "x-ratelimit-limit-requests: " + limit + "\r\nx-ratelimit-remaining-requests: " + left +
                "\r\nx-ratelimit-reset-requests: " + std::to_string(window.owed_ms) + "ms\r\n";
  return response.insert(response.find("\r\n\r\n") + 2, lines);
}

}  // namespace spillway
