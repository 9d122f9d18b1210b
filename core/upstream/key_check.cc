#include "upstream/key_check.h"

#include <algorithm>
#include <cstdio>

#include "base/ascii.h"
#include "base/log.h"
#include "conf/presets.h"
#include "http/headers.h"
#include "http/url.h"
#include "json/scan.h"

namespace spillway {

namespace {

constexpr std::size_t kSaidMax = 4096;  // of a refusal, looked through for the word
constexpr std::size_t kLevels = 4;      // of an answer, which may be a long list of models

// "API key not valid", "Incorrect API key provided": Gemini and xAI say so with a 400.
bool blames_key(std::string_view body) {
  constexpr std::string_view kWord = "api key";
  body = body.substr(0, kSaidMax);
  const auto at = std::search(body.begin(), body.end(), kWord.begin(), kWord.end(), [](char a, char b) {
    return equal_fold({&a, 1}, {&b, 1});
  });
  return at != body.end();
}

std::string money(double amount) {
  char text[48];
  std::snprintf(text, sizeof text, "%.2f", amount);
  return text;
}

// A text of theirs where nothing but figures or a currency can be: what else stands in it is dropped.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 24)) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-') out += c;
  }
  return out;
}

// OpenRouter's GET /key (O-4).
std::string openrouter_left(const JsonValue& key) {
  std::string left;
  if (key["limit_remaining"].is(JsonType::number)) {
    left = money(key["limit_remaining"].number(0));
    if (key["limit"].is(JsonType::number)) left += " of " + money(key["limit"].number(0));
    left += " USD";
  }
  const JsonValue& day = key["free_model_daily_requests"];
  if (const std::int64_t free = day["remaining"].integer(-1); free >= 0) {
    left.append(left.empty() ? "" : ", ").append(std::to_string(free));
    if (const std::int64_t limit = day["limit"].integer(-1); limit >= 0) left += " of " + std::to_string(limit);
    left += " free requests today";
  }
  return left;
}

// DeepSeek's GET /user/balance: an amount for each currency, as text.
std::string deepseek_left(const JsonValue& answer) {
  std::string left;
  for (const JsonValue& one : answer["balance_infos"].items) {
    left.append(left.empty() ? "" : ", ").append(plain(one["total_balance"].string()));
    left.append(" ").append(plain(one["currency"].string()));
  }
  if (!left.empty() && !answer["is_available"].boolean(true)) left += ", too little to be answered";
  return left;
}

}  // namespace

bool has_key(const Endpoint& endpoint) {
  if (!endpoint.credential.empty()) return true;
  for (const std::string_view name : {"authorization", "api-key", "x-api-key", "x-goog-api-key"}) {
    if (!endpoint.header(name).empty()) return true;
  }
  return false;
}

std::string key_check_url(const ProviderConfig& provider, const Endpoint& endpoint) {
  const Preset& preset = preset_of(provider, endpoint.url.host);
  if (preset.key_check.empty()) return {};
  const bool elsewhere = preset.key_check.find("://") != std::string_view::npos;
  if (elsewhere && endpoint.url.host != preset_host(preset)) return {};
  return url_of_link(provider.base_url, preset.key_check);
}

KeyWord key_word(int status, std::string_view body) {
  using Is = KeyWord::Is;
  const std::string number = std::to_string(status);
  if (status == 0) return {Is::unclear, redact(body), {}};
  // Nothing else can be wrong with a GET that has no parameters.
  if (status == 401 || status == 403 || (status == 400 && blames_key(body))) return {Is::refused, number, {}};
  if (status == 402) return {Is::accepted, {}, "no credit"};
  if (status < 200 || status > 299) return {Is::unclear, "HTTP " + number, {}};
  const Result<JsonValue> json = parse_json(body, kLevels);
  if (!json) return {Is::unclear, "its answer is no JSON", {}};
  for (const std::string_view name : {"api_key_blocked", "api_key_disabled", "team_blocked"}) {  // xAI's GET /api-key
    if ((*json)[name].boolean(false)) return {Is::refused, std::string(name), {}};
  }
  std::string left = openrouter_left((*json)["data"]);
  if (left.empty()) left = deepseek_left(*json);
  return {Is::accepted, {}, left};
}

}  // namespace spillway
