// What policies read of the plan of candidates and change in it.
#include <algorithm>

#include "policy/host_parts.h"

namespace spillway::abi {

namespace {

constexpr double kWeightMax = 1e9;
constexpr std::int64_t kWaitMsMax = std::int64_t{366} * 24 * 3600 * 1000;  // nobody waits for longer

Candidate* candidate_at(const spw_call* call, std::size_t i, std::uint32_t hooks, const char* function) {
  HostCall* host = HostCall::admit(call, hooks, function);
  if (host == nullptr) return nullptr;
  if (i < host->plan().candidates.size()) return &host->plan().candidates[i];
  host->refuse(function, "no such candidate");
  return nullptr;
}

HostCall* host_of(const spw_call* call) { return static_cast<HostCall*>(call->internal); }  // admitted already

// Facts of quotas are numbered from SPW_C_QUOTA(0, 0), 16 for each.
constexpr spw_fact kQuotaFacts = 16, kFirstQuotaFact = SPW_C_QUOTA(0, 0);

const QuotaRule* rule_of(const Candidate& one, spw_fact fact) {
  if (fact < kFirstQuotaFact) return nullptr;
  const auto at = static_cast<std::size_t>(fact - kFirstQuotaFact) / kQuotaFacts;
  return at < one.quotas.size() ? &one.quotas[at] : nullptr;
}

std::int64_t quota_number(const QuotaRule& rule, spw_fact fact) {
  switch ((fact - kFirstQuotaFact) % kQuotaFacts) {
    case SPW_Q_SCOPE: return rule.scope;
    case SPW_Q_RPM: return rule.rpm;
    case SPW_Q_RPD: return rule.rpd;
    case SPW_Q_TPM: return rule.tpm;
    case SPW_Q_TPD: return rule.tpd;
    case SPW_Q_RESET_MS: return rule.reset_ms;
    default: return 0;
  }
}

}  // namespace

std::size_t candidates(const spw_call* call) {
  HostCall* host = HostCall::admit(call, kInRequest, "candidates");
  return host == nullptr ? 0 : host->plan().candidates.size();
}

spw_str unfit(const spw_call* call, const Candidate& one) {
  HostCall& host = *static_cast<HostCall*>(call->internal);
  std::string why = unfit_for(one, host.plan().demand);
  spw_str text{};
  if (!why.empty()) host.keep(std::make_shared<const std::string>(std::move(why)), &text);  // why: see keep()
  return text;
}

spw_str candidate_text(const spw_call* call, std::size_t i, spw_fact fact) {
  const Candidate* one = candidate_at(call, i, kInRequest, "candidate_text");
  if (one == nullptr) return {};
  if (const QuotaRule* rule = rule_of(*one, fact))
    return fact == SPW_C_QUOTA(rule - one->quotas.data(), SPW_Q_NAME) ? out(rule->name) : spw_str{};
  switch (fact) {
    case SPW_C_UNFIT: return unfit(call, *one);
    case SPW_C_PROVIDER: return out(one->provider);
    case SPW_C_MODEL: return out(one->model);
    case SPW_C_ACCOUNT: return out(one->account);
    case SPW_C_TIER: return out(one->tier);
    case SPW_C_KEY_INFO: return out(one->key_info);
    default: return {};
  }
}

std::int64_t candidate_number(const spw_call* call, std::size_t i, spw_fact fact) {
  const Candidate* one = candidate_at(call, i, kInRequest, "candidate_number");
  if (one == nullptr) return 0;
  if (const QuotaRule* rule = rule_of(*one, fact)) return quota_number(*rule, fact);
  switch (fact) {
    case SPW_C_TIER_INDEX: return one->tier_index;
    case SPW_C_RANK: return one->rank;
    case SPW_C_FREE: return one->free;
    case SPW_C_CONTEXT: return one->context;
    case SPW_C_TOOLS: return one->tools;
    case SPW_C_VISION: return one->vision;
    case SPW_C_IN_FLIGHT: return one->in_flight;
    case SPW_C_LATENCY_US: return one->latency_us;
    case SPW_C_EXCLUDED: return one->excluded;
    case SPW_C_TRIED: return one->tries;
    case SPW_C_LIMIT_RPM: return one->limit_rpm;
    case SPW_C_LIMIT_RPD: return one->limit_rpd;
    case SPW_C_QUALITY: return one->quality;
    case SPW_C_HEALTH: return one->health;
    case SPW_C_QUOTAS: return static_cast<std::int64_t>(one->quotas.size());
    default: return 0;
  }
}

double candidate_real(const spw_call* call, std::size_t i, spw_fact fact) {
  const Candidate* one = candidate_at(call, i, kInRequest, "candidate_real");
  if (one == nullptr) return 0;
  switch (fact) {
    case SPW_C_WEIGHT: return one->weight;
    case SPW_C_PRICE_IN: return one->price_in;
    case SPW_C_PRICE_OUT: return one->price_out;
    default: return 0;
  }
}

std::int32_t exclude(spw_call* call, std::size_t i, std::int32_t why, std::int64_t wait_ms, spw_str reason) {
  if (candidate_at(call, i, kPlanning, "exclude") == nullptr) return -1;
  HostCall* host = host_of(call);
  if (why < SPW_X_POLICY || why > SPW_X_UNFIT) return host->refuse("exclude", "why is no SPW_X_");
  // Only the front of a long reason is looked at, so its length needs no other limit.
  const std::string_view shown = in(reason).substr(0, 200);
  return host->plan().exclude(i, host->by(), static_cast<Out>(why), std::clamp<std::int64_t>(wait_ms, -1, kWaitMsMax),
                              shown)
             ? 0
             : -1;
}

std::int32_t readmit(spw_call* call, std::size_t i) {
  if (candidate_at(call, i, kPlanning, "readmit") == nullptr) return -1;
  HostCall* host = host_of(call);
  if (!host->plan().readmit(i, host->by())) return -1;  // not this plugin's exclusion; asking is no mistake
  host->set_readmitted();
  return 0;
}

std::int32_t set_rank(spw_call* call, std::size_t i, std::int64_t rank) {
  Candidate* one = candidate_at(call, i, kPlanning, "set_rank");
  if (one == nullptr) return -1;
  one->rank = rank;
  return 0;
}

std::int32_t set_weight(spw_call* call, std::size_t i, double weight) {
  Candidate* one = candidate_at(call, i, kPlanning, "set_weight");
  if (one == nullptr) return -1;
  if (!(weight >= 0 && weight <= kWeightMax)) return host_of(call)->refuse("set_weight", "a weight must be 0..1e9");
  one->weight = weight;
  return 0;
}

}  // namespace spillway::abi
