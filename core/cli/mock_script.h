// What the synthetic provider does with a request, as a list of steps. The model's name says it: `ok`, `sse-20-50ms`,
// `status-503`, `reset-midstream` and so on (mock_help() lists them). A path in front ("vendor/ok"), a variant behind
// ("ok:free") are ignored, so that the same behaviours can stand for many models. Pure: no sockets, no clock.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/dice.h"
#include "json/scan.h"

namespace spillway {

struct MockStep {
  enum class What : std::uint8_t {
    send,   // bytes, at once
    drip,   // bytes, one every `ms`
    wait,   // ms
    hang,   // nothing more, until the other side leaves
    reset,  // RST
    fin,    // FIN: the connection ends here
  } what = What::send;
  std::string bytes = {};
  std::uint32_t ms = 0;
};

struct MockRequest {
  std::string method, path;
  std::string body;
  bool authorized = true;
  bool anthropic = false;  // its head names a version of Anthropic's API
  std::string query = {};
};

struct MockAsk;
struct MockPlace;

class MockScript {
 public:
  // `free_per_day`: the account's free models (":free") answer so many requests, then 429 as the day's quota is spent.
  explicit MockScript(std::uint64_t seed, std::uint64_t free_per_day = 0) : dice_(seed), free_per_day_(free_per_day) {}
  // The steps, last first undone: an answer without reset, hang or fin leaves the connection usable.
  std::vector<MockStep> answer(const MockRequest& request, std::int64_t wall_ms);
  std::uint64_t asked(const std::string& model) const;  // how often
  const std::unordered_map<std::string, std::uint64_t>& asked() const { return asked_; }
  void forget();  // as new

 private:
  bool fails(std::string_view behaviour, std::uint64_t times);
  std::vector<MockStep> key_answer();
  std::vector<MockStep> behave(const MockAsk& ask, std::int64_t wall_ms);
  std::vector<MockStep> limited(const MockAsk& ask, std::int64_t wall_ms);
  Dice dice_;
  JsonScanner scanner_;
  std::unordered_map<std::string, std::uint64_t> asked_;
  std::unordered_map<std::string, std::int64_t> windows_;  // of limit-N-SECONDS: when each is whole again, wall ms
  std::uint64_t number_ = 0;
  const std::uint64_t free_per_day_;
  std::uint64_t free_used_ = 0;
};

std::string mock_help();  // a line per behaviour

}  // namespace spillway
