// Any bytes through both JSON readers, which share no walk: they must agree, up to surrogate halves; what is accepted
// has a canonical form that is its own; the members listed are where they are said to be; and a tree that is written
// down reads as that tree.
#include <cmath>
#include <cstdlib>
#include <string>

#include "json/scan.h"
#include "json/write.h"

namespace {

using namespace spillway;

void require(bool condition) {
  if (!condition) std::abort();
}

bool about_halves(const Error& error) { return error.detail.find("invalid escape") != std::string::npos; }

void check_members(JsonScanner& scanner, const std::string& text, const JsonValue& tree) {
  const Result<std::vector<JsonMember>> members = scanner.members(text, text.size());
  require(static_cast<bool>(members) == tree.is(JsonType::object));
  if (!members) return;
  require(members->size() == tree.items.size());
  for (std::size_t i = 0; i < members->size(); ++i) {
    const JsonMember& member = (*members)[i];
    require(member.key == tree.keys[i] && member.type == tree.items[i].type);
    const Result<JsonValue> value = parse_json(member.value.in(text));
    require(value && value->type == member.type && value->text == tree.items[i].text);
  }
}

// What is asked of a tree: the last member of a name, elements by place, and nothing where there is none.
void check_questions(const JsonValue& tree) {
  for (std::size_t i = 0; i < tree.keys.size(); ++i) {
    const std::string& key = tree.keys[i];
    std::size_t last = i;
    for (std::size_t j = i; j < tree.keys.size(); ++j) last = tree.keys[j] == key ? j : last;
    require(tree.has(key) && &tree[key] == &tree.items[last]);
  }
  for (std::size_t i = 0; i < tree.items.size(); ++i) require(&tree.at(i) == &tree.items[i]);
  require(tree.at(tree.items.size()).is(JsonType::null) && !tree.has("no such key, surely"));
  require(tree.string().empty() || tree.is(JsonType::string));
}

void write_number(JsonWriter& json, const JsonValue& value) {
  const std::int64_t whole = value.integer(-1);
  const double real = value.number(HUGE_VAL);
  if (whole == value.integer(-2)) {
    json.value(whole);
  } else if (std::isfinite(real)) {
    json.value(real);
  } else {
    json.raw(value.text);
  }
}

void write(JsonWriter& json, const JsonValue& value) {
  switch (value.type) {
    case JsonType::object:
    case JsonType::array: {
      const bool object = value.is(JsonType::object);
      json.open(object ? '{' : '[');
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (object) json.key(value.keys[i]);
        write(json, value.items[i]);
      }
      json.close(object ? '}' : ']');
      return;
    }
    case JsonType::string: json.value(value.string()); return;
    case JsonType::number: write_number(json, value); return;
    case JsonType::boolean: json.value(value.boolean(false)); return;
    case JsonType::null: json.null(); return;
  }
}

bool same(const JsonValue& a, const JsonValue& b) {
  if (a.type != b.type || a.keys != b.keys || a.items.size() != b.items.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  if (!a.is(JsonType::number)) return a.text == b.text;
  // Beyond 2^53 the digits that say a real number may be more than it is sure of.
  return a.number(0) == b.number(0) && (std::abs(a.number(0)) > 0x1p53 || a.integer(-1) == b.integer(-1));
}

// What is written of a tree reads as that tree.
void check_written(const JsonValue& tree) {
  std::string text;
  JsonWriter json(text);
  write(json, tree);
  const Result<JsonValue> again = parse_json(text);
  require(again && same(*again, tree));
  const std::int64_t whole = tree.integer(0);
  if (std::abs(static_cast<double>(whole)) > 1e12) return;
  std::string hundredths;
  JsonWriter(hundredths).hundredths(whole);
  const Result<JsonValue> share = parse_json(hundredths);
  require(share && std::llround(share->number(HUGE_VAL) * 100) == whole);
}

void check_left_out(const std::string& text, const JsonValue& tree) {
  if (tree.keys.empty()) return;
  const Result<std::string> rest = canonical_json(text, {tree.keys.front()});
  require(static_cast<bool>(rest));
  const Result<JsonValue> left = parse_json(*rest);
  require(left && !left->has(tree.keys.front()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonScanner scanner;
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string quoted;
  append_json_string(quoted, text);
  require(static_cast<bool>(scanner.validate(quoted, quoted.size())));

  const Status status = scanner.validate(text, text.size());
  const Result<JsonValue> tree = parse_json(text);
  if (!status) {
    require(!tree || about_halves(status.error()));
    return 0;
  }
  require(static_cast<bool>(tree));
  const Result<std::string> canonical = canonical_json(text, {});
  require(static_cast<bool>(canonical));
  const Result<std::string> again = canonical_json(*canonical, {});
  require(again && *again == *canonical);
  check_members(scanner, text, *tree);
  check_questions(*tree);
  check_written(*tree);
  check_left_out(text, *tree);
  return 0;
}
