// Any bytes through both JSON readers, which share no walk: they must agree, up to surrogate halves; what is accepted
// has a canonical form that is its own; and the members listed are where they are said to be.
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
  return 0;
}
