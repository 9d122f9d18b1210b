// Reads a JSON text token by token. See reader.h.
#include "json/reader.h"

#include <algorithm>

namespace spillway::json {

// The next byte that is no white space; 0 at the end (a raw 0 in the text is refused like any other stray byte).
char Reader::peek() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

Reader::Token Reader::wrong(Kind kind, std::string_view what, std::size_t at) {
  if (error_.detail.empty()) {
    error_ = invalid_at(at >= text_.size() ? "unexpected end" : what, at, rules_.source);
    error_.kind = kind;
  }
  at_ = text_.size();
  return Token::wrong;
}

Reader::Token Reader::next() {
  if (!error_.detail.empty()) return Token::wrong;
  char c = peek();
  if (expect_ == Expect::after) {
    if (depth_ == 0 && at_ == text_.size()) return Token::end;
    if (depth_ == 0) return wrong(Kind::invalid, "unexpected text behind the end", at_);
    if (c != ',') return close(c);
    ++at_;
    expect_ = in_array_[depth_] ? Expect::value : Expect::key;
    c = peek();
  }
  if (expect_ == Expect::colon) {
    if (c != ':') return wrong(Kind::invalid, "expected :", at_);
    ++at_;
    c = peek();
  }
  if (expect_ == Expect::first_key && c == '}') return close(c);
  if (expect_ == Expect::first_element && c == ']') return close(c);
  if (expect_ == Expect::key || expect_ == Expect::first_key) return read_key(c);
  return read_value(c);
}

Reader::Token Reader::open(char bracket) {
  if (depth_ == JsonScanner::kDepthMax) {
    return wrong(Kind::limit, "nested deeper than " + std::to_string(JsonScanner::kDepthMax) + " levels", at_);
  }
  from_ = at_++;
  in_array_[++depth_] = bracket == '[';
  expect_ = bracket == '[' ? Expect::first_element : Expect::first_key;
  return bracket == '[' ? Token::open_array : Token::open_object;
}

Reader::Token Reader::close(char c) {
  const char closing = in_array_[depth_] ? ']' : '}';
  if (c != closing) return wrong(Kind::invalid, std::string("expected , or ") + closing, at_);
  from_ = at_++;
  --depth_;
  expect_ = Expect::after;
  return Token::close;
}

Reader::Token Reader::read_key(char c) {
  if (c != '"') return wrong(Kind::invalid, "expected a key in quotes", at_);
  if (++members_ > rules_.members_max) {
    return wrong(Kind::limit, "more than " + std::to_string(rules_.members_max) + " members", at_);
  }
  if (!cross_string()) return Token::wrong;
  expect_ = Expect::colon;
  return Token::key;
}

Reader::Token Reader::read_value(char c) {
  expect_ = Expect::after;
  switch (c) {
    case '{':
    case '[': return open(c);
    case '"': return cross_string() ? Token::string : Token::wrong;
    case 't': return read_word("true", Token::boolean);
    case 'f': return read_word("false", Token::boolean);
    case 'n': return read_word("null", Token::null);
    default: return read_number();
  }
}

Reader::Token Reader::read_word(std::string_view word, Token token) {
  if (text_.substr(at_, word.size()) != word) return wrong(Kind::invalid, "unexpected text", at_);
  from_ = at_;
  at_ += word.size();
  return token;
}

// Takes all bytes a number could be made of and then judges them, so that 007 and 1.2.3 are one wrong number.
Reader::Token Reader::read_number() {
  constexpr std::string_view kNumberBytes = "0123456789+-.eE";
  const std::size_t end = std::min(text_.find_first_not_of(kNumberBytes, at_), text_.size());
  if (end == at_) return wrong(Kind::invalid, "unexpected text", at_);
  if (!is_number(text_.substr(at_, end - at_))) return wrong(Kind::invalid, "invalid number", at_);
  from_ = at_;
  at_ = end;
  return Token::number;
}

// Crosses the string whose opening quote is at at_.
bool Reader::cross_string() {
  const std::size_t begin = at_ + 1;
  std::size_t quote = begin;
  while (true) {
    quote = text_.find('"', quote);
    if (quote == kNone) break;
    std::size_t slashes = 0;
    while (quote - slashes > begin && text_[quote - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) break;
    ++quote;
  }
  const std::string_view inside = text_.substr(begin, quote == kNone ? kNone : quote - begin);
  if (const std::size_t bad = find_bad_byte(inside); bad != kNone) {
    const bool control = static_cast<unsigned char>(inside[bad]) < 0x20;
    wrong(Kind::invalid, control ? "raw control character in a string" : "invalid UTF-8", begin + bad);
    return false;
  }
  if (quote == kNone) {
    wrong(Kind::invalid, "a string without an end", at_);
    return false;
  }
  if (const std::size_t bad = find_bad_escape(inside, rules_.halves_pass); bad != kNone) {
    wrong(Kind::invalid, "invalid escape in a string", begin + bad);
    return false;
  }
  from_ = at_;
  at_ = quote + 1;
  return true;
}

}  // namespace spillway::json
