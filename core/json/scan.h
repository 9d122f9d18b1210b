// One pass over a JSON text: full validation, and the places of what somebody asks for. The only folder with simdjson.
//
// A JsonScanner is reused for every text of one thread (its index memory is 5.7 x the largest text it saw). Validation
// covers everything, also what nobody reads: numbers, escapes, lone surrogates, nesting (depth <= kDepthMax), UTF-8,
// trailing bytes, and members (<= kMembersMax).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace spillway {

enum class JsonType : std::uint8_t { object, array, string, number, boolean, null };

// Where a value stands in the text: its exact bytes, quotes included, white space around it excluded.
struct JsonSpan {
  std::uint32_t at = 0, len = 0;
  std::string_view in(std::string_view text) const { return text.substr(at, len); }
};

struct JsonMember {
  std::string key;  // unescaped
  JsonSpan value;
  JsonType type = JsonType::null;
};

class JsonScanner {
 public:
  static constexpr std::size_t kDepthMax = 128;
  static constexpr std::size_t kMembersMax = 100'000;
  static constexpr std::size_t kPadding = 64;  // texts need this much readable memory behind them

  JsonScanner();
  ~JsonScanner();
  JsonScanner(const JsonScanner&) = delete;
  JsonScanner& operator=(const JsonScanner&) = delete;

  // Validates `text` whole, which must be one object; lists its top-level members in order, duplicates included.
  // `room` is how many bytes are readable from text.data() (>= size + kPadding); with less, the text is copied.
  // Kind::invalid with a sentence and byte offset ("invalid number at byte 17").
  Result<std::vector<JsonMember>> members(std::string_view text, std::size_t room);

  // Validates `text` whole, of any type, without listing.
  Status validate(std::string_view text, std::size_t room);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// A parsed small tree for answers, events and errors (not for request bodies): what is absent or of another type reads
// as empty, zero or -1. Built by parse_json, bounded in depth; strings are unescaped; numbers keep their text.
class JsonValue {
 public:
  JsonType type = JsonType::null;
  std::string text;                 // of strings (unescaped) and numbers (as spelled), "true"/"false"
  std::vector<std::string> keys;    // of an object, beside items
  std::vector<JsonValue> items;     // members or elements

  const JsonValue& operator[](std::string_view key) const;  // last of that name; a shared null when absent
  const JsonValue& at(std::size_t index) const;
  bool has(std::string_view key) const;
  bool is(JsonType t) const { return type == t; }
  std::string_view string() const;                    // empty unless a string
  std::int64_t integer(std::int64_t otherwise) const;  // numbers that are whole, also "1e3"; strings never
  double number(double otherwise) const;
  bool boolean(bool otherwise) const;
};
Result<JsonValue> parse_json(std::string_view text);

// Canonical JSON: keys sorted by bytes, no white space, strings with the least escaping, numbers as spelled. Top-level
// keys in `without` are left out. For cache keys; input is a text that members() accepted.
Result<std::string> canonical_json(std::string_view text, const std::vector<std::string_view>& without);

}  // namespace spillway
