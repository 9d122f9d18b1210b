// The text is validated, then written in one walk over its tokens that sorts each object's keys. See canonical.h.
#include "json/canonical.h"

#include <algorithm>
#include <array>
#include <forward_list>
#include <span>

#include "json/grammar.h"

namespace spillway {
namespace {

std::string_view without_quotes(std::string_view quoted) { return quoted.substr(1, quoted.size() - 2); }

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

constexpr auto kKeptEscapes = [] {
  std::array<bool, 256> table{};
  for (const char c : {'"', '\\', 'b', 'f', 'n', 'r', 't'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// All its escapes are those that the least escaped form has, too: prose with quotes and line breaks, mostly.
bool is_least_escaped(std::string_view quoted) {
  for (std::size_t at = 0; (at = quoted.find('\\', at)) != std::string_view::npos; at += 2) {
    if (!kKeptEscapes[static_cast<unsigned char>(quoted[at + 1])]) return false;
  }
  return true;
}

class Printer {
 public:
  explicit Printer(std::size_t bytes) { out_.reserve(bytes); }

  // As deep as the text, which is at most kDepthMax. False: more than kJsonValuesMax values.
  bool print(const JsonSteps& value, std::span<const std::string_view> without) {
    if (++values_ > kJsonValuesMax) return false;
    switch (value.type()) {
      case JsonType::object: return print_object(value, without);
      case JsonType::array: return print_array(value);
      case JsonType::string: print_string(value.bytes()); return true;
      default: out_ += value.bytes(); return true;
    }
  }

  std::string out_;

 private:
  struct Member {
    std::string_view key;  // what it means
    JsonSteps value;
  };

  void print_string(std::string_view quoted) {
    if (is_least_escaped(quoted)) {
      out_ += quoted;
      return;
    }
    std::string text;
    json::append_unescaped(text, without_quotes(quoted));
    append_least_escaped(out_, text);
  }

  bool print_array(const JsonSteps& array) {
    out_ += '[';
    bool first = true;
    for (JsonSteps each = array.inside(); each.next(); first = false) {
      if (!first) out_ += ',';
      if (!print(each, {})) return false;
    }
    out_ += ']';
    return true;
  }

  // The members of all objects that are open lie one behind the other.
  bool print_object(const JsonSteps& object, std::span<const std::string_view> without) {
    const std::size_t begin = members_.size();
    std::string room;
    for (JsonSteps member = object.inside(); member.next();) {
      std::string_view key = member.key_text(room);
      if (std::find(without.begin(), without.end(), key) != without.end()) continue;
      if (key.data() == room.data()) key = unescaped_.emplace_front(key);
      members_.push_back({key, member});
    }
    sort(begin);
    out_ += '{';
    for (std::size_t i = begin; i < members_.size(); ++i) {
      if (i > begin) out_ += ',';
      append_least_escaped(out_, members_[i].key);
      out_ += ':';
      const JsonSteps value = members_[i].value;  // the list may move meanwhile
      if (!print(value, {})) return false;
    }
    out_ += '}';
    members_.resize(begin);
    return true;
  }

  // Equal keys keep their order. Most objects have a handful.
  void sort(std::size_t begin) {
    const auto before = [](const Member& a, const Member& b) { return a.key < b.key; };
    constexpr std::size_t kFew = 16;
    const auto first = members_.begin() + static_cast<std::ptrdiff_t>(begin);
    if (members_.size() - begin > kFew) return std::stable_sort(first, members_.end(), before);
    for (std::size_t i = begin; i < members_.size(); ++i) {
      for (std::size_t at = i; at > begin && before(members_[at], members_[at - 1]); --at) {
        std::swap(members_[at], members_[at - 1]);
      }
    }
  }

  std::vector<Member> members_;
  std::forward_list<std::string> unescaped_;  // keys that had escapes
  std::size_t values_ = 0;
};

}  // namespace

Result<std::string> canonical_json(JsonScanner& scanner, std::string_view text, std::size_t room,
                                   const std::vector<std::string_view>& without) {
  const Status status = scanner.validate(text, room);
  if (!status) return status.error();
  JsonSteps root = scanner.root();
  root.next();
  Printer printer(text.size());
  if (printer.print(root, without)) return std::move(printer.out_);
  return Error{Kind::limit, Source::client, Retry::no,
               "more than " + std::to_string(kJsonValuesMax) + " values in one text"};
}

Result<std::string> canonical_json(std::string_view text, const std::vector<std::string_view>& without) {
  JsonScanner scanner;
  return canonical_json(scanner, text, text.size(), without);
}

}  // namespace spillway
