// Streams on which nothing moves. One without a word yet gets its head after commit_after_ms, because clients and load
// balancers give up on silence; whatever fails from then on is told inside the stream. One that has begun gets a
// comment after keep_alive_ms, in whatever form its wire has for that (ecosystem.md 1.4).
#include <utility>

#include "http/writer.h"
#include "proxy/client.h"
#include "proxy/foreign.h"
#include "proxy/request.h"
#include "proxy/translated.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::uint64_t kLookMs = 1000;

std::uint64_t us(std::int64_t ms) { return static_cast<std::uint64_t>(ms) * 1000; }

}  // namespace

void Worker::watch_streams() {
  if (!silence_deadline_.armed()) silence_deadline_.arm(kLookMs);
}

void Worker::look_for_silence() {
  const std::uint64_t now = clock().now_us();
  bool any = false;
  // One that is found gone takes itself out, and the last one takes its place.
  for (std::size_t i = clients_.size(); i-- > 0;) any = clients_[i]->look_for_silence(now) || any;
  if (any) silence_deadline_.arm(kLookMs);
}

bool Client::look_for_silence(std::uint64_t now_us) {
  return request_ != nullptr && request_->look_for_silence(now_us);
}

bool Request::look_for_silence(std::uint64_t now_us) {
  if (!facts_.stream || phase_ == Phase::end) return false;
  if (translated_ != nullptr && translated_->array != nullptr) return false;  // one array has no signs of life
  const Limits& limits = generation_.config.limits;
  if (!committed_ && !early_) {
    const bool waits = (phase_ == Phase::attempt || phase_ == Phase::decide) && head_->minor >= 1;
    if (limits.commit_after_ms > 0 && waits && now_us >= started_us_ + us(limits.commit_after_ms)) commit_early(now_us);
    return true;
  }
  if (committed_ && !relay_->streaming()) return false;
  if (std::exchange(spoke_, false)) silent_us_ = now_us;
  if (limits.keep_alive_ms == 0 || now_us < silent_us_ + us(limits.keep_alive_ms) || pace_.client_stalls()) return true;
  silent_us_ = now_us;
  write_inside(llm::codec_of(client_wire()).keep_alive);
  return true;
}

void Request::commit_early(std::uint64_t now_us) {
  const llm::Codec& codec = llm::codec_of(client_wire());
  std::string head;
  HeadWriter writer(head);
  writer.status(200);
  writer.field("content-type", codec.framing == llm::Framing::lines ? "application/x-ndjson" : "text/event-stream");
  own_fields(writer);
  writer.line("via: 1.1 spillway\r\n");
  writer.line("cache-control: no-cache\r\n");
  writer.line("x-accel-buffering: no\r\n");
  writer.line("transfer-encoding: chunked\r\n");
  connection_field(writer);
  writer.end();
  early_ = chunked_ = true;
  silent_us_ = now_us;
  record_.status = 200;
  const std::string_view pieces[] = {head};
  client_.write(pieces);
  write_inside(codec.keep_alive);
}

// A chunk of ours.
void Request::write_inside(std::string_view bytes) {
  if (bytes.empty() || !chunked_) return;
  char room[24];
  const std::string_view pieces[] = {chunk_head(bytes.size(), room), bytes, kChunkEnd};
  client_.write(pieces);
}

// What would have been an answer of its own, had the head not gone out.
void Request::refuse_inside(const Refused& refused) {
  record_.status = 200;
  write_inside(error_event_of(client_wire(), refused.message, refused.type, refused.code));
  finish(record_.end, Parting::close);
}

void Request::answer_inside(std::string_view type, std::string_view body) {
  if (type != "text/event-stream") {
    record_.error = "a policy's answer is no stream, and the stream's head went out already";
    return refuse_inside({502, "server_error", "upstream_error", record_.error, {}});
  }
  record_.status = 200;
  write_inside(body);
  const std::string_view pieces[] = {kLastChunk};
  client_.write(pieces);
  finish(record_.end, keep_alive_ ? Parting::keep : Parting::close);
}

}  // namespace spillway
