// From the head to the first attempt: who asks, for what, and what the policies make of it.
#include "proxy/request.h"

#include <algorithm>

#include "http/inflate.h"
#include "llm/native_facts.h"
#include "proxy/client.h"
#include "proxy/models_wires.h"
#include "proxy/query.h"
#include "proxy/route_plan.h"
#include "proxy/shared.h"
#include "proxy/translated.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::string_view kLive = R"({"status":"ok"})";
constexpr std::string_view kDraining = R"({"status":"draining"})";

enum class Health : std::uint8_t { no, live, ready };

Health health_of(std::string_view path) {
  for (const std::string_view live :
       {"/health", "/healthz", "/health/live", "/health/liveliness", "/health/liveness", "/"}) {
    if (path == live) return Health::live;
  }
  for (const std::string_view ready : {"/health/ready", "/readyz", "/health/readiness"}) {
    if (path == ready) return Health::ready;
  }
  return Health::no;
}

// The first credential found (ecosystem.md 1.2).
std::string_view client_secret(const RequestHead& head) {
  if (const Header* field = head.headers.find(FieldId::authorization)) {
    const std::size_t space = field->value.find(' ');
    if (space != field->value.npos && equal_fold(field->value.substr(0, space), "bearer")) {
      return trim(field->value.substr(space));
    }
  }
  for (const FieldId id : {FieldId::x_api_key, FieldId::api_key, FieldId::x_goog_api_key}) {
    if (const Header* field = head.headers.find(id)) return field->value;
  }
  for (const Header& field : head.headers) {
    if (field.id != FieldId::sec_websocket_protocol) continue;
    if (const std::string_view secret = browser_secret(field.value); !secret.empty()) return secret;
  }
  std::string_view query = head.query, part;
  while (next_part(query, part)) {
    if (part.starts_with(kKeyPart)) return part.substr(kKeyPart.size());
  }
  return {};
}

bool good_request_id(std::string_view id) {
  if (id.empty() || id.size() > 128) return false;
  for (const char c : id) {
    const bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                      c == '_' || c == '.' || c == ':';
    if (!good) return false;
  }
  return true;
}

constexpr std::string_view kShow = "/api/show";  // asks as others post

bool reads(std::string_view method) { return method == "GET" || method == "HEAD"; }

}  // namespace

Request::Request(Worker& worker, Client& client, bool keep_alive)
    : worker_(worker),
      client_(client),
      tenure_(worker.enter()),
      generation_(*tenure_.generation),
      head_(&client.head()),
      keep_alive_(keep_alive),
      started_us_(worker.clock().now_us()),
      deadline_(worker.loop(), *this) {
  Worker::Lists lists = worker_.spare_lists();
  plan_.candidates = std::move(lists.candidates);
  record_.tried = std::move(lists.tried);
  splice_.pieces = std::move(lists.pieces);
  const std::string_view asked_id = head_->headers.get(FieldId::x_request_id);
  record_.request_id = good_request_id(asked_id) ? asked_id : worker.next_request_id(own_id_);
  record_.client = client.peer();
  record_.user_agent = head_->headers.get(FieldId::user_agent);
  record_.method = head_->method;
  record_.path = head_->path;
}

Request::~Request() {
  CHECK(phase_ == Phase::end);
  worker_.keep_memory(std::move(request_out_));
  worker_.keep_lists({std::move(plan_.candidates), std::move(record_.tried), std::move(splice_.pieces)});
  worker_.leave(tenure_);
}

void Request::enter(Phase phase) {
  CHECK(legal(phase_, phase));
  phase_ = phase;
}

bool Request::may_enter(const Generation& generation, const RequestHead& head) {
  if (generation.open_access() || health_of(head.path) != Health::no) return true;
  return generation.authenticate(client_secret(head)) != nullptr;
}

void Request::start() {
  if (local()) return;
  if (operation_.api == Api::realtime ? !read_handshake() : !read_body()) return;
  if (operation_.api == Api::models) return answer_show();
  if (!find_route()) return;
  enter(Phase::decide);
  spend_most_ =
      lay_plan(plan_, generation_, *route_, facts_,
               {key_, head_->headers.has(FieldId::ours) ? head_->headers.get("x-spillway-tags") : std::string_view()},
               worker_.shared());
  const bool plain = operation_.api == Api::chat || operation_.api == Api::completions ||
                     operation_.api == Api::other || operation_.api == Api::realtime;
  if ((!plain || route_->foreign || (route_->quirks && may_need_refit())) && !translates()) return;
  run_chain();
}

