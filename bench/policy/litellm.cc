#include "litellm.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace spillway::simulation::litellm {

std::size_t pick(std::span<const double> weights, double u) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sum <= 0) return static_cast<std::size_t>(u * static_cast<double>(weights.size()));
  double cumulative = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    cumulative += weights[i];
    if (cumulative > u * sum) return i;
  }
  return weights.size() - 1;
}

bool may_cool(int status, std::string_view text) {
  if (text.find("APIConnectionError") != text.npos) return false;
  const bool client_error = status >= 400 && status < 500;
  return !client_error || status == 429 || status == 401 || status == 408 || status == 404;
}

bool cools_by_default(int status, std::string_view text, std::size_t group, std::size_t ok, std::size_t bad) {
  if (!may_cool(status, text)) return false;
  if (status == 429 && group > 1) return true;
  if (ok == 0 && bad >= 1000) return true;
  if (ok + bad >= 5 && bad > ok && group > 1) return true;
  return status == 401 || status == 404;
}

bool cools_counted(int status, std::string_view text, std::size_t earlier, std::size_t allowed) {
  return may_cool(status, text) && earlier + 1 > allowed;
}

bool retries(const Failed& failed) {
  if (failed.kind == Kind::context_window && failed.context_fallbacks) return false;
  if (failed.kind == Kind::content_policy && failed.content_fallbacks) return false;
  const int status = failed.status;
  const bool credential = status == 401 || status == 403;
  if (status != 408 && status != 409 && status != 429 && status < 500 && !credential) return false;
  if (failed.healthy == 0) return false;
  return !credential || failed.all > 1;
}

double wait_s(int retries, int left, std::size_t healthy, std::size_t all, double retry_after) {
  if (all != 1 && healthy > 0) return 0;
  if (retry_after > 0 && retry_after <= 60) return retry_after;
  return std::min(0.5 * std::exp2(retries - left), 8.0);
}

}  // namespace spillway::simulation::litellm
