// Validates request bodies and finds what is in them. See scan.h. The only file with simdjson.
//
// Nearly all texts are read by json::Pass, in one go. Those it does not accept go to simdjson's first stage, which
// indexes every token and checks UTF-8, control bytes and unclosed strings at memory speed; its On-Demand front end
// would skip over values without judging them, so the grammar is ours: one walk over the index, touching string insides
// only where there are backslashes. Who is wrong is found by json::Reader, slowly and exactly. Of simdjson only the two
// calls of that first stage are used; they are the same from 3.0 to 3.12.
#include "json/scan.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "json/grammar.h"
#include "json/pass.h"
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
  // Makes room for the tokens of a text of `bytes` bytes: as many as it can have, of which only what is written becomes
  // resident.
  void fit(std::size_t bytes) {
    if (capacity >= bytes && capacity <= kKeptMax && index != nullptr) return;
    constexpr std::size_t kLeast = 64 << 10;
    capacity = std::max({kLeast, bytes, std::min(2 * bytes, kKeptMax)});
    stage.reset();  // the old ones first, so that both are never held at once
    links.reset();
    index.reset();
    index = std::make_unique_for_overwrite<std::uint32_t[]>(capacity + kPadding);
    links = std::make_unique_for_overwrite<std::uint32_t[]>(capacity + kPadding);
  }

  // The text where there are bytes behind it to read.
  std::string_view padded(std::string_view text, std::size_t room) {
    if (room >= text.size() + kPadding) return text;
    copy.reserve(text.size() + kPadding);
    copy.assign(text);
    return {copy.data(), text.size()};
  }

  // Indexes `text` whatever is in it. `same` has its bytes, padded.
  Result<json::Tokens> index_any(std::string_view text, std::string_view same) {
    if (stage == nullptr) {
      const auto status = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage);
      if (status != simdjson::SUCCESS) return no_memory();
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(same.data());
    // cppcheck-suppress nullPointerRedundantCheck ; success made it
    const auto status = stage->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
    if (status == simdjson::MEMALLOC || status == simdjson::CAPACITY) return no_memory();
    // Anything else is the text's fault; without tokens the walk fails and the reader says why.
    const std::uint32_t count = status == simdjson::SUCCESS ? stage->n_structural_indexes : 0;
    return json::Tokens{text, stage->structural_indexes.get(), count};
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  std::size_t capacity = 0;
  std::unique_ptr<std::uint32_t[]> index, links;  // links: by the token of a bracket that opens, the one that closes it
  std::string copy;
  json::Tokens accepted;
  bool key_escaped = false;  // or may be
};

JsonScanner::JsonScanner() : parser_(std::make_unique<Parser>()) {}
JsonScanner::~JsonScanner() = default;

Status JsonScanner::validate(std::string_view text, std::size_t room, Halves halves) {
  parser_->accepted = {};
  if (text.size() > 0xFFFFFFFF - kPadding) {
    return Error{Kind::limit, Source::client, Retry::no, "a JSON text of 4 GB or more"};
  }
  parser_->fit(text.size());
  const std::string_view same = parser_->padded(text, room);
  const bool halves_pass = halves == Halves::pass;
  json::Pass pass(same, parser_->index.get(), parser_->links.get(), halves_pass);
  if (pass.valid()) {
    parser_->accepted = {text, parser_->index.get(), pass.count()};
    parser_->key_escaped = pass.any_key_escaped();
    return Nothing{};
  }
  const Result<json::Tokens> tokens = parser_->index_any(text, same);
  if (!tokens) return tokens.error();
  json::Walk walk(*tokens, parser_->links.get(), halves_pass);
  if (walk.valid()) {
    parser_->accepted = *tokens;
    parser_->key_escaped = walk.any_escape();
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
  steps.count_ = steps.end_ = parser_->accepted.count;
  steps.escapes_ = parser_->key_escaped;
  return steps;
}

// The text is known to be valid, so behind a value stands a comma or what closes the container.
bool JsonSteps::next() {
  on_ = next_ < end_;
  if (!on_) return false;
  token_ = next_ + (object_ ? 2 : 0);
  first_ = text_[index_[token_]];
  next_ = (first_ == '{' || first_ == '[' ? links_[token_] : token_) + 2;
  return true;
}

std::size_t JsonSteps::end_of(std::uint32_t token) const { return json::Tokens{text_, index_, count_}.end(token); }

JsonSpan JsonSteps::value() const {
  if (!on_) return {};
  return {index_[token_], static_cast<std::uint32_t>(end_of(next_ - 2) - index_[token_])};
}

std::string_view JsonSteps::raw_key() const {
  if (!on_ || !object_) return {};
  const std::size_t begin = index_[token_ - 2] + 1;
  return {text_.data() + begin, end_of(token_ - 2) - 1 - begin};
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

JsonType JsonSteps::type() const { return on_ ? type_of(first_) : JsonType::null; }

JsonSteps JsonSteps::inside() const {
  JsonSteps steps;
  if (!on_ || (first_ != '{' && first_ != '[')) return steps;
  steps = *this;
  steps.next_ = token_ + 1;
  steps.end_ = links_[token_];
  steps.object_ = first_ == '{';
  steps.on_ = false;
  return steps;
}

}  // namespace spillway
