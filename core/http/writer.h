// Messages to bytes: heads and chunk framing. The one place where a head is written, so the one place where CR, LF and
// NUL are refused.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "http/headers.h"

namespace spillway {

// A field name that is spelled in our code: checked when that is compiled.
class FieldName {
 public:
  template <std::size_t N>
  consteval FieldName(const char (&literal)[N]) : text_(literal, N - 1) {
    for (const char c : text_) {
      const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      if (!good) throw "a field name of ours is lower case, digits and hyphens";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// A whole field of ours, "name: value\r\n", checked likewise.
class FieldLine {
 public:
  template <std::size_t N>
  consteval FieldLine(const char (&literal)[N]) : text_(literal, N - 1) {
    if (!text_.ends_with("\r\n") || text_.find(": ") == text_.npos) throw "a field is `name: value`, CR and LF";
    for (const char c : text_.substr(0, N - 3)) {
      if (c < ' ' || c > '~') throw "a field of ours is printable";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// Builds one message head into a string that may be reused. The string is longer than the head while one is written:
// look at it after end(), or when the writer is gone.
class HeadWriter {
 public:
  explicit HeadWriter(std::string& out) : out_(out) {}
  ~HeadWriter() {
    need(0);
    out_.resize(used_);
  }
  HeadWriter(const HeadWriter&) = delete;
  HeadWriter& operator=(const HeadWriter&) = delete;
  // Bytes of the target that may not stand there are percent-encoded. False, and nothing written, when the method is no
  // token or the host has such a byte. The target is its two parts, one behind the other.
  bool request(std::string_view method, std::string_view target, std::string_view host, std::string_view rest = {});
  void status(int code, int minor = 1);  // with the standard reason phrase
  // False, and nothing written, when the field would not be one valid field (bad name, CR, LF, NUL or another control
  // character but HTAB in the value).
  bool field(FieldName name, std::string_view value) { return put_field(name.text(), {}, value); }
  bool field(FieldName name, std::uint64_t value);
  // The name too is somebody else's.
  bool foreign_field(std::string_view name, std::string_view value);
  // One that a reader has read: its name is checked for line breaks only. Lines that stood one behind the other
  // are copied at once, so the bytes must live until the next call, whatever that is.
  bool read_field(const Header& field) {
    if (!field.whole_line) return put_read(field);
    if (field.name.data() != lines_end_) {
      need(0);
      lines_ = field.name.data();
    }
    lines_end_ = field.value.data() + field.value.size() + kLineEnd.size();
    return true;
  }
  void line(FieldLine whole);
  // "earlier, value": what a field of that name said before, and what we have to add.
  bool field_behind(FieldName name, std::string_view earlier, std::string_view value) {
    return put_field(name.text(), earlier, value);
  }
  void end();
  std::string_view text() {
    need(0);
    return {out_.data(), used_};
  }

 private:
  bool put_field(std::string_view name, std::string_view earlier, std::string_view value);
  static constexpr std::string_view kLineEnd = "\r\n";
  void need(std::size_t bytes) {
    if (lines_ != nullptr) put_lines();
    if (out_.size() - used_ < bytes) grow(bytes);
  }
  void put_lines();
  bool put_read(const Header& field);
  void grow(std::size_t bytes);
  void put(std::string_view bytes);  // there is room
  void put_target(std::string_view target);
  std::string& out_;
  std::size_t used_ = 0;
  const char* lines_ = nullptr;  // of a reader's, still to be copied
  const char* lines_end_ = nullptr;
};

std::string_view reason_phrase(int status);

// "1a3\r\n" into `room` (at least 20 bytes); the chunk ends with "\r\n", the body with kLastChunk.
std::string_view chunk_head(std::size_t bytes, char* room);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace spillway
