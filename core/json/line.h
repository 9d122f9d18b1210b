// Writes one line of JSON into memory that its owner keeps from line to line: what JsonWriter would write, for a log
// that has a line for every request. Nothing is allocated once the memory has the usual size. Thread: its owner's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/write.h"

namespace spillway {

class JsonLine {
 public:
  explicit JsonLine(std::string& memory);
  JsonLine(const JsonLine&) = delete;
  JsonLine& operator=(const JsonLine&) = delete;
  JsonLine& open(char bracket);
  JsonLine& close(char bracket);
  JsonLine& key(const JsonKey& name);
  JsonLine& any_key(std::string_view name);
  JsonLine& text(std::string_view value);
  JsonLine& number(std::int64_t value);
  JsonLine& real(double value);
  JsonLine& hundredths(std::int64_t value);  // 1250: 12.5
  JsonLine& flag(bool value) { return raw(value ? "true" : "false"); }
  JsonLine& null() { return raw("null"); }
  std::string_view end();  // the line with its break: good while the memory is

 private:
  JsonLine& raw(std::string_view json);
  void need(std::size_t bytes);
  void put(std::string_view bytes);  // there is room
  void comma();
  void quoted(std::string_view value);
  [[gnu::cold]] void escaped(std::string_view rest);  // and the closing quote
  std::string& memory_;
  char* at_;
  char* end_;
  bool first_ = true;
};

}  // namespace spillway
