// What the client gets: heads, relayed bytes, answers and refusals of our own, and the end of it all.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "http/writer.h"
#include "proxy/client.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/translated.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

// Of a provider's answer: what is not passed on.
constexpr FieldSet kKeptBack(FieldId::ours, FieldId::content_length, FieldId::x_request_id, FieldId::request_id,
                             FieldId::alt_svc, FieldId::set_cookie, FieldId::via, FieldId::server,
                             FieldId::access_control_allow_origin);

std::string money(double usd) {
  if (usd == 0) return "0.0";
  char text[40];
  std::snprintf(text, sizeof text, "%.9f", usd);
  std::string out = text;
  while (out.ends_with('0') && !out.ends_with(".0")) out.pop_back();
  return out;
}

bool no_body(int status) { return status == 204 || status == 304; }

}  // namespace

void Request::cors_fields(HeadWriter& writer) {
  const std::vector<std::string>& allowed = generation_.config.server.cors_origins;
  const std::string_view origin = head_->headers.get(FieldId::origin);
  if (allowed.empty() || origin.empty()) return;
  const bool any = std::find(allowed.begin(), allowed.end(), "*") != allowed.end();
  if (!any && std::find(allowed.begin(), allowed.end(), origin) == allowed.end()) return;
  writer.field("access-control-allow-origin", any ? "*" : origin);
  if (!any) writer.field("vary", "origin");
  writer.field("access-control-expose-headers",
               "x-request-id, x-spillway-provider, x-spillway-model, x-spillway-route");
  if (head_->method != "OPTIONS") return;
  writer.field("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS");
  const std::string_view wanted = head_->headers.get(FieldId::access_control_request_headers);
  if (!wanted.empty()) writer.field("access-control-allow-headers", wanted);
  writer.field("access-control-max-age", "600");
}

// A client of HTTP/1.0 takes silence for the end of its connection, and would wait for that (RFC 9112 9.3).
void Request::connection_field(HeadWriter& writer) {
  if (!keep_alive_) {
    writer.field("connection", "close");
  } else if (head_->minor == 0) {
    writer.field("connection", "keep-alive");
  }
}

void Request::own_fields(HeadWriter& writer) {
  writer.field("x-request-id", record_.request_id);
  if (operation_.wire == llm::Wire::anthropic) writer.field("request-id", record_.request_id);  // its libraries show it
  if (route_ != nullptr) writer.field("x-spillway-route", route_->name);
  for (const auto& [name, value] : record_.notes) writer.foreign_field("x-spillway-" + name, value);
  for (const auto& [name, value] : answer_fields_) writer.foreign_field(name, value);
  if (!record_.tried.empty() || relay_) {
    writer.field("x-spillway-attempts", static_cast<std::uint64_t>(plan_.attempts()));
  }
  cors_fields(writer);
}

// The provider's end-to-end fields.
void Request::forward_fields(HeadWriter& writer) {
  const HopByHop hop_by_hop(answer_head_->headers);
  for (const Header& one : answer_head_->headers) {
    if (!kKeptBack.has(one.id) && !hop_by_hop.has(one)) writer.read_field(one);
  }
}

// The commit point: from here on no other candidate is tried.
void Request::first_content(std::uint64_t now) {
  enter(Phase::relay);
  committed_ = true;
  deadline_.disarm();
  attempt_->content();
  record_.ttft_us = static_cast<std::int64_t>(now - started_us_);
  record_.status = relay_->status();
  const Target& target = *generation_.targets[plan_.candidates[candidate_].target];
  target.live->ttft->observe(static_cast<double>(now - attempt_us_) / 1e6);
  chain_->content(candidate_);
}

