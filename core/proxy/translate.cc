// Requests whose client and provider speak different wire formats: read once, fitted and written anew for each attempt.
// What comes back is the relay's (relay_foreign.cc).
#include <algorithm>
#include <utility>

#include "http/url.h"
#include "http/writer.h"
#include "llm/window_fields.h"
#include "proxy/client.h"
#include "proxy/query.h"
#include "proxy/shared.h"
#include "proxy/translated.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

// Whether this is one of the query's parts.
bool asks(std::string_view query, std::string_view part) {
  std::string_view one;
  while (next_part(query, one)) {
    if (one == part) return true;
  }
  return false;
}

}  // namespace

bool Request::translates() {
  if (needs_nobody()) return false;
  translated_ = std::make_unique<Translated>();
  translated_->foreign.silent = operation_.api == Api::ollama && facts_.prompt_bytes == 0;
  if (wants_array()) {
    const Limits& limits = generation_.config.limits;
    translated_->array = std::make_unique<llm::GeminiArray>(static_cast<std::size_t>(limits.event_bytes));
  }
  const std::string_view what = operation_.api == Api::count_tokens ? "count of tokens"
                                : operation_.api == Api::realtime   ? "realtime API"
                                                                    : "embeddings";
  for (std::size_t i = 0; i < plan_.candidates.size(); ++i) {
    const Way way = way_of(operation_, *generation_.targets[plan_.candidates[i].target]->endpoint);
    if (way.kind == Way::Kind::none) plan_.exclude(i, 0, Out::unfit, -1, "it has no " + std::string(what));
    const bool needed =
        way.kind == Way::Kind::translate || (way.embeds && way.kind == Way::Kind::pass) || may_need_refit(i);
    if (needed && !translated_->read && !read_foreign(way)) return false;
  }
  return true;
}

bool Request::read_foreign(const Way& way) {
  llm::Refusal why;
  translated_->read = true;
  Foreign& foreign = translated_->foreign;
  if (way.embeds) {
    const llm::Node root = llm::read_node(worker_.scanner(), body_, body_room_);
    foreign.asked.model = facts_.model;
    // What is said in no way we know may still pass to who speaks alike.
    if (!llm::read_embed_request(way.client, root, foreign.embed, translated_->refusal)) foreign.embed.inputs.clear();
    return true;
  }
  Result<llm::ChatRequest> request = llm::read_request(way.client, worker_.scanner(), body_, body_room_, why);
  if (!request && way.kind == Way::Kind::pass) {  // its provider may know better
    translated_->read = false;
    return true;
  }
  if (!request) {
    refuse({400, "invalid_request_error", why.code, why.message, why.param});
    return false;
  }
  translated_->request = std::move(*request);
  if (way.client == llm::Wire::gemini) {  // whose path says these
    translated_->request.model = facts_.model;
    translated_->request.stream = facts_.stream;
  }
  foreign.asked = llm::asked_of(translated_->request, record_.request_id, worker_.clock().wall_ms() / 1000);
  foreign.asked.input_estimate = static_cast<std::int64_t>(facts_.prompt_tokens);
  return true;
}

namespace {

// In a body that was written here, of whichever operation (O-15).
void deny_training(std::string& body) { body.insert(1, R"("provider":{"data_collection":"deny"},)"); }

}  // namespace

bool Request::fits(std::size_t i) {
  const Candidate& candidate = plan_.candidates[i];
  const Target& target = *generation_.targets[candidate.target];
  Foreign& foreign = translated_->foreign;
  foreign.way = way_of(operation_, *target.endpoint);
  translated_->body.clear();
  if (translated_->read && wants_responses(*target.endpoint, candidate.model, translated_->request)) {
    foreign.way.kind = Way::Kind::translate;
    foreign.way.provider = llm::Wire::openai_responses;
  }
  if (foreign.way.kind == Way::Kind::translate && foreign.way.provider == llm::Wire::openai_completions) {
    foreign.way.provider = llm::Wire::openai_chat;  // whose readers know both
  }
  if (foreign.way.kind == Way::Kind::pass && !foreign.way.embeds) return refits(i);
  if (foreign.way.kind != Way::Kind::translate) return true;
  const bool deny = route_->no_training && candidate.asks_policy;
  if (foreign.way.embeds) {
    if (!foreign.embed.inputs.empty() &&
        llm::write_embed_request(foreign.way.provider, foreign.embed, candidate.model, translated_->body,
                                 worker_.scanner(), translated_->refusal)) {
      if (deny) deny_training(translated_->body);
      return true;
    }
    plan_.exclude(i, 0, Out::unfit, -1, translated_->refusal.message);
    return false;
  }
  llm::ChatRequest request = translated_->request;
  llm::Target wanted = target_of(*target.endpoint, foreign.way.provider, candidate.model, target.output_most);
  foreign.signatures = {&worker_.shared().signatures(), target.endpoint->key_id};
  foreign.signatures.all->settle(foreign.signatures.maker, request);
  wanted.same_route = true;
  llm::Fitted fitted;
  if (!llm::fit(request, wanted, worker_.scanner(), fitted, translated_->refusal)) {
    plan_.exclude(i, 0, Out::unfit, -1, translated_->refusal.message);
    return false;
  }
  if (deny) std::erase_if(request.extras, [](const llm::Extra& extra) { return extra.name == "provider"; });
  translated_->body = llm::write_request(foreign.way.provider, request, wanted.spelling);
  if (deny) deny_training(translated_->body);
  return true;
}

bool Request::may_need_refit() const {
  for (std::size_t i = 0; i < plan_.candidates.size(); ++i) {
    if (may_need_refit(i)) return true;
  }
  return false;
}

