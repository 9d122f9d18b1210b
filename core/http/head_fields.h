// The fields of a head: read in passing where they are ordinary, by llhttp where they are not. Only this file has
// llhttp. Thread: any.
#pragma once
#include <cstdint>
#include <string_view>

#include "http/head_scan.h"
#include "http/headers.h"
#include "http/reader.h"

namespace spillway {

// Of the head that `scan` has collected. False: llhttp does not read it as one head that ends there.
enum class HeadKind : std::uint8_t { request, response };
bool read_fields(HeadScan& scan, HeadKind kind, Headers& list);

}  // namespace spillway
