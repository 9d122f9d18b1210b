// The shape of one row of the option tables, and how a table of rows meets an object. Thread: any.
#pragma once
#include "conf/options.h"

namespace spillway {

inline constexpr bool kRequired = true;  // the last word of a row
// What a target may be said to do.
inline constexpr std::string_view kCapabilities[] = {"tools", "vision", "response_format"};

template <typename T>
struct Row {
  using Where = std::variant<bool T::*, int T::*, std::int64_t T::*, double T::*, std::string T::*, Strings T::*,
                             HeaderMap T::*, Points T::*>;
  using Choices = std::span<const std::string_view>;

  Row(std::string_view n, std::int64_t T::*w, double low, double high, std::string_view a)
      : name(n), where(w), rule{low, high, {}, Form::any, false}, about(a) {}
  Row(std::string_view n, double T::*w, double low, double high, std::string_view a)
      : name(n), where(w), rule{low, high, {}, Form::any, false}, about(a) {}
  Row(std::string_view n, bool T::*w, std::string_view a) : name(n), where(w), about(a) {}
  Row(std::string_view n, int T::*w, std::string_view a) : name(n), where(w), about(a) {}
  Row(std::string_view n, std::string T::*w, Choices c, std::string_view a)
      : name(n), where(w), rule{0, 0, c, Form::any, false}, about(a) {}
  Row(std::string_view n, Strings T::*w, Choices c, std::string_view a)
      : name(n), where(w), rule{0, 0, c, Form::any, false}, about(a) {}
  Row(std::string_view n, std::string T::*w, Form f, std::string_view a, bool required = false)
      : name(n), where(w), rule{0, 0, {}, f, required}, about(a) {}
  Row(std::string_view n, Strings T::*w, Form f, std::string_view a, bool required = false)
      : name(n), where(w), rule{0, 0, {}, f, required}, about(a) {}
  Row(std::string_view n, HeaderMap T::*w, std::string_view a) : name(n), where(w), about(a) {}
  Row(std::string_view n, Points T::*w, double low, double high, std::string_view a)
      : name(n), where(w), rule{low, high, {}, Form::any, false}, about(a) {}

  std::string_view name;
  Where where;
  Rule rule;
  std::string_view about;
};

template <typename T>
Options apply(std::span<const Row<T>> rows, T& object) {
  Options options;
  for (const Row<T>& row : rows) {
    const Slot slot = std::visit([&](auto member) -> Slot { return &(object.*member); }, row.where);
    options.push_back({row.name, slot, row.rule, row.about});
  }
  return options;
}

}  // namespace spillway
