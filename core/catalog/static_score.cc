#include "catalog/static_score.h"

#include <algorithm>
#include <array>
#include <string>

#include "http/headers.h"

namespace spillway {

namespace {

struct Named {
  std::string_view name;
  int points;
};

// By the author's slug. Kimi's author is moonshotai, not moonshot, and gets the rest's points as in the original.
constexpr Named kAuthors[] = {
    {"openai", 50},     {"anthropic", 50},    {"google", 50},
    {"x-ai", 50},       {"deepseek", 38},     {"qwen", 38},
    {"meta-llama", 38}, {"mistralai", 38},    {"cohere", 38},
    {"nvidia", 38},     {"alibaba", 38},      {"microsoft", 28},
    {"01-ai", 28},      {"minimax", 28},      {"moonshot", 28},
    {"z-ai", 28},       {"nousresearch", 28}, {"ai21", 28},
    {"perplexity", 28}, {"liquid", 18},       {"cognitivecomputations", 18},
    {"venice", 18},     {"inflection", 18},
};
constexpr int kOtherAuthor = 15;

// By whose API a hand-written target speaks to.
constexpr Named kApis[] = {
    {"openai", 50},  {"azure", 50},   {"anthropic", 50},  {"google", 50},    {"gemini", 50},
    {"vertex", 50},  {"x-ai", 50},    {"xai", 50},        {"mistral", 38},   {"deepseek", 38},
    {"cohere", 38},  {"groq", 30},    {"together", 28},   {"fireworks", 28}, {"perplexity", 28},
    {"bedrock", 28}, {"minimax", 28}, {"openrouter", 25}, {"ollama", 12},    {"custom", 12},
};
constexpr int kOtherApi = 15, kOperatorTrust = 20;

// Small, derived, fast-but-worse or unfinished variants: marked once, however many of these a name has.
constexpr std::string_view kWeakMarks[] = {"-1b-", "-1.2b-", "-1.5b-",   "-2b-",   "-3b-",    "gemma-3n",
                                           "lfm-", "-base",  "-distill", ":nitro", "-preview"};
constexpr int kWeak = -10;

template <std::size_t N>
int points_of(const Named (&table)[N], std::string_view name, int otherwise) {
  const auto* found = std::find_if(table, table + N, [&](const Named& one) { return equal_fold(one.name, name); });
  return found == table + N ? otherwise : found->points;
}

int prestige_points(std::string_view id) {
  const std::size_t slash = id.find('/');
  return slash == id.npos ? 0 : points_of(kAuthors, id.substr(0, slash), kOtherAuthor);
}

bool contains_fold(std::string_view text, std::string_view part) {
  for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
    if (equal_fold(text.substr(at, part.size()), part)) return true;
  }
  return false;
}

int slug_points(std::string_view id) {
  const bool weak = std::any_of(std::begin(kWeakMarks), std::end(kWeakMarks),
                                [&](std::string_view mark) { return contains_fold(id, mark); });
  return weak ? kWeak : 0;
}

int capability_points(const CatalogModel& model) {
  const bool tools = model.takes("tools");
  const bool formats = model.takes("structured_outputs") || model.takes("response_format");
  const bool reasons = model.takes("reasoning") || model.takes("include_reasoning");
  return (tools ? 2 : 0) + (formats ? 2 : 0) + (reasons ? 1 : 0);
}

}  // namespace

int recency_points(std::int64_t created_s, std::int64_t now_s) {
  constexpr std::int64_t kDay = 86'400;
  if (created_s <= 0 || now_s <= 0) return 0;
  const std::int64_t days = now_s > created_s ? (now_s - created_s) / kDay : 0;
  constexpr std::array<std::array<int, 2>, 6> kSteps = {
      {{60, 20}, {180, 16}, {365, 12}, {540, 9}, {730, 6}, {1095, 3}}};
  for (const auto& [most, points] : kSteps) {
    if (days <= most) return points;
  }
  return 0;
}

int price_points(double usd_per_token) {
  const double per_million = usd_per_token * 1'000'000;
  constexpr struct {
    double least;
    int points;
  } kSteps[] = {{20, 15}, {5, 12}, {1, 9}, {0.3, 6}, {0.05, 4}};
  for (const auto& step : kSteps) {
    if (per_million >= step.least) return step.points;
  }
  return per_million > 0 ? 2 : 0;
}

int context_points(std::int64_t context) {
  constexpr struct {
    std::int64_t least;
    int points;
  } kSteps[] = {{1'000'000, 10}, {400'000, 8}, {200'000, 6}, {128'000, 4}, {100'000, 2}};
  for (const auto& step : kSteps) {
    if (context >= step.least) return step.points;
  }
  return 0;
}

int StaticParts::total() const {
  return std::clamp(prestige + recency + price + context + capabilities + slug, 0, 100);
}

StaticParts static_parts(const CatalogModel& model, std::int64_t now_s) {
  StaticParts parts;
  parts.prestige = prestige_points(model.id);
  parts.recency = recency_points(model.created, now_s);
  parts.price = price_points(model.prompt.usd + model.completion.usd);
  parts.context = context_points(model.context);
  parts.capabilities = capability_points(model);
  parts.slug = slug_points(model.id);
  return parts;
}

int score_by_hand(const ChosenByHand& target) {
  const int points = points_of(kApis, target.api, kOtherApi) + kOperatorTrust + price_points(target.usd_per_token) +
                     context_points(target.context) + slug_points(target.model);
  return std::clamp(points, 0, 100);
}

}  // namespace spillway
