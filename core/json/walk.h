// The grammar of JSON over an index of tokens, for JsonScanner. Private to core/json; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json/grammar.h"
#include "json/scan.h"

namespace spillway::json {

// The tokens of a text. A token starts at its index entry and ends where white space before the next one starts.
struct Tokens {
  std::string_view text;
  const std::uint32_t* index = nullptr;
  std::uint32_t count = 0;

  std::size_t begin(std::uint32_t token) const { return index[token]; }
  std::size_t end(std::uint32_t token) const {
    std::size_t end = token + 1 < count ? index[token + 1] : text.size();
    while (is_space(text[end - 1])) --end;
    return end;
  }
  std::string_view bytes(std::uint32_t token) const { return text.substr(begin(token), end(token) - begin(token)); }
};

// Whether the tokens make one JSON value; links each bracket that opens to the one that closes it. Iterative: nesting
// costs five bytes per level.
class Walk {
 public:
  // cppcheck-suppress uninitMemberVar ; a level is written when it is opened: no five kilobytes to clear per body
  Walk(const Tokens& tokens, std::uint32_t* links, bool halves_pass)
      : tokens_(tokens), links_(links), halves_pass_(halves_pass), escape_(next_escape(0)) {}

  bool valid() {
    while (at_ < tokens_.count) {
      const char c = tokens_.text[tokens_.begin(at_)];
      if (expect_ == Expect::after) {
        if (depth_ == 0 || !behind_value(c)) return false;
      } else if (expect_ == Expect::key || expect_ == Expect::first_key) {
        if (!key(c)) return false;
      } else if (!value(c)) {
        return false;
      }
    }
    return expect_ == Expect::after && depth_ == 0;
  }
  bool any_escape() const { return any_escape_; }

 private:
  enum class Expect : std::uint8_t { value, first_element, key, first_key, after };

  std::size_t next_escape(std::size_t from) {
    const std::size_t found = tokens_.text.find('\\', from);
    any_escape_ = any_escape_ || found != std::string_view::npos;
    return found;
  }

  bool behind_value(char c) {
    if (c != ',') return close(c);
    ++at_;
    expect_ = in_array_[depth_] ? Expect::value : Expect::key;
    return true;
  }

  bool key(char c) {
    if (c == '}' && expect_ == Expect::first_key) return close(c);
    if (c != '"' || ++members_ > JsonScanner::kMembersMax || at_ + 1 >= tokens_.count) return false;
    if (tokens_.text[tokens_.begin(at_ + 1)] != ':' || !string()) return false;
    ++at_;
    expect_ = Expect::value;
    return true;
  }

  bool value(char c) {
    if (c == '"') {
      expect_ = Expect::after;
      return string();
    }
    if (c == '{' || c == '[') return open(c);
    if (c == ']' && expect_ == Expect::first_element) return close(c);
    expect_ = Expect::after;
    if (c >= '1' && c <= '9' && small_number()) return true;
    const std::string_view token = tokens_.bytes(at_++);
    return is_number(token) || token == "true" || token == "false" || token == "null";
  }

  // The index has only strings that end. Most have no escape: they are crossed without a look.
  bool string() {
    const std::uint32_t token = at_++;
    const std::size_t stop = at_ < tokens_.count ? tokens_.begin(at_) : tokens_.text.size();
    if (escape_ >= stop) return true;
    const std::string_view bytes = tokens_.bytes(token);
    if (bytes.size() < 2 || bytes.back() != '"') return false;
    if (find_bad_escape(bytes.substr(1, bytes.size() - 2), halves_pass_) != kNone) return false;
    escape_ = next_escape(stop);
    return true;
  }

  // Crosses a number of digits only that ends where the next token starts: prompts and embeddings as token lists are
  // made of these.
  bool small_number() {
    const std::size_t stop = at_ + 1 < tokens_.count ? tokens_.begin(at_ + 1) : tokens_.text.size();
    for (std::size_t i = tokens_.begin(at_) + 1; i < stop; ++i) {
      if (tokens_.text[i] < '0' || tokens_.text[i] > '9') return false;
    }
    ++at_;
    return true;
  }

  bool open(char bracket) {
    if (depth_ == JsonScanner::kDepthMax) return false;
    in_array_[++depth_] = bracket == '[';
    opened_[depth_] = at_++;
    expect_ = bracket == '[' ? Expect::first_element : Expect::first_key;
    return true;
  }

  bool close(char c) {
    if (c != (in_array_[depth_] ? ']' : '}')) return false;
    links_[opened_[depth_--]] = at_++;
    expect_ = Expect::after;
    return true;
  }

  const Tokens& tokens_;
  std::uint32_t* const links_;
  const bool halves_pass_;
  bool any_escape_ = false;
  std::size_t escape_;  // the next backslash: npos if there is none
  std::uint32_t at_ = 0;
  Expect expect_ = Expect::value;
  std::size_t depth_ = 0, members_ = 0;
  bool in_array_[JsonScanner::kDepthMax + 1];
  std::uint32_t opened_[JsonScanner::kDepthMax + 1];
};

}  // namespace spillway::json
