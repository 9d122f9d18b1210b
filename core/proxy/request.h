// One request from its head to its account: authenticate, inspect, policies, attempts, relay.
//
// Owner: Client; buried by it after the end. One Request at a time per client, so head and body stay where they are.
// The phase is one enum; every legal edge is in legal(). Split by step over request.cc (decide), attempts.cc (try and
// relay), request_out.cc (what a provider gets), upload.cc (bodies on their way), tunnel.cc (WebSockets), paid.cc (what
// it may spend), subject.cc (what policies see), answers.cc (what the client gets), local.cc (what needs no provider)
// and exhausted.cc (when nobody answered). Thread: the worker's loop.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/recycled.h"
#include "llm/dialect.h"
#include "llm/facts.h"
#include "llm/told.h"
#include "policy/chain.h"
#include "proxy/account.h"
#include "proxy/generation.h"
#include "proxy/pace.h"
#include "proxy/relay.h"
#include "upstream/attempt.h"

namespace spillway {

class Client;
class Worker;
struct Tenure;

enum class Phase : std::uint8_t { read, decide, attempt, relay, end };

constexpr bool legal(Phase from, Phase to) {
  switch (from) {
    case Phase::read: return to == Phase::decide || to == Phase::end;
    case Phase::decide: return to == Phase::attempt || to == Phase::end;
    case Phase::attempt: return to == Phase::attempt || to == Phase::relay || to == Phase::end;
    case Phase::relay: return to == Phase::end;
    case Phase::end: return false;
  }
  return false;
}
static_assert(!legal(Phase::relay, Phase::attempt));  // never retry once bytes went out

// An answer of our own.
struct Refused {
  int status;
  std::string_view type, code;
  std::string message, param;
  std::int64_t retry_after_ms = -1;
  bool retry_cannot_help = false;  // x-should-retry: false
};

// The API key that browsers send among the subprotocols of a WebSocket, or nothing: they may not set other fields.
std::string_view browser_secret(std::string_view protocols);

class Request final : public Mortal,
                      public Recycled<Request>,
                      private Subject,
                      private Attempt::Events,
                      private Deadline::Events {
 public:
  Request(Worker& worker, Client& client, bool keep_alive);
  ~Request() override;

  // Before the body is read: does the head carry a key we know (or need none)?
  static bool may_enter(const Generation& generation, const RequestHead& head);
  // May its body pass on while it comes, if it is a form; and need it name no model?
  static bool may_upload(const RequestHead& head);
  static bool goes_by_path(const Generation& generation, const RequestHead& head);
  void start();
  // What comes of it (upload.cc). False: no more until Client::resume_upload().
  bool on_upload(std::string_view bytes);
  void on_upload_end();
  void on_upload_failed(int status, const std::string& why);
  void on_client_drained();
  [[gnu::cold]] void on_client_gone();
  [[gnu::cold]] void on_shed();  // the server is short of memory
  std::size_t held_bytes() const;
  // Of a client whose protocol was switched (tunnel.cc).
  void on_client_bytes(std::string_view bytes);
  void on_client_half_closed();
  void on_shutdown();                           // the server stops: an answer under way gets its in-band error
  bool look_for_silence(std::uint64_t now_us);  // silence.cc; false: it is no stream, or over
  std::string_view probe();                     // bytes the client must ignore, empty when there are none at this point

 private:
  // request.cc
  void enter(Phase phase);
  void decide();
  bool local();      // health, CORS, bad keys and paths, models: answered here
  bool admitted();   // false: refused, because there are too many or memory is short
  bool read_body();  // unpacks, inspects; false: refused
  bool find_route();
  void run_chain();
  void on_chain_resumed() override;
  void after_chain(Chain::Result result);

  // local.cc
  [[gnu::cold]] void refuse_path();
  [[gnu::cold]] bool refuse_form();  // true: refused, for what only the head tells
  [[gnu::cold]] void answer_models();
  [[gnu::cold]] void answer_show();   // Ollama's way to ask for one model
  [[gnu::cold]] bool needs_nobody();  // once there is a plan: is it answered here after all?
  [[gnu::cold]] void answer_estimate();

  // tunnel.cc
  [[gnu::cold]] bool read_handshake();  // false: refused
  bool may_connect();
  std::string offered_protocols() const;
  std::string tunnel_query() const;
  void write_upgrade(class HeadWriter& writer);
  std::string_view tunnel_flaw(const ResponseHead& head) const;  // of what answers a handshake
  [[gnu::cold]] void open_tunnel();
  void on_writable() override;

  // upload.cc
  [[gnu::cold]] bool read_upload();  // false: refused
  void frame_upload(class HeadWriter& writer);
  void frame_upload_begin();

  // paid.cc
  bool afford(std::size_t i);
  void pay(double usd);
  void pay_for(const Verdict& verdict);
  void reckon_saving();

  // translate.cc: where client and provider do not both speak OpenAI's API
  [[gnu::cold]] bool translates();  // what the plan asks for, once; false: refused
  [[gnu::cold]] bool read_foreign(const struct Way& way);
  [[gnu::cold]] bool fits(std::size_t i);     // false: that provider cannot be told the request
  [[gnu::cold]] bool may_need_refit() const;  // for any candidate
  [[gnu::cold]] bool may_need_refit(std::size_t i) const;
  [[gnu::cold]] bool refits(std::size_t i);
  [[gnu::cold]] bool wants_array() const;
  [[gnu::cold]] std::string_view stream_type() const;
  [[gnu::cold]] void write_version(class HeadWriter& writer, const Endpoint& endpoint);
  [[gnu::cold]] void write_translated_request(const Target& target);
  [[gnu::cold]] void write_translated_head(class HeadWriter& writer);
  [[gnu::cold]] std::string rare_path(const Target& target) const;  // of a request that passes

  // request_out.cc
  void write_upstream_request(const Target& target);
  void write_hops(class HeadWriter& writer, std::string_view hops, std::string_view via);

  // attempts.cc
  void next_attempt();
  void begin_attempt(std::size_t i);
  void on_head(const ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end() override;
  [[gnu::cold]] void on_failed(const Error& error) override;
  [[gnu::cold]] void on_deadline(Deadline& deadline) override;
  void follow(Relay::State state);
  void begin_answer();  // the head, once
  void let_go();
  [[gnu::cold]] void pace_answer();  // looks whether it drips; comes back by the deadline
  void complete();
  [[gnu::cold]] void attempt_over(const Verdict& verdict);
  void report(const Verdict& verdict);
  void report(const Verdict& verdict, std::uint64_t now_us);
  [[gnu::cold]] void give_up();
  [[gnu::cold]] void pass_on_refusal();
  void settle_capture();

  // subject.cc
  std::string_view text(spw_fact fact) const override;
  std::int64_t number(spw_fact fact) const override;
  std::string_view header(std::string_view name) const override;
  spw_outcome outcome_of(const Verdict& verdict, std::int64_t latency_us) const;
  bool reply(int status, std::string_view type, std::string_view body) override;
  bool replay(std::string_view blob, std::int64_t age_ms) override;
  bool set_upstream_header(std::string_view name, std::string_view value) override;
  bool set_answer_header(std::string_view name, std::string_view value) override;
  bool note(std::string_view name, std::string_view value) override;
  bool capture(std::int64_t bytes_max) override;
  std::optional<Digest> fingerprint(const std::vector<std::string_view>& without) override;

  // answers.cc
  [[gnu::cold]] void refuse(const Refused& refused);
  void answer(int status, std::string_view type, std::string_view body);
  void write_stored();  // what a policy replied or replayed
  void forward_fields(class HeadWriter& writer);
  void first_content(std::uint64_t now_us);
  void write_head();
  void forget_head();    // a stream goes on for long
  bool send(bool last);  // the relay's out(); false: the client is slow
  [[gnu::cold]] void break_answer();
  // silence.cc: a head before there is an answer, and what keeps a silent stream alive
  [[gnu::cold]] void commit_early(std::uint64_t now_us);
  [[gnu::cold]] void write_inside(std::string_view bytes);
  [[gnu::cold]] void refuse_inside(const Refused& refused);
  [[gnu::cold]] void answer_inside(std::string_view type, std::string_view body);
  enum class Parting : std::uint8_t { keep, close, reset, gone };
  void finish(EndReason reason, Parting parting);
  void own_fields(class HeadWriter& writer);
  void connection_field(class HeadWriter& writer);
  void cors_fields(class HeadWriter& writer);

  Worker& worker_;
  Client& client_;
  Tenure& tenure_;
  const Generation& generation_;
  const RequestHead* head_;
  std::string head_kept_;  // what the log will say of a head that is gone
  bool keep_alive_;        // the connection
  Phase phase_ = Phase::read;
  const std::uint64_t started_us_;
  Record record_;
  char own_id_[24];  // of a request that came without a good one

  Operation operation_;
  const ClientKey* key_ = nullptr;
  const Route* route_ = nullptr;
  std::string unpacked_;  // the body, when it came with a Content-Encoding
  std::string_view body_;
  std::size_t body_room_ = 0, body_bytes_ = 0;
  Facts facts_;
  Plan plan_;
  std::optional<Chain> chain_;
  std::vector<std::pair<std::string, std::string>> upstream_fields_, answer_fields_;
  std::size_t capture_max_ = 0;
  // A reply of a policy's, until it is written.
  int stored_status_ = 0;
  std::string stored_type_, stored_body_;

  Deadline deadline_;  // request_ms until the first content, or a policy's wait; then the pace's next look
  Pace pace_;          // of an answer that goes out as it comes
  std::uint64_t budget_end_us_ = 0;
  std::unique_ptr<Attempt> attempt_;
  std::optional<Relay> relay_;
  double spend_most_ = -1;        // that the spill rules let the route spend today; -1: no limit
  double reserved_usd_ = -1;      // of it, for the running attempt; -1: nothing
  std::size_t candidate_ = 0;     // of the running attempt
  std::uint64_t attempt_us_ = 0;  // when it began
  std::string request_out_;       // the head for the provider, with our key in it
  std::string answer_out_;        // the head for the client, until it is sent
  struct Translated;
  std::unique_ptr<Translated> translated_;     // null: everybody speaks OpenAI's API
  Splice splice_;                              // its pieces: the head first, once that is written
  const ResponseHead* answer_head_ = nullptr;  // of the running attempt; its connection keeps it until the next request
  std::string error_body_;                     // of the last refusal by a provider, for the client
  std::string error_type_;
  Windows windows_;  // that the running attempt's head told about
  Verdict last_verdict_;
  std::uint64_t silent_us_ = 0;  // since when nothing was sent of a stream
  bool spoke_ = false;           // something was, since the last look
  bool tunnel_ = false;          // protocols were switched
  bool upload_sent_ = false;     // some of it is with the provider, and not here
  bool early_ = false;           // its head went out before there was an answer
  bool chunked_ = false, committed_ = false, exhausted_asked_ = false, chain_ended_ = false;
};

}  // namespace spillway
