// Canonical JSON, for cache keys: one spelling for texts that mean the same. See scan.h.
//
// The text is read into a flat list of nodes (24 bytes each, no tree), then written from it; both steps are linear but
// for sorting each object's keys.
#include <algorithm>
#include <array>
#include <span>

#include "json/grammar.h"
#include "json/reader.h"
#include "json/scan.h"

namespace spillway {
namespace {

using json::Reader;

struct Node {
  JsonSpan key;        // with its quotes; len 0 for elements
  JsonSpan value;      // with its quotes; of containers only where it starts
  std::uint32_t next;  // the node behind this one and all inside it
  Reader::Token token;
};

std::string_view without_quotes(std::string_view quoted) { return quoted.substr(1, quoted.size() - 2); }

std::string unescaped(std::string_view quoted) {
  std::string out;
  json::append_unescaped(out, without_quotes(quoted));
  return out;
}

// Only what must be escaped is, in the short form where there is one (as RFC 8785 does).
void append_least_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kShort = "btn?fr";  // 8, 9, 10, 12, 13
  out += '"';
  std::size_t written = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, written, at - written);
    written = at + 1;
    out += '\\';
    if (byte >= 0x20) {
      out += text[at];
    } else if (byte >= 8 && byte <= 13 && byte != 11) {
      out += kShort[byte - 8];
    } else {
      out.append("u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
  }
  out.append(text, written);
  out += '"';
}

// All its escapes are those that the least escaped form has, too: prose with quotes and line breaks, mostly.
bool is_least_escaped(std::string_view quoted) {
  constexpr std::string_view kKept = "\"\\bfnrt";
  for (std::size_t at = 0; (at = quoted.find('\\', at)) != std::string_view::npos; at += 2) {
    if (kKept.find(quoted[at + 1]) == std::string_view::npos) return false;
  }
  return true;
}

void append_string(std::string& out, std::string_view quoted) {
  if (is_least_escaped(quoted)) {
    out += quoted;
  } else {
    append_least_escaped(out, unescaped(quoted));
  }
}

Result<std::vector<Node>> read_nodes(std::string_view text) {
  std::vector<Node> nodes;
  std::array<std::uint32_t, JsonScanner::kDepthMax> open{};
  JsonSpan key;
  Reader reader(text, {});
  while (true) {
    const Reader::Token token = reader.next();
    if (token == Reader::Token::wrong) return reader.error();
    if (token == Reader::Token::end) return nodes;
    const auto count = static_cast<std::uint32_t>(nodes.size());
    const JsonSpan bytes{static_cast<std::uint32_t>(reader.from()), static_cast<std::uint32_t>(reader.bytes().size())};
    if (token == Reader::Token::key) {
      key = bytes;
      continue;
    }
    if (token == Reader::Token::close) {
      nodes[open[reader.depth()]].next = count;
      continue;
    }
    if (count == kJsonValuesMax) {
      return Error{Kind::limit, Source::client, Retry::no,
                   "more than " + std::to_string(kJsonValuesMax) + " values in one text"};
    }
    if (token == Reader::Token::open_object || token == Reader::Token::open_array) open[reader.depth() - 1] = count;
    nodes.push_back({key, bytes, count + 1, token});
    key = {};
  }
}

class Printer {
 public:
  Printer(std::string_view text, const std::vector<Node>& nodes) : text_(text), nodes_(nodes) {
    out_.reserve(text.size());
  }

  // As deep as the text, which is at most kDepthMax.
  void print(std::uint32_t at, std::span<const std::string_view> without) {
    const Node& node = nodes_[at];
    if (node.token == Reader::Token::open_object) return print_object(at, without);
    if (node.token == Reader::Token::open_array) return print_array(at);
    if (node.token == Reader::Token::string) return append_string(out_, node.value.in(text_));
    out_ += node.value.in(text_);
  }

  std::string out_;

 private:
  void print_array(std::uint32_t at) {
    out_ += '[';
    for (std::uint32_t i = at + 1; i < nodes_[at].next; i = nodes_[i].next) {
      if (i > at + 1) out_ += ',';
      print(i, {});
    }
    out_ += ']';
  }

  void print_object(std::uint32_t at, std::span<const std::string_view> without) {
    std::vector<std::pair<std::string, std::uint32_t>> members;
    for (std::uint32_t i = at + 1; i < nodes_[at].next; i = nodes_[i].next) {
      std::string key = unescaped(nodes_[i].key.in(text_));
      if (std::find(without.begin(), without.end(), key) == without.end()) members.emplace_back(std::move(key), i);
    }
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out_ += ',';
      append_string(out_, nodes_[members[i].second].key.in(text_));
      out_ += ':';
      print(members[i].second, {});
    }
    out_ += '}';
  }

  std::string_view text_;
  const std::vector<Node>& nodes_;
};

}  // namespace

Result<std::string> canonical_json(std::string_view text, const std::vector<std::string_view>& without) {
  if (text.size() > UINT32_MAX) return Error{Kind::limit, Source::client, Retry::no, "a text above 4 GB"};
  const Result<std::vector<Node>> nodes = read_nodes(text);
  if (!nodes) return nodes.error();
  Printer printer(text, *nodes);
  printer.print(0, without);
  return std::move(printer.out_);
}

}  // namespace spillway
