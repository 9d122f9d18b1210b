#include "cli/explain_table.h"

#include <cstdio>
#include <vector>

#include "cli/columns.h"

namespace spillway {

namespace {

using Line = std::vector<std::string>;

std::string tokens(const JsonValue& value) {
  const std::int64_t n = value.integer(0);
  return n > 0 ? std::to_string(n) : "-";
}

std::string in_seconds(std::int64_t ms) { return std::to_string((ms + 999) / 1000) + " s"; }

std::string fate(const JsonValue& candidate) {
  if (candidate["taken"].boolean(false)) {
    const double share = candidate["share"].number(0);
    char text[32];
    std::snprintf(text, sizeof text, "first in %.0f %%", share * 100);
    return share > 0 ? text : "if those above fail";
  }
  std::string why = "out: " + std::string(candidate["reason"].string());
  if (candidate.has("wait_ms")) why += " (" + in_seconds(candidate["wait_ms"].integer(0)) + ")";
  return why;
}

Line line_of(const JsonValue& candidate, std::size_t place) {
  const bool taken = candidate["taken"].boolean(false);
  return {taken ? std::to_string(place) : "-",
          std::string(candidate["tier"].string()),
          std::string(candidate["provider"].string()) + "/" + std::string(candidate["model"].string()),
          candidate["free"].boolean(false) ? "free" : "paid",
          tokens(candidate["context"]),
          fate(candidate)};
}

}  // namespace

std::string explain_table(const JsonValue& answer) {
  std::vector<Line> lines = {{"#", "tier", "candidate", "cost", "context", "what becomes of it"}};
  std::size_t place = 0;
  for (const JsonValue& candidate : answer["candidates"].items) lines.push_back(line_of(candidate, ++place));
  std::string out = "route " + std::string(answer["route"].string()) + ", about " +
                    std::to_string(answer["prompt_tokens"].integer(0)) +
                    " tokens: " + std::string(answer["decision"].string());
  if (answer.has("retry_after_ms")) out += ", worth asking again in " + in_seconds(answer["retry_after_ms"].integer(0));
  return out + '\n' + in_columns(lines);
}

}  // namespace spillway
