// How many clients a worker takes, and who goes when there are too many: the connection limit, the bound on requests
// at work, and the last step of the memory limit.
#include <algorithm>

#include "proxy/client.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::size_t kLooked = 256;            // clients looked at in one search for an idle one
constexpr std::uint64_t kCrowdedMs = 20;        // between two looks whether another worker's client has left
constexpr std::size_t kShedBytes = 128 * 1024;  // who holds less is spared
constexpr int kShedAtOnce = 8;                  // clients that one look at the memory ends

ReadLimits client_limits(const Limits& limits) {
  ReadLimits read;
  read.target_bytes = static_cast<std::size_t>(limits.target_bytes);
  read.field_bytes = static_cast<std::size_t>(limits.field_bytes);
  read.head_bytes = static_cast<std::size_t>(limits.head_bytes);
  read.fields = static_cast<std::size_t>(limits.fields);
  read.body_bytes = static_cast<std::uint64_t>(limits.body_bytes);
  read.form_bytes = static_cast<std::uint64_t>(limits.upload_bytes);
  return read;
}

}  // namespace

bool Worker::full() const {
  const std::int64_t connections = shared_.load().connections.value.load(std::memory_order_relaxed);
  return connections >= static_cast<std::int64_t>(connections_max_);
}

bool Worker::leaving() const { return crowded_ || shared_.draining.load(std::memory_order_relaxed); }

// Whoever the kernel accepted for us is served, even the one above the limit that another worker let us miss.
void Worker::on_accepted(StreamPtr stream) {
  shared_.load().connections.add(1);
  if (tls_ != nullptr) stream = tls_->wrap(loop_, std::move(stream));
  const ReadLimits limits = client_limits(generation().config.limits);
  if (read_limits_ == nullptr || *read_limits_ != limits) read_limits_ = std::make_shared<ReadLimits>(limits);
  auto client = std::make_unique<Client>(*this, std::move(stream), read_limits_);
  client->at = clients_.size();
  clients_.push_back(std::move(client));
  if (full() && !close_an_idle_client()) crowd(true);
}

void Worker::forget(Client& client) {
  shared_.load().connections.add(-1);
  const std::size_t at = client.at;
  loop_.bury(std::move(clients_[at]));
  if (at + 1 != clients_.size()) {
    clients_[at] = std::move(clients_.back());
    clients_[at]->at = at;
  }
  clients_.pop_back();
  if (crowded_ && !full()) crowd(false);
  if (draining_) finish_if_idle();
}

// The hand goes round, so that nobody is closed again and again and a search costs the same however many there are.
bool Worker::close_an_idle_client() {
  for (std::size_t i = std::min(kLooked, clients_.size()); i > 0; --i) {
    hand_ = hand_ + 1 < clients_.size() ? hand_ + 1 : 0;
    if (!clients_[hand_]->close_if_idle()) continue;
    shared_.limits_hit().idle_closed.add();
    return true;
  }
  return false;
}

// Those who come now wait in the backlog, and nobody keeps a connection for later.
void Worker::crowd(bool crowded) {
  if (crowded) crowd_deadline_.arm(kCrowdedMs);
  if (crowded_ == crowded) return;
  crowded_ = crowded;
  if (!crowded) crowd_deadline_.disarm();
  for (const Listener::Ptr& listener : listeners_) listener->pause_accepting(crowded);
  if (crowded) shared_.limits_hit().crowded.add();
}

void Worker::on_deadline(Deadline& deadline) {
  if (&deadline == &silence_deadline_) return look_for_silence();
  if (full() && !close_an_idle_client()) return crowd(true);
  crowd(false);
}

Worker::Overload Worker::overload(int own) const {
  if (shared_.pressure.load(std::memory_order_relaxed) >= Pressure::refuse) return Overload::memory;
  if (requests_max_ == 0) return Overload::none;
  const std::int64_t others = shared_.load().requests.value.load(std::memory_order_relaxed) - own;
  return others >= requests_max_ ? Overload::requests : Overload::none;
}

void Worker::shed() {
  for (int i = 0; i < kShedAtOnce; ++i) {
    const auto largest = std::max_element(clients_.begin(), clients_.end(), [](const auto& one, const auto& other) {
      return one->held_bytes() < other->held_bytes();
    });
    if (largest == clients_.end() || (*largest)->held_bytes() < kShedBytes) return;
    (*largest)->shed();
  }
}

}  // namespace spillway
