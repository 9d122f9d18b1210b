// The fields that say where a message ends and what becomes of its connection, found in one pass over a head. They are
// judged here and not by llhttp, because its verdicts differ between versions and these decide about smuggling.
// Thread: any.
#pragma once
#include <cstdint>
#include <string_view>

#include "http/flaw.h"
#include "http/headers.h"

namespace spillway {

struct FramingFields {
  std::string_view host;
  std::uint64_t length = 0;
  std::uint32_t hosts = 0;
  std::uint32_t content_lengths = 0;
  std::uint32_t transfer_encodings = 0;
  std::uint32_t content_types = 0;
  std::uint32_t authorizations = 0;
  bool length_valid = true;
  bool chunked = false;  // the one coding is "chunked"
  bool close = false;
  bool keep_alive = false;
  bool expect_continue = false;
};

FramingFields framing_fields(const Headers& headers);

// RFC 9112 6.1 and 6.3: one length or one chunked coding, never both, no coding in HTTP/1.0.
Flaw check_framing(const FramingFields& fields, int minor);

bool keeps_alive(const FramingFields& fields, int minor);

}  // namespace spillway
