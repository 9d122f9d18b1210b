#include "proxy/foreign.h"

#include <algorithm>

namespace spillway {

namespace {

using llm::Wire;

bool speaks(const Endpoint& endpoint, Wire wire) {
  const Wire own = endpoint.dialect->wire;
  if (wire == Wire::openai_completions) return own == Wire::openai_chat && endpoint.quirks->completes();
  if (own == wire) return true;
  return (wire == Wire::anthropic && endpoint.speaks_messages) ||
         (wire == Wire::openai_responses && endpoint.speaks_responses);
}

// OpenAI's two wires have the same. Gemini's say the model in the body, too, so they never pass as they came.
Way way_of_embeddings(const Endpoint& endpoint, Wire client) {
  const Wire own = endpoint.dialect->wire;
  Way way;
  way.embeds = true;
  way.client = client;
  const bool own_words = own == Wire::ollama || own == Wire::gemini || own == Wire::cohere;
  way.provider = own_words ? own : Wire::openai_chat;
  const bool passes = way.client == way.provider && own != Wire::gemini;
  way.kind = endpoint.dialect->embed_path.empty() ? Way::Kind::none : passes ? Way::Kind::pass : Way::Kind::translate;
  return way;
}

}  // namespace

Way way_of(Api api, const Endpoint& endpoint, Wire native) {
  Way way;
  way.provider = endpoint.dialect->wire;
  if (api == Api::embeddings) return way_of_embeddings(endpoint, Wire::openai_chat);
  if (api == Api::embed) return way_of_embeddings(endpoint, native);
  if (api == Api::count_tokens) {
    way.client = way.provider = native;
    way.kind = speaks(endpoint, native) ? Way::Kind::pass : Way::Kind::none;
    return way;
  }
  if (api == Api::realtime && way.provider != Wire::openai_chat) way.kind = Way::Kind::none;
  const std::optional<Wire> client = wire_of(api);
  if (!client) return way;
  way.client = *client;
  if (speaks(endpoint, *client)) {
    way.provider = *client;
  } else {
    way.kind = Way::Kind::translate;
  }
  return way;
}

llm::Target target_of(const Endpoint& endpoint, Wire wire, std::string_view model, std::int64_t output_most) {
  llm::Target target;
  target.wire = wire;
  target.drop_params = endpoint.drop_params;
  if (output_most > 0) target.max_output = output_most;
  target.image_urls = wire != Wire::gemini && wire != Wire::ollama;
  if (wire == Wire::anthropic) target.tool_ids = llm::ToolIds::plain;
  target.spelling.model = model;
  target.spelling.anthropic_version = endpoint.header("anthropic-version");
  target.fills = wire == endpoint.dialect->wire && !fill_path(endpoint).empty();
  const Quirks& quirks = *endpoint.quirks;
  target.spelling.openai_itself = quirks.max_tokens == Quirks::MaxTokens::new_only;
  target.spelling.old_max_tokens = quirks.max_tokens != Quirks::MaxTokens::new_only;
  if (wire != Wire::openai_chat) return target;
  target.lacks = quirks.lacks;
  target.tool_ids = quirks.tool_ids;
  target.alternates = quirks.alternates;
  target.spelling.no_usage_asked = target.spelling.mistral_words = quirks.mistral;
  if (!quirks.logs) target.lacks_members = {"logprobs", "logit_bias", "top_logprobs"};
  return target;
}

std::string fill_path(const Endpoint& endpoint) {
  const std::string_view link = endpoint.quirks->fills;
  if (endpoint.dialect->wire == Wire::ollama) return endpoint.url.path + "/api/generate";
  if (endpoint.dialect->wire != Wire::openai_chat || link.empty()) return {};
  return link.starts_with('/') ? std::string(link) : endpoint.url.path + '/' + std::string(link);
}

bool wants_responses(const Endpoint& endpoint, std::string_view model, const llm::ChatRequest& request) {
  constexpr std::string_view kFamily = "gpt-5.";
  constexpr char kWithEffort = '4', kAlways = '6';
  const bool itself = endpoint.quirks->max_tokens == Quirks::MaxTokens::new_only;
  if (!itself || request.from != Wire::openai_chat || request.tools.empty() || request.effort == llm::Effort::none) {
    return false;
  }
  if (!model.starts_with(kFamily) || model.size() == kFamily.size()) return false;
  const char minor = model[kFamily.size()];
  return minor <= '9' && minor >= (request.effort == llm::Effort::unset ? kAlways : kWithEffort);
}

std::string error_event_of(Wire client, std::string_view message, std::string_view type, std::string_view code) {
  if (client == Wire::openai_chat || client == Wire::openai_completions) return error_event(message, type, code);
  return llm::error_event(client, failure_of(message, code));
}

llm::Failure failure_of(std::string_view message, std::string_view code) {
  llm::Failure failure;
  failure.what = code == "upstream_error" ? llm::Case::broken_stream : case_of(502, code);
  failure.message = message;
  return failure;
}

llm::Case case_of(int status, std::string_view code) {
  using llm::Case;
  struct Row {
    std::string_view code;
    Case what;
  };
  static constexpr Row kCodes[] = {
      {"context_length_exceeded", Case::context_too_long},
      {"invalid_api_key", Case::bad_key},
      {"model_not_allowed", Case::model_forbidden},
      {"model_not_found", Case::unknown_model},
      {"unknown_url", Case::unknown_path},
      {"request_too_large", Case::too_large},
      {"insufficient_quota", Case::budget_spent},
      {"upstream_rate_limited", Case::upstreams_limited},
      {"provider_auth_failed", Case::upstream_auth},
      {"shutting_down", Case::draining},
  };
  for (const Row& row : kCodes) {
    if (row.code == code) return row.what;
  }
  switch (status) {
    case 413: return Case::too_large;
    case 429: return Case::rate_limited;
    case 503: return Case::none_healthy;
    case 504: return Case::upstream_timeout;
    default: return status < 500 ? Case::bad_request : Case::upstream_error;
  }
}

}  // namespace spillway
