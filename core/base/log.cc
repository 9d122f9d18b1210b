#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <vector>

#include "base/clock.h"

namespace spillway {

namespace {

constexpr std::size_t kValueBytes = 4096;   // of one field; longer ones are cut
constexpr std::size_t kSecretBytesMin = 8;  // shorter "secrets" would blank out ordinary words

std::atomic<Level> g_level{Level::info};

struct Secrets {
  std::mutex lock;
  std::vector<std::string> list;
};
Secrets& secrets() {
  static Secrets instance;
  return instance;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::error: return "error";
    case Level::warn: return "warn";
    case Level::info: return "info";
    case Level::debug: return "debug";
  }
  return "?";
}

bool plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

// Quoted, with everything escaped that could end the field or the line.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text.substr(0, kValueBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string masked(std::string_view secret) {
  return std::string(secret.substr(0, 3)) + ".." + std::string(secret.substr(secret.size() - 2));
}

}  // namespace

void log_level(Level level) { g_level = level; }
bool log_on(Level level) { return level <= g_level.load(std::memory_order_relaxed); }

void log_line(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!log_on(level)) return;
  const std::int64_t wall_ms = SystemClock().wall_ms();
  const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char date[64];
  const std::size_t n = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ ", &parts);
  std::string line(date, n);
  line.append(name_of(level)).append(" ");
  append_quoted(line, message);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    if (plain(field.value) && field.value.size() <= kValueBytes) {
      line += field.value;
    } else {
      append_quoted(line, field.value);
    }
  }
  line = redact(line);
  line += '\n';
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;  // nowhere left to say it
}

void secret_register(std::string_view secret) {
  if (secret.size() < kSecretBytesMin) return;
  Secrets& known = secrets();
  const std::lock_guard hold(known.lock);
  if (std::find(known.list.begin(), known.list.end(), secret) == known.list.end()) known.list.emplace_back(secret);
}

std::string redact(std::string_view text) {
  std::string out(text);
  Secrets& known = secrets();
  const std::lock_guard hold(known.lock);
  for (const std::string& secret : known.list) {
    const std::string mask = masked(secret);
    for (std::size_t at = 0; (at = out.find(secret, at)) != std::string::npos; at += mask.size()) {
      out.replace(at, secret.size(), mask);
    }
  }
  return out;
}

}  // namespace spillway
