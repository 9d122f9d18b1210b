// One classifier for whatever can go wrong with an attempt (semantics.md section 11): status, headers, body or stream
// frame in, an error class with its consequences out. Everything that routes, cools or counts asks this table.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

class Headers;

// Rows of section 11, same numbers; the plugin ABI's SPW_E_* are these.
enum class Fault : std::uint8_t {
  none = 0,
  client_gone = 1,
  free_day_quota = 2,
  free_minute_quota = 3,
  in_flight_budget = 4,
  no_credit = 5,
  rate_limited = 6,
  context_length = 7,
  content_policy = 8,
  auth = 9,
  unsupported = 10,
  not_found = 11,
  bad_request = 12,
  timeout = 13,
  transient = 14,
  mid_stream = 15,
};
inline constexpr std::size_t kFaults = 16;
std::string_view to_string(Fault fault);

// What the class means for routing. Data, one row each.
struct Consequence {
  bool same_again;     // the same candidate may be tried once more
  bool next;           // another candidate of this tier may be tried
  bool other_account;  // ... but only of another account (or key)
  bool spill;          // a later tier may be tried (subject to the route's spill rule)
  bool bigger_window;  // only candidates with a larger context window
  bool breaker;        // a breaker counts it
};
const Consequence& consequence(Fault fault);

struct Verdict {
  Fault fault = Fault::none;
  int status = 0;                    // the provider's, or the `code` inside a 2xx body; 0: transport
  std::int64_t retry_after_ms = -1;  // how long it asks to wait (N-1 forms, clamped to 0..24 h, 48 h for day quotas)
  std::int64_t reset_unix_ms = -1;   // when a quota opens again, if it said so
  std::int64_t limit = -1, remaining = -1;  // of the quota it speaks of
  std::string message;                      // the provider's words, for the client on 4xx and for the log; not redacted
  // How long to leave it alone: what it asks for or, where a quota is spent, until that opens; -1: it did not say.
  std::int64_t wait_ms(std::int64_t wall_ms) const;
};

// `body` is a complete answer or one stream event's data (possibly empty). `wall_ms` turns instants into durations.
// A 2xx without an error inside is Fault::none.
Verdict classify(int status, const Headers& headers, std::string_view body, std::int64_t wall_ms);
// Transport failures: timeouts are Fault::timeout, everything else transient.
Verdict classify(const Error& error);

// N-1: seconds, 1h2m3.5s, 500ms, HTTP date, RFC 3339, epoch s or ms -> milliseconds from wall_ms; -1 if unreadable or
// negative. Not clamped.
std::int64_t parse_wait_ms(std::string_view text, std::int64_t wall_ms);

}  // namespace spillway
