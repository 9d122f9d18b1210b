#include "llm/form.h"

#include <algorithm>
#include <optional>
#include <string>

#include "http/headers.h"
#include "llm/model_name.h"

namespace spillway {

namespace {

constexpr std::size_t kBoundaryMost = 70;  // RFC 2046 5.1.1
constexpr std::size_t kPartsMost = 1000, kPartHeadMost = 8192, kModelMost = 1024;
constexpr std::string_view kLine = "\r\n";

bool is_token(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("'()+_,-./:=?").find(c) != std::string_view::npos;
}

// `; name="value"` or `; name=value` from the front of `text`; nothing: it is not so.
struct Parameter {
  std::string_view name, value;
};
std::optional<Parameter> take_parameter(std::string_view& text) {
  text = trim(text);
  if (!text.starts_with(';')) return std::nullopt;
  text = trim(text.substr(1));
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0) return std::nullopt;
  Parameter found;
  found.name = text.substr(0, equals);
  text.remove_prefix(equals + 1);
  if (text.starts_with('"')) {
    const std::size_t end = text.find('"', 1);
    if (end == text.npos) return std::nullopt;
    found.value = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return found.value.find('\\') == found.value.npos ? std::optional(found) : std::nullopt;
  }
  found.value = text.substr(0, std::min(text.find_first_of("; \t"), text.size()));
  text.remove_prefix(found.value.size());
  return found.value.empty() ? std::nullopt : std::optional(found);
}

std::string_view boundary_of(std::string_view content_type) {
  std::string_view rest = content_type.substr(std::min(content_type.find(';'), content_type.size())), boundary;
  while (!trim(rest).empty()) {
    const std::optional<Parameter> one = take_parameter(rest);
    if (!one) return {};
    if (!equal_fold(one->name, "boundary")) continue;
    if (!boundary.empty()) return {};
    boundary = one->value;
  }
  const bool good = boundary.size() <= kBoundaryMost && std::all_of(boundary.begin(), boundary.end(), is_token);
  return good ? boundary : std::string_view();
}

// The head of a part, up to its empty line.
bool read_part_head(std::string_view head, FormReader::Part& part) {
  bool named = false;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(kLine), head.size()), colon = head.substr(0, end).find(':');
    if (colon == head.npos || head.substr(0, end).find('\n') != head.npos) return false;
    const std::string_view name = head.substr(0, colon), value = trim(head.substr(colon + 1, end - colon - 1));
    head.remove_prefix(std::min(end + kLine.size(), head.size()));
    if (equal_fold(name, "content-type")) continue;
    if (!equal_fold(name, "content-disposition") || named) return false;
    named = true;
    std::string_view rest = value.substr(std::min(value.find(';'), value.size()));
    if (!equal_fold(trim(value.substr(0, value.find(';'))), "form-data")) return false;
    while (!trim(rest).empty()) {
      const std::optional<Parameter> one = take_parameter(rest);
      if (!one) return false;
      const bool file = equal_fold(one->name, "filename") || equal_fold(one->name, "filename*");
      if (!file && (one->name != "name" || part.named)) return false;
      part.file = part.file || file;
      if (file) continue;
      part.named = true;
      part.is_model = one->value == "model";
    }
  }
  return named && part.named;
}

}  // namespace

bool is_form(std::string_view content_type) { return is_media_type(content_type, "multipart/form-data"); }

FormReader::FormReader(std::string_view content_type) {
  const std::string_view boundary = boundary_of(content_type);
  if (boundary.empty()) state_ = State::bad;
  delimiter_ = "--" + std::string(boundary);
}

bool FormReader::feed(std::string_view bytes) {
  if (state_ == State::bad) return false;
  window_.append(bytes);
  std::string_view in = window_;
  while (step(in)) {
  }
  at_ += window_.size() - in.size();
  window_.erase(0, window_.size() - in.size());
  return state_ != State::bad;
}

bool FormReader::fail() {
  state_ = State::bad;
  return false;
}

// False: more bytes are needed, or none are any use.
bool FormReader::step(std::string_view& in) {
  const auto take = [&](std::size_t n, State next) {
    in.remove_prefix(n);
    state_ = next;
    return true;
  };
  switch (state_) {
    case State::begin:
      if (in.size() < delimiter_.size()) return false;
      return in.starts_with(delimiter_) ? take(delimiter_.size(), State::behind) : fail();
    case State::behind:
      if (in.size() < kLine.size()) return false;
      if (in.starts_with("--")) return take(kLine.size(), State::end);
      return in.starts_with(kLine) && parts_++ < kPartsMost ? take(kLine.size(), State::head) : fail();
    case State::head: {
      const std::size_t end = in.substr(0, kPartHeadMost).find("\r\n\r\n");
      if (end == in.npos) return in.size() < kPartHeadMost ? false : fail();
      part_ = Part();
      if (!read_part_head(in.substr(0, end), part_)) return fail();
      return take(end + 4, State::content);
    }
    case State::content: return content(in);
    case State::end: return in == std::string_view("\r\n").substr(0, in.size()) ? false : fail();
    case State::bad: break;
  }
  return false;
}

bool FormReader::content(std::string_view& in) {
  const std::size_t next = in.find(delimiter_);
  const bool found = next != in.npos;
  // A delimiter without its line break is one to some.
  if (found && (next < kLine.size() || in.substr(next - kLine.size(), kLine.size()) != kLine)) return fail();
  const std::size_t kept = delimiter_.size() + kLine.size() - 1;  // may be the begin of one
  const std::size_t n = found ? next - kLine.size() : in.size() - std::min(in.size(), kept);
  if (part_.is_model) {
    if (!part_.begun) model_at_ = at_ + (window_.size() - in.size());
    if (!part_.begun && models_ == 0) model_.clear();
    if (models_ == 0) model_.append(in.substr(0, std::min(n, kModelMost - std::min(model_.size(), kModelMost))));
    part_.begun = true;
  }
  in.remove_prefix(found ? next + delimiter_.size() : n);
  if (!found) return false;
  models_ += part_.is_model ? 1 : 0;
  plain_ = plain_ && !(part_.is_model && part_.file);
  state_ = State::behind;
  return true;
}

bool FormReader::tell(Facts& facts, BadRequest& why) const {
  if (models_ > 1) {
    why = {"you gave `model` twice", "model"};
    return false;
  }
  if (models_ == 0 || !plain_) return true;
  if (!good_model(model_, why)) return false;
  facts.model = model_;
  facts.form = true;
  facts.model_at = {static_cast<std::uint32_t>(model_at_), static_cast<std::uint32_t>(model_.size())};
  return true;
}

bool read_form(std::string_view content_type, std::string_view body, Facts& facts, BadRequest& why) {
  FormReader form(content_type);
  return !form.feed(body) || !form.ended() || form.tell(facts, why);
}

}  // namespace spillway
