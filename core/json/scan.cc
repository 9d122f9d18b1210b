// Validates request bodies and finds what is in them. See scan.h. The only file with simdjson.
//
// simdjson's first stage indexes every token and checks UTF-8, control bytes and unclosed strings at memory speed; its
// On-Demand front end would skip over values without judging them, so the grammar is ours: one walk over the index,
// touching string insides only where there are backslashes. Who is wrong is found out by json::Reader, slowly and exactly.
// Of simdjson only the two calls of that first stage are used; they are the same from 3.0 to 3.12.
#include "json/scan.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "json/grammar.h"
#include "json/reader.h"

namespace spillway {
namespace {

// The tokens of a text. A token starts at its index entry and ends where white space before the next one starts.
struct Tokens {
  std::string_view text;
  const std::uint32_t* index = nullptr;
  std::uint32_t count = 0;

  std::size_t begin(std::uint32_t token) const { return index[token]; }
  std::size_t end(std::uint32_t token) const {
    std::size_t end = token + 1 < count ? index[token + 1] : text.size();
    while (json::is_space(text[end - 1])) --end;
    return end;
  }
  std::string_view bytes(std::uint32_t token) const { return text.substr(begin(token), end(token) - begin(token)); }
};

// Whether the tokens make one JSON value; links each bracket that opens to the one that closes it. Iterative: nesting
// costs five bytes per level.
class Walk {
 public:
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
    return json::is_number(token) || token == "true" || token == "false" || token == "null";
  }

