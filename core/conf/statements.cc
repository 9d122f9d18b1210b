// A light lexer: strings, comments and brackets, nothing else.
//
// Inside brackets a line that looks like `key =` or `[header]` starts a statement all the same: TOML has no such line
// there, so the bracket was forgotten. Thread: any.
#include "conf/statements.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace spillway {
namespace {

bool bare(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  std::vector<Statement> run();

 private:
  bool ahead(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void step(std::size_t bytes = 1);
  bool starts_statement() const;
  void begin();
  void end();
  void skip_string();
  void skip_long_string(std::string_view quote);
  void token();
  bool in_word() const;
  void refuse(std::string_view reason);
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
  std::vector<Place> open_;  // brackets
  bool inside_ = false;      // a statement
  int dots_ = 0;             // of what may be a key
  std::vector<Statement> all_;
};

void Lexer::step(std::size_t bytes) {
  for (; bytes > 0 && at_ < text_.size(); --bytes, ++at_) {
    if (text_[at_] == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(text_[at_]) & 0xc0) != 0x80) {
      ++column_;
    }
  }
}

// Whether `key =` or `[name]` with nothing but a comment behind it stands here, at the beginning of a line.
bool Lexer::starts_statement() const {
  std::string_view line = text_.substr(at_, text_.find('\n', at_) - at_);
  std::size_t i = 0;
  while (i < line.size() && line[i] == '[') ++i;
  const std::size_t brackets = i;
  const std::size_t name = i;
  while (i < line.size() && bare(line[i])) ++i;
  if (i == name) return false;
  const std::string_view word = line.substr(name, i - name);
  while (i < line.size() && line[i] == ' ') ++i;
  if (brackets == 0) return i < line.size() && line[i] == '=';
  if (brackets > 2 || std::isalpha(static_cast<unsigned char>(word[0])) == 0) return false;
  if (word == "true" || word == "false" || word == "inf" || word == "nan") return false;
  const std::size_t closing = i;
  while (i < line.size() && line[i] == ']') ++i;
  if (i - closing != brackets) return false;
  while (i < line.size() && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r')) ++i;
  return i == line.size() || line[i] == '#';
}

void Lexer::begin() {
  inside_ = true;
  all_.push_back({line_, line_, text_[at_] == '[', false, {}, {}, {}, {}});
  dots_ = 0;
}

void Lexer::end() {
  if (!open_.empty()) all_.back().bracket = open_.front();
  open_.clear();
  inside_ = false;
}

void Lexer::skip_string() {
  const Place start{line_, column_, 0};
  const char quote = text_[at_];
  for (step(); at_ < text_.size() && text_[at_] != quote; step()) {
    if (text_[at_] == '\\' && quote == '"' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') step();
    if (at_ < text_.size() && text_[at_] == '\n') break;
  }
  if (at_ < text_.size() && text_[at_] == quote) {
    step();
  } else if (all_.back().quote.line == 0) {
    all_.back().quote = start;
  }
}

void Lexer::skip_long_string(std::string_view quote) {
  const Place start{line_, column_, 0};
  step(quote.size());
  while (at_ < text_.size() && !ahead(quote)) step(text_[at_] == '\\' && quote[0] == '"' ? 2 : 1);
  if (at_ >= text_.size()) {
    all_.back().quote = start;
    return;
  }
  step(quote.size());
  while (at_ < text_.size() && text_[at_] == quote[0]) step();  // up to two quotes may belong to the string's end
}

void Lexer::refuse(std::string_view reason) {
  Statement& statement = all_.back();
  if (statement.refused.line > 0) return;
  statement.refused = {line_, column_, 0};
  statement.reason = reason;
}

// Whether a word ends right before a quote, which then begins no string: `4'x'`. A dot may, in a key: `a.'x'`.
bool Lexer::in_word() const {
  const auto of_word = [](char c) { return bare(c) || c == '+' || c == ':'; };
  std::size_t begin = at_;
  while (begin > 0 && of_word(text_[begin - 1])) --begin;
  if (begin == at_) return false;
  const char first = text_[begin];
  return text_[at_ - 1] != '.' || first == '+' || first == '-' || (first >= '0' && first <= '9');
}

void Lexer::token() {
  const char c = text_[at_];
  if ((c == '"' || c == '\'') && in_word()) refuse("a quote in the middle of a word");
  if (ahead("\"\"\"") || ahead("'''")) return skip_long_string(text_.substr(at_, 3));
  if (c == '"' || c == '\'') return skip_string();
  if (c == '#') return step(std::min(text_.find('\n', at_), text_.size()) - at_);
  if (c == '.' && ++dots_ > kKeyDotsMax) refuse("a key with too many dots");
  if (static_cast<unsigned char>(c) >= 0x80) refuse("only in quotes may there be letters beyond a-z");
  if (c == '=' || c == ',' || c == '[' || c == '{') dots_ = 0;
  if (c == '[' || c == '{') open_.push_back({line_, column_, 0});
  if (c == ']' || c == '}') {
    all_.back().surplus = all_.back().surplus || open_.empty();
    if (!open_.empty()) open_.pop_back();
  }
  step();
}

std::vector<Statement> Lexer::run() {
  bool fresh = true;  // nothing but white space on this line yet
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\n') {
      if (inside_ && open_.empty()) end();
      step();
      fresh = true;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      step();
    } else if (!inside_ && c == '#') {
      step(std::min(text_.find('\n', at_), text_.size()) - at_);
    } else {
      if (fresh && inside_ && starts_statement()) end();
      if (!inside_) begin();
      fresh = false;
      token();
      all_.back().last = line_;
    }
  }
  if (inside_) end();
  return std::move(all_);
}

}  // namespace

std::vector<Statement> statements_of(std::string_view text) { return Lexer(text).run(); }

}  // namespace spillway
