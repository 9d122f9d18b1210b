// Field names compare by ASCII only: no locale may make two names equal that HTTP holds apart.
#include "http/headers.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace spillway {

namespace {
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (equal_fold(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

// Trailer announces what we drop; the Proxy- fields are meant for the next hop only.
constexpr FieldSet kHopByHop(FieldId::connection, FieldId::keep_alive, FieldId::proxy_connection,
                             FieldId::proxy_authenticate, FieldId::proxy_authorization, FieldId::te, FieldId::trailer,
                             FieldId::transfer_encoding, FieldId::upgrade);
}  // namespace

bool equal_fold_bytes(const char* a, const char* b, std::size_t n) {
  for (; n >= 8; a += 8, b += 8, n -= 8) {
    std::uint64_t left = 0, right = 0;
    std::memcpy(&left, a, 8);
    std::memcpy(&right, b, 8);
    if (left != right) break;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

const Header* Headers::find(FieldId id) const {
  for (const Header& field : list_) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

std::string_view Headers::get(FieldId id) const {
  const Header* field = find(id);
  return field == nullptr ? std::string_view{} : field->value;
}

std::size_t Headers::count(FieldId id) const {
  std::size_t n = 0;
  for (const Header& field : list_) n += field.id == id ? 1 : 0;
  return n;
}

const Header* Headers::find(std::string_view name) const {
  for (const Header& field : list_) {
    if (equal_fold(field.name, name)) return &field;
  }
  return nullptr;
}

std::string_view Headers::get(std::string_view name) const {
  const Header* field = find(name);
  return field == nullptr ? std::string_view{} : field->value;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const Header& field : list_) {
    if (equal_fold(field.name, name) && list_has(field.value, token)) return true;
  }
  return false;
}

HopByHop::HopByHop(const Headers& all) : all_(all) {
  bool found = false;
  for (const Header& field : all) {
    if (field.id != FieldId::connection) continue;
    several_ = found;
    found = true;
    // What most clients say names nothing that is not in the fixed list.
    if (!equal_fold(field.value, "keep-alive")) connection_ = field.value;
    if (several_) return;
  }
}

bool HopByHop::has(const Header& field) const {
  if (kHopByHop.has(field.id)) return true;
  if (several_) return all_.has_token("connection", field.name);
  return !connection_.empty() && list_has(connection_, field.name);
}

}  // namespace spillway
