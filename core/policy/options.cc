// Reads option tables. A fallback is TOML, but only its simplest literals; toml++ stays in conf/.
#include "policy/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/nearest.h"
#include "base/number.h"

namespace spillway {

namespace {

constexpr std::size_t kOptionNameBytes = 64;

struct Width {
  std::size_t bytes, align;
};

Width width_of(std::int32_t type) {
  switch (type) {
    case SPW_BOOL: return {sizeof(std::int32_t), alignof(std::int32_t)};
    case SPW_INT:
    case SPW_MS: return {sizeof(std::int64_t), alignof(std::int64_t)};
    case SPW_NUM: return {sizeof(double), alignof(double)};
    case SPW_TEXT: return {sizeof(spw_str), alignof(spw_str)};
    case SPW_TEXTS: return {sizeof(spw_list), alignof(spw_list)};
    default: return {0, 1};
  }
}

template <typename T>
std::optional<T> number_in(std::string_view text) {
  if constexpr (std::is_same_v<T, double>) return read_real(text);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A quoted TOML string without escapes, taken from the front.
std::optional<std::string> quoted(std::string_view& text) {
  if (text.empty() || text[0] != '"') return std::nullopt;
  const std::size_t end = text.find('"', 1);
  if (end == text.npos) return std::nullopt;
  std::string value(text.substr(1, end - 1));
  if (value.find('\\') != std::string::npos) return std::nullopt;
  text.remove_prefix(end + 1);
  return value;
}

std::string_view without_space(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A fallback in TOML syntax: true, 12, 0.5, "text", ["a", "b"].
using Parsed = std::optional<OptionValue>;

Parsed parse_fallback(std::int32_t type, std::string_view text) {
  text = without_space(text);
  switch (type) {
    case SPW_BOOL:
      if (text == "true" || text == "false") return Parsed(std::in_place, text == "true");
      return std::nullopt;
    case SPW_INT:
    case SPW_MS:
      if (const auto value = number_in<std::int64_t>(text)) return Parsed(std::in_place, *value);
      return std::nullopt;
    case SPW_NUM:
      if (const auto value = number_in<double>(text)) return Parsed(std::in_place, *value);
      return std::nullopt;
    case SPW_TEXT:
      if (auto value = quoted(text); value && text.empty()) return Parsed(std::in_place, std::move(*value));
      return std::nullopt;
    default: break;
  }
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = without_space(text.substr(1, text.size() - 2));
  std::vector<std::string> list;
  while (!text.empty()) {
    auto value = quoted(text);
    if (!value) return std::nullopt;
    list.push_back(*value);
    text = without_space(text);
    if (text.empty()) break;
    if (text.front() != ',') return std::nullopt;
    text = without_space(text.substr(1));
  }
  return Parsed(std::in_place, std::move(list));
}

std::string type_name(std::int32_t type) {
  switch (type) {
    case SPW_BOOL: return "true or false";
    case SPW_INT: return "a whole number";
    case SPW_MS: return "a whole number of milliseconds";
    case SPW_NUM: return "a number";
    case SPW_TEXT: return "a string";
    default: return "an array of strings";
  }
}

// What is wrong with `value` for this option; empty: nothing. Whole numbers are welcome where a number is asked for.
std::string wrong(const spw_option& option, OptionValue& value) {
  if (option.type == SPW_NUM && std::holds_alternative<std::int64_t>(value)) {
    value = static_cast<double>(std::get<std::int64_t>(value));
  }
  // By type: its place in OptionValue. Checked against width_of() before, so in range.
  constexpr std::size_t kPlace[] = {0, 1, 2, 3, 1, 4};
  if (value.index() != kPlace[option.type]) return "must be " + type_name(option.type);
  if (const auto* real = std::get_if<double>(&value); real != nullptr && !std::isfinite(*real)) return "must be finite";
  if (option.min == 0 && option.max == 0) return {};
  double size = 0;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) size = static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) size = *real;
  if (const auto* text = std::get_if<std::string>(&value)) size = static_cast<double>(text->size());
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) size = static_cast<double>(list->size());
  if (std::holds_alternative<bool>(value) || (size >= option.min && size <= option.max)) return {};
  const std::string what = option.type == SPW_TEXT || option.type == SPW_TEXTS ? "its length must be " : "must be ";
  return what + real_text(option.min) + ".." + real_text(option.max);
}

void store(Policy& policy, const spw_option& option, const OptionValue& value) {
  unsigned char* at = policy.conf.data() + option.offset;
  const auto put = [&](const auto& field) { std::memcpy(at, &field, sizeof field); };
  if (const auto* flag = std::get_if<bool>(&value)) return put(static_cast<std::int32_t>(*flag));
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return put(*whole);
  if (const auto* real = std::get_if<double>(&value)) return put(*real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    policy.strings.push_back(*text);
    return put(spw_str{policy.strings.back().data(), policy.strings.back().size()});
  }
  const auto& list = std::get<std::vector<std::string>>(value);
  std::vector<spw_str> items;
  for (const std::string& item : list) {
    policy.strings.push_back(item);
    items.push_back({policy.strings.back().data(), policy.strings.back().size()});
  }
  policy.lists.push_back(std::move(items));
  put(spw_list{policy.lists.back().data(), policy.lists.back().size()});
}

}  // namespace

