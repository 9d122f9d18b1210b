// Finds where one HTTP/1.1 message ends, and nothing else: the least that anything on the wire must do. Trusts its
// peer, because both ends are ours; the product's own reader is core/http/reader. One per direction of a connection.
#pragma once
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

class Framer {
 public:
  // Takes bytes up to the message's end, hands its body (unchunked) to the sink, and says how many it took.
  template <typename Sink>
  std::size_t feed(std::string_view bytes, Sink&& on_body) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !done() && !broken()) taken += step(bytes.substr(taken), on_body);
    return taken;
  }
  std::size_t feed(std::string_view bytes) {
    return feed(bytes, [](std::string_view) {});
  }

  bool fresh() const { return part_ == Part::head && head_.empty(); }
  bool done() const { return part_ == Part::done; }
  bool broken() const { return part_ == Part::broken; }
  bool in_body() const { return !done() && part_ != Part::head; }
  // May the connection carry another message?
  bool keeps() const { return keeps_; }
  int status() const { return status_; }
  // The other side ended its half: that is the end of a body without a length.
  void end_of_input() { part_ = part_ == Part::until_close ? Part::done : Part::broken; }
  void reset() { *this = Framer(); }

 private:
  enum class Part : std::uint8_t { head, length, until_close, chunk_size, chunk, chunk_end, trailer, done, broken };

  template <typename Sink>
  std::size_t step(std::string_view bytes, Sink&& on_body) {
    switch (part_) {
      case Part::head: return take_head(bytes);
      case Part::length:
      case Part::chunk: {
        const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        on_body(bytes.substr(0, taken));
        left_ -= taken;
        if (left_ == 0) part_ = part_ == Part::chunk ? Part::chunk_end : Part::done;
        return taken;
      }
      case Part::until_close: on_body(bytes); return bytes.size();
      default: return take_line(bytes);
    }
  }

  std::size_t take_head(std::string_view bytes) {
    const std::size_t old = head_.size();
    std::string_view head = bytes;
    if (old > 0) head = head_.append(bytes);
    const std::size_t end = head.find("\r\n\r\n", old > 3 ? old - 3 : 0);
    if (end == head.npos) {
      if (old == 0) head_.assign(bytes);
      if (head_.size() > kHeadBytesMax) part_ = Part::broken;
      return bytes.size();
    }
    read_head(head.substr(0, end + 2));
    head_.clear();
    return end + 4 - old;
  }

  void read_head(std::string_view head) {
    const bool response = head.starts_with("HTTP/");
    if (response) std::from_chars(head.data() + 9, head.data() + head.size(), status_);
    bool chunked = false, sized = false;
    std::uint64_t length = 0;
    for (std::size_t at = head.find('\n') + 1; at < head.size();) {
      const std::size_t end = head.find('\r', at);
      const std::string_view line = head.substr(at, end - at);
      at = end + 2;
      if (line.size() > 15 && strncasecmp(line.data(), "content-length:", 15) == 0) {
        const std::size_t digit = line.find_first_not_of(" \t", 15);
        sized = std::from_chars(line.data() + digit, line.data() + line.size(), length).ec == std::errc();
      } else if (line.size() > 18 && strncasecmp(line.data(), "transfer-encoding:", 18) == 0) {
        chunked = true;
      } else if (line.size() > 11 && strncasecmp(line.data(), "connection:", 11) == 0) {
        keeps_ = line.find("close") == line.npos;
      }
    }
    if (response && status_ < 200) return;  // 100 Continue: the answer's own head follows
    left_ = length;
    if (chunked) {
      part_ = Part::chunk_size;
    } else if (response && !sized && status_ != 204 && status_ != 304) {
      part_ = Part::until_close;
      keeps_ = false;
    } else {
      part_ = length > 0 ? Part::length : Part::done;
    }
  }

  // The lines of the chunked coding: a size, the end of a chunk, trailers.
  std::size_t take_line(std::string_view bytes) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    if (part_ == Part::chunk_size && head_.empty() && end != bytes.npos) {
      end_line(line);
      return end + 1;
    }
    head_.append(line);
    if (end == bytes.npos) return bytes.size();
    const std::string whole = std::move(head_);
    head_.clear();
    end_line(whole);
    return end + 1;
  }

  void end_line(std::string_view line) {
    const bool empty = line.empty() || line == "\r";
    if (part_ == Part::chunk_end) {
      part_ = empty ? Part::chunk_size : Part::broken;
    } else if (part_ == Part::trailer) {
      if (empty) part_ = Part::done;
    } else if (std::from_chars(line.data(), line.data() + line.size(), left_, 16).ec != std::errc()) {
      part_ = Part::broken;
    } else {
      part_ = left_ > 0 ? Part::chunk : Part::trailer;
    }
  }

  static constexpr std::size_t kHeadBytesMax = 64 * 1024;
  Part part_ = Part::head;
  bool keeps_ = true;
  int status_ = 0;
  std::uint64_t left_ = 0;
  std::string head_;  // of a head or line that came in pieces
};

}  // namespace bench
