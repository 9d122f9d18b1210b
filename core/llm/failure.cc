#include "llm/failure.h"

#include "json/write.h"
#include "llm/dialect.h"

namespace spillway::llm {

namespace {

struct Row {
  int status;
  std::string_view type, code;  // OpenAI's
  std::string_view anthropic_type;
  int anthropic_status = 0;  // where it is another
  bool no_retry = false;
};

constexpr std::string_view kInvalid = "invalid_request_error", kRate = "rate_limit_error", kServer = "server_error";
constexpr std::string_view kOverloaded = "overloaded_error";

constexpr Row kRows[kCases] = {
    {400, kInvalid, "", kInvalid},
    {400, kInvalid, "context_length_exceeded", kInvalid},
    {401, kInvalid, "invalid_api_key", "authentication_error"},
    {403, "permission_error", "model_not_allowed", "permission_error"},
    {404, kInvalid, "model_not_found", "not_found_error"},
    {404, kInvalid, "unknown_url", "not_found_error"},
    {413, kInvalid, "request_too_large", "request_too_large"},
    {429, kRate, "rate_limit_exceeded", kRate},
    {429, "insufficient_quota", "insufficient_quota", kRate, 0, true},
    {429, kRate, "upstream_rate_limited", kRate},
    {503, kServer, "no_upstream_available", kOverloaded, 529},
    {502, kServer, "upstream_error", "api_error"},
    {502, kServer, "provider_auth_failed", "api_error", 0, true},
    {504, kServer, "upstream_timeout", "timeout_error"},
    {503, kServer, "shutting_down", kOverloaded},
    {502, "upstream_error", "upstream_stream_error", "api_error"},
};

const Row& row(Case what) { return kRows[static_cast<std::size_t>(what)]; }

std::string_view code_of(const Failure& failure) {
  return failure.code.empty() ? row(failure.what).code : std::string_view(failure.code);
}

struct GoogleStatus {
  int status;
  std::string_view name;
};
constexpr GoogleStatus kGoogle[] = {
    {400, "INVALID_ARGUMENT"}, {401, "UNAUTHENTICATED"},    {403, "PERMISSION_DENIED"}, {404, "NOT_FOUND"},
    {413, "INVALID_ARGUMENT"}, {429, "RESOURCE_EXHAUSTED"}, {503, "UNAVAILABLE"},       {504, "DEADLINE_EXCEEDED"},
};

std::string_view google_status(int status) {
  for (const GoogleStatus& one : kGoogle) {
    if (one.status == status) return one.name;
  }
  return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
}

void write_error(Wire wire, const Failure& failure, JsonWriter& json) {
  const Row& is = row(failure.what);
  const int status = failure.status != 0 ? failure.status : is.status;
  switch (wire) {
    case Wire::anthropic:
      json.open('{').member("type"sv, "error").key("error"sv).open('{').member("type"sv, is.anthropic_type);
      json.member("message"sv, failure.message).close('}');
      if (!failure.request_id.empty()) json.member("request_id"sv, failure.request_id);
      break;
    case Wire::gemini:
      json.open('{').key("error"sv).open('{').member("code"sv, status).member("message"sv, failure.message);
      json.member("status"sv, google_status(status)).close('}');
      break;
    case Wire::ollama: json.open('{').member("error"sv, failure.message); break;
    case Wire::cohere: json.open('{').member("message"sv, failure.message); break;
    case Wire::openai_chat:
    case Wire::openai_completions:
    case Wire::openai_responses:
      json.raw(spillway::error_body(failure.message, is.type, failure.param, code_of(failure)));
      return;
  }
  json.close('}');
}

}  // namespace

int status_of(Wire wire, Case what) {
  const Row& is = row(what);
  return wire == Wire::anthropic && is.anthropic_status != 0 ? is.anthropic_status : is.status;
}

bool repeat_cannot_help(Case what) { return row(what).no_retry; }

std::string error_body(Wire wire, const Failure& failure) {
  std::string out;
  JsonWriter json(out);
  write_error(wire, failure, json);
  return out;
}

std::string error_event(Wire wire, const Failure& failure) {
  std::string out;
  JsonWriter json(out);
  switch (wire) {
    case Wire::ollama: return error_body(wire, failure) + "\n";
    case Wire::anthropic: return "event: error\ndata: " + error_body(wire, failure) + "\n\n";
    case Wire::openai_responses:
      json.open('{').member("type"sv, "error");
      json.text_or_null("code", code_of(failure));
      json.member("message"sv, failure.message);
      json.text_or_null("param", failure.param);
      json.close('}');
      return "event: error\ndata: " + out + "\n\n";
    case Wire::cohere:
      json.open('{').member("type"sv, "message-end").key("delta"sv).open('{').member("finish_reason"sv, "ERROR");
      json.member("error"sv, failure.message).close('}').close('}');
      return "event: message-end\ndata: " + out + "\n\n";
    case Wire::gemini:
    case Wire::openai_chat:
    case Wire::openai_completions: break;
  }
  return "data: " + error_body(wire, failure) + "\n\n";
}

}  // namespace spillway::llm
