// The text of this tree's sources as tests/tidy.cc sees it: lines, the same lines with comments and literals blanked,
// and the functions in them, found by counting braces: good enough for how this project is formatted.
#pragma once
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace source {

namespace fs = std::filesystem;
using Text = std::string;

struct File {
  Text path;                      // from the root of the tree
  std::vector<Text> lines, code;  // code: comments gone, literals blank
};
inline bool word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

inline std::vector<Text> split(const Text& text) {
  std::vector<Text> lines;
  std::istringstream in(text);
  for (Text line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Where the comment or literal that begins at `at` ends (one past its last byte); `at` itself when none begins there.
inline std::size_t skip(const Text& text, std::size_t at) {
  const auto after = [&](std::string_view what, std::size_t from) {
    const std::size_t found = text.find(what, from);
    return found == Text::npos ? text.size() : found + what.size();
  };
  if (text.compare(at, 2, "//") == 0) return after("\n", at) - 1;
  if (text.compare(at, 2, "/*") == 0) return after("*/", at + 2);
  if (text.compare(at, 2, "R\"") == 0 && (at == 0 || !word_char(text[at - 1]))) {
    const std::size_t open = text.find('(', at);
    return after(")" + text.substr(at + 2, open - at - 2) + "\"", open);
  }
  if (text[at] != '"' && text[at] != '\'') return at;
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != text[at] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

inline Text blank(Text text) {
  for (std::size_t at = 0; at < text.size();) {
    if (std::isdigit(static_cast<unsigned char>(text[at])) != 0 && (at == 0 || !word_char(text[at - 1]))) {
      while (at < text.size() && (word_char(text[at]) || text[at] == '\'' || text[at] == '.')) ++at;  // as in 1'000
      continue;
    }
    const std::size_t end = skip(text, at);
    if (end == at) ++at;
    for (; at < end; ++at) {
      if (text[at] != '\n') text[at] = ' ';
    }
  }
  return text;
}

inline File make_file(Text path, const Text& text) { return {std::move(path), split(text), split(blank(text))}; }

inline std::vector<File> read_tree(const std::vector<Text>& tops, const std::set<Text>& endings) {
  std::vector<File> files;
  const fs::path root = SPW_SOURCE_DIR;
  for (const Text& top : tops) {
    for (auto at = fs::recursive_directory_iterator(root / top); at != fs::recursive_directory_iterator(); ++at) {
      const Text name = at->path().filename().string();
      if (name == "node_modules" || name == "__pycache__") at.disable_recursion_pending();
      if (!at->is_regular_file() || !endings.contains(at->path().extension().string())) continue;
      std::ifstream in(at->path());
      const Text text{std::istreambuf_iterator<char>(in), {}};
      files.push_back(make_file(fs::relative(at->path(), root).string(), text));
    }
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

struct Function {
  Text head;
  std::size_t first, last;  // lines, counted from 1
};

enum class Scope { open, function, values };

// What a brace opens, by the statement before it.
inline Scope scope_of(const Text& head, bool outside) {
  static const std::regex container(R"(\b(namespace|class|struct|union|enum|extern)\b)");
  const std::size_t call = head.find('('), equals = head.find('=');
  const bool assigned = equals != Text::npos && equals < call && head.find("operator") == Text::npos;
  if (!outside || assigned) return Scope::values;
  if (call != Text::npos) return Scope::function;
  return std::regex_search(head, container) ? Scope::open : Scope::values;
}

inline std::vector<Function> functions_in(const File& file) {
  std::vector<Function> found;
  std::vector<Scope> scopes;
  Text head;
  std::size_t head_line = 1;
  bool directive = false, initialisers = false;  // the latter: between the braces of A::A() : a_{1}, b_{2} { }
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    const Text& line = file.code[i];
    const std::size_t first = line.find_first_not_of(" \t");
    directive = (directive && i > 0 && file.code[i - 1].ends_with('\\')) || (first != Text::npos && line[first] == '#');
    if (directive) continue;
    for (const char c : line + " ") {
      const bool outside = std::all_of(scopes.begin(), scopes.end(), [](Scope s) { return s == Scope::open; });
      if (initialisers && c != ' ') {
        initialisers = false;
        if (c == ',' || c == '{') {
          head = found.back().head + c;
          head_line = found.back().first;
          found.pop_back();
        }
      }
      if (c == '{') {
        scopes.push_back(scope_of(head, outside));
        if (scopes.back() == Scope::function) found.push_back({head, head_line, 0});
        head.clear();
      } else if (c == '}' && !scopes.empty()) {
        initialisers = scopes.back() == Scope::function;
        if (initialisers) found.back().last = i + 1;
        scopes.pop_back();
        head.clear();
      } else if (c == ';') {
        head.clear();
      } else if (!head.empty() || c != ' ') {
        if (head.empty()) head_line = i + 1;
        head += c;
      }
    }
  }
  return found;
}

}  // namespace source
