// Writes JSON: strings escaped so that any bytes give valid UTF-8 JSON, and a small builder that minds the commas.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway {

// Appends `text` quoted. Control bytes (C0, DEL, C1), quotes and backslash are escaped; invalid UTF-8 becomes
// U+FFFD, one for each byte that fits nowhere.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& open(char bracket);   // '{' or '['
  JsonWriter& close(char bracket);  // '}' or ']'
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(std::int64_t{number}); }
  JsonWriter& value(unsigned number) { return value(std::uint64_t{number}); }
  JsonWriter& value(double number);  // shortest spelling that reads back equal; NaN and infinity as null
  JsonWriter& value(bool flag);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // a finished value
  template <typename T>
  JsonWriter& member(std::string_view name, T v) {
    return key(name).value(v);
  }

 private:
  void comma();
  std::string& out_;
  bool first_ = true;
};

}  // namespace spillway
