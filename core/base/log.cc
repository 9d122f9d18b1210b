#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <vector>

#include "base/calendar.h"
#include "base/clock.h"

namespace spillway {

namespace {

constexpr std::size_t kValueBytes = 4096;   // of one field; longer ones are cut
constexpr std::size_t kSecretBytesMin = 8;  // shorter "secrets" would blank out ordinary words
constexpr std::size_t kShownBytesMin = 20;  // of shorter ones the five characters of a mask would tell too much

std::atomic<Level> g_level{Level::info};

struct Secrets {
  std::mutex lock;
  std::vector<std::string> list;  // longest first: one may be the beginning of another
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
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; });
}

// Bytes of the UTF-8 character that `text` begins with; 0 when these bytes are none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  return overlong ? 0 : n;
}

// Quoted, with everything escaped that could end the field or the line or speak to a terminal: control characters (also
// U+0080 to U+009F) and what is no UTF-8.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (text = text.substr(0, kValueBytes); !text.empty();) {
    const std::size_t n = character(text);
    // cppcheck-suppress containerOutOfBounds ; the loop ends when it is empty
    const auto lead = static_cast<unsigned char>(text[0]);
    const bool control = lead < 0x20 || lead == 0x7f || (lead == 0xc2 && n == 2 && (text[1] & 0xe0) == 0x80);
    const std::string_view bytes = text.substr(0, n == 0 ? 1 : n);
    if (lead == '"' || lead == '\\') out += '\\';
    if (n > 0 && !control) {
      out += bytes;
    } else {
      for (const char c : bytes) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
        out += escape;
      }
    }
    text.remove_prefix(bytes.size());
  }
  out += '"';
}

std::string masked(std::string_view secret) {
  if (secret.size() < kShownBytesMin) return "***";
  return std::string(secret.substr(0, 3)) + ".." + std::string(secret.substr(secret.size() - 2));
}

}  // namespace

void log_level(Level level) { g_level = level; }
bool log_on(Level level) { return level <= g_level.load(std::memory_order_relaxed); }

void log_line(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!log_on(level)) return;
  std::string line = utc_text(SystemClock().wall_ms() / 1000);
  line.append(" ").append(name_of(level)).append(" ");
  append_quoted(line, redact(message));  // before quoting and cutting, which would hide a secret from it
  for (const LogField& field : fields) {
    const std::string value = redact(field.value);
    line.append(" ").append(field.key).append("=");
    if (plain(value) && value.size() <= kValueBytes) {
      line += value;
    } else {
      append_quoted(line, value);
    }
  }
  line += '\n';
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;  // nowhere left to say it
}

void secret_register(std::string_view secret) {
  if (secret.size() < kSecretBytesMin) return;
  Secrets& known = secrets();
  const std::lock_guard hold(known.lock);
  if (std::find(known.list.begin(), known.list.end(), secret) != known.list.end()) return;
  const auto shorter = [&](const std::string& one) { return one.size() < secret.size(); };
  known.list.emplace(std::find_if(known.list.begin(), known.list.end(), shorter), secret);
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
