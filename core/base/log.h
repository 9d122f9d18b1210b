// The process's own log: one line per event on stderr, `time level message key=value ...`, quoted and escaped so that
// no input can forge a line. The access log is elsewhere (proxy/account). Thread: any; a line is one write.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace spillway {

enum class Level : std::uint8_t { error, warn, info, debug };

struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, std::int64_t v) : key(k), value(std::to_string(v)) {}
  std::string_view key;
  std::string value;
};

void log_level(Level level);  // info by default
bool log_on(Level level);
void log_line(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

// Replaces every registered secret in `text` by a mask, `sk-..2b` or `***`; provider error texts pass through it.
// What is shorter than 8 bytes is no secret: it would blank out ordinary words.
void secret_register(std::string_view secret);
std::string redact(std::string_view text);

}  // namespace spillway
