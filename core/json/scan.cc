// Validates request bodies and finds what is in them. See scan.h. The only file with simdjson.
//
// simdjson's first stage indexes every token and checks UTF-8, control bytes and unclosed strings at memory speed; its
// On-Demand front end would skip over values without judging them, so the grammar is ours: one walk over the index,
// touching string insides only where there are backslashes. Who is wrong is found by json::Reader, slowly and exactly.
// Of simdjson only the two calls of that first stage are used; they are the same from 3.0 to 3.12.
#include "json/scan.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "json/grammar.h"
#include "json/reader.h"
#include "json/walk.h"

namespace spillway {
namespace {

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
  Result<json::Tokens> index(std::string_view text, std::size_t room) {
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
    return json::Tokens{text, stage->structural_indexes.get(), count};
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  std::unique_ptr<std::uint32_t[]> links;  // by the token of a bracket that opens: the one that closes it
  std::string copy;
  json::Tokens accepted;
  bool any_escape = false;
};

JsonScanner::JsonScanner() : parser_(std::make_unique<Parser>()) {}
JsonScanner::~JsonScanner() = default;

Status JsonScanner::validate(std::string_view text, std::size_t room, Halves halves) {
  parser_->accepted = {};
  if (text.size() > 0xFFFFFFFF - kPadding) {
    return Error{Kind::limit, Source::client, Retry::no, "a JSON text of 4 GB or more"};
  }
  const Result<json::Tokens> tokens = parser_->index(text, room);
  if (!tokens) return tokens.error();
  const bool halves_pass = halves == Halves::pass;
  json::Walk walk(*tokens, parser_->links.get(), halves_pass);
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
  const auto at = [&](std::uint32_t token) { return text_[index_[token]]; };
  if (started_ && next_ < count_ && at(next_) == ',') {
    ++next_;
  } else if (started_) {
    return false;
  }
  started_ = true;
  on_ = false;
  if (next_ >= count_ || at(next_) == '}' || at(next_) == ']') return false;
  on_ = true;
  token_ = next_ + (object_ ? 2 : 0);
  const char first = at(token_);
  const std::uint32_t last = first == '{' || first == '[' ? links_[token_] : token_;
  next_ = last + 1;
  return true;
}

JsonSpan JsonSteps::value() const {
  if (!on_) return {};
  const std::size_t end = json::Tokens{text_, index_, count_}.end(next_ - 1);
  return {index_[token_], static_cast<std::uint32_t>(end - index_[token_])};
}

std::string_view JsonSteps::raw_key() const {
  if (!on_ || !object_) return {};
  const std::size_t begin = index_[token_ - 2] + 1, end = json::Tokens{text_, index_, count_}.end(token_ - 2) - 1;
  return {text_.data() + begin, end - begin};
}

bool JsonSteps::key_is(std::string_view name) const {
  const std::string_view raw = raw_key();
  if (plain(raw)) return object_ && raw == name;
  return key() == name;
}

std::string_view JsonSteps::unescaped_key(std::string& room) const {
  room = key();
  return room;
}

std::string JsonSteps::key() const {
  std::string out;
  json::append_unescaped(out, raw_key());
  return out;
}

std::string JsonSteps::string() const {
  std::string out;
  if (type() != JsonType::string) return out;
  const std::string_view quoted = bytes();
  json::append_unescaped(out, quoted.substr(1, quoted.size() - 2));
  return out;
}

std::int64_t JsonSteps::integer(std::int64_t otherwise) const {
  return type() == JsonType::number ? json::whole_number(bytes(), otherwise) : otherwise;
}

JsonType JsonSteps::type() const { return on_ ? type_of(text_[index_[token_]]) : JsonType::null; }

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
