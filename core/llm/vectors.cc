#include "llm/vectors.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace spillway::llm {

namespace {

static_assert(std::endian::native == std::endian::little);  // that is how vectors are packed

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) three = three << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= n ? kLetters[three >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

constexpr std::uint8_t kNoLetter = 0xFF;
constexpr auto kSixBits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoLetter);
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    table[static_cast<unsigned char>(kLetters[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

// False: it is not base64.
bool from_base64(std::string_view text, std::string& out) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return false;
  std::uint32_t bits = 0;
  int held = 0;
  out.reserve(text.size() / 4 * 3 + 2);
  for (const char c : text) {
    const std::uint8_t six = kSixBits[static_cast<unsigned char>(c)];
    if (six == kNoLetter) return false;
    bits = bits << 6 | six;
    if ((held += 6) < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xFF);
  }
  return true;
}

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