// The answer's head, for send() to write together with the first bytes.
void Request::write_head() {
  if (early_) return;
  const Candidate& candidate = plan_.candidates[candidate_];
  answer_out_ = worker_.spare_memory();
  HeadWriter writer(answer_out_);
  writer.status(record_.status);
  const bool ours = translated_ != nullptr &&
                    (translated_->foreign.way.kind == Way::Kind::translate || translated_->array != nullptr);
  ours ? write_translated_head(writer) : forward_fields(writer);
  own_fields(writer);
  writer.field("x-spillway-provider", candidate.provider);
  writer.field("x-spillway-model", candidate.model);
  writer.field("x-spillway-tier", candidate.tier);
  std::string trail = record_.trail();
  // A plain answer is reported before its head is written, a stream after.
  if (record_.tried.empty() || record_.tried.back().fault != Fault::none) {
    if (!trail.empty()) trail += "; ";
    trail.append(candidate.provider).append("/").append(candidate.model).append(" ");
    trail += std::to_string(record_.status);
  }
  writer.field("x-spillway-trail", trail);
  record_.reason = plan_.reasons(Plan::Of::untried);
  if (!record_.reason.empty()) writer.field("x-spillway-reason", record_.reason);
  if (record_.cost_usd >= 0 && relay_->length_known()) writer.field("x-spillway-cost-usd", money(record_.cost_usd));
  if (record_.saved_usd >= 0 && relay_->length_known()) writer.field("x-spillway-saved-usd", money(record_.saved_usd));
  writer.line("via: 1.1 spillway\r\n");
  if (relay_->streaming()) {
    writer.line("cache-control: no-cache\r\n");
    writer.line("x-accel-buffering: no\r\n");
  }
  chunked_ = false;
  if (record_.status == 101) {
    writer.line("connection: Upgrade\r\n");
    writer.line("upgrade: websocket\r\n");
    return writer.end();
  }
  if (head_->method == "HEAD" || no_body(record_.status)) {
    // Neither has a body, so neither needs framing.
  } else if (relay_->length_known()) {
    writer.field("content-length", relay_->body_bytes());
  } else if (head_->minor >= 1) {
    chunked_ = true;
    writer.line("transfer-encoding: chunked\r\n");
  } else {
    keep_alive_ = false;  // HTTP/1.0: the body ends with the connection
  }
  connection_field(writer);
  writer.end();
}

// Without policies only the log asks for it, and for a few words.
void Request::forget_head() {
  std::string_view* const words[] = {&record_.request_id, &record_.user_agent, &record_.method, &record_.path};
  std::size_t bytes = 0;
  for (const std::string_view* word : words) bytes += word->size();
  head_kept_.reserve(bytes);
  for (std::string_view* word : words) {
    const std::size_t at = head_kept_.size();
    head_kept_ += *word;
    *word = std::string_view(head_kept_).substr(at, word->size());
  }
  client_.forget_head();
  head_ = &client_.head();
}

bool Request::send(bool last) {
  CHECK(committed_);
  spoke_ = true;
  std::string_view out = relay_->out();
  std::string framed;
  if (translated_ != nullptr && translated_->array != nullptr && relay_->streaming()) {
    framed = translated_->array->framed(out, last);
    out = framed;
  }
  char room[24];
  std::string_view pieces[5];
  std::size_t n = 0;
  if (!answer_out_.empty()) pieces[n++] = answer_out_;
  const bool body = !out.empty() && head_->method != "HEAD";
  if (body && chunked_) pieces[n++] = chunk_head(out.size(), room);
  if (body) pieces[n++] = out;
  if (body && chunked_) pieces[n++] = kChunkEnd;
  if (last && chunked_) pieces[n++] = kLastChunk;
  const bool ready = n == 0 || client_.write(std::span(pieces, n));
  // There is one head, and then perhaps minutes.
  if (!answer_out_.empty()) worker_.keep_memory(std::exchange(answer_out_, {}));
  relay_->taken();
  return ready;
}

// The answer can't be completed: never a clean end (reliability U5).
void Request::break_answer() {
  record_.error = redact(relay_->verdict().message);
  if (!relay_->streaming() || head_->method == "HEAD") return finish(EndReason::upstream, Parting::reset);
  relay_->add_error("the provider's answer broke off: " + record_.error, "server_error", "upstream_error");
  send(false);
  finish(EndReason::upstream, Parting::close);
}

