// Requests whose form passes on while it comes: what differs from one whose body is here (client_upload.cc).
#include "http/writer.h"
#include "llm/form.h"
#include "proxy/client.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

bool Request::may_upload(const RequestHead& head) {
  const bool packed = head.headers.has(FieldId::content_encoding);
  return head.method == "POST" && !packed && operation_of(head.path).api == Api::other;
}

bool Request::goes_by_path(const Generation& generation, const RequestHead& head) {
  return generation.find_path(head.path) != nullptr;
}

bool Request::read_upload() {
  BadRequest why;
  facts_.api = operation_.api;
  body_bytes_ = body_.size();
  if (client_.tell_upload(facts_, why)) {
    record_.model_asked = facts_.model;
    return true;
  }
  refuse({400, "invalid_request_error", {}, why.message, why.param});
  return false;
}

// The provider gets the form in the client's own framing; `splice_` is its begin.
void Request::frame_upload(HeadWriter& writer) {
  if (head_->framing == Framing::length) {
    writer.field("content-length", head_->length + splice_.bytes - body_.size());
  } else {
    writer.line("transfer-encoding: chunked\r\n");
  }
}

void Request::frame_upload_begin() {
  if (head_->framing != Framing::chunked) return;
  char room[24];
  request_out_ += chunk_head(splice_.bytes, room);
  splice_.pieces.front() = request_out_;
  splice_.pieces.push_back(kChunkEnd);
}

bool Request::on_upload(std::string_view bytes) {
  if (attempt_ == nullptr) return false;
  if (bytes.empty()) return true;  // as a chunk it would be the last
  upload_sent_ = true;
  if (head_->framing == Framing::length) return attempt_->write({&bytes, 1});
  char room[24];
  const std::string_view pieces[] = {chunk_head(bytes.size(), room), bytes, kChunkEnd};
  return attempt_->write(pieces);
}

void Request::on_upload_end() {
  const bool chunked = head_->framing == Framing::chunked;
  if (attempt_ == nullptr) return;
  if (chunked) attempt_->write({&kLastChunk, 1});
  attempt_->sent();
  if (phase_ != Phase::attempt) return;
  const auto most = static_cast<std::uint64_t>(generation_.config.limits.request_ms);
  budget_end_us_ = worker_.clock().now_us() + most * 1000;  // the client's own time does not count
  deadline_.arm(most);
}

// The client's fault, so nobody else is asked, and nobody is blamed.
void Request::on_upload_failed(int status, const std::string& why) {
  if (phase_ == Phase::end) return;
  if (attempt_ != nullptr) {
    attempt_->cancel();
    Verdict verdict;
    verdict.fault = Fault::client_gone;
    verdict.message = why;
    report(verdict);
  }
  if (committed_) return finish(EndReason::refused, Parting::reset);
  refuse({status, "invalid_request_error", status == 413 ? "request_too_large" : "", why, {}});
}

}  // namespace spillway
