#include "cli/quota_table.h"

#include <vector>

#include "base/calendar.h"
#include "cli/columns.h"
#include "json/scan.h"

namespace spillway {

namespace {

using Line = std::vector<std::string>;

std::string count(const JsonValue& value) {
  return value.is(JsonType::number) ? std::to_string(value.integer(0)) : std::string("-");
}

// A limit of 0 is none.
std::string limit(const JsonValue& value) {
  const std::int64_t n = value.integer(0);
  return n > 0 ? std::to_string(n) : "-";
}

std::string minute_of(std::int64_t unix_ms) { return utc_text(unix_ms / 1000, "%m-%d %H:%MZ"); }

std::string span(std::int64_t ms) {
  const std::int64_t s = (ms + 999) / 1000;
  if (s < 120) return std::to_string(s) + " s";
  return s < 7200 ? std::to_string(s / 60) + " min" : std::to_string(s / 3600) + " h";
}

Line line_of(const JsonValue& row) {
  std::string state(row["state"].string());
  if (!row["open"].boolean(true)) {
    state += ", " + span(row["wait_ms"].integer(0));
    if (!row["cause"].string().empty()) state.append(" (").append(row["cause"].string()).append(")");
  }
  std::string tokens = limit(row["tpd"]);
  if (tokens != "-") tokens = count(row["tokens_today"]) + "/" + tokens;
  return {std::string(row["quota"].string()),
          std::string(row["scope"].string()),
          count(row["used"]),
          limit(row["limit"]),
          count(row["left"]),
          tokens,
          minute_of(row["resets_unix_ms"].integer(0)),
          state + "; " + std::string(row["source"].string())};
}

}  // namespace

std::string quota_table(std::string_view json) {
  std::vector<Line> lines = {{"QUOTA", "SCOPE", "USED", "LIMIT", "LEFT", "TOKENS", "RESETS", "STATE; LIMIT BY"}};
  const Result<JsonValue> rows = parse_json(json);
  if (rows) {
    for (const JsonValue& row : rows->items) lines.push_back(line_of(row));
  }
  if (lines.size() == 1) return "no quota has been met yet\n";
  return in_columns(lines);
}

}  // namespace spillway
