// The request as a provider gets it: its own credential and model, the client's other fields, and whose it was.
#include "http/writer.h"
#include "proxy/client.h"
#include "proxy/request.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

// Fields of the client's that never go to a provider: credentials, framing, and what we write ourselves. Nor do names
// with an underscore: many servers read it as a hyphen, and Content_Length would be a second length there.
constexpr FieldSet kWithheld(FieldId::underscored, FieldId::ours, FieldId::host, FieldId::content_length,
                             FieldId::authorization, FieldId::x_api_key, FieldId::api_key, FieldId::x_goog_api_key,
                             FieldId::cookie, FieldId::accept_encoding, FieldId::x_forwarded_for, FieldId::expect,
                             FieldId::via, FieldId::x_forwarded_proto, FieldId::forwarded, FieldId::x_request_id,
                             FieldId::x_forwarded_host, FieldId::origin, FieldId::referer, FieldId::content_encoding,
                             FieldId::http2_settings, FieldId::sec_websocket_protocol);

}  // namespace

void Request::write_upstream_request(const Target& target) {
  const Endpoint& endpoint = *target.endpoint;
  const bool known_api = operation_.api == Api::chat || operation_.api == Api::completions;
  const std::string_view model = target.rest ? std::string_view(plan_.candidates[candidate_].model) : target.model;
  splice(facts_, body_, model, known_api && facts_.stream && !facts_.include_usage, splice_,
         route_->no_training && plan_.candidates[candidate_].asks_policy);
  if (request_out_.empty()) request_out_ = worker_.spare_memory();
  HeadWriter writer(request_out_);
  const bool queries = operation_.api == Api::other || operation_.api == Api::realtime;
  if ((queries && !head_->query.empty()) || operation_.wire == llm::Wire::gemini) {
    writer.request(head_->method, endpoint.url.path, endpoint.authority, rare_path(target));
  } else {
    writer.request(head_->method, endpoint.url.path, endpoint.authority, operation_.below);
  }
  if (!endpoint.credential.empty()) writer.foreign_field(endpoint.auth_header, endpoint.credential);
  const auto is_set = [&](std::string_view name, const auto& list) {
    for (const auto& field : list) {
      if (equal_fold(field.first, name)) return true;
    }
    return false;
  };
  const HopByHop hop_by_hop(head_->headers);
  std::string_view hops, via, coding;
  for (const Header& field : head_->headers) {
    if (field.id == FieldId::x_forwarded_for && hops.empty()) hops = field.value;
    if (field.id == FieldId::via && via.empty()) via = field.value;
    if (field.id == FieldId::content_encoding && coding.empty()) coding = field.value;
    if (kWithheld.has(field.id) || hop_by_hop.has(field)) continue;
    if (is_set(field.name, endpoint.headers) || is_set(field.name, upstream_fields_)) continue;
    writer.read_field(field);
  }
  for (const auto& [name, value] : endpoint.headers) writer.foreign_field(name, value);
  if (endpoint.dialect->wire == llm::Wire::anthropic) write_version(writer, endpoint);
  for (const auto& [name, value] : upstream_fields_) writer.foreign_field(name, value);
  if (unpacked_.empty() && !coding.empty()) writer.field("content-encoding", coding);
  write_hops(writer, hops, via);
  if (operation_.api == Api::realtime) write_upgrade(writer);
  if (client_.uploads()) {
    frame_upload(writer);
  } else if (splice_.bytes > 0 || head_->framing != Framing::none || head_->method == "POST") {
    writer.field("content-length", splice_.bytes);
  }
  writer.end();
  splice_.pieces.insert(splice_.pieces.begin(), request_out_);
}

// Who asked, by which way, and that nobody need pack the answer.
void Request::write_hops(HeadWriter& writer, std::string_view hops, std::string_view via) {
  writer.field_behind("x-forwarded-for", hops, record_.client);
  if (client_.encrypted()) {
    writer.line("x-forwarded-proto: https\r\n");
  } else {
    writer.line("x-forwarded-proto: http\r\n");
  }
  writer.field("x-request-id", record_.request_id);
  writer.field_behind("via", via, "1.1 spillway");
  writer.line("accept-encoding: identity\r\n");
}

}  // namespace spillway
