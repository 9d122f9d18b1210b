#include "llm/form.h"

#include <algorithm>
#include <optional>
#include <string>

#include "http/headers.h"
#include "llm/model_name.h"

namespace spillway {

namespace {

constexpr std::size_t kBoundaryMost = 70;  // RFC 2046 5.1.1
constexpr std::size_t kPartsMost = 1000, kPartHeadMost = 8192;
constexpr std::string_view kType = "multipart/form-data", kLine = "\r\n";

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

struct Part {
  std::string_view name, content;
  bool file = false;
};

// The head of a part, up to its empty line.
bool read_head(std::string_view head, Part& part) {
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
      if (!file && (one->name != "name" || part.name.data() != nullptr)) return false;
      part.file = part.file || file;
      if (!file) part.name = one->value;
    }
  }
  return named && part.name.data() != nullptr;
}

// Takes the form apart; `see` is told of each part. False: it is no form that everybody reads alike.
template <typename See>
bool each_part(std::string_view body, const std::string& delimiter, See see) {
  if (!body.starts_with(delimiter)) return false;
  body.remove_prefix(delimiter.size());
  for (std::size_t parts = 0; body.starts_with(kLine) && parts < kPartsMost; ++parts) {
    body.remove_prefix(kLine.size());
    const std::size_t head = body.substr(0, kPartHeadMost).find("\r\n\r\n");
    if (head == body.npos) return false;
    Part part;
    if (!read_head(body.substr(0, head), part)) return false;
    body.remove_prefix(head + 4);
    // A delimiter without its line break is one to some.
    const std::size_t next = body.find(delimiter);
    if (next == body.npos || next < kLine.size() || body.substr(next - kLine.size(), kLine.size()) != kLine)
      return false;
    part.content = body.substr(0, next - kLine.size());
    see(part);
    body.remove_prefix(next + delimiter.size());
  }
  return body == "--" || body == "--\r\n";
}

}  // namespace

bool is_form(std::string_view content_type) {
  return equal_fold(trim(content_type.substr(0, content_type.find(';'))), kType);
}

bool read_form(std::string_view content_type, std::string_view body, Facts& facts, BadRequest& why) {
  const std::string_view boundary = boundary_of(content_type);
  std::string_view model;
  int models = 0;
  bool plain = true;
  const auto see = [&](const Part& part) {
    if (part.name != "model") return;
    ++models;
    model = part.content;
    plain = plain && !part.file;
  };
  if (boundary.empty() || !each_part(body, "--" + std::string(boundary), see)) return true;
  if (models > 1) {
    why = {"you gave `model` twice", "model"};
    return false;
  }
  if (models == 0 || !plain) return true;
  if (!good_model(model, why)) return false;
  facts.model = model;
  facts.form = true;
  facts.model_at = {static_cast<std::uint32_t>(model.data() - body.data()), static_cast<std::uint32_t>(model.size())};
  return true;
}

}  // namespace spillway
