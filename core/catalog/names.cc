#include "catalog/names.h"

#include <algorithm>
#include <span>

#include "base/ascii.h"

namespace spillway {

namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool has_any(const std::string& text, std::span<const std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return text.find(part) != text.npos; });
}

}  // namespace

std::string generated_name(std::string_view provider, std::string_view id) {
  std::string name = std::string(provider) + "/";
  for (const char c : id) name += c == '/' || c == ':' ? '-' : c;
  return name;
}

Result<std::string> NameTable::take(std::string_view provider, std::string_view id) {
  std::string name = generated_name(provider, id);
  const auto [owner, first] = owners_.try_emplace(name, std::string(id));
  if (first || owner->second == id) return name;
  return Error{Kind::invalid, Source::upstream, Retry::no,
               "the name " + name + " of " + std::string(id) + " belongs to " + owner->second + " already"};
}

std::string alias_name(std::string_view name) {
  while (!name.empty() && white(name.front())) name.remove_prefix(1);
  while (!name.empty() && white(name.back())) name.remove_suffix(1);
  std::string text = lowered(name);
  constexpr std::string_view kFree = ":free";
  for (std::size_t at = 0; (at = text.find(kFree, at)) != text.npos;) text.erase(at, kFree.size());
  std::string out;
  for (const char c : text) {
    const bool dash = c == '_' || c == '-' || white(c);
    if (!dash) out += c;
    if (dash && !out.ends_with('-')) out += '-';
  }
  return out;
}

std::int64_t output_limit(std::int64_t context) {
  constexpr std::int64_t kMost = 8'192, kUnknown = 4'096;
  return std::min(kMost, (context > 0 ? context : kUnknown) / 2);
}

bool is_extended(std::string_view id, ExtendedRule rule) {
  constexpr std::string_view kFirst[] = {":extended", "-extended", "32k", "64k", "128k"};
  constexpr std::string_view kLater[] = {":extended", "-extended", "-32k-", "-64k-", "-128k-", ":32k", ":64k", ":128k"};
  constexpr std::string_view kAlways[] = {"128k-online", "sonar"};  // kept, whatever else is in the id
  const std::string text = lowered(id);
  const bool marked = rule == ExtendedRule::first ? has_any(text, kFirst) : has_any(text, kLater);
  return marked && !has_any(text, kAlways);
}

}  // namespace spillway