bool Request::local() {
  if (const Health health = health_of(head_->path); health != Health::no && reads(head_->method)) {
    const bool ok = health == Health::live || !worker_.shared().draining;
    answer(ok ? 200 : 503, "application/json", ok ? kLive : kDraining);
    return true;
  }
  operation_ = operation_of(head_->path);
  if (operation_.below == "/realtime" && head_->method == "GET") operation_.api = Api::realtime;
  record_.api = operation_.api;
  if (!admitted()) return true;
  const bool preflight =
      head_->method == "OPTIONS" && head_->headers.find(FieldId::access_control_request_method) != nullptr;
  if (preflight && !generation_.config.server.cors_origins.empty()) {
    answer(204, {}, {});
    return true;
  }
  key_ = generation_.open_access() ? nullptr : generation_.authenticate(client_secret(*head_));
  if (!generation_.open_access() && key_ == nullptr) {
    const bool none = client_secret(*head_).empty();
    refuse({401,
            "invalid_request_error",
            "invalid_api_key",
            none ? "no API key was given: send `Authorization: Bearer KEY`" : "the API key is not known here",
            {},
            -1,
            true});
    return true;
  }
  if (key_ != nullptr) record_.key = key_->name;
  if (!operation_.ok) {
    refuse_path();
    return true;
  }
  const bool from_memory = operation_.api == Api::models;
  const bool wants_read = from_memory && operation_.below != kShow;
  const bool passes = operation_.api == Api::other || operation_.api == Api::realtime;
  if (!passes && (wants_read ? !reads(head_->method) : head_->method != "POST")) {
    answer_fields_.emplace_back("allow", wants_read ? "GET, HEAD" : "POST");
    refuse({405,
            "invalid_request_error",
            "method_not_allowed",
            std::string(head_->method) + " is not possible at " + std::string(head_->path),
            {}});
    return true;
  }
  if (wants_read) answer_models();
  return wants_read;
}

bool Request::read_body() {
  body_ = client_.body();
  if (client_.uploads()) return read_upload();
  body_room_ = client_.body_room();
  const Header* packed = head_->headers.find(FieldId::content_encoding);
  if (packed != nullptr && head_->headers.count(FieldId::content_encoding) > 1) {
    refuse({415, "invalid_request_error", "invalid_encoding", "more than one Content-Encoding", {}});
    return false;
  }
  const std::string_view coding = packed == nullptr ? std::string_view{} : packed->value;
  const auto bytes_max = static_cast<std::size_t>(generation_.config.limits.body_bytes);
  if (!coding.empty() && !equal_fold(coding, "identity")) {
    Result<std::string> unpacked = inflate(coding, body_, bytes_max);
    if (!unpacked) {
      const Kind kind = unpacked.error().kind;
      const int status = kind == Kind::limit ? 413 : kind == Kind::not_found ? 415 : 400;
      refuse({status,
              "invalid_request_error",
              status == 413 ? "request_too_large" : "invalid_encoding",
              unpacked.error().detail,
              {}});
      return false;
    }
    unpacked_ = std::move(*unpacked);
    unpacked_.reserve(unpacked_.size() + Client::kSpareBytes);
    body_ = unpacked_;
    body_room_ = unpacked_.capacity();
  }
  body_bytes_ = body_.size();
  BadRequest why;
  const Api api = operation_.api == Api::count_tokens ? Api::messages : operation_.api;
  Result<Facts> facts = operation_.native() ? inspect_native(worker_.scanner(), operation_, body_, body_room_, why)
                                            : inspect(worker_.scanner(), api, head_->headers.get(FieldId::content_type),
                                                      body_, body_room_, why);
  if (!facts) {
    refuse({400, "invalid_request_error", {}, why.message, why.param});
    return false;
  }
  facts_ = std::move(*facts);
  record_.model_asked = facts_.model;
  record_.stream = facts_.stream;
  if (facts_.stream) worker_.watch_streams();
  return true;
}

bool Request::find_route() {
  if (operation_.wire == llm::Wire::ollama) {
    facts_.model.resize(tagless(generation_, facts_.model).size());
    record_.model_asked = facts_.model;
  }
  if (!Generation::may_use(key_, facts_.model)) {
    refuse({403, "permission_error", "model_not_allowed", "this key may not use the model `" + facts_.model + "`",
            "model"});
    return false;
  }
  route_ = generation_.find(facts_.model, head_->path);
  if (route_ != nullptr) {
    record_.route = route_->name;
    return true;
  }
  if (facts_.model.empty()) {
    refuse({404,
            "invalid_request_error",
            "unknown_url",
            "no route serves " + std::string(head_->path) + " without a model",
            {}});
    return false;
  }
  std::string message = "there is no model `" + facts_.model + "` here";
  const std::vector<std::string> near = generation_.near(facts_.model, key_);
  for (std::size_t i = 0; i < near.size(); ++i) {
    message += (i == 0 ? "; did you mean `" : "` or `") + near[i];
  }
  if (!near.empty()) message += "`?";
  refuse({404, "invalid_request_error", "model_not_found", message, "model"});
  return false;
}

void Request::run_chain() {
  const Limits& limits = generation_.config.limits;
  const std::int64_t most_ms = limits.answer_ms > 0 ? std::min(limits.request_ms, limits.answer_ms) : limits.request_ms;
  budget_end_us_ = started_us_ + static_cast<std::uint64_t>(most_ms) * 1000;
  chain_.emplace(*tenure_.policies, route_->policies, static_cast<Subject&>(*this), plan_);
  after_chain(chain_->run());
}

void Request::on_chain_resumed() {
  if (phase_ != Phase::decide) return;
  deadline_.disarm();
  after_chain(chain_->result());
}

void Request::after_chain(Chain::Result result) {
  switch (result) {
    case Chain::Result::go: return next_attempt();
    case Chain::Result::reply: return write_stored();
    case Chain::Result::wait:
      return deadline_.arm(static_cast<std::uint64_t>(std::max<std::int64_t>(chain_->wait_ms(), 1)));
    case Chain::Result::refuse:
      return refuse(
          {503,
           "server_error",
           "policy_failed",
           "the policy `" + std::string(chain_->failed_policy()) + "` failed, and the config says to refuse then",
           {}});
  }
}

}  // namespace spillway
