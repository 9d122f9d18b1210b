// A value of a JSON text that a JsonScanner accepted, read by name like a tree but without making one: nothing is
// copied until a string is asked for. What is absent or of another type reads as empty, zero or null.
//
// Lifetime: good while the text lives and until the scanner's next one. Thread: the scanner's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/scan.h"

namespace spillway::llm {

class Node;
void pick_members(const Node& from, const std::string_view* names, Node* into, std::size_t count);

class Node {
 public:
  Node() = default;
  explicit Node(const JsonSteps& at) : at_(at), there_(true) {}

  bool there() const { return there_; }
  bool is(JsonType type) const { return there_ && at_.type() == type; }
  bool null() const { return !there_ || at_.type() == JsonType::null; }
  bool truthy() const { return is(JsonType::boolean) && at_.bytes() == "true"; }
  std::optional<bool> flag() const;
  Node operator[](std::string_view key) const;  // the last of that name
  std::string_view raw() const { return there_ ? at_.bytes() : std::string_view(); }
  std::string string() const { return is(JsonType::string) ? at_.string() : std::string(); }
  // The string or, second, the bytes of the member; nothing is changed where there is none.
  void read(std::string_view key, std::string& into) const;
  void read_raw(std::string_view key, std::string& into) const;
  std::string_view text(std::string& room) const;  // the same without a copy where the string has no escape
  bool equals(std::string_view word) const;        // a string of just that
  std::int64_t integer(std::int64_t otherwise) const;
  std::optional<double> real() const;
  std::string key() const { return at_.key(); }  // of a member

  class Iterator {
   public:
    explicit Iterator(const JsonSteps& steps) : steps_(steps), more_(steps_.next()) {}
    Iterator() = default;
    Node operator*() const { return Node(steps_); }
    Iterator& operator++() {
      more_ = steps_.next();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return more_ != other.more_; }

   private:
    JsonSteps steps_;
    bool more_ = false;
  };
  Iterator begin() const { return container() ? Iterator(at_.inside()) : Iterator(); }  // members or elements
  Iterator end() const { return Iterator(); }
  Node first() const;  // element

 private:
  friend void pick_members(const Node& from, const std::string_view* names, Node* into, std::size_t count);
  bool container() const { return is(JsonType::object) || is(JsonType::array); }
  JsonSteps at_;
  bool there_ = false;
};

// The members of `from` by those names in one pass, the last of each: for objects that are read at every event.
template <std::size_t N>
void pick(const Node& from, const std::string_view (&names)[N], Node (&into)[N]) {
  if (from.is(JsonType::object)) pick_members(from, names, into, N);
}

// Reads `text` whole, of which `room` bytes are readable (JsonScanner). Absent: it is no JSON.
Node read_node(JsonScanner& scanner, std::string_view text, std::size_t room);

}  // namespace spillway::llm
