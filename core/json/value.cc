// Small parsed trees, for answers, events and errors. See scan.h.
#include <vector>

#include "base/number.h"
#include "json/grammar.h"
#include "json/reader.h"
#include "json/scan.h"

namespace spillway {
namespace {

using json::Reader;

const JsonValue& absent() {
  static const JsonValue kAbsent;
  return kAbsent;
}

JsonType type_of(Reader::Token token) {
  switch (token) {
    case Reader::Token::open_object: return JsonType::object;
    case Reader::Token::open_array: return JsonType::array;
    case Reader::Token::string: return JsonType::string;
    case Reader::Token::number: return JsonType::number;
    case Reader::Token::boolean: return JsonType::boolean;
    default: return JsonType::null;
  }
}

// Puts tokens into a tree. `path_` points along the open containers; a parent's items do not grow while a child is
// open, so the pointers hold.
class Builder {
 public:
  explicit Builder(std::size_t levels) : levels_(levels) {}

  // Whether there was room for it.
  bool take(Reader::Token token, const Reader& reader) {
    if (token == Reader::Token::close) {
      if (unkept_ > 0) {
        --unkept_;
      } else {
        path_.pop_back();
      }
      return true;
    }
    const bool opens = token == Reader::Token::open_object || token == Reader::Token::open_array;
    if (unkept_ > 0 || path_.size() > levels_) {
      unkept_ += opens ? 1 : 0;
      return true;
    }
    if (token == Reader::Token::key) {
      json::append_unescaped(path_.back()->keys.emplace_back(), reader.inside());
      return true;
    }
    if (++count_ > kJsonValuesMax) return false;
    JsonValue& value = path_.empty() ? root_ : path_.back()->items.emplace_back();
    value.type = type_of(token);
    if (token == Reader::Token::string) {
      json::append_unescaped(value.text, reader.inside());
    } else if (token == Reader::Token::number || token == Reader::Token::boolean) {
      value.text = reader.bytes();
    }
    if (opens) path_.push_back(&value);
    return true;
  }

  JsonValue root_;

 private:
  std::size_t levels_;
  std::size_t unkept_ = 0;  // open containers inside one that is too deep to keep
  std::size_t count_ = 0;
  std::vector<JsonValue*> path_;
};

}  // namespace

const JsonValue& JsonValue::operator[](std::string_view key) const {
  for (std::size_t i = keys.size(); i > 0; --i) {
    if (keys[i - 1] == key && i <= items.size()) return items[i - 1];
  }
  return absent();
}

const JsonValue& JsonValue::at(std::size_t index) const { return index < items.size() ? items[index] : absent(); }

bool JsonValue::has(std::string_view key) const {
  for (const std::string& name : keys) {
    if (name == key) return true;
  }
  return false;
}

std::string_view JsonValue::string() const { return type == JsonType::string ? std::string_view(text) : ""; }

std::int64_t JsonValue::integer(std::int64_t otherwise) const {
  return type == JsonType::number ? json::whole_number(text, otherwise) : otherwise;
}

double JsonValue::number(double otherwise) const {
  if (type != JsonType::number) return otherwise;
  return read_real(text).value_or(otherwise);
}

bool JsonValue::boolean(bool otherwise) const { return type == JsonType::boolean ? text == "true" : otherwise; }

Result<JsonValue> parse_json(std::string_view text, std::size_t levels) {
  // Providers send surrogate halves where a stream cut a character in two; clients get U+FFFD, not a broken answer.
  Reader::Rules rules;
  rules.halves_pass = true;
  rules.source = Source::upstream;
  Reader reader(text, rules);
  Builder builder(levels);
  while (true) {
    const Reader::Token token = reader.next();
    if (token == Reader::Token::wrong) return reader.error();
    if (token == Reader::Token::end) return std::move(builder.root_);
    if (!builder.take(token, reader)) {
      return Error{Kind::limit, Source::upstream, Retry::no,
                   "more than " + std::to_string(kJsonValuesMax) + " values in one text"};
    }
  }
}

}  // namespace spillway
