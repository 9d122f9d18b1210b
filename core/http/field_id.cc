// A name's length, first and last letter say which one known name it can be; only that one is compared.
#include "http/field_id.h"

#include <array>
#include <cstring>

#include "http/headers.h"

namespace spillway {

namespace {

struct Known {
  std::string_view name;
  FieldId id = FieldId::other;
};

constexpr Known kKnown[] = {
    {"accept-encoding", FieldId::accept_encoding},
    {"access-control-allow-origin", FieldId::access_control_allow_origin},
    {"access-control-request-headers", FieldId::access_control_request_headers},
    {"access-control-request-method", FieldId::access_control_request_method},
    {"alt-svc", FieldId::alt_svc},
    {"api-key", FieldId::api_key},
    {"authorization", FieldId::authorization},
    {"connection", FieldId::connection},
    {"content-encoding", FieldId::content_encoding},
    {"content-length", FieldId::content_length},
    {"content-type", FieldId::content_type},
    {"cookie", FieldId::cookie},
    {"expect", FieldId::expect},
    {"forwarded", FieldId::forwarded},
    {"host", FieldId::host},
    {"http2-settings", FieldId::http2_settings},
    {"keep-alive", FieldId::keep_alive},
    {"origin", FieldId::origin},
    {"proxy-authenticate", FieldId::proxy_authenticate},
    {"proxy-authorization", FieldId::proxy_authorization},
    {"proxy-connection", FieldId::proxy_connection},
    {"referer", FieldId::referer},
    {"request-id", FieldId::request_id},
    {"sec-websocket-protocol", FieldId::sec_websocket_protocol},
    {"server", FieldId::server},
    {"set-cookie", FieldId::set_cookie},
    {"te", FieldId::te},
    {"trailer", FieldId::trailer},
    {"transfer-encoding", FieldId::transfer_encoding},
    {"upgrade", FieldId::upgrade},
    {"user-agent", FieldId::user_agent},
    {"via", FieldId::via},
    {"x-api-key", FieldId::x_api_key},
    {"x-forwarded-for", FieldId::x_forwarded_for},
    {"x-forwarded-host", FieldId::x_forwarded_host},
    {"x-forwarded-proto", FieldId::x_forwarded_proto},
    {"x-goog-api-key", FieldId::x_goog_api_key},
    {"x-request-id", FieldId::x_request_id},
};

// The multipliers were found by trying; that no two names share a place is checked below.
constexpr std::size_t kPlaces = 128;
constexpr std::size_t place_of(std::string_view name) {
  const auto folded = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c) | 0x20); };
  return (name.size() + 2 * folded(name.front()) + 23 * folded(name.back())) % kPlaces;
}

consteval std::array<Known, kPlaces> build() {
  std::array<Known, kPlaces> table{};
  for (const Known& one : kKnown) {
    if (!table[place_of(one.name)].name.empty()) throw "two field names share a place: choose other multipliers";
    table[place_of(one.name)] = one;
  }
  return table;
}
constexpr std::array<Known, kPlaces> kTable = build();
constexpr std::string_view kOurs = "x-spillway-";

// Whether `text` is `lower` but for capitals. In letters, digits and hyphens alike, setting one bit folds the case.
bool same_name(const char* text, std::string_view lower) {
  const auto same = [&](auto lanes, std::size_t at) {
    auto a = lanes, b = lanes;
    std::memcpy(&a, text + at, sizeof a);
    std::memcpy(&b, lower.data() + at, sizeof b);
    return (a | lanes) == b;
  };
  constexpr std::uint64_t kEight = 0x2020202020202020;
  constexpr std::uint32_t kFour = 0x20202020;
  const std::size_t n = lower.size();
  if (n < 4) {
    for (std::size_t i = 0; i < n; ++i) {
      if ((text[i] | 0x20) != lower[i]) return false;
    }
    return true;
  }
  if (n < 8) return same(kFour, 0) && same(kFour, n - 4);
  for (std::size_t at = 0; at + 8 < n; at += 8) {
    if (!same(kEight, at)) return false;
  }
  return same(kEight, n - 8);  // may overlap those before
}

}  // namespace

FieldId usual_field_id(std::string_view name) {
  const Known& known = kTable[place_of(name)];
  if (known.name.size() == name.size() && same_name(name.data(), known.name)) return known.id;
  return name.size() > kOurs.size() && same_name(name.data(), kOurs) ? FieldId::ours : FieldId::other;
}

FieldId field_id(std::string_view name) {
  if (name.empty()) return FieldId::other;
  const Known& known = kTable[place_of(name)];
  if (equal_lower(name, known.name)) return known.id;
  if (name.find('_') != name.npos) return FieldId::underscored;
  const bool ours = name.size() > kOurs.size() && equal_fold(name.substr(0, kOurs.size()), kOurs);
  return ours ? FieldId::ours : FieldId::other;
}

}  // namespace spillway
