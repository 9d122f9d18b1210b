// The idle list is last in, first out: the connection used last is the one least likely to have been closed.
#include "upstream/pool.h"

#include <algorithm>

namespace spillway {

namespace {
constexpr std::uint64_t kSweepMs = 1'000;

Error upstream_error(Kind kind, std::string detail) { return {kind, Source::upstream, Retry::yes, std::move(detail)}; }
}  // namespace

Connection::Connection(Pool& pool, std::uint64_t endpoint_id, StreamPtr stream, SharedLimits limits)
    : pool_(pool),
      endpoint_id_(endpoint_id),
      stream_(std::move(stream)),
      reader_(std::move(limits)),
      born_ms_(pool.loop_.now_ms()) {
  stream_->set_events(this);
  stream_->resume();
}

bool Connection::exchange(User& user, bool head_request, std::span<const std::string_view> pieces, Sends sends) {
  CHECK(user_ == nullptr);
  user_ = &user;
  ++exchanges_;
  reader_.expect(head_request, sends == Sends::upgrade);
  owing_ = sends == Sends::begin;
  stream_->resume();
  return stream_->write(pieces);
}

void Connection::abandon() {
  user_ = nullptr;
  pool_.remove(*this);
}

void Connection::on_data(std::string_view bytes) {
  if (closed_) return;
  if (user_ == nullptr) return pool_.remove(*this);  // an idle provider has nothing to say
  user_->on_response_byte();
  while (!bytes.empty() && !closed_ && user_ != nullptr && step(bytes)) {
  }
}

bool Connection::step(std::string_view& in) {
  Result<Step> next = reader_.next(in);
  if (!next) {
    broken(next.error());
    return false;
  }
  switch (*next) {
    case Step::more: return false;
    case Step::head: user_->on_response_head(reader_.head()); return true;
    case Step::body: user_->on_response_body(reader_.body()); return true;
    case Step::end:
      // Left-over bytes, or a response that overtook its request, leave the connection in doubt.
      complete(in.empty() && reader_.head().keep_alive && stream_->queued_bytes() == 0 && !owing_);
      return false;
  }
  return false;
}

void Connection::on_drained() {
  if (user_ != nullptr) user_->on_request_drained();
}

void Connection::on_eof() {
  if (closed_) return;
  if (user_ == nullptr) return pool_.remove(*this);
  const bool started = reader_.mid_message();
  if (reader_.finish()) return complete(false);
  broken(upstream_error(Kind::closed, started ? "the provider closed the connection in the middle of its answer"
                                              : "the provider closed the connection without an answer"));
}

void Connection::on_broken(const Error& error) {
  if (closed_) return;
  if (user_ == nullptr) return pool_.remove(*this);
  broken(upstream_error(error.kind, "the connection to the provider broke: " + error.detail));
}

void Connection::complete(bool reusable) {
  User* user = std::exchange(user_, nullptr);
  if (reusable) {
    pool_.give_back(*this);
  } else {
    pool_.remove(*this);
  }
  user->on_response_end();
  if (user_ == nullptr && !closed_) reader_.forget();  // the head was the user's until now
}

void Connection::broken(const Error& error) {
  User* user = std::exchange(user_, nullptr);
  pool_.remove(*this);
  user->on_response_broken(error);
}

Pool::Pool(Loop& loop, Dialer& dialer, const Options& options)
    : loop_(loop), dialer_(dialer), options_(options), sweep_(loop, *this) {}

Pool::~Pool() { close(); }

Connection* Pool::take(const Endpoint& endpoint) {
  const auto found = idle_.find(endpoint.id);
  if (found == idle_.end()) return nullptr;
  while (!found->second.empty()) {
    Connection* connection = found->second.back();
    found->second.pop_back();
    --idle_count_;
    const bool fresh = !expired(*connection);
    connection->idle_since_ms_ = 0;
    if (fresh) return connection;
    remove(*connection);
  }
  return nullptr;
}

Connection& Pool::adopt(const Endpoint& endpoint, StreamPtr stream) {
  auto connection = std::make_unique<Connection>(*this, endpoint.id, std::move(stream), options_.read);
  connection->at_ = all_.size();
  all_.push_back(std::move(connection));
  if (options_.connections != nullptr) options_.connections->add(1);
  return *all_.back();
}

Result<TlsClient*> Pool::tls_for(const Endpoint& endpoint) {
  if (!endpoint.url.tls) return static_cast<TlsClient*>(nullptr);
  const std::string name = (endpoint.insecure ? "insecure|" : "verify|") + endpoint.ca_file;
  auto& slot = tls_[name];
  if (slot == nullptr) {
    auto created = TlsClient::create({endpoint.ca_file, endpoint.insecure});
    if (!created) {
      tls_.erase(name);
      return created.error();
    }
    slot = std::move(*created);
  }
  return slot.get();
}

void Pool::give_back(Connection& connection) {
  auto& list = idle_[connection.endpoint_id_];
  const bool old = loop_.now_ms() - connection.born_ms_ >= options_.age_ms;
  const bool full = list.size() >= options_.idle_connections || idle_count_ >= options_.idle_total;
  if (old || full) return remove(connection);
  connection.idle_since_ms_ = loop_.now_ms() + 1;  // never 0: 0 says "not idle"
  connection.resume();
  list.push_back(&connection);
  ++idle_count_;
  if (!sweep_.armed()) sweep_.arm(kSweepMs);
}

void Pool::forget_idle(Connection& connection) {
  if (connection.idle_since_ms_ == 0) return;
  auto& list = idle_[connection.endpoint_id_];
  const auto at = std::find(list.begin(), list.end(), &connection);
  if (at == list.end()) return;
  list.erase(at);
  --idle_count_;
}

void Pool::remove(Connection& connection) {
  if (std::exchange(connection.closed_, true)) return;
  forget_idle(connection);
  if (options_.connections != nullptr) options_.connections->add(-1);
  connection.stream_.reset();
  const std::size_t at = connection.at_;
  loop_.bury(std::move(all_[at]));
  if (at + 1 != all_.size()) {
    all_[at] = std::move(all_.back());
    all_[at]->at_ = at;
  }
  all_.pop_back();
}

void Pool::close() {
  sweep_.disarm();
  while (!all_.empty()) {
    all_.back()->user_ = nullptr;
    remove(*all_.back());
  }
  idle_.clear();
}

bool Pool::expired(const Connection& connection) const {
  const std::uint64_t now = loop_.now_ms();
  return now >= connection.idle_since_ms_ + options_.idle_ms || now - connection.born_ms_ >= options_.age_ms;
}

void Pool::on_deadline(Deadline&) {
  std::vector<Connection*> gone;
  for (const auto& [id, list] : idle_) {
    for (Connection* connection : list) {
      if (expired(*connection)) gone.push_back(connection);
    }
  }
  for (Connection* connection : gone) remove(*connection);
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
  if (idle_count_ > 0) sweep_.arm(kSweepMs);
}

}  // namespace spillway
