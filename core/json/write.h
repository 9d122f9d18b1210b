// Writes JSON: strings escaped so that any bytes give valid UTF-8 JSON, and a small builder that minds the commas.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace spillway {

// A member's name that is spelled in our code: checked and quoted when that is compiled.
class JsonKey {
 public:
  static constexpr std::size_t kMost = 32;
  template <std::size_t N>
  consteval JsonKey(const char (&literal)[N]) {
    static_assert(N - 1 <= kMost);
    put(',');
    put('"');
    for (std::size_t i = 0; i + 1 < N; ++i) {
      const char c = literal[i];
      if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') throw "a name of ours needs no escape";
      put(c);
    }
    put('"');
    put(':');
  }
  std::string_view text(bool first) const { return std::string_view(text_, size_).substr(first ? 1 : 0); }
  // With its comma; from its second byte on, too, kRoom bytes are readable.
  static constexpr std::size_t kRoom = kMost + 4;
  const char* text() const { return text_; }
  std::size_t size() const { return size_; }

 private:
  constexpr void put(char c) { text_[size_++] = c; }
  char text_[kRoom + 1]{};
  std::size_t size_ = 0;
};

template <typename T>
concept JsonDynamicKey = std::convertible_to<const T&, std::string_view> && !std::is_array_v<T>;

// Appends `text` quoted. Control bytes (C0, DEL, C1), quotes and backslash are escaped; invalid UTF-8 becomes
// U+FFFD, one for each byte that fits nowhere.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& open(char bracket);   // '{' or '['
  JsonWriter& close(char bracket);  // '}' or ']'
  JsonWriter& key(const JsonKey& name);
  template <JsonDynamicKey T>
  JsonWriter& key(const T& name) {  // any text
    return any_key(name);
  }
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(std::int64_t{number}); }
  JsonWriter& value(unsigned number) { return value(std::uint64_t{number}); }
  JsonWriter& value(double number);  // shortest spelling that reads back equal; NaN and infinity as null
  JsonWriter& value(bool flag);
  JsonWriter& hundredths(std::int64_t number);  // 1250: 12.5
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // a finished value
  template <typename T>
  JsonWriter& member(const JsonKey& name, const T& v) {
    return key(name).value(v);
  }
  template <JsonDynamicKey Name, typename T>
  JsonWriter& member(const Name& name, const T& v) {
    return key(name).value(v);
  }
  JsonWriter& text_or_null(const JsonKey& name, std::string_view text) {  // a member; an empty text is null
    key(name);
    return text.empty() ? null() : value(text);
  }

 private:
  JsonWriter& any_key(std::string_view name);
  void comma();
  std::string& out_;
  bool first_ = true;
};

}  // namespace spillway
