// An ordered list of header fields as slices of somebody else's bytes.
//
// Names compare without case. The list owns nothing: the reader that filled it says how long the bytes live.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "http/field_id.h"

namespace spillway {

struct Header {
  std::string_view name, value;
  FieldId id = FieldId::other;  // the name's
  // Between and behind name and value stands what a writer would write, and both were checked: "name: value", CR, LF.
  bool whole_line = false;
};

bool equal_fold_bytes(const char* a, const char* b, std::size_t n);
inline bool equal_fold(std::string_view a, std::string_view b) {  // ASCII case folding
  if (a.size() != b.size()) return false;
  // Most that differ do so in the first byte.
  return a.empty() || (((a[0] ^ b[0]) & ~0x20) == 0 && equal_fold_bytes(a.data(), b.data(), a.size()));
}
// The same, when `lower` has no capital letter.
bool equal_lower(std::string_view text, std::string_view lower);
std::string_view trim(std::string_view text);  // SP and HTAB at both ends
// Takes the next member off a comma-separated list, trimmed; empty ones are skipped. False: there is none left.
bool next_member(std::string_view& list, std::string_view& member);
bool is_media_type(std::string_view content_type, std::string_view type);  // whatever its parameters

class Headers {
 public:
  const Header& add(std::string_view name, std::string_view value) {
    add({name, value, field_id(name)});
    return list_.back();
  }
  void add(const Header& field) {
    list_.push_back(field);
    there_.add(field.id);
  }
  void set_last_value(std::string_view value) { list_.back().value = value; }
  void reserve(std::size_t fields) { list_.reserve(fields); }
  void clear() {
    list_.clear();
    there_ = {};
  }
  bool has(FieldId id) const { return there_.has(id); }
  // The bytes that all fields are slices of have moved.
  void rebase(const char* from, const char* to);
  const Header* find(FieldId id) const;    // the first
  std::string_view get(FieldId id) const;  // the first one's value, or empty
  std::size_t count(FieldId id) const;
  // By a name that need not be known, which takes longer.
  const Header* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;
  bool has_token(std::string_view name, std::string_view token) const;  // in any comma list of that name
  std::size_t size() const { return list_.size(); }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }

 private:
  std::vector<Header> list_;
  FieldSet there_;
};

// Which fields belong to one connection only (RFC 9110 7.6.1), including those that Connection names. Made once per
// head, whose slices it uses.
class HopByHop {
 public:
  explicit HopByHop(const Headers& all);
  bool has(const Header& field) const {
    return kAlways.has(field.id) || ((several_ || !connection_.empty()) && named(field));
  }

 private:
  // Trailer announces what we drop; the Proxy- fields are meant for the next hop only.
  static constexpr FieldSet kAlways{FieldId::connection,
                                    FieldId::keep_alive,
                                    FieldId::proxy_connection,
                                    FieldId::proxy_authenticate,
                                    FieldId::proxy_authorization,
                                    FieldId::te,
                                    FieldId::trailer,
                                    FieldId::transfer_encoding,
                                    FieldId::upgrade};
  bool named(const Header& field) const;
  const Headers& all_;
  std::string_view connection_;  // the one Connection field's value, unless it names no field
  bool several_ = false;         // there are more of them: look through all
};

}  // namespace spillway