void Request::write_stored() {
  record_.end = EndReason::replied;
  answer(stored_status_, stored_type_, stored_body_);
}

void Request::answer(int status, std::string_view type, std::string_view body) {
  if (early_) return answer_inside(type, body);
  record_.status = status;
  if (record_.ttft_us < 0) record_.ttft_us = static_cast<std::int64_t>(worker_.clock().now_us() - started_us_);
  std::string head;
  HeadWriter writer(head);
  writer.status(status);
  if (!type.empty()) writer.field("content-type", type);
  if (!no_body(status)) writer.field("content-length", body.size());
  own_fields(writer);
  connection_field(writer);
  writer.end();
  const std::string_view pieces[] = {head, head_->method == "HEAD" ? std::string_view() : body};
  client_.write(pieces);
  finish(record_.end, keep_alive_ ? Parting::keep : Parting::close);
}

void Request::refuse(const Refused& refused) {
  record_.error = refused.message;
  record_.end = EndReason::refused;
  if (early_) return refuse_inside(refused);
  if (refused.retry_after_ms >= 0) {
    const std::int64_t ms = std::max<std::int64_t>(1, refused.retry_after_ms);
    answer_fields_.emplace_back("retry-after", std::to_string((ms + 999) / 1000));
    answer_fields_.emplace_back("retry-after-ms", std::to_string(ms));
  }
  if (refused.retry_cannot_help) answer_fields_.emplace_back("x-should-retry", "false");
  if (!record_.tried.empty()) answer_fields_.emplace_back("x-spillway-trail", record_.trail());
  const llm::Wire wire = operation_.wire;
  const bool anthropic = wire == llm::Wire::anthropic;
  if (!anthropic && !operation_.native()) {
    return answer(refused.status, "application/json",
                  error_body(refused.message, refused.type, refused.param, refused.code));
  }
  const llm::Case what = case_of(refused.status, refused.code);
  const bool own_status = !anthropic || what == llm::Case::bad_request || what == llm::Case::upstream_error;
  const llm::Failure failure{what, refused.message, {}, {}, std::string(record_.request_id), refused.status};
  answer(own_status ? refused.status : llm::status_of(wire, what), "application/json", llm::error_body(wire, failure));
}

void Request::finish(EndReason reason, Parting parting) {
  deadline_.disarm();
  if (attempt_ != nullptr) {
    attempt_->cancel();  // nothing if it is over
    worker_.loop().bury(std::move(attempt_));
  }
  pay(reserved_usd_);  // nothing, unless no verdict was reported
  record_.end = reason;
  record_.duration_us = static_cast<std::int64_t>(worker_.clock().now_us() - started_us_);
  enter(Phase::end);
  if (chain_) chain_->end();
  worker_.accounts().settle(record_);
  switch (parting) {
    case Parting::keep: return client_.done(true);
    case Parting::close: return client_.done(false);
    case Parting::reset: return client_.break_off();
    case Parting::gone: return;
  }
}

void Request::on_shutdown() {
  if (phase_ != Phase::relay || !relay_->streaming()) return;
  relay_->add_error("the gateway is shutting down", "server_error", "shutting_down");
  send(false);
}

std::string_view Request::probe() {
  if (phase_ == Phase::end || head_->minor < 1) return {};
  if (!committed_ && !early_) return "HTTP/1.1 102 Processing\r\n\r\n";
  const bool streams = early_ || relay_->streaming();
  // Ollama's lines and Gemini's arrays have no comments.
  const bool array = translated_ != nullptr && translated_->array != nullptr;
  const bool comments = operation_.wire != llm::Wire::ollama && !array;
  return chunked_ && streams && comments ? "3\r\n:\n\n\r\n" : std::string_view();
}

}  // namespace spillway
