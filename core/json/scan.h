// One pass over a JSON text: full validation, and the places of what somebody asks for. The only folder with simdjson.
//
// A JsonScanner is reused for every text of one thread; its index takes up to 8 x the text, and that of a text above
// kKeptMax is given back at the next one. Validation covers everything, also what nobody reads: numbers, escapes, lone
// surrogates, nesting (depth <= kDepthMax), UTF-8, trailing bytes, and members (<= kMembersMax in all objects).
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

// Steps through the members or elements of one container of a text that a JsonScanner accepted, over its index: no
// allocation, and about a nanosecond per token crossed.
class JsonSteps {
 public:
  bool next();                               // false behind the last one
  bool key_is(std::string_view name) const;  // compared unescaped; elements have no key
  std::string key() const;                   // unescaped
  // The same without a copy where the key has no escape, in `room` where it has one.
  std::string_view key_text(std::string& room) const {
    const std::string_view raw = raw_key();
    return plain(raw) ? raw : unescaped_key(room);
  }
  JsonSpan value() const;
  std::string_view bytes() const { return value().in(text_); }
  std::string string() const;                          // unescaped; empty unless a string
  std::int64_t integer(std::int64_t otherwise) const;  // numbers that are whole, also "1e3"; strings never
  JsonType type() const;
  JsonSteps inside() const;  // of the current object or array; of anything else there is nothing to step through

 private:
  friend class JsonScanner;
  std::size_t end_of(std::uint32_t token) const;
  std::string_view raw_key() const;
  bool plain(std::string_view raw) const { return !escapes_ || raw.find('\\') == raw.npos; }  // it has no escape
  std::string_view unescaped_key(std::string& room) const;
  std::string_view text_;
  const std::uint32_t* index_ = nullptr;  // where each token starts
  const std::uint32_t* links_ = nullptr;  // which token closes what this one opens
  std::uint32_t count_ = 0;
  std::uint32_t next_ = 0;   // the first token of the next member or element, if there is one
  std::uint32_t end_ = 0;    // the token that closes the container
  std::uint32_t token_ = 0;  // the current value's first token; a key's is two before
  char first_ = 0;           // its first byte
  bool object_ = false;
  bool escapes_ = false;  // some key of the text may have one
  bool on_ = false;       // there is a current value
};

class JsonScanner {
 public:
  static constexpr std::size_t kDepthMax = 128;
  static constexpr std::size_t kMembersMax = 100'000;
  static constexpr std::size_t kKeptMax = 4 << 20;
  static constexpr std::size_t kPadding = 64;  // texts need this much readable memory behind them

  JsonScanner();
  ~JsonScanner();
  JsonScanner(const JsonScanner&) = delete;
  JsonScanner& operator=(const JsonScanner&) = delete;

  // Validates `text` whole, which must be one object; lists its top-level members in order, duplicates included.
  // `room` is how many bytes are readable from text.data() (>= size + kPadding); with less, the text is copied.
  // Kind::invalid with a sentence and byte offset ("invalid number at byte 17").
  Result<std::vector<JsonMember>> members(std::string_view text, std::size_t room);

  // What to make of an escaped surrogate half alone: an error in requests; providers send them where an answer was cut
  // inside an emoji, and mean no harm.
  enum class Halves : std::uint8_t { refuse, pass };

  // Validates `text` whole, of any type, without listing.
  Status validate(std::string_view text, std::size_t room, Halves halves = Halves::refuse);

  // The text accepted last, as the only element of a sequence. Good until the next call and while the text lives.
  JsonSteps root() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// A parsed small tree for answers, events and errors (not for request bodies): what is absent or of another type reads
// as empty, zero or -1. Built by parse_json, bounded in depth and size; strings are unescaped; numbers keep their text.
class JsonValue {
 public:
  JsonType type = JsonType::null;
  std::string text;               // of strings (unescaped) and numbers (as spelled), "true"/"false"
  std::vector<std::string> keys;  // of an object, beside items
  std::vector<JsonValue> items;   // members or elements

  const JsonValue& operator[](std::string_view key) const;  // last of that name; a shared null when absent
  const JsonValue& at(std::size_t index) const;
  bool has(std::string_view key) const;
  bool is(JsonType t) const { return type == t; }
  std::string_view string() const;                     // empty unless a string
  std::int64_t integer(std::int64_t otherwise) const;  // numbers that are whole, also "1e3"; strings never
  double number(double otherwise) const;
  bool boolean(bool otherwise) const;
};

// Checks all of `text` and keeps containers down to `levels` (1: the outermost one's scalars and empty containers); use
// few for answers with long vectors, each kept value takes 88 bytes. As strict as JsonScanner except for surrogate
// halves, which read as U+FFFD. Kind::invalid, or Kind::limit beyond JsonScanner::kDepthMax or kJsonValuesMax.
inline constexpr std::size_t kJsonValuesMax = 2'000'000;
Result<JsonValue> parse_json(std::string_view text, std::size_t levels = JsonScanner::kDepthMax);

// Canonical JSON: keys sorted by bytes (equal ones keep their order), no white space, strings with the least escaping,
// numbers as spelled. Top-level keys in `without` are left out. For cache keys; input is a text that members()
// accepted. Kind::limit beyond kJsonValuesMax values.
Result<std::string> canonical_json(std::string_view text, const std::vector<std::string_view>& without);

}  // namespace spillway
