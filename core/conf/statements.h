// Where the statements of a TOML text begin and end, found without understanding them, so that a broken one can be
// left out and the rest still be read. Thread: any.
#pragma once
#include <string_view>
#include <vector>

#include "conf/config.h"

namespace spillway {

inline constexpr int kKeyDotsMax = 16;

struct Statement {
  int first = 0, last = 0;  // lines, from 1
  bool header = false;      // [table] or [[table]]
  bool surplus = false;     // closes a bracket it did not open
  Place bracket;            // the first that stays open, as the next line starts another statement; line 0: none
  Place quote;              // opens a string that does not end on its line; line 0: none
  // What toml++ must not be given: a key so deep that its tree could not be destroyed (it recurses), or a character
  // beyond ASCII outside of strings and comments, about which it makes undefined assumptions. line 0: nothing.
  Place refused;
  std::string_view reason;
};

std::vector<Statement> statements_of(std::string_view text);

}  // namespace spillway
