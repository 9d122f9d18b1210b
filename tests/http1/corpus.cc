// A line at a time: `case NAME` begins one, indented lines say what it is. Anything unknown is an error, so that a
// misspelt word can't make a case check less than it says.
#include "http1/corpus.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>

namespace spillway::corpus {

namespace {
int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// `\{3*ab}` is ababab.
bool unescape_repeat(const std::string& text, std::size_t& at, std::string& out) {
  const std::size_t star = text.find('*', at);
  const std::size_t end = text.find('}', at);
  if (star == std::string::npos || end == std::string::npos || star > end) return false;
  std::string inner;
  if (!unescape(text.substr(star + 1, end - star - 1), inner)) return false;
  for (int times = std::stoi(text.substr(at, star - at)); times > 0; --times) out += inner;
  at = end + 1;
  return true;
}

bool unescape_one(const std::string& text, std::size_t& at, std::string& out) {
  if (at >= text.size()) return false;
  const char kind = text[at++];
  switch (kind) {
    case 'r': out += '\r'; return true;
    case 'n': out += '\n'; return true;
    case 't': out += '\t'; return true;
    case '0': out += '\0'; return true;
    case 's': out += ' '; return true;
    case '\\': out += '\\'; return true;
    case '{': return unescape_repeat(text, at, out);
    case 'x': break;
    default: return false;
  }
  if (at + 2 > text.size() || hex(text[at]) < 0 || hex(text[at + 1]) < 0) return false;
  out += static_cast<char>(hex(text[at]) * 16 + hex(text[at + 1]));
  at += 2;
  return true;
}

bool is_verdict(const std::string& head) {
  return head == "invalid" || head == "limit" || head == "cut" || (head.size() == 3 && std::isdigit(head[0]) != 0);
}

// `POST /v1/files [abc]...`; a response is a status, so only what stands for a request can be a verdict by number.
bool read_item(std::string text, bool replies, Item& item) {
  item.whole = true;
  if (text.ends_with("...")) {
    item.whole = false;
    text.resize(text.size() - 3);
  }
  if (text.ends_with("]")) {
    const std::size_t open = text.find(" [");
    if (open == std::string::npos) return false;
    if (!unescape(text.substr(open + 2, text.size() - open - 3), item.body)) return false;
    text.resize(open);
  }
  const bool number = !text.empty() && std::isdigit(text[0]) != 0;
  item.verdict = is_verdict(text) && !(replies && number);
  return unescape(text, item.head) && !item.head.empty();
}

bool read_expect(const std::string& text, bool replies, Case& into) {
  if (text == "nothing") return true;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find("; ", at), text.size());
    const std::string part = text.substr(at, end - at);
    at = end + 2;
    if (part == "close" && end == text.size()) {
      into.close = true;
      return !into.expect.empty();
    }
    if (part == "..." && end == text.size()) {
      into.open = true;
      return !into.expect.empty();
    }
    Item item;
    if (!read_item(part, replies, item)) return false;
    into.expect.push_back(std::move(item));
  }
  return true;
}

class FileReader {
 public:
  FileReader(std::string place, bool replies, std::vector<Case>& out)
      : place_(std::move(place)), replies_(replies), out_(out) {}

  // False: the line means nothing.
  bool line(const std::string& text, int number) {
    if (text.empty() || text[0] == '#') return true;
    if (text.starts_with("case ")) {
      Case fresh;
      fresh.name = text.substr(5);
      fresh.place = place_ + ":" + std::to_string(number);
      out_.push_back(std::move(fresh));
      return true;
    }
    if (!text.starts_with("  ") || out_.empty()) return false;
    const std::size_t space = std::min(text.find(' ', 2), text.size());
    return word(text.substr(2, space - 2), text.substr(std::min(space + 1, text.size())), out_.back());
  }

 private:
  bool word(const std::string& key, const std::string& rest, Case& item) const {
    if (key == "|") return unescape(rest + "\\r\\n", item.bytes);
    if (key == ">") return unescape(rest, item.bytes);
    if (key == "expect") return read_expect(rest, replies_, item);
    if (key == "rule") {
      item.rule = rest;
      return rest.ends_with(" must") || rest.ends_with(" should") || rest.ends_with(" ours");
    }
    // What only the end-to-end runner does or sees.
    if (!replies_) return key == "gateway" || (key == "wait" && rest.empty());
    if (key == "fin") return item.fin = true;
    if (key == "ask" && rest == "HEAD") return item.head_request = true;
    if (key == "reuse" && rest == "no") {
      item.reuse = false;
      return true;
    }
    return key == "client";
  }

  std::string place_;
  bool replies_;
  std::vector<Case>& out_;
};
}  // namespace

bool unescape(const std::string& text, std::string& out) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
    } else if (!unescape_one(text, ++at, out)) {
      return false;
    }
  }
  return true;
}

std::vector<Case> load(const std::string& folder, const std::string& prefix, std::string& error) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".txt")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Case> cases;
  for (const auto& path : paths) {
    std::ifstream file(path);
    FileReader reader(path.filename().string(), prefix.starts_with("reply"), cases);
    std::string text;
    for (int number = 1; std::getline(file, text); ++number) {
      if (!reader.line(text, number))
        error += path.filename().string() + ":" + std::to_string(number) + ": " + text + "\n";
    }
  }
  std::set<std::string> names;
  for (const Case& item : cases) {
    if (!names.insert(item.name).second) error += item.place + ": a second case " + item.name + "\n";
    if (item.rule.empty() || item.bytes.empty()) error += item.place + ": no rule, or no bytes\n";
  }
  return cases;
}

std::string heard(const Case& item) {
  std::string all;
  for (const Item& one : item.expect) {
    if (!all.empty()) all += "; ";
    all += one.head;
    if (!one.body.empty()) all += " [" + one.body + "]";
    if (one.whole && !one.verdict) all += " end";
  }
  return all;
}

}  // namespace spillway::corpus