bool Request::may_need_refit(std::size_t i) const {
  const Endpoint& endpoint = *generation_.targets[plan_.candidates[i].target]->endpoint;
  if (endpoint.dialect->wire != llm::Wire::openai_chat) return false;
  if (operation_.api == Api::completions) return !endpoint.quirks->completes();
  return operation_.api == Api::chat && endpoint.quirks->may_matter(body_);
}

// Who speaks the client's API, but not all of it: its request is written anew where it must be, and passes elsewhere.
bool Request::refits(std::size_t i) {
  if (!translated_->read || !may_need_refit(i)) return true;
  const Candidate& candidate = plan_.candidates[i];
  const Target& target = *generation_.targets[candidate.target];
  llm::Target wanted = target_of(*target.endpoint, llm::Wire::openai_chat, candidate.model, target.output_most);
  llm::Spelling as_it_came = wanted.spelling;
  as_it_came.old_max_tokens = body_.find("\"max_tokens\"") != body_.npos;
  as_it_came.mistral_words = as_it_came.no_usage_asked = false;
  if (target.endpoint->quirks->max_tokens == Quirks::MaxTokens::either) {
    wanted.spelling.old_max_tokens = as_it_came.old_max_tokens;
  }
  wanted.same_route = true;
  llm::ChatRequest request = translated_->request;
  const std::string before = llm::write_request(llm::Wire::openai_chat, request, as_it_came);
  llm::Fitted fitted;
  if (!llm::fit(request, wanted, worker_.scanner(), fitted, translated_->refusal)) {
    plan_.exclude(i, 0, Out::unfit, -1, translated_->refusal.message);
    return false;
  }
  std::string after = llm::write_request(llm::Wire::openai_chat, request, wanted.spelling);
  if (after != before) translated_->body = std::move(after);
  return true;
}

void Request::write_translated_request(const Target& target) {
  const Endpoint& endpoint = *target.endpoint;
  const Way& way = translated_->foreign.way;
  const std::string_view model = plan_.candidates[candidate_].model;
  const bool fills = !way.embeds && way.kind == Way::Kind::translate && !translated_->request.suffix.empty();
  const std::string path = fills        ? fill_path(endpoint)
                           : way.embeds ? embed_path(*endpoint.dialect, model)
                                        : chat_path(dialect_of(way.provider), model, facts_.stream);
  if (request_out_.empty()) request_out_ = worker_.spare_memory();
  HeadWriter writer(request_out_);
  writer.request("POST", fills ? std::string_view() : endpoint.url.path, endpoint.authority, path);
  if (!endpoint.credential.empty()) writer.foreign_field(endpoint.auth_header, endpoint.credential);
  writer.line("content-type: application/json\r\n");
  for (const auto& [name, value] : endpoint.headers) writer.foreign_field(name, value);
  for (const auto& [name, value] : upstream_fields_) writer.foreign_field(name, value);
  if (endpoint.dialect->wire == llm::Wire::anthropic) write_version(writer, endpoint);
  if (!record_.user_agent.empty()) writer.field("user-agent", record_.user_agent);
  write_hops(writer, head_->headers.get(FieldId::x_forwarded_for), head_->headers.get(FieldId::via));
  writer.field("content-length", translated_->body.size());
  writer.end();
  splice_ = Splice();
  splice_.bytes = translated_->body.size();
  splice_.pieces = {request_out_, translated_->body};
}

// Anthropic wants one named; the client's goes along where its own request does.
void Request::write_version(HeadWriter& writer, const Endpoint& endpoint) {
  constexpr std::string_view kName = "anthropic-version";
  const bool written = translated_ != nullptr && translated_->writes();
  const bool said = !written && head_->headers.find(kName) != nullptr;
  if (!said && endpoint.header(kName).empty()) writer.field("anthropic-version", kAnthropicVersion);
}

namespace {

// Without `key=`, which may be a client's credential, and what Gemini's paths say already.
std::string forwarded_query(std::string_view query, std::string_view without, std::string_view begin) {
  std::string kept;
  std::string_view part;
  while (next_part(query, part)) {
    const bool ours = part.starts_with(kKeyPart) || (!without.empty() && part.starts_with(without));
    if (!ours) kept.append(kept.empty() ? begin : "&").append(part);
  }
  return kept;
}

}  // namespace

std::string Request::rare_path(const Target& target) const {
  if (operation_.api == Api::realtime) return std::string(operation_.below) + tunnel_query();
  if (operation_.wire != llm::Wire::gemini) {
    return std::string(operation_.below) + forwarded_query(head_->query, {}, "?");
  }
  const std::string_view model = plan_.candidates[candidate_].model;
  std::string path = operation_.api == Api::count_tokens ? "/models/" + percent_encode(model) + ":countTokens"
                                                         : chat_path(*target.endpoint->dialect, model, facts_.stream);
  return path + forwarded_query(head_->query, "alt=", facts_.stream ? "&" : "?");
}

std::string_view Request::stream_type() const {
  if (wants_array()) return "application/json";
  return operation_.wire == llm::Wire::ollama ? "application/x-ndjson" : "text/event-stream";
}

// Gemini's stream for who asked for no events.
bool Request::wants_array() const { return operation_.stream && !asks(head_->query, "alt=sse"); }

// The provider's fields are about its own answer.
void Request::write_translated_head(HeadWriter& writer) {
  writer.field("content-type", relay_->streaming() ? stream_type() : "application/json");
  llm::write_windows(operation_.wire, windows_, worker_.clock().wall_ms(), writer);
}

}  // namespace spillway
