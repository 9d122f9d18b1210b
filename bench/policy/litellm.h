// LiteLLM's routing rules as pure functions, by the numbers of the project's research (L-2 to L-10). Written from those
// rules, for comparison; tests hold them against the same table that the oracle of the catalogue made.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace spillway::simulation::litellm {

// L-2, simple-shuffle: the first whose cumulative weight exceeds u x sum; without any weight all alike.
std::size_t pick(std::span<const double> weights, double u);

// L-4: which failures can cool a deployment at all.
bool may_cool(int status, std::string_view text);

// L-5: the default rule; ok and bad of the last minute include this failure.
bool cools_by_default(int status, std::string_view text, std::size_t group, std::size_t ok, std::size_t bad);

// L-6: the counted rule, with allowed_fails given.
bool cools_counted(int status, std::string_view text, std::size_t earlier, std::size_t allowed);

// L-7: is the same group asked again? (That a rate limit without a healthy deployment goes to the fallbacks is part of
// the last test: without one nobody is asked again.)
enum class Kind { other, context_window, content_policy };
struct Failed {
  int status = 0;  // 0: there was no deployment to ask
  Kind kind = Kind::other;
  std::size_t healthy = 0, all = 0;
  bool context_fallbacks = false, content_fallbacks = false;  // lists for those kinds are set
};
bool retries(const Failed& failed);

// L-8: seconds to wait before that, less the jitter of 0 to 0.75 s, which only those who wait have. retry_after -1:
// not told.
double wait_s(int retries, int left, std::size_t healthy, std::size_t all, double retry_after);

}  // namespace spillway::simulation::litellm
