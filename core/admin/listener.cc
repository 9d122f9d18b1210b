#include "admin/listener.h"

#include <algorithm>

#include "http/reader.h"
#include "http/url.h"
#include "http/writer.h"

namespace spillway {

namespace {
constexpr std::uint64_t kIdleMs = 75'000;
constexpr std::size_t kBodyBytesMax = 32u << 20;  // what a client may send by default
constexpr std::string_view kJson = "application/json", kExplain = "/admin/explain";
}  // namespace

// One connection; one request at a time. Only /admin/explain has a body that is read, others are ignored.
class AdminListener::Peer final : public Mortal,
                                  private Stream::Events,
                                  private Deadline::Events,
                                  private AdminSource::Reader {
 public:
  Peer(AdminListener& owner, StreamPtr stream)
      : owner_(owner), stream_(std::move(stream)), reader_(limits()), idle_(owner.loop_, *this) {
    stream_->set_events(this);
    stream_->resume();
    idle_.arm(kIdleMs);
  }
  void close() {
    if (stream_ == nullptr) return;
    if (waiting_) owner_.source_.forget(*this);
    idle_.disarm();
    stream_.reset();
    owner_.forget(*this);
  }

 private:
  static ReadLimits limits() {
    ReadLimits limits;
    limits.body_bytes = kBodyBytesMax;
    return limits;
  }

  void on_data(std::string_view bytes) override {
    if (said_all_) return;
    if (waiting_) return close();  // nobody pipelines here
    while (stream_ != nullptr && !bytes.empty()) {
      const Result<Step> step = reader_.next(bytes);
      if (!step) {
        keep_alive_ = false;
        return answer(reader_.refusal().status, "text/plain", reader_.refusal().detail + "\n");
      }
      if (*step == Step::head) take(reader_.head());
      if (*step == Step::body && path_ == kExplain) body_.append(reader_.body());
      if (*step == Step::end) route();
      if (!waiting_) continue;
      keep_alive_ = keep_alive_ && bytes.empty();
      return;
    }
  }
  void on_eof() override {
    eof_ = true;
    keep_alive_ = false;
    if (waiting_) return;  // who has no more to say may still listen
    if (!said_all_) stream_->shutdown();
    close();
  }
  void on_broken(const Error&) override { close(); }
  void on_drained() override {}
  void on_deadline(Deadline&) override { close(); }

  void take(const RequestHead& head) {
    method_ = head.method;
    path_ = head.path;
    query_ = head.query;
    body_.clear();
    keep_alive_ = head.keep_alive;
    // A page in a browser must not be able to reload us from another site.
    cross_site_ = head.headers.find(FieldId::origin) != nullptr;
  }

  // What is there to ask for. A POST changes something, so no page of another site may send it.
  struct Place {
    std::string_view method, path;
    void (Peer::*go)();
  };
  static constexpr std::size_t kPlaces = 12;
  static const Place kRouter[kPlaces];

  void route() {
    const std::string_view method = method_ == "HEAD" ? std::string_view("GET") : method_;
    std::string known;
    for (const Place& place : kRouter) {
      if (place.method == method && place.path == path_ && (method == "GET" || !cross_site_))
        return (this->*place.go)();
      known.append(known.empty() ? "" : ", ").append(place.method).append(" ").append(place.path);
    }
    answer(404, "text/plain", known + "\n");
  }

  void go_metrics() { answer(200, "text/plain; version=0.0.4; charset=utf-8", owner_.source_.metrics()); }
  void go_health() { answer(200, kJson, R"({"status":"ok"})"); }
  void go_ready() {
    const bool ready = owner_.source_.ready();
    answer(ready ? 200 : 503, kJson, ready ? R"({"status":"ok"})" : R"({"status":"draining"})");
  }
  void go_status() {
    waiting_ = true;
    owner_.source_.status(*this);
  }
  void go_quota() { command("quota"); }
  void go_clear() {
    const Result<std::string> account = parameter("account");
    if (!account || account->empty()) return answer(400, "text/plain", "say whose: /admin/quota/clear?account=NAME\n");
    command("clear " + *account);
  }
  void go_pools() { answer(200, kJson, owner_.source_.pools()); }
  void go_refresh() {
    const bool begun = owner_.source_.refresh_pools();
    answer(begun ? 202 : 409, kJson, begun ? R"({"refresh":"begun"})" : R"({"refresh":"there is nothing to refresh"})");
  }
  void go_explain() {
    const Result<std::string> key = parameter("key"), tags = parameter("tags");
    if (!key || !tags) return answer(400, "text/plain", "the query cannot be read\n");
    waiting_ = true;
    missing_ = "another question is being answered";
    const std::string body = std::move(body_);
    owner_.source_.explain(body, *key, *tags, *this);
  }
  // Of the query; empty when it is not there.
  Result<std::string> parameter(std::string_view name) const {
    std::string_view query = query_, found;
    while (!query.empty()) {
      const std::string_view one = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(one.size() + 1, query.size()));
      const std::size_t equals = one.find('=');
      if (equals == one.npos) return Error{Kind::invalid, Source::client, Retry::no, "a parameter without a value"};
      if (one.substr(0, equals) == name) found = one.substr(equals + 1);
    }
    return percent_decode(found);
  }
  void go_reload() {
    const bool begun = owner_.source_.reload();
    answer(begun ? 202 : 409, kJson, begun ? R"({"reload":"begun"})" : R"({"reload":"one is running"})");
  }