bool good_name(const char* name) {
  if (name == nullptr) return false;
  const std::size_t length = ::strnlen(name, kOptionNameBytes + 1);
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return length > 0 && length <= kOptionNameBytes && std::all_of(name, name + length, fits);
}

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  const std::vector<std::string> near = nearest(name, known, 1);
  return near.empty() ? std::string() : " (did you mean " + near.front() + "?)";
}

std::string check_options(const spw_plugin& plugin) {
  if (plugin.n_options > 0 && plugin.options == nullptr) return "n_options without options";
  for (std::size_t i = 0; i < plugin.n_options; ++i) {
    const spw_option& option = plugin.options[i];
    if (!good_name(option.name)) return "option " + std::to_string(i) + " has no name of [a-z0-9_]+";
    const std::string name = option.name;
    if (name == "policies" || name == "on_error" || name == "timeout_ms") {
      return "the option " + name + " belongs to the host";
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (name == plugin.options[j].name) return "the option " + name + " is there twice";
    }
    const Width width = width_of(option.type);
    if (width.bytes == 0) return "the option " + name + " has an unknown type";
    if (option.offset % width.align != 0 || option.offset > plugin.conf_size ||
        plugin.conf_size - option.offset < width.bytes) {
      return "the option " + name + " does not lie inside the plugin's conf struct";
    }
    if (!(option.min <= option.max)) return "the range of the option " + name + " is empty";
    if (option.fallback == nullptr) continue;
    std::optional<OptionValue> value = parse_fallback(option.type, option.fallback);
    if (!value) return "the default of the option " + name + " is not " + type_name(option.type);
    const std::string why = wrong(option, *value);
    if (!why.empty()) return "the default of the option " + name + ": " + why;
  }
  return {};
}

void fill_options(Policy& policy, const PolicyConfig& from, const Config& config, Place otherwise,
                  std::vector<Problem>& problems) {
  const spw_plugin& plugin = policy.plugin.descriptor;
  const std::string where = "[policy." + policy.plugin.name + "] ";
  policy.conf.assign(plugin.conf_size, 0);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plugin.n_options; ++i) names.emplace_back(plugin.options[i].name);
  for (const auto& [name, option] : from.options) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    problems.push_back(problem_at(config, option.place, where + name + ": unknown option" + suggestion(name, names)));
  }
  for (std::size_t i = 0; i < plugin.n_options; ++i) {
    const spw_option& option = plugin.options[i];
    const auto given = from.options.find(option.name);
    if (given != from.options.end()) {
      OptionValue value = given->second.value;
      const std::string why = wrong(option, value);
      if (why.empty()) {
        store(policy, option, value);
      } else {
        problems.push_back(problem_at(config, given->second.place, where + option.name + ": " + why));
      }
    } else if (option.fallback != nullptr) {
      store(policy, option, *parse_fallback(option.type, option.fallback));
    } else {
      const Place place = from.place.line > 0 ? from.place : otherwise;
      problems.push_back(problem_at(config, place, where + option.name + " is required"));
    }
  }
}

}  // namespace spillway
