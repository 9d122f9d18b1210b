// Bytes to messages, strictly (RFC 9112): what is invalid is refused, never repaired.
//
// Pull style: give bytes, ask next() until it wants more. As long as a step is due, `in` is not empty: where a head or
// the last piece of a body completes a message, that message's last byte stays in `in` until Step::end was told, so
// `while (!in.empty())` misses nothing. The head's slices point into the reader and live until the next message begins;
// a body piece points into the bytes given and lives as long as they do. Between messages a reader keeps the last head
// (forget() frees it). llhttp 8.1 and 9.x behave alike here: what 8.1 lets pass is checked by us.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/headers.h"

namespace spillway {

struct ReadLimits {
  std::size_t target_bytes = 8 * 1024;
  std::size_t field_bytes = 16 * 1024;
  std::size_t head_bytes = 64 * 1024;
  std::size_t fields = 128;
  std::uint64_t body_bytes = 32ull << 20;  // of a request, as sent; a response is relayed, not held
  std::uint64_t form_bytes = 0;            // of one that is a form with files, if that is more
  std::size_t chunk_extension_bytes = 16 * 1024;
  std::size_t trailer_bytes = 16 * 1024;
  std::size_t empty_lines = 4;  // before a request
  bool operator==(const ReadLimits&) const = default;
};

using SharedLimits = std::shared_ptr<const ReadLimits>;  // why: thousands share them, and outlive a reload

enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct RequestHead {
  std::string_view method, target;
  // From the target: path still encoded, query without '?'. For absolute-form (http or https only) the authority is
  // checked against Host (RFC 9112 3.2.2) and dropped. "*" is its own path.
  std::string_view path, query;
  std::string_view host;
  int minor = 1;
  Headers headers;
  Framing framing = Framing::none;
  std::uint64_t length = 0;  // for Framing::length
  bool keep_alive = true;
  bool expect_continue = false;
};

struct ResponseHead {
  int status = 0;
  int minor = 1;
  Headers headers;
  Framing framing = Framing::none;
  std::uint64_t length = 0;
  bool keep_alive = true;
};

enum class Step : std::uint8_t {
  more,  // all bytes consumed
  head,  // head() is valid
  body,  // body() is the next piece, chunk framing removed
  end,   // the message is complete; `in` holds what follows it. The next call begins a new message.
};

// The status to answer a bad request with before closing: 400, 413, 414, 431, 501 or 505.
struct Refusal {
  int status;
  std::string detail;
};

class RequestReader {
 public:
  explicit RequestReader(SharedLimits limits);
  explicit RequestReader(const ReadLimits& limits) : RequestReader(std::make_shared<ReadLimits>(limits)) {}
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;

  // Consumes from the front of `in`. After an error (see refusal()) the reader is dead. What follows a message without
  // keep_alive is dropped unread.
  Result<Step> next(std::string_view& in);
  const RequestHead& head() const;
  std::string_view body() const;
  const Refusal& refusal() const;
  bool mid_message() const;  // some bytes of a message were read, its end was not
  void forget();             // between messages: gives all memory back, the last head with it

 private:
  struct Parser;
  Parser& awake();
  SharedLimits limits_;
  std::unique_ptr<Parser> parser_;  // none while nothing was read since forget()
};

class ResponseReader {
 public:
  explicit ResponseReader(SharedLimits limits);
  explicit ResponseReader(const ReadLimits& limits) : ResponseReader(std::make_shared<ReadLimits>(limits)) {}
  ~ResponseReader();
  ResponseReader(ResponseReader&&) noexcept;

  // Before each response: HEAD gets no body. `upgrade`: 101 may come, and all that follows it is one body.
  void expect(bool head_request, bool upgrade = false);
  Result<Step> next(std::string_view& in);  // interim 1xx heads are skipped (at most 8); 101 unasked is an error
  // The peer closed. True: that was this response's proper end (Framing::until_close); else it was cut short.
  bool finish();
  const ResponseHead& head() const;
  void forget_fields();  // in a long body: nobody will ask for the head's fields again
  std::string_view body() const;
  bool mid_message() const;
  void forget();

 private:
  struct Parser;
  Parser& awake();
  SharedLimits limits_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace spillway
