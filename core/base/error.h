// What can go wrong, and what follows from it.
//
// An Error names its source (client, upstream, us), because that decides the status the client sees, whether another
// candidate is tried and how loudly it is logged. CHECK is for our own mistakes only and always on; whatever comes
// from a socket, a file or a plugin is input and becomes an Error.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace spillway {

enum class Kind : std::uint8_t {
  invalid,    // input that breaks a rule of its format
  limit,      // input beyond a named limit
  refused,    // connection refused, unreachable, reset before a byte
  closed,     // the peer ended the conversation too early
  timeout,    // a deadline of ours passed
  dns,        // name not resolved
  tls,        // handshake or certificate
  not_found,  // no such thing
  config,     // a mistake in the config file
  internal,   // a resource of ours is missing (memory, descriptors, a file)
};
enum class Source : std::uint8_t { client, upstream, us };
enum class Retry : std::uint8_t { no, yes };

std::string_view to_string(Kind kind);

struct Error {
  Kind kind = Kind::internal;
  Source source = Source::us;
  Retry retry = Retry::no;
  std::string detail;
};

// Input of the operator's, or a call of our own, that breaks a rule.
[[gnu::cold]] Error invalid(std::string detail);

// Either a T or an Error. value() of an error is our own mistake.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : either_(std::in_place_index<0>, std::move(value)) {}
  [[gnu::cold, gnu::noinline]] Result(Error error) : either_(std::in_place_index<1>, std::move(error)) {}
  explicit operator bool() const { return either_.index() == 0; }
  T& value() { return std::get<0>(either_); }
  const T& value() const { return std::get<0>(either_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(either_); }

 private:
  std::variant<T, Error> either_;
};

struct Nothing {};
using Status = Result<Nothing>;

[[noreturn, gnu::cold]] void check_failed(const char* condition, const char* file, int line);

}  // namespace spillway

#define CHECK(x) ((x) ? static_cast<void>(0) : ::spillway::check_failed(#x, __FILE__, __LINE__))
