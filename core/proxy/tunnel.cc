// /v1/realtime: a WebSocket from the client to whoever serves its model. The handshake is a request like any other,
// with a key, a route, policies and other candidates when one fails; once a provider switches protocols, bytes pass
// both ways untouched until both have said all. What is inside is not looked at, so tokens and cost stay unknown.
#include <algorithm>

#include "http/url.h"
#include "http/websocket.h"
#include "http/writer.h"
#include "llm/model_name.h"
#include "proxy/client.h"
#include "proxy/query.h"
#include "proxy/request.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::string_view kModel = "model=";
constexpr std::uint64_t kPartingMs = 5'000;  // for the other side, when one has said all

// The first value of `model=` in a query, still encoded.
std::string_view model_in(std::string_view query) {
  std::string_view part;
  while (next_part(query, part)) {
    if (part.starts_with(kModel)) return part.substr(kModel.size());
  }
  return {};
}

}  // namespace

std::string_view browser_secret(std::string_view protocols) {
  constexpr std::string_view kPrefix = "openai-insecure-api-key.";
  std::string_view member;
  while (next_member(protocols, member)) {
    if (member.starts_with(kPrefix)) return member.substr(kPrefix.size());
  }
  return {};
}

// No CORS guards WebSockets: any page may open one to a gateway on its reader's own machine (RFC 6455 10.2).
bool Request::may_connect() {
  const std::string_view origin = head_->headers.get(FieldId::origin);
  const std::vector<std::string>& allowed = generation_.config.server.cors_origins;
  const auto is = [&](const std::string& one) { return one == "*" || one == origin; };
  return origin.empty() || std::any_of(allowed.begin(), allowed.end(), is);
}

bool Request::read_handshake() {
  keep_alive_ = false;  // what follows is no request
  facts_.api = operation_.api;
  if (const WebSocketFlaw flaw = websocket_flaw(*head_)) {
    if (flaw.status == 426) {
      answer_fields_.emplace_back("sec-websocket-version", kWebSocketVersion);
      answer_fields_.emplace_back("upgrade", "websocket");
    }
    refuse({flaw.status, "invalid_request_error", "bad_handshake", std::string(flaw.what), {}});
    return false;
  }
  if (!may_connect()) {
    refuse({403,
            "permission_error",
            "origin_not_allowed",
            "pages of " + std::string(head_->headers.get(FieldId::origin)) +
                " may not connect here: list it in server.cors_origins if they should",
            {}});
    return false;
  }
  const std::string_view named = model_in(head_->query);
  if (named.empty()) return true;  // for a route by path
  Result<std::string> model = percent_decode(named);
  BadRequest why;
  if (!model || !good_model(*model, why)) {
    refuse({400, "invalid_request_error", {}, model ? why.message : "the model's name is not encoded well", "model"});
    return false;
  }
  facts_.model = std::move(*model);
  record_.model_asked = facts_.model;
  return true;
}

// What the client offers beyond its own credential.
std::string Request::offered_protocols() const {
  std::string kept;
  for (const Header& field : head_->headers) {
    if (field.id != FieldId::sec_websocket_protocol) continue;
    std::string_view list = field.value, member;
    while (next_member(list, member)) {
      if (browser_secret(member).empty()) kept.append(kept.empty() ? "" : ", ").append(member);
    }
  }
  return kept;
}

std::string Request::tunnel_query() const {
  std::string kept;
  std::string_view query = head_->query, part;
  while (next_part(query, part)) {
    if (part.starts_with(kKeyPart) || part.empty()) continue;
    kept += kept.empty() ? '?' : '&';
    if (part.starts_with(kModel)) {
      kept.append(kModel).append(percent_encode(plan_.candidates[candidate_].model));
    } else {
      kept += part;
    }
  }
  return kept;
}

void Request::write_upgrade(HeadWriter& writer) {
  const std::string protocols = offered_protocols();
  if (!protocols.empty()) writer.foreign_field("sec-websocket-protocol", protocols);
  writer.line("connection: Upgrade\r\n");
  writer.line("upgrade: websocket\r\n");
}

// The provider switched: what the client said too early, and all it says from now on, is for it.
void Request::open_tunnel() {
  tunnel_ = true;
  client_.tunnel();
}

void Request::on_client_bytes(std::string_view bytes) {
  if (attempt_ == nullptr || phase_ != Phase::relay) return;
  if (!attempt_->write({&bytes, 1})) client_.pause();
}

void Request::on_writable() {
  if (tunnel_) return client_.resume();
  client_.resume_upload();
}

// The provider may still answer, but no longer than it takes to part.
void Request::on_client_half_closed() {
  if (attempt_ == nullptr || phase_ != Phase::relay) return;
  attempt_->shutdown();
  deadline_.arm(kPartingMs);
}

std::string_view Request::tunnel_flaw(const ResponseHead& head) const {
  if (head.status >= 300) return {};
  if (head.status != 101) return "it answered, but did not switch protocols";
  return websocket_answer_flaw(*head_, offered_protocols(), head);
}

}  // namespace spillway
