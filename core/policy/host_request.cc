// What policies read of a request and do to its answer.
#include <cstring>

#include "http/syntax.h"
#include "policy/host_parts.h"

namespace spillway::abi {

namespace {

constexpr std::size_t kNameBytes = 64, kValueBytes = 4096, kReplyBytes = 8u << 20, kBlobBytes = 64u << 20;
constexpr std::size_t kWithoutMax = 64;

bool token(const char* name) {
  if (name == nullptr) return false;
  const std::string_view text(name, ::strnlen(name, kNameBytes + 1));
  return text.size() <= kNameBytes && is_token(text);
}

// A field value that stays one field.
bool field_value(spw_str value) {
  if (!sane(value, kValueBytes)) return false;
  for (const char c : in(value)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) return false;
  }
  return true;
}

using Setter = bool (Subject::*)(std::string_view, std::string_view);

std::int32_t set_field(const spw_call* call, std::uint32_t hooks, const char* function, Setter set, const char* name,
                       spw_str value) {
  HostCall* host = HostCall::admit(call, hooks, function);
  if (host == nullptr) return -1;
  if (!token(name)) return host->refuse(function, "the name is no token of 1 to 64 bytes");
  if (!field_value(value)) return host->refuse(function, "the value has control characters or is above 4096 bytes");
  return (host->subject().*set)(name, in(value))
             ? 0
             : host->refuse(function, "the name is reserved, or there are too many");
}

}  // namespace

spw_str text(const spw_call* call, spw_fact fact) {
  HostCall* host = HostCall::admit(call, kInRequest, "text");
  return host == nullptr ? spw_str{} : out(host->subject().text(fact));
}

std::int64_t number(const spw_call* call, spw_fact fact) {
  HostCall* host = HostCall::admit(call, kInRequest, "number");
  return host == nullptr ? 0 : host->subject().number(fact);
}

spw_str header(const spw_call* call, const char* name) {
  HostCall* host = HostCall::admit(call, kInRequest, "header");
  return host == nullptr || !token(name) ? spw_str{} : out(host->subject().header(name));
}

std::int32_t reply(spw_call* call, std::int32_t status, spw_str type, spw_str body) {
  HostCall* host = HostCall::admit(call, kDeciding, "reply");
  if (host == nullptr) return -1;
  if (!field_value(type) || !sane(body, kReplyBytes)) return host->refuse("reply", "type or body is not usable");
  if (!host->subject().reply(status, in(type), in(body))) return host->refuse("reply", "the status must be 200..599");
  host->set_replied();
  return 0;
}

std::int32_t replay(spw_call* call, spw_str blob, std::int64_t age_ms) {
  HostCall* host = HostCall::admit(call, kDeciding, "replay");
  if (host == nullptr) return -1;
  if (!sane(blob, kBlobBytes)) return host->refuse("replay", "the blob is above 64 MiB");
  // No complaint: a blob may be of another version, or not convertible to what this client asked for.
  if (!host->subject().replay(in(blob), age_ms < 0 ? 0 : age_ms)) return -1;
  host->set_replied();
  return 0;
}

std::int32_t set_upstream_header(spw_call* call, const char* name, spw_str value) {
  return set_field(call, kPlanning, "set_upstream_header", &Subject::set_upstream_header, name, value);
}

std::int32_t set_answer_header(spw_call* call, const char* name, spw_str value) {
  return set_field(call, kPlanning | bit(Hook::content), "set_answer_header", &Subject::set_answer_header, name, value);
}

std::int32_t note(spw_call* call, const char* name, spw_str value) {
  return set_field(call, kInRequest, "note", &Subject::note, name, value);
}

std::int32_t capture(spw_call* call, std::int64_t bytes_max) {
  HostCall* host = HostCall::admit(call, kDeciding, "capture");
  if (host == nullptr) return -1;
  if (bytes_max <= 0 || !host->subject().capture(bytes_max)) return host->refuse("capture", "bytes_max is not usable");
  return 0;
}

std::int32_t fingerprint(spw_call* call, spw_list without, std::uint8_t* digest) {
  HostCall* host = HostCall::admit(call, kInRequest, "fingerprint");
  if (host == nullptr) return -1;
  if (digest == nullptr || without.len > kWithoutMax || (without.ptr == nullptr && without.len > 0)) {
    return host->refuse("fingerprint", "no room for the digest, or a bad list");
  }
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < without.len; ++i) {
    if (!sane(without.ptr[i], kValueBytes)) return host->refuse("fingerprint", "a bad name in the list");
    names.push_back(in(without.ptr[i]));
  }
  const std::optional<Digest> sum = host->subject().fingerprint(names);
  if (!sum) return -1;  // the body is no JSON: no mistake of the plugin's
  std::memcpy(digest, sum->data(), sum->size());
  return 0;
}

}  // namespace spillway::abi