  void command(const std::string& words) {
    waiting_ = true;
    missing_ = "no route has the policy free_first, or another question is being answered";
    owner_.source_.command("free_first", words, *this);
  }

  void on_text(const std::string& text) override {
    waiting_ = false;
    if (!text.empty()) return answer(200, kJson, text);
    answer(404, "text/plain", std::string(missing_) + "\n");
  }

  void answer(int status, std::string_view type, std::string_view body) {
    std::string head;
    HeadWriter writer(head);
    writer.status(status);
    writer.field("content-type", type);
    writer.field("content-length", body.size());
    writer.field("cache-control", "no-store");
    if (!keep_alive_) writer.field("connection", "close");
    writer.end();
    const std::string_view pieces[] = {head, method_ == "HEAD" ? std::string_view() : body};
    stream_->write(pieces);
    idle_.arm(kIdleMs);
    if (keep_alive_) return;
    said_all_ = true;
    stream_->shutdown();
    if (eof_) close();
  }

  AdminListener& owner_;
  StreamPtr stream_;
  RequestReader reader_;
  Deadline idle_;
  std::string method_, path_, query_, body_;
  const char* missing_ = "";  // what an empty answer means
  bool keep_alive_ = true, waiting_ = false, cross_site_ = false;
  bool eof_ = false, said_all_ = false;
};

const AdminListener::Peer::Place AdminListener::Peer::kRouter[kPlaces] = {
    {"GET", "/metrics", &Peer::go_metrics},   {"GET", "/health", &Peer::go_health},
    {"GET", "/healthz", &Peer::go_health},    {"GET", "/health/ready", &Peer::go_ready},
    {"GET", "/readyz", &Peer::go_ready},      {"GET", "/admin/status", &Peer::go_status},
    {"GET", "/admin/quota", &Peer::go_quota}, {"POST", "/admin/quota/clear", &Peer::go_clear},
    {"GET", "/admin/pools", &Peer::go_pools}, {"POST", "/admin/pools/refresh", &Peer::go_refresh},
    {"POST", kExplain, &Peer::go_explain},    {"POST", "/admin/reload", &Peer::go_reload},
};

AdminListener::AdminListener(Loop& loop, AdminSource& source) : loop_(loop), source_(source) {}
AdminListener::~AdminListener() { stop(); }

Status AdminListener::start(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    auto listener = Listener::listen(loop_, address, *this);
    if (!listener) return listener.error();
    listeners_.push_back(std::move(*listener));
  }
  return Nothing{};
}

void AdminListener::stop() {
  listeners_.clear();
  while (!peers_.empty()) peers_.back()->close();
}

void AdminListener::on_accepted(StreamPtr stream) {
  if (peers_.size() >= kPeersMax) return;  // the stream closes as it goes out of scope
  peers_.push_back(std::make_unique<Peer>(*this, std::move(stream)));
}

void AdminListener::forget(Peer& peer) {
  const auto at = std::find_if(peers_.begin(), peers_.end(), [&](const auto& one) { return one.get() == &peer; });
  std::unique_ptr<Peer> gone = std::move(*at);
  peers_.erase(at);
  loop_.bury(std::move(gone));
}

}  // namespace spillway
