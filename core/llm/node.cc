#include "llm/node.h"

#include "base/number.h"

namespace spillway::llm {

std::optional<bool> Node::flag() const {
  return is(JsonType::boolean) ? std::optional(at_.bytes() == "true") : std::nullopt;
}

Node Node::operator[](std::string_view key) const {
  Node found;
  if (!is(JsonType::object)) return found;
  for (JsonSteps member = at_.inside(); member.next();) {
    if (member.key_is(key)) found = Node(member);
  }
  return found;
}

void Node::read(std::string_view key, std::string& into) const {
  const Node member = (*this)[key];
  if (member.is(JsonType::string)) into = member.string();
}

void Node::read_raw(std::string_view key, std::string& into) const {
  const Node member = (*this)[key];
  if (!member.null()) into = member.raw();
}

std::string_view Node::text(std::string& room) const {
  if (!is(JsonType::string)) return {};
  const std::string_view inside = at_.bytes().substr(1, at_.bytes().size() - 2);
  if (inside.find('\\') == inside.npos) return inside;
  room = at_.string();
  return room;
}

bool Node::equals(std::string_view word) const {
  if (!is(JsonType::string)) return false;
  const std::string_view inside = at_.bytes().substr(1, at_.bytes().size() - 2);
  return inside == word || (inside.find('\\') != inside.npos && at_.string() == word);
}

std::int64_t Node::integer(std::int64_t otherwise) const {
  return is(JsonType::number) ? at_.integer(otherwise) : otherwise;
}

std::optional<double> Node::real() const { return is(JsonType::number) ? read_real(at_.bytes()) : std::nullopt; }

Node Node::first() const {
  for (const Node each : *this) return each;
  return {};
}

void pick_members(const Node& from, const std::string_view* names, Node* into, std::size_t count) {
  std::string room;
  for (JsonSteps member = from.at_.inside(); member.next();) {
    const std::string_view key = member.key_text(room);
    for (std::size_t i = 0; i < count; ++i) {
      if (key == names[i]) into[i] = Node(member);
    }
  }
}

Node read_node(JsonScanner& scanner, std::string_view text, std::size_t room) {
  if (!scanner.validate(text, room, JsonScanner::Halves::pass)) return {};
  JsonSteps root = scanner.root();
  return root.next() ? Node(root) : Node();
}

}  // namespace spillway::llm
