// One client connection: reads requests one after the other (pipelined ones wait), hands each to a Request, minds the
// clocks and the limits of the connection.
//
// Owner: Worker. Thread: the worker's loop. While a request runs, further bytes are kept up to kPipelinedBytes, then
// reading stops. FIN alone does not tell a client that left from one that only finished speaking, so two harmless
// probes are written (an interim 102, or an SSE comment): who left answers the first with RST, the second finds out.
// client_upload.cc has forms that pass on while they come.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/reader.h"
#include "net/loop.h"
#include "net/stream.h"

namespace spillway {

struct BadRequest;
struct Facts;
class Request;
class Worker;

class Client final : public Mortal, private Stream::Events, private Deadline::Events {
 public:
  static constexpr std::size_t kPipelinedBytes = 64 * 1024;
  static constexpr std::size_t kLingerBytes = 64 * 1024;
  static constexpr std::size_t kFormBytes = 64 * 1024;  // smaller forms are read first, and may be sent again
  static constexpr std::uint64_t kLingerMs = 300;
  static constexpr std::uint64_t kProbeMs = 30;
  static constexpr std::size_t kSpareBytes = 64;         // readable memory behind a body, for the JSON scanner
  static constexpr std::size_t kReadBytes = 256 * 1024;  // of a body at once, before others have their turn

  Client(Worker& worker, StreamPtr stream, SharedLimits limits);
  ~Client() override;

  // For the Request.
  bool write(std::span<const std::string_view> pieces);  // false: wait for Request::on_client_drained()
  void done(bool keep_alive);                            // the answer is complete and written; the Request is buried
  // The protocol was switched: what comes goes to Request::on_client_bytes() as it comes, what has come first.
  [[gnu::cold]] void tunnel();
  // A form that passes on while it comes (client_upload.cc).
  bool uploads() const { return upload_ != nullptr && upload_begun(); }
  bool tell_upload(Facts& facts, BadRequest& why) const;  // false: refused, and why
  void hold_upload();
  void resume_upload();
  void pause() { stream_->pause(); }
  void resume() { stream_->resume(); }
  [[gnu::cold]] void break_off();  // the answer can't be completed, nor say so itself: the connection is reset
  const RequestHead& head() const { return reader_.head(); }
  std::string_view body() const { return body_.view(); }
  std::size_t body_room() const { return body_.capacity(); }
  void forget_body();  // a stream began
  // Likewise its head, if it has an end: head() is an empty one then, or still the same.
  void forget_head();
  bool turned_away() const { return turned_away_; }  // at its head, so its body was not read
  std::string_view peer() const { return stream_->peer(); }
  bool encrypted() const { return stream_->encrypted(); }

  // For the Worker.
  void drain();               // close now if idle, else after the running exchange
  void close_now();           // whatever is going on
  bool close_if_idle();       // between two requests; false: it is not
  [[gnu::cold]] void shed();  // memory is short: ends what is going on, with 503 where nothing was answered yet
  std::size_t held_bytes() const;
  bool look_for_silence(std::uint64_t now_us);  // of a stream; false: there is none
  std::size_t at = 0;                           // the worker's index of us

 private:
  enum class Phase : std::uint8_t { idle, head, body, busy, linger, closed };
  void on_data(std::string_view bytes) override;
  std::span<char> room() override;
  void on_eof() override;
  void on_drained() override;
  [[gnu::cold]] void on_broken(const Error& error) override;
  void on_deadline(Deadline& deadline) override;
  void consume(std::string_view bytes);
  bool step(std::string_view& in);
  void begin_message();
  bool take_body(std::string_view piece);
  void begin_request();
  [[gnu::cold]] bool begin_form();
  [[gnu::cold]] bool take_form(std::string_view bytes);
  bool may_begin_upload() const;
  bool upload_begun() const;
  bool fits_memory();
  void upload(std::string_view in);
  bool pass_on(std::string_view bytes);
  bool upload_moves();
  [[gnu::cold]] void refuse(int status, std::string_view message);
  void keep(std::string_view bytes);
  std::string kept();  // and is no longer
  void mind_clock();
  [[gnu::cold]] void probe();
  void linger();
  void close();

  Worker& worker_;
  StreamPtr stream_;
  RequestReader reader_;
  Deadline deadline_;
  std::unique_ptr<Deadline> probe_;  // few need one
  std::unique_ptr<Request> request_;
  struct Upload;
  std::unique_ptr<Upload> upload_;
  Bytes body_;
  std::unique_ptr<std::string> pipelined_;  // what came too early, if anything did
  std::uint32_t lingered_ = 0;              // bytes
  std::uint32_t requests_ = 0;
  Phase phase_ = Phase::idle;
  Phase timed_ = Phase::head;  // what the deadline is for; a connection begins with its head's
  bool consuming_ = false;
  bool turned_away_ = false;
  bool half_closed_ = false;
  bool tunnel_ = false;
  bool form_ = false;  // what comes is a large one
};

}  // namespace spillway
