// Field names compare by ASCII only: no locale may make two names equal that HTTP holds apart.
#include "http/headers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/ascii.h"

namespace spillway {

namespace {
std::uint64_t eight(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, 8);
  return bytes;
}

// Eight bytes at once, each capital letter made small: the high bits of `capital` say which they are.
std::uint64_t folded(std::uint64_t bytes) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  const std::uint64_t low = bytes & (kEach * 0x7f);
  const std::uint64_t from_a = low + kEach * (0x80 - 'A'), beyond_z = low + kEach * (0x7f - 'Z');
  const std::uint64_t capital = (from_a & ~beyond_z & ~bytes) & (kEach * 0x80);
  return bytes | capital >> 2;
}

bool same_folded(std::uint64_t a, std::uint64_t b) { return a == b || folded(a) == folded(b); }

bool list_has(std::string_view list, std::string_view token) {
  std::string_view member;
  while (next_member(list, member)) {
    if (equal_fold(member, token)) return true;
  }
  return false;
}
}  // namespace

bool next_member(std::string_view& list, std::string_view& member) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    member = trim(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    if (!member.empty()) return true;
  }
  return false;
}

bool equal_fold_bytes(const char* a, const char* b, std::size_t n) {
  if (n >= 8) {  // the last eight may overlap those before
    for (std::size_t i = 0; i + 8 < n; i += 8) {
      if (!same_folded(eight(a + i), eight(b + i))) return false;
    }
    return same_folded(eight(a + n - 8), eight(b + n - 8));
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

bool equal_lower(std::string_view text, std::string_view lower) {
  const std::size_t n = text.size();
  if (n != lower.size()) return false;
  const auto same = [&](std::size_t at) { return folded(eight(text.data() + at)) == eight(lower.data() + at); };
  if (n < 8) return equal_fold(text, lower);
  for (std::size_t at = 0; at + 8 < n; at += 8) {
    if (!same(at)) return false;
  }
  return same(n - 8);
}

bool is_media_type(std::string_view content_type, std::string_view type) {
  return equal_fold(trim(content_type.substr(0, content_type.find(';'))), type);
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

void Headers::rebase(const char* from, const char* to) {
  const auto moved = [&](std::string_view old) { return std::string_view(to + (old.data() - from), old.size()); };
  for (Header& field : list_) {
    field.name = moved(field.name);
    field.value = moved(field.value);
  }
}

const Header* Headers::find(FieldId id) const {
  if (!has(id)) return nullptr;
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
  if (!has(id)) return 0;
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
  if (!all.has(FieldId::connection)) return;
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

bool HopByHop::named(const Header& field) const {
  if (several_) return all_.has_token("connection", field.name);
  return list_has(connection_, field.name);
}

}  // namespace spillway
