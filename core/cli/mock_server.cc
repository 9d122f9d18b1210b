#include "cli/mock_server.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "base/buffer.h"
#include "cli/mock_answers.h"
#include "cli/mock_ask.h"
#include "http/reader.h"
#include "http/writer.h"
#include "json/write.h"

namespace spillway {

namespace {
// The nearest millisecond on the loop's clock, which is cut to whole ones.
std::uint64_t clock_ms() { return (uv_hrtime() + 500'000) / 1'000'000; }
}  // namespace

// One connection: requests in order, each answered by its script before the next is read.
class MockServer::Peer final : public Mortal, private Stream::Events, private Deadline::Events {
 public:
  Peer(MockServer& server, StreamPtr stream)
      : server_(server), stream_(std::move(stream)), reader_(ReadLimits{}), next_turn_(server.loop_, *this) {
    stream_->set_events(this);
    stream_->resume();
  }
  void close() {
    if (stream_ == nullptr) return;
    next_turn_.disarm();
    if (entry_) server_.schedule_.remove(*std::exchange(entry_, std::nullopt));
    stream_.reset();
    --server_.stats_.open;
    server_.forget(*this);
  }
  void on_due() {
    entry_.reset();
    play();
  }

 private:
  void on_data(std::string_view bytes) override {
    if (busy_) return waiting_.append(bytes);
    consume(bytes);
  }
  void on_eof() override { left(); }
  void on_broken(const Error&) override { left(); }
  void on_drained() override {
    if (stalled_) stalled_ = false, play();
  }

  void on_deadline(Deadline&) override { play(); }

  void left() {
    if (busy_) ++server_.stats_.left_early;
    close();
  }

  void consume(std::string_view bytes) {
    while (stream_ != nullptr && !busy_ && !bytes.empty()) {
      Result<Step> step = reader_.next(bytes);
      if (!step) {
        refuse(reader_.refusal().status);
        return;
      }
      if (*step == Step::head) begin(reader_.head());
      if (*step == Step::body) request_.body.append(reader_.body());
      if (*step == Step::end) run();
    }
    if (stream_ != nullptr && busy_) waiting_.append(bytes);
  }

  void begin(const RequestHead& head) {
    request_ = MockRequest{std::string(head.method), std::string(head.path), {}, true, false, std::string(head.query)};
    request_.anthropic = head.method == "GET" && !head.headers.get("anthropic-version").empty();
    const std::string& key = server_.options_.api_key;
    request_.authorized = key.empty() || key_in(head) == key;
    if (head.expect_continue) stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  // Where the wire that is asked in has it.
  std::string_view key_in(const RequestHead& head) const {
    constexpr std::string_view kBearer = "Bearer ";
    const llm::Wire wire = request_.anthropic ? llm::Wire::anthropic : mock_place(head.path).wire;
    if (wire == llm::Wire::anthropic) return head.headers.get(FieldId::x_api_key);
    if (wire == llm::Wire::gemini) return head.headers.get(FieldId::x_goog_api_key);
    std::string_view value = head.headers.get(FieldId::authorization);
    if (!value.starts_with(kBearer)) return {};
    value.remove_prefix(kBearer.size());
    return value;
  }

  void run() {
    busy_ = true;
    due_ms_ = clock_ms();
    ++served_;
    ++server_.stats_.requests;
    for (MockStep& step : server_.steps_for(request_)) steps_.push_back(std::move(step));
    play();
  }

  void play() {
    while (stream_ != nullptr && !steps_.empty()) {
      MockStep& step = steps_.front();
      switch (step.what) {
        case MockStep::What::send: {
          const bool room = stream_->write(step.bytes);
          steps_.pop_front();
          if (!room) {
            stalled_ = true;
            return;
          }
          break;
        }
        case MockStep::What::drip:
          stream_->write(std::string_view(step.bytes).substr(0, 1));
          step.bytes.erase(0, 1);
          if (step.bytes.empty()) steps_.pop_front();
          if (!steps_.empty()) return wait(20);
          break;
        case MockStep::What::wait: {
          const std::uint32_t ms = step.ms;
          steps_.pop_front();
          return wait(ms);
        }
        case MockStep::What::hang: return;
        case MockStep::What::reset: stream_->reset(); return close();
        case MockStep::What::fin:
          stream_->shutdown();
          steps_.clear();
          return;
      }
    }
    if (stream_ != nullptr) done();
  }

  void wait(std::uint32_t ms) {
    if (ms == 0) return next_turn_.arm(0);  // others have their turn in between
    due_ms_ = MockSchedule::after(due_ms_, ms, clock_ms());
    entry_ = server_.schedule_.add(due_ms_, this);
    server_.wake();
  }

  void done() {
    busy_ = false;
    if (served_ == server_.options_.requests_per_connection) return close();
    const std::string next(waiting_.view());
    waiting_.clear();
    consume(next);
  }

  void refuse(int status) {
    std::string head;
    HeadWriter writer(head);
    writer.status(status);
    writer.field("content-length", std::uint64_t{0});
    writer.field("connection", "close");
    writer.end();
    stream_->write(head);
    stream_->shutdown();
    busy_ = true;
  }

  MockServer& server_;
  StreamPtr stream_;
  RequestReader reader_;
  Deadline next_turn_;
  std::uint64_t due_ms_ = 0;  // of the step before
  std::optional<MockSchedule::Entry> entry_;
  MockRequest request_;
  std::deque<MockStep> steps_;
  Buffer waiting_;
  std::size_t served_ = 0;
  bool busy_ = false, stalled_ = false;
};

MockServer::MockServer(Loop& loop, const Clock& clock, const Options& options)
    : loop_(loop),
      clock_(clock),
      options_(options),
      script_(options.seed, options.free_per_day),
      timer_(std::make_unique<uv_timer_t>()) {
  uv_timer_init(loop_.raw(), timer_.get());
  timer_->data = this;
}

MockServer::~MockServer() { stop(); }

Status MockServer::start() {
  if (!options_.cert.empty()) {
    auto tls = TlsServer::create(options_.cert, options_.key);
    if (!tls) return tls.error();
    tls_ = std::move(*tls);
  }
  auto listener = Listener::listen(loop_, options_.listen, *this);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  return Nothing{};
}

void MockServer::stop() {
  listener_.reset();
  while (!peers_.empty()) peers_.back()->close();
  if (timer_ == nullptr) return;
  // libuv keeps it until the loop's next turn, when we may be gone.
  uv_close(reinterpret_cast<uv_handle_t*>(timer_.release()),
           [](uv_handle_t* handle) { std::unique_ptr<uv_timer_t>(reinterpret_cast<uv_timer_t*>(handle)).reset(); });
}

void MockServer::wake() {
  if (schedule_.empty()) return;
  const std::uint64_t next_ms = schedule_.next_ms(), now_ms = loop_.now_ms();
  uv_timer_start(timer_.get(), timer_cb, next_ms > now_ms ? next_ms - now_ms : 0, 0);
}

void MockServer::timer_cb(uv_timer_t* handle) noexcept {  // NOLINT: what is thrown here ends the mock
  MockServer& self = *static_cast<MockServer*>(handle->data);
  const std::uint64_t now_ms = self.loop_.now_ms();
  while (void* const who = self.schedule_.take(now_ms)) static_cast<Peer*>(who)->on_due();
  if (self.timer_ != nullptr) self.wake();
}

void MockServer::on_accepted(StreamPtr stream) {
  ++stats_.connections;
  ++stats_.open;
  if (tls_ != nullptr) stream = tls_->wrap(loop_, std::move(stream));
  peers_.push_back(std::make_unique<Peer>(*this, std::move(stream)));
}

void MockServer::forget(Peer& peer) {
  const auto at = std::find_if(peers_.begin(), peers_.end(), [&](const auto& one) { return one.get() == &peer; });
  std::unique_ptr<Peer> gone = std::move(*at);
  peers_.erase(at);
  loop_.bury(std::move(gone));
}

std::vector<MockStep> MockServer::steps_for(const MockRequest& request) {
  if (request.path == "/mock/forget") {
    script_.forget();
    const std::uint64_t open = stats_.open;
    stats_ = {};
    stats_.open = open;
  }
  if (request.path != "/mock/stats" && request.path != "/mock/forget") {
    const bool key = options_.free_per_day > 0 && request.path.ends_with("/key");  // which the script counts for
    if (request.method == "GET" && !options_.files.empty() && !key)
      return {{MockStep::What::send, mock_file(options_.files, request.path, request.authorized)}};
    return script_.answer(request, clock_.wall_ms());
  }
  const std::string body = stats_json();
  std::string head;
  HeadWriter writer(head);
  writer.status(200);
  writer.field("content-type", "application/json");
  writer.field("content-length", body.size());
  writer.end();
  return {{MockStep::What::send, head + body}};
}

std::string MockServer::stats_json() const {
  std::string out;
  JsonWriter json(out);
  const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  json.open('{').member("requests", number(stats_.requests)).member("connections", number(stats_.connections));
  json.member("open", number(stats_.open)).member("left_early", number(stats_.left_early));
  json.key("models").open('{');
  for (const auto& [model, times] : script_.asked()) json.member(model, number(times));
  json.close('}').close('}');
  return out;
}

}  // namespace spillway
