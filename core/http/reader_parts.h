// What the two readers share. Private to core/http; thread: any.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "http/flaw.h"

namespace spillway {

enum class ReadPhase : std::uint8_t { head, body, ended, over, dead };  // over and dead are for good

inline constexpr Flaw kBadField{400, "a header field is not valid"};

inline Error to_error(const Flaw& fault, Source source) {
  const bool over_limit = fault.status == 413 || fault.status == 414 || fault.status == 431;
  const Retry retry = source == Source::upstream ? Retry::yes : Retry::no;
  return {over_limit ? Kind::limit : Kind::invalid, source, retry, fault.detail};
}

// The last byte of a head that is a whole message goes back until the end was told.
inline void give_back_byte(std::string_view& in) { in = {in.data() - 1, in.size() + 1}; }

}  // namespace spillway
