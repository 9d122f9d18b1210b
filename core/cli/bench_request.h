// The bytes of the one request that a load run sends again and again, made once.
//
// Pure but for reading the body's file. The credential is in these bytes only, and they are never printed.
// Thread: main.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "http/url.h"

namespace spillway::bench {

inline constexpr std::size_t kBodyBytesMax = 64 << 20;

struct Target {
  Url url;
  std::string query;    // with its '?', or empty
  std::string text;     // as people write it, for reports
  std::string request;  // head and body
};

// A base URL stands for its chat completions: no path gives /v1/chat/completions, one that ends in /v1 goes on with
// /chat/completions. Any other path is taken as it is.
Result<Target> parse_target(std::string_view text);

std::string chat_body(std::string_view model, std::size_t prompt_bytes, bool stream);
Result<std::string> read_body(const std::string& path);

using Fields = std::vector<std::pair<std::string, std::string>>;

// "Name: value". Fields that say where the message ends, or that Spillway writes itself, are refused.
Result<std::pair<std::string, std::string>> parse_field(std::string_view text);

Result<std::string> request_bytes(const Target& target, const Fields& fields, std::string_view body);

}  // namespace spillway::bench
