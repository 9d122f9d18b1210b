// Private to policy/: the functions behind spw_host, by subject. Each checks that it may be called now, then every
// index, pointer and length it was given; what a plugin passes is input like any other.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "policy/call.h"

namespace spillway::abi {

inline spw_str out(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view in(spw_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}
// A string with a length of its own that says what it claims: no null pointer with a length, not above `most`.
inline bool sane(spw_str text, std::size_t most) { return text.len <= most && (text.ptr != nullptr || text.len == 0); }
inline bool sane_key(spw_str key) { return key.len > 0 && sane(key, 256); }

// host_request.cc
spw_str text(const spw_call*, spw_fact);
std::int64_t number(const spw_call*, spw_fact);
spw_str header(const spw_call*, const char* name);
std::int32_t reply(spw_call*, std::int32_t status, spw_str type, spw_str body);
std::int32_t replay(spw_call*, spw_str blob, std::int64_t age_ms);
std::int32_t set_upstream_header(spw_call*, const char* name, spw_str value);
std::int32_t set_answer_header(spw_call*, const char* name, spw_str value);
std::int32_t note(spw_call*, const char* name, spw_str value);
std::int32_t capture(spw_call*, std::int64_t bytes_max);
std::int32_t fingerprint(spw_call*, spw_list without, std::uint8_t* digest);

// host_plan.cc
std::size_t candidates(const spw_call*);
spw_str candidate_text(const spw_call*, std::size_t i, spw_fact);
std::int64_t candidate_number(const spw_call*, std::size_t i, spw_fact);
double candidate_real(const spw_call*, std::size_t i, spw_fact);
std::int32_t exclude(spw_call*, std::size_t i, std::int32_t why, std::int64_t wait_ms, spw_str reason);
std::int32_t readmit(spw_call*, std::size_t i);
std::int32_t set_rank(spw_call*, std::size_t i, std::int64_t rank);
std::int32_t set_weight(spw_call*, std::size_t i, double weight);

// host_state.cc
std::uint64_t* cells(spw_call*, spw_str name, std::size_t n);
std::uint64_t* candidate_cells(spw_call*, std::size_t i, std::int32_t scope, std::size_t n);
std::int32_t state_get(spw_call*, spw_str key, spw_str* value, std::int64_t* age_ms);
std::int32_t state_lead(spw_call*, spw_str key, spw_str* value, std::int64_t* age_ms);
std::int32_t state_put(spw_call*, spw_str key, spw_str value, std::int64_t ttl_ms);
std::int32_t state_drop(spw_call*, spw_str key);
std::int32_t state_bytes(spw_call*, std::int64_t bytes_max);
std::int32_t save(spw_call*, spw_str key, spw_str value);
std::int32_t load(spw_call*, spw_str key, spw_str* value);
spw_str provider_text(const spw_call*, std::size_t i, spw_fact);

}  // namespace spillway::abi
