// A TOML document as a plain tree in which every key and value knows its place, so that the rest of conf/ needs no TOML
// library. Tables keep their members in the order of the file. Thread: any; a tree is a value.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conf/config.h"

namespace spillway {

struct Member;

struct Node {
  enum class Kind : std::uint8_t { boolean, integer, real, text, array, table, time };
  Kind kind = Kind::table;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<Node> items;      // of an array
  std::vector<Member> members;  // of a table
  Place place;

  const Member* find(std::string_view key) const;
  Member* find(std::string_view key);
  // Where the value of `key` stands; the table itself when there is none.
  Place place_of(std::string_view key) const;
};

struct Member {
  std::string key;
  Place place;
  Node value;
};

std::string_view kind_name(Node::Kind kind);  // "a string", for messages

struct SyntaxError {
  Place place;
  std::string message;
};

// How much of a file is read at all; beyond it a config is a mistake, not a big config.
inline constexpr std::size_t kFileBytesMax = 1 << 20;
inline constexpr int kSyntaxErrorsMax = 20;

// After a syntax error the statement it stands in is left out and the rest is read again, so that one run reports them
// all; `root` is then what could be read.
struct Parsed {
  Node root;
  std::vector<SyntaxError> errors;
};
Parsed parse_toml(std::string_view text, int file);

}  // namespace spillway
