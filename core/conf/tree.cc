// The only file that includes toml++: parses, copies into our tree, and steps over syntax errors.
//
// toml++ stops at its first error. We blank the line it names (the whole section, when the line is a header) and parse
// again. An error on the line after a blanked one is that one's echo, so there we stop. Thread: any.
#include "conf/tree.h"

#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>

#include <algorithm>

namespace spillway {
namespace {

// Dotted keys nest without toml++ counting them, and trees are destroyed recursively.
constexpr int kKeyDotsMax = 16;

Place place_from(const toml::source_region& region, int file) {
  return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column), file};
}

Node copy(const toml::node& from, int file);

void copy_table(const toml::table& from, Node& to, int file) {
  to.kind = Node::Kind::table;
  for (auto&& [key, value] : from) {
    to.members.push_back({std::string(key.str()), place_from(key.source(), file), copy(value, file)});
  }
  std::stable_sort(to.members.begin(), to.members.end(), [](const Member& a, const Member& b) {
    return a.place.line != b.place.line ? a.place.line < b.place.line : a.place.column < b.place.column;
  });
}

Node copy(const toml::node& from, int file) {
  Node to;
  to.place = place_from(from.source(), file);
  if (const auto* table = from.as_table()) {
    copy_table(*table, to, file);
  } else if (const auto* array = from.as_array()) {
    to.kind = Node::Kind::array;
    for (auto&& item : *array) to.items.push_back(copy(item, file));
  } else if (const auto* text = from.as_string()) {
    to.kind = Node::Kind::text;
    to.text = text->get();
  } else if (const auto* integer = from.as_integer()) {
    to.kind = Node::Kind::integer;
    to.integer = integer->get();
  } else if (const auto* real = from.as_floating_point()) {
    to.kind = Node::Kind::real;
    to.real = real->get();
  } else if (const auto* boolean = from.as_boolean()) {
    to.kind = Node::Kind::boolean;
    to.boolean = boolean->get();
  } else {
    to.kind = Node::Kind::time;
  }
  return to;
}

struct Span {
  std::size_t begin, end;  // without the line break
};

std::vector<Span> lines_of(std::string_view text) {
  std::vector<Span> lines;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({begin, end});
    begin = end + 1;
  }
  return lines;
}

char first_of(std::string_view text, Span line) {
  const std::size_t at = text.find_first_not_of(" \t\r", line.begin);
  return at == std::string_view::npos || at >= line.end ? ' ' : text[at];
}

bool blank(std::string_view text, Span line) { return first_of(text, line) == ' ' || first_of(text, line) == '#'; }

void erase(std::string& text, Span line) {
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(line.begin),
            text.begin() + static_cast<std::ptrdiff_t>(line.end), ' ');
}

// Blanks the statement at `at` (an index into lines); false when there is nothing left to take away.
bool step_over(std::string& text, const std::vector<Span>& lines, std::size_t at) {
  while (at > 0 && first_of(text, lines[at]) == ' ') --at;  // an error at the end of the file belongs to what is above
  if (first_of(text, lines[at]) == ' ') return false;
  const bool header = first_of(text, lines[at]) == '[';
  erase(text, lines[at]);
  // Without its header a section's keys would fall into the section above, so they go as well.
  for (std::size_t i = at + 1; header && i < lines.size() && first_of(text, lines[i]) != '['; ++i)
    erase(text, lines[i]);
  return true;
}

// Line (from 1) of a key with more than kKeyDotsMax dots, or 0.
int line_of_deep_key(std::string_view text) {
  int line = 1, dots = 0;
  char quote = 0;
  for (const char c : text) {
    if (c == '\n') ++line;
    if (c == '\n' || quote != 0) {
      if (c == '\n' || c == quote) quote = 0;
      if (c == '\n') dots = 0;
      continue;
    }
    if (c == '"' || c == '\'') quote = c;
    if (c == '=' || c == ',' || c == '{' || c == '[' || c == '#') dots = 0;
    if (c == '.' && ++dots > kKeyDotsMax) return line;
  }
  return 0;
}

}  // namespace

const Member* Node::find(std::string_view key) const {
  const auto at = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return at == members.end() ? nullptr : &*at;
}

Member* Node::find(std::string_view key) {
  const auto at = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return at == members.end() ? nullptr : &*at;
}

Place Node::place_of(std::string_view key) const {
  const Member* member = find(key);
  return member == nullptr ? place : member->value.place;
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::boolean: return "a boolean";
    case Node::Kind::integer: return "an integer";
    case Node::Kind::real: return "a number with a fraction";
    case Node::Kind::text: return "a string";
    case Node::Kind::array: return "an array";
    case Node::Kind::table: return "a table";
    case Node::Kind::time: return "a date or time";
  }
  return "a value";
}

Parsed parse_toml(std::string_view text, int file) {
  Parsed parsed;
  parsed.root.place = {0, 0, file};
  if (const int line = line_of_deep_key(text); line != 0) {
    parsed.errors.push_back({{line, 1, file}, "a key with more than " + std::to_string(kKeyDotsMax) + " dots"});
    return parsed;
  }
  std::string rest(text);
  const std::vector<Span> lines = lines_of(text);
  std::size_t last = lines.size();  // the line of the error before
  for (;;) {
    const toml::parse_result result = toml::parse(std::string_view(rest));
    if (result) {
      copy_table(result.table(), parsed.root, file);
      return parsed;
    }
    const Place place = place_from(result.error().source(), file);
    const std::size_t at = std::min(static_cast<std::size_t>(std::max(place.line, 1)), lines.size()) - 1;
    bool echo = last < at;
    for (std::size_t i = last + 1; echo && i < at; ++i) echo = blank(rest, lines[i]);
    if (echo) return parsed;
    parsed.errors.push_back({place, std::string(result.error().description())});
    if (parsed.errors.size() >= kSyntaxErrorsMax || !step_over(rest, lines, at)) return parsed;
    last = at;
  }
}

}  // namespace spillway
