// Forms with files that pass on while they come: a recording or a video need not lie in our memory first. The request
// begins once the form has named its model, or needs none; from then on bytes come only as fast as the provider takes
// them. The form is read to its end all the same, and what has two readings never reaches anybody whole (llm/form.h).
#include "proxy/client_upload.h"

#include <algorithm>

#include "proxy/request.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::size_t kHeld = 256 * 1024;  // of a form that names no model, before it goes by its path
constexpr std::size_t kLeast = 16 * 1024;  // what must come in each Limits::body_timeout_ms

}  // namespace

// Whether this body, which is large, is a form at all, and one that may pass. False: refused.
bool Client::begin_form() {
  const RequestHead& head = reader_.head();
  const std::string_view type = head.headers.get(FieldId::content_type);
  form_ = is_form(type);
  if (!form_) return true;
  if (Request::may_upload(head)) {
    upload_ = std::make_unique<Upload>(type);
    body_.reserve(kHeld + kSpareBytes);
  }
  return upload_ != nullptr || fits_memory();
}

// False: the request has begun, or was refused.
bool Client::take_form(std::string_view bytes) {
  if (upload_ != nullptr) {
    upload_->received += bytes.size();
    if (!upload_->form.feed(bytes)) upload_.reset();
  }
  if (upload_ == nullptr || !may_begin_upload()) return fits_memory();
  upload_->begun = true;
  upload_->models = upload_->form.models();
  stream_->pause();
  begin_request();
  return false;
}

// What does not pass on is held, and may be as large as any body.
bool Client::fits_memory() {
  const RequestHead& head = reader_.head();
  const auto most = static_cast<std::uint64_t>(worker_.generation().config.limits.body_bytes);
  const bool announced = upload_ == nullptr && head.framing == Framing::length;
  if (std::max<std::uint64_t>(body_.size(), announced ? head.length : 0) <= most) return true;
  refuse(413, upload_ == nullptr ? "the body is too large" : "the body is too large, unless its `model` comes first");
  return false;
}

bool Client::may_begin_upload() const {
  const RequestHead& head = reader_.head();
  if (body_.size() < kFormBytes || (head.framing == Framing::length && upload_->received >= head.length)) return false;
  const int models = upload_->form.models();
  return models > 0 || (body_.size() >= kHeld && Request::goes_by_path(worker_.generation(), head));
}

bool Client::tell_upload(Facts& facts, BadRequest& why) const { return upload_->form.tell(facts, why); }
bool Client::upload_begun() const { return upload_->begun; }

void Client::hold_upload() {
  if (!uploads()) return;
  upload_->flowing = false;
  deadline_.disarm();
  stream_->pause();
}

void Client::resume_upload() {
  if (!uploads() || phase_ != Phase::busy) return;
  upload_->flowing = true;
  upload_->marked = upload_->received;
  deadline_.arm(static_cast<std::uint64_t>(worker_.generation().config.limits.body_timeout_ms));
  stream_->resume();
  upload(kept());
}

void Client::upload(std::string_view in) {
  while (!in.empty() && phase_ == Phase::busy && uploads()) {
    if (!upload_->flowing) return keep(in);
    Result<Step> next = reader_.next(in);
    if (!next) return request_->on_upload_failed(reader_.refusal().status, reader_.refusal().detail);
    if (*next == Step::more) return;
    if (*next == Step::body && !pass_on(reader_.body())) return;
    if (*next != Step::end) continue;
    if (!upload_->form.ended()) return request_->on_upload_failed(400, "the form does not end as forms do");
    upload_.reset();
    deadline_.disarm();
    request_->on_upload_end();
  }
  if (!in.empty() && phase_ == Phase::busy) keep(in);
}

// The last bytes go only when the form is known to be whole and to have one reading.
bool Client::pass_on(std::string_view bytes) {
  FormReader& form = upload_->form;
  upload_->received += bytes.size();
  const RequestHead& head = reader_.head();
  const bool last = head.framing == Framing::length && upload_->received == head.length;
  if (!form.feed(bytes) || form.models() != upload_->models || (last && !form.ended())) {
    const bool model = form.models() != upload_->models;
    request_->on_upload_failed(400, model ? "the form's `model` must be there once, and before its files"
                                          : "the form is not one that everybody reads alike");
    return false;
  }
  if (!request_->on_upload(bytes)) hold_upload();
  return true;
}

// False: too little came.
bool Client::upload_moves() {
  if (!uploads() || !upload_->flowing) return false;
  const bool enough = upload_->received - upload_->marked >= kLeast;
  upload_->marked = upload_->received;
  if (enough) {
    deadline_.arm(static_cast<std::uint64_t>(worker_.generation().config.limits.body_timeout_ms));
  } else {
    request_->on_upload_failed(408, "the request did not arrive in time");
  }
  return true;
}

}  // namespace spillway
