#include "llm/vectors.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/base64.h"

namespace spillway::llm {

namespace {

static_assert(std::endian::native == std::endian::little);  // that is how vectors are packed

// The shortest text that is this float again.
void append_float(std::string& out, float number) {
  char text[32];
  for (const int digits : {6, 7, 8, 9}) {  // 9 always suffice (IEEE 754)
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(number));
    if (std::strtof(text, nullptr) == number) break;
  }
  out += text;
}

bool finite(float number) { return number - number == 0; }

}  // namespace

std::string floats_to_base64(const Node& list) {
  std::string bytes;
  for (const Node each : list) {
    const std::optional<double> number = each.real();
    if (!number) return {};
    const auto packed = std::bit_cast<std::array<char, 4>>(static_cast<float>(*number));
    bytes.append(packed.data(), packed.size());
  }
  return bytes.empty() ? bytes : '"' + to_base64(bytes) + '"';
}

std::string base64_to_floats(std::string_view base64) {
  std::string bytes, out = "[";
  if (!from_base64(base64, bytes) || bytes.empty() || bytes.size() % 4 != 0) return {};
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::array<char, 4> packed;
    bytes.copy(packed.data(), 4, at);
    const auto number = std::bit_cast<float>(packed);
    if (!finite(number)) return {};
    if (at > 0) out += ',';
    append_float(out, number);
  }
  return out += ']';
}

}  // namespace spillway::llm
