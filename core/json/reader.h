// Reads a JSON text token by token, checking everything as it goes. For small texts, and for saying exactly what is
// wrong with a large one; request bodies go through JsonScanner, which needs an index but is several times faster.
//
// Private to core/json. No memory but its own; one thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "json/grammar.h"
#include "json/scan.h"

namespace spillway::json {

class Reader {
 public:
  enum class Token : std::uint8_t { open_object, open_array, close, key, string, number, boolean, null, end, wrong };

  struct Rules {
    bool halves_pass = false;         // a surrogate half alone is accepted
    std::size_t members_max = kNone;  // keys in all objects together
    Source source = Source::client;   // who is to blame for errors
  };

  Reader(std::string_view text, const Rules& rules) : text_(text), rules_(rules) {}

  // The next token, `end` behind the last one and from then on, `wrong` at the first flaw.
  Token next();

  // The bytes of the token, quotes included.
  std::string_view bytes() const { return text_.substr(from_, at_ - from_); }
  // The same for keys and strings, without quotes.
  std::string_view inside() const { return text_.substr(from_ + 1, at_ - from_ - 2); }
  std::size_t from() const { return from_; }
  std::size_t depth() const { return depth_; }
  // What `wrong` was about.
  const Error& error() const { return error_; }

 private:
  enum class Expect : std::uint8_t { value, first_element, key, first_key, colon, after };

  char peek();
  Token read_key(char c);
  Token read_value(char c);
  Token read_word(std::string_view word, Token token);
  Token read_number();
  Token open(char bracket);
  Token close(char c);
  bool cross_string();
  Token wrong(Kind kind, std::string_view what, std::size_t at);

  std::string_view text_;
  Rules rules_;
  Error error_;
  std::size_t at_ = 0, from_ = 0, depth_ = 0, members_ = 0;
  Expect expect_ = Expect::value;
  bool in_array_[JsonScanner::kDepthMax + 1] = {};
};

}  // namespace spillway::json
