// Where the statements of a TOML text begin and end, found without understanding them, so that a broken one can be
// left out and the rest still be read. Thread: any.
#pragma once
#include <string_view>
#include <vector>

#include "conf/config.h"

namespace spillway {

// Dotted keys nest without toml++ counting them, and trees are destroyed recursively.
inline constexpr int kKeyDotsMax = 16;

struct Statement {
  int first = 0, last = 0;  // lines, from 1
  bool header = false;      // [table] or [[table]]
  bool surplus = false;     // closes a bracket it did not open
  Place bracket;            // the first that stays open, as the next line starts another statement; line 0: none
  Place quote;              // opens a string that does not end on its line; line 0: none
  Place deep;               // the dot after which a key has more than kKeyDotsMax; line 0: none
};

std::vector<Statement> statements_of(std::string_view text);

}  // namespace spillway
