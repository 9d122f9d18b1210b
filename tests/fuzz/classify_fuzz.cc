// Any head and body of a provider's answer through the error classifier, and every field value through the reader of
// waits. An input is "STATUS\nname: value\n...\n\nBODY"; its length moves the wall clock.
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "bytes.h"
#include "http/headers.h"
#include "llm/classify.h"

namespace spillway {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

void check_wait(std::string_view text, std::int64_t wall_ms) {
  const std::int64_t ms = parse_wait_ms(text, wall_ms);
  CHECK(ms >= -1);
  // Blanks around it say nothing, and nor does reading it twice.
  CHECK(parse_wait_ms(" " + std::string(text) + "\t", wall_ms) == ms || text.size() > 60);
}

void check_verdict(const Verdict& verdict, int status, std::int64_t wall_ms) {
  CHECK(static_cast<std::size_t>(verdict.fault) < kFaults);
  CHECK(!to_string(verdict.fault).empty());
  CHECK(verdict.fault != Fault::none || (status >= 200 && status < 300));
  CHECK(verdict.fault != Fault::client_gone);  // no provider can say that
  CHECK(verdict.retry_after_ms >= -1 && verdict.retry_after_ms <= 2 * kDayMs);
  CHECK(verdict.reset_unix_ms == -1 || verdict.reset_unix_ms >= wall_ms);
  CHECK(verdict.reset_unix_ms <= wall_ms + 2 * kDayMs);
  CHECK(verdict.limit >= -1 && verdict.remaining >= -1);
  const Consequence& then = consequence(verdict.fault);
  CHECK(verdict.fault != Fault::none || (!then.breaker && !then.next));
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  Bytes input(data, size);
  const std::int64_t wall_ms = 1'767'225'600'000 + static_cast<std::int64_t>(size) * 1'234'567;
  const std::string_view first = input.line();
  int status = 0;
  std::from_chars(first.data(), first.data() + first.size(), status);
  if (status < 200 || status > 599) status = 200 + (status & 0x7fffffff) % 400;  // what the reader lets through
  Headers headers;
  for (std::string_view line = input.line(); !line.empty() && headers.size() < 128; line = input.line()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    const std::string_view value = trim(line.substr(colon + 1));
    headers.add(line.substr(0, colon), value);
    check_wait(value, wall_ms);
  }
  const std::string_view body = input.rest();
  check_wait(body.substr(0, 70), wall_ms);
  const Verdict verdict = classify(status, headers, body, wall_ms);
  check_verdict(verdict, status, wall_ms);
  const Verdict again = classify(status, headers, body, wall_ms);
  CHECK(again.fault == verdict.fault && again.message == verdict.message);
  // Later the same instant is nearer, and a class does not depend on the clock.
  const Verdict later = classify(status, headers, body, wall_ms + 1000);
  CHECK(later.fault == verdict.fault);
  return 0;
}
