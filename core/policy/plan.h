// The plan of one request: who could answer, in which order, and who is out and why. Pure logic, no sockets.
//
// pick() takes the first tier with an admissible candidate, inside it the lowest rank, among equals a weighted draw
// (semantics.md L-2, T-4). after() applies the consequences of a failed attempt (section 11, T-1).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/classify.h"
#include "policy/fit.h"

namespace spillway {

// Why a candidate is out; the ABI's SPW_X_*.
enum class Out : std::uint8_t { policy = 0, broken, throttled, quota, credential, unfit };
std::string_view to_string(Out why);

// One limit of a provider's, as configured. Whoever shares it has it under the same name.
struct QuotaRule {
  std::string name;
  int scope = 1;  // the ABI's SPW_Q_SCOPE
  std::int64_t rpm = 0, rpd = 0, tpm = 0, tpd = 0, reset_ms = 0;
};
inline constexpr int kScopeProject = 3;  // from here on a quota is one model's

struct Candidate {
  // From the config generation, which outlives the request.
  std::string_view provider, model, account, tier;
  std::uint64_t target_id = 0, key_id = 0, account_id = 0;  // stable over reloads
  std::uint32_t target = 0;                                 // index into the generation's targets
  int tier_index = 0;
  bool free = false;
  bool trains = false;       // on prompts, as its provider says
  bool asks_policy = false;  // is told the route's data policy in the request
  std::int64_t context = 0;
  int tools = -1, vision = -1, response_format = -1;  // 1 yes, 0 no, -1 unknown
  Parameters lacks = 0;                               // of those known, what it does not take
  int quality = -1, health = -1;                      // 0 to 100; -1 unknown
  std::int64_t limit_rpm = 0, limit_rpd = 0;
  std::span<const QuotaRule> quotas;  // widest scope first
  std::string_view key_info;          // what to fetch to be told of its quota
  double price_in = -1, price_out = -1;
  double weight = 1;
  std::int64_t rank = 0;
  // Live figures, as of the start of the request.
  std::int64_t in_flight = 0, latency_us = 0;
  // State of the plan.
  std::uint8_t tries = 0;
  bool again = false;    // may be tried once more although tried (rule 14)
  bool broke = false;    // an attempt on it ended as in rules 13 and 14
  bool suspect = false;  // so did others of its account: it is probably the provider that is down
  bool excluded = false;
  std::uint8_t excluded_by = 0;  // 0: the host; else 1 + index of the policy in the chain
  Out why = Out::policy;
  std::int64_t wait_ms = -1;
  std::string reason;
};

enum class Spill : std::uint8_t { never, exhausted };  // exhausted: unless the route's rules forbid it, see spill.h

class Plan {
 public:
  struct Budget {
    int attempts = 4;       // T-1; the last one is the last tier's
    int free_attempts = 3;  // on one account's free models
  };
  std::vector<Candidate> candidates;
  Demand demand;
  Spill spill = Spill::exhausted;
  Budget budget;
  bool content_policy_fallbacks = false;

  // With spill = never, or when a rule forbids it (the reason), all behind the first tier is out and stays out.
  void begin(std::string_view forbidden = {});
  // nullopt: nobody is left, or the budget is spent. `u` in [0, 1).
  std::optional<std::size_t> pick(double u) const;
  void started(std::size_t i);  // an attempt on i was sent
  // An attempt failed before any content: marks who may still be tried. Rule 14 repeats one candidate once per request.
  void after(std::size_t i, Fault fault);
  bool exclude(std::size_t i, std::uint8_t by, Out why, std::int64_t wait_ms, std::string_view reason);
  bool readmit(std::size_t i, std::uint8_t by);
  int attempts() const { return attempts_; }

  // When nobody answered: are all that are out only throttled or out of quota (429, else 503), and the soonest wait.
  bool all_throttled() const;
  std::int64_t soonest_wait_ms() const;  // -1: nobody knows
  // Who is out and why, for people: "groq/llama: open, next try in 12 s; ...". At most kReasonsBytes and one entry.
  enum class Of : std::uint8_t { all, untried };
  std::string reasons(Of which) const;

 private:
  bool admissible(const Candidate& candidate) const;
  int first_tier() const;
  bool passed_over(const Candidate& candidate, int from) const;
  std::int64_t free_tries(std::uint64_t account_id) const;
  void note_broken(Candidate& failed);
  void exclude_account_of(const Candidate& failed, Fault fault);
  int attempts_ = 0;
  bool repeated_ = false;         // rule 14's one repetition is over
  bool stopped_ = false;          // a class that allows no further candidate
  std::int64_t window_over_ = 0;  // after context_length: only larger windows
};

}  // namespace spillway