  // The index has only strings that end. Most have no escape: they are crossed without a look.
  bool string() {
    const std::uint32_t token = at_++;
    const std::size_t stop = at_ < tokens_.count ? tokens_.begin(at_) : tokens_.text.size();
    if (escape_ >= stop) return true;
    const std::string_view bytes = tokens_.bytes(token);
    if (bytes.size() < 2 || bytes.back() != '"') return false;
    if (json::find_bad_escape(bytes.substr(1, bytes.size() - 2), halves_pass_) != json::kNone) return false;
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

JsonType type_of(char first) {
  switch (first) {
    case '{': return JsonType::object;
    case '[': return JsonType::array;
    case '"': return JsonType::string;
    case 't':
    case 'f': return JsonType::boolean;
    case 'n': return JsonType::null;
    default: return JsonType::number;
  }
}

Error no_memory() { return {Kind::internal, Source::us, Retry::no, "no memory to index a JSON text"}; }

}  // namespace

struct JsonScanner::Parser {
  // Indexes `text` at the size it needs. The index is as large as a text can have tokens, but only what is written
  // becomes resident.
  Result<Tokens> index(std::string_view text, std::size_t room) {
    if (stage == nullptr || stage->capacity() < text.size() || stage->capacity() > kKeptMax) {
      constexpr std::size_t kLeast = 64 << 10;
      const std::size_t capacity = std::max({kLeast, text.size(), std::min(2 * text.size(), kKeptMax)});
      stage.reset();  // the old one first, so that both are never held at once
      const auto status = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage);
      if (status != simdjson::SUCCESS) return no_memory();
      links = std::make_unique_for_overwrite<std::uint32_t[]>(capacity + kPadding);
    }
    const char* from = text.data();
    if (room < text.size() + kPadding) {
      copy.reserve(text.size() + kPadding);
      copy.assign(text);
      from = copy.data();
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
    const auto status = stage->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
    if (status == simdjson::MEMALLOC || status == simdjson::CAPACITY) return no_memory();
    // Anything else is the text's fault; without tokens the walk fails and the reader says why.
    const std::uint32_t count = status == simdjson::SUCCESS ? stage->n_structural_indexes : 0;
    return Tokens{text, stage->structural_indexes.get(), count};
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  std::unique_ptr<std::uint32_t[]> links;  // by the token of a bracket that opens: the one that closes it
  std::string copy;
  Tokens accepted;
  bool any_escape = false;
};

JsonScanner::JsonScanner() : parser_(std::make_unique<Parser>()) {}
JsonScanner::~JsonScanner() = default;

Status JsonScanner::validate(std::string_view text, std::size_t room, Halves halves) {
  parser_->accepted = {};
  if (text.size() > 0xFFFFFFFF - kPadding) {
    return Error{Kind::limit, Source::client, Retry::no, "a JSON text of 4 GB or more"};
  }
  const Result<Tokens> tokens = parser_->index(text, room);
  if (!tokens) return tokens.error();
  const bool halves_pass = halves == Halves::pass;
  Walk walk(*tokens, parser_->links.get(), halves_pass);
  if (walk.valid()) {
    parser_->accepted = *tokens;
    parser_->any_escape = walk.any_escape();
    return Nothing{};
  }
  json::Reader::Rules rules;
  rules.halves_pass = halves_pass;
  rules.members_max = kMembersMax;
  json::Reader reader(text, rules);
  json::Reader::Token token = json::Reader::Token::null;
  while (token != json::Reader::Token::wrong && token != json::Reader::Token::end) token = reader.next();
  if (token == json::Reader::Token::wrong) return reader.error();
  return Error{Kind::invalid, Source::client, Retry::no, "no valid JSON"};
}

Result<std::vector<JsonMember>> JsonScanner::members(std::string_view text, std::size_t room) {
  const Status status = validate(text, room);
  if (!status) return status.error();
  JsonSteps whole = root();
  if (!whole.next() || whole.type() != JsonType::object) {
    return json::invalid_at("expected an object", whole.value().at, Source::client);
  }
  std::vector<JsonMember> found;
  for (JsonSteps each = whole.inside(); each.next();) found.push_back({each.key(), each.value(), each.type()});
  return found;
}

JsonSteps JsonScanner::root() const {
  JsonSteps steps;
  steps.text_ = parser_->accepted.text;
  steps.index_ = parser_->accepted.index;
  steps.links_ = parser_->links.get();
  steps.count_ = parser_->accepted.count;
  steps.escapes_ = parser_->any_escape;
  return steps;
}

// The text is known to be valid.
bool JsonSteps::next() {
  const Tokens tokens{text_, index_, count_};
  const auto at = [&](std::uint32_t token) { return text_[index_[token]]; };
  if (started_ && next_ < count_ && at(next_) == ',') {
    ++next_;
  } else if (started_) {
    return false;
  }
  started_ = true;
  if (next_ >= count_ || at(next_) == '}' || at(next_) == ']') return false;
  if (object_) {
    key_ = {index_[next_], static_cast<std::uint32_t>(tokens.end(next_) - index_[next_])};
    next_ += 2;
  }
  token_ = next_;
  const char first = at(token_);
  const std::uint32_t last = first == '{' || first == '[' ? links_[token_] : token_;
  next_ = last + 1;
  value_ = {index_[token_], static_cast<std::uint32_t>(tokens.end(last) - index_[token_])};
  return true;
}

std::string_view JsonSteps::raw_key() const {
  return key_.len < 2 ? std::string_view() : text_.substr(key_.at + 1, key_.len - 2);
}

bool JsonSteps::key_is(std::string_view name) const {
  const std::string_view raw = raw_key();
  if (plain(raw)) return object_ && raw == name;
  return key() == name;
}

std::string_view JsonSteps::key_text(std::string& room) const {
  const std::string_view raw = raw_key();
  if (plain(raw)) return raw;
  room = key();
  return room;
}

bool JsonSteps::plain(std::string_view raw) const { return !escapes_ || raw.find('\\') == std::string_view::npos; }

std::string JsonSteps::key() const {
  std::string out;
  json::append_unescaped(out, raw_key());
  return out;
}

std::string JsonSteps::string() const {
  std::string out;
  if (type() == JsonType::string) json::append_unescaped(out, text_.substr(value_.at + 1, value_.len - 2));
  return out;
}

std::int64_t JsonSteps::integer(std::int64_t otherwise) const {
  return type() == JsonType::number ? json::whole_number(bytes(), otherwise) : otherwise;
}

JsonType JsonSteps::type() const { return value_.len == 0 ? JsonType::null : type_of(text_[value_.at]); }

JsonSteps JsonSteps::inside() const {
  JsonSteps steps;
  if (type() != JsonType::object && type() != JsonType::array) return steps;
  steps.text_ = text_;
  steps.index_ = index_;
  steps.links_ = links_;
  steps.count_ = count_;
  steps.escapes_ = escapes_;
  steps.next_ = token_ + 1;
  steps.object_ = type() == JsonType::object;
  return steps;
}

}  // namespace spillway
