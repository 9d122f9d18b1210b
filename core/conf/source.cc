// Collects problems and prints them the way compilers do: place, message, the line, a caret. Thread: the loader's.
#include "conf/source.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/nearest.h"

namespace spillway {
namespace {

constexpr std::size_t kLineShownMax = 400;  // bytes of a source line in a message
constexpr std::size_t kTextShownMax = 80;   // of what somebody wrote, inside a message

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Byte offset of the column-th character (from 1).
std::size_t offset_of(std::string_view line, int column) {
  std::size_t at = 0;
  for (int i = 1; i < column && at < line.size(); ++i) {
    ++at;
    while (at < line.size() && continues(line[at])) ++at;
  }
  return at;
}

// Stars out what stands between the quotes behind `api_key =` and `secret =`, unless it says where the secret is.
void hide_secrets(std::string& line) {
  constexpr std::array<std::string_view, 4> kNames = {"api_key", "secret", "authorization", "x-api-key"};
  for (const std::string_view name : kNames) {
    for (std::size_t at = line.find(name); at != std::string::npos; at = line.find(name, at + 1)) {
      std::size_t value = line.find_first_not_of(" \t\"'", at + name.size());
      if (value == std::string::npos || line[value] != '=') continue;
      value = line.find_first_not_of(" \t\"'", value + 1);
      if (value == std::string::npos) continue;
      const std::string_view rest = std::string_view(line).substr(value);
      if (rest.starts_with("env:") || rest.starts_with("file:") || rest.starts_with("vault:")) continue;
      for (; value < line.size() && line[value] != '"' && line[value] != '\''; ++value) line[value] = '*';
    }
  }
}

// How many characters the caret underlines: a quoted text, or a word.
std::size_t marked_length(std::string_view rest) {
  if (rest.empty()) return 1;
  std::size_t end = 1;
  if (rest[0] == '"' || rest[0] == '\'') {
    while (end < rest.size() && rest[end] != rest[0]) end += rest[end] == '\\' && rest[0] == '"' ? 2 : 1;
    end = std::min(end + 1, rest.size());
  } else {
    while (end < rest.size() && std::string_view(" \t,]}=#").find(rest[end]) == std::string_view::npos) ++end;
    if (rest[0] == '{' || rest[0] == '[') end = 1;
  }
  return static_cast<std::size_t>(std::count_if(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(end),
                                                [](char c) { return !continues(c); }));
}

// Bytes of the UTF-8 character at the front of `text`; 0: it is none.
std::size_t character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text[i])) return 0;
  }
  return size;
}

// Whatever a terminal or a log could take for a command, or is no text, becomes a question mark.
std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool control = (first < 0x20 && first != '\t') || first == 0x7f ||
                         (first == 0xc2 && size == 2 && static_cast<unsigned char>(text[1]) < 0xa0);
    out += size == 0 || control ? "?" : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace

std::string source_line(const std::vector<SourceText>& sources, const Place& place) {
  if (place.line < 1 || place.file < 0 || static_cast<std::size_t>(place.file) >= sources.size()) return {};
  const std::string& text = sources[static_cast<std::size_t>(place.file)].text;
  std::size_t begin = 0;
  for (int line = 1; line < place.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  std::string line = text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
  if (line.ends_with('\r')) line.pop_back();
  hide_secrets(line);
  return line;
}

int Problems::add_source(SourceText source) {
  sources_.push_back(std::move(source));
  return static_cast<int>(sources_.size()) - 1;
}

std::string Problems::folder(int file) const {
  const std::string& path = sources_[static_cast<std::size_t>(file)].path;
  return path.substr(0, path.rfind('/') + 1);  // npos + 1 is 0
}

void Problems::add(const Place& place, std::string message, bool warning) {
  if (items_.size() < kProblemsMax) items_.push_back({place, std::move(message), warning});
}

std::vector<Problem> Problems::take() {
  std::stable_sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) < std::tie(b.place.file, b.place.line, b.place.column);
  });
  std::vector<Problem> problems;
  for (Item& item : items_) {
    const std::size_t file = static_cast<std::size_t>(item.place.file);
    problems.push_back({item.warning, file < sources_.size() ? sources_[file].path : "", item.place,
                        std::move(item.message), source_line(sources_, item.place)});
  }
  items_.clear();
  return problems;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kTextShownMax) return {};
  const std::vector<std::string> near = nearest(name, known, 1);
  return near.empty() ? std::string() : " (did you mean " + near.front() + "?)";
}

Problem problem_at(const Config& config, const Place& place, std::string message, bool warning) {
  const std::size_t file = static_cast<std::size_t>(place.file);
  return {warning, file < config.sources.size() ? config.sources[file].path : config.path, place, std::move(message),
          source_line(config.sources, place)};
}

std::string to_text(const Problem& problem, bool colour) {
  const char* bold = colour ? "\033[1m" : "";
  const char* loud = !colour ? "" : problem.warning ? "\033[1;35m" : "\033[1;31m";
  const char* plain = colour ? "\033[0m" : "";
  std::string out = bold + printable(problem.file);
  if (problem.place.line > 0) {
    out += ':' + std::to_string(problem.place.line) + ':' + std::to_string(std::max(problem.place.column, 1));
  }
  out += std::string(":") + plain + ' ' + loud + (problem.warning ? "warning:" : "error:") + plain + ' ' +
         printable(problem.message) + '\n';
  if (problem.place.line < 1 || problem.line_text.empty() || problem.line_text.size() > kLineShownMax) return out;
  const std::string number = std::to_string(problem.place.line);
  const std::string margin(number.size() < 5 ? 5 - number.size() : 0, ' ');
  const std::string line = printable(problem.line_text);
  out += margin + number + " | " + line + '\n';
  const std::size_t at = offset_of(line, problem.place.column);
  out += std::string(margin.size() + number.size(), ' ') + " | ";
  for (const char c : std::string_view(line).substr(0, at)) {
    if (!continues(c)) out += c == '\t' ? '\t' : ' ';  // a tab stays one, so that the caret stays under its word
  }
  return out + loud + '^' + std::string(marked_length(std::string_view(line).substr(at)) - 1, '~') + plain + '\n';
}

}  // namespace spillway
