// The only file that includes toml++: parses, copies into our tree, and steps over syntax errors.
//
// toml++ stops at its first error. We blank the statement it is in (the whole section, when that is a header) and parse
// again; places stay what they are. Thread: any.
#include "conf/tree.h"

// toml++ asserts, or tells the compiler to assume, what a file like "[" does not keep; the branches behind report it as
// an error. Assumptions are assertions only without NDEBUG, and assertions are then what we say they are: nothing.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>

#include <algorithm>

#include "conf/statements.h"

namespace spillway {
namespace {

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

// The text that is left to parse, and its statements.
struct Rest {
  std::string text;
  std::vector<std::size_t> lines;  // where each begins; one more at the end
  std::vector<Statement> statements;
  std::vector<bool> gone;  // by statement
};

Rest rest_of(std::string_view text) {
  Rest rest{std::string(text), {0}, statements_of(text), {}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') rest.lines.push_back(i + 1);
  }
  rest.lines.push_back(text.size() + 1);
  rest.gone.resize(rest.statements.size());
  return rest;
}

void erase(Rest& rest, std::size_t which) {
  const Statement& statement = rest.statements[which];
  rest.gone[which] = true;
  for (int line = statement.first; line <= statement.last; ++line) {
    const std::size_t begin = rest.lines[static_cast<std::size_t>(line) - 1];
    const std::size_t end = rest.lines[static_cast<std::size_t>(line)] - 1;
    std::fill(rest.text.begin() + static_cast<std::ptrdiff_t>(begin),
              rest.text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
  }
}

// Without its header a section's keys would fall into the section above, so they go as well.
void erase_section(Rest& rest, std::size_t which) {
  erase(rest, which);
  const bool header = rest.statements[which].header;
  for (std::size_t i = which + 1; header && i < rest.statements.size() && !rest.statements[i].header; ++i)
    erase(rest, i);
}

std::string reworded(std::string_view description) {
  if (description.find("could not determine value type") != std::string_view::npos) {
    return "this is no value (a text needs quotes)";
  }
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (description.starts_with(kPrefix)) return "syntax: " + std::string(description.substr(kPrefix.size()));
  return "syntax: " + std::string(description);
}

// Reports toml++'s error and takes the statement that causes it out of the text. False: there is nothing to take out.
bool step_over(Rest& rest, const toml::parse_error& error, int file, std::vector<SyntaxError>& errors) {
  Place place = place_from(error.source(), file);
  std::string message = reworded(error.description());
  std::size_t which = 0;  // the last statement that begins at or before the error
  while (which + 1 < rest.statements.size() && rest.statements[which + 1].first <= place.line) ++which;
  if (rest.statements.empty() || rest.gone[which]) {
    if (errors.empty()) errors.push_back({place, message});
    return false;
  }
  const bool before = which > 0 && !rest.gone[which - 1] && rest.statements[which - 1].bracket.line > 0;
  const bool at_end = rest.statements[which].bracket.line > 0 && place.line >= rest.statements[which].last;
  const Statement statement = rest.statements[before ? which - 1 : which];
  const bool echo =
      statement.surplus && which > 0 && rest.gone[which - 1] && rest.statements[which - 1].bracket.line > 0;
  if (statement.quote.line > 0 && message.find("string") != std::string::npos) {
    place = statement.quote;
    message = "this string is not closed";
  } else if (before || at_end) {
    place = statement.bracket;
    message = "this bracket is not closed";
  }
  place.file = file;
  if (!echo) errors.push_back({place, std::move(message)});
  erase_section(rest, before ? which - 1 : which);
  return true;
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
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  parsed.root.place = {0, 0, file};
  Rest rest = rest_of(text);
  for (std::size_t i = 0; i < rest.statements.size(); ++i) {
    const Statement& statement = rest.statements[i];
    if (statement.refused.line == 0 || rest.gone[i]) continue;
    const Place place{statement.refused.line, statement.refused.column, file};
    if (parsed.errors.size() < kSyntaxErrorsMax) parsed.errors.push_back({place, std::string(statement.reason)});
    erase_section(rest, i);
  }
  do {
    const toml::parse_result result = toml::parse(std::string_view(rest.text));
    if (result) {
      copy_table(result.table(), parsed.root, file);
      break;
    }
    if (!step_over(rest, result.error(), file, parsed.errors)) break;
  } while (parsed.errors.size() < kSyntaxErrorsMax);
  return parsed;
}

}  // namespace spillway
