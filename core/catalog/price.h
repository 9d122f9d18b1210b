// A price in USD per token as a catalogue spells it, a string or a number. Whether it is zero is decided on its digits,
// never on a rounded double, because what is called free must cost nothing (P-2, P-3, V-5). Thread: any.
#pragma once
#include <cstdint>
#include <string>

#include "json/scan.h"

namespace spillway {

struct Price {
  enum class Is : std::uint8_t {
    absent,    // not said: unknown, never zero
    unusable,  // said, and no finite decimal number
    negative,  // "-1": decided per request
    zero,
    positive,
  };
  Is is = Is::absent;
  double usd = 0;       // per token, to the nearest double; 0 unless negative or positive
  std::string spelled;  // trimmed; empty when absent
  bool quoted = false;  // a JSON string

  bool known() const { return is == Is::zero || is == Is::positive; }
};

// `json` is the member's value; null for an absent one (JsonValue's own rule).
Price read_price(const JsonValue& json);

}  // namespace spillway
