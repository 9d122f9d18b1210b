#include "proxy/worker.h"

#include <algorithm>

#include "proxy/client.h"
#include "proxy/descriptors.h"
#include "proxy/explain.h"
#include "proxy/fetch.h"
#include "proxy/policy_timer.h"
#include "proxy/shared.h"

namespace spillway {

Worker::Worker(std::uint32_t index, Shared& shared)
    : index_(index),
      shared_(shared),
      accounts_(shared),
      crowd_deadline_(loop_, *this),
      silence_deadline_(loop_, *this) {
  finish_.what = Command::What::finish;
  id_salt_ = dice_.roll();
  loop_.set_inbox(this);
  dialer_ = Dialer::create(loop_);
  pool_ = std::make_unique<Pool>(loop_, *dialer_, pool_options(Limits{}));
  shared_.tickets().add_worker(index_, loop_);
}

Worker::~Worker() {
  if (!stopping_) stop_now();  // was never spawned
  loop_.run();                 // returns at once when the thread has run it to its end
  shared_.tickets().remove_worker(index_);
}

Pool::Options Worker::pool_options(const Limits& limits) {
  Pool::Options options;
  ReadLimits read;
  read.head_bytes = static_cast<std::size_t>(limits.head_bytes);
  read.body_bytes = ~std::uint64_t{0};  // relayed as it comes, never collected beyond its own bounds
  options.read = std::make_shared<ReadLimits>(read);
  options.idle_ms = static_cast<std::uint64_t>(limits.pool_idle_ms);
  options.age_ms = static_cast<std::uint64_t>(limits.pool_age_ms);
  options.idle_connections = static_cast<std::size_t>(limits.pool_idle_connections);
  options.connections = &shared_.load().upstream_connections;
  return options;
}

Status Worker::prepare(std::shared_ptr<const Generation> generation) {  // why: see Generation::build
  auto policies = PolicyWorker::start(generation->policies, *this);
  if (!policies) return policies.error();
  const ServerConfig& server = generation->config.server;
  if (server.tls.on()) {
    auto created = TlsServer::create(server.tls.cert, server.tls.key);
    if (!created) return created.error();
    prepared_tls_ = std::move(*created);
  }
  prepared_ = std::make_unique<Tenure>();
  prepared_->generation = std::move(generation);
  prepared_->policies = std::move(*policies);
  return Nothing{};
}

void Worker::commit() {
  if (prepared_ == nullptr) return;
  const Limits& limits = prepared_->generation->config.limits;
  const DescriptorShares shares = own_descriptor_shares(shared_.workers);
  Pool::Options options = pool_options(limits);
  options.idle_total = shares.idle_upstreams;
  pool_->set_options(options);
  connections_max_ = shares.clients;
  if (limits.connections > 0)
    connections_max_ = std::min(shares.clients, static_cast<std::uint64_t>(limits.connections));
  requests_max_ = limits.requests;
  tls_ = std::move(prepared_tls_);
  tenures_.push_back(std::move(prepared_));
  retire();
}

Status Worker::bind(const Generation& generation) {
  for (const std::string& address : generation.config.server.listen) {
    auto listener = Listener::listen(loop_, address, *this);
    if (!listener) return listener.error();
    listeners_.push_back(std::move(*listener));
  }
  return Nothing{};
}

Status Worker::start(std::shared_ptr<const Generation> generation) {  // why: see Generation::build
  Status bound = bind(*generation);
  if (!bound) return bound;
  Status prepared = prepare(std::move(generation));
  if (prepared) commit();
  return prepared;
}

std::uint16_t Worker::port() const { return listeners_.empty() ? 0 : listeners_.front()->port(); }

void Worker::spawn() {
  thread_ = std::thread([this] { run(); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::run() { loop_.run(); }

void Worker::post(Command* command) { loop_.post({0, command}); }

void Worker::on_message(const Loop::Message& message) {
  if (message.what == 0) return carry_out(*static_cast<Command*>(message.data));
  if (Chain* chain = shared_.tickets().deliver(message.what)) chain->resume(message.data);
}

void Worker::carry_out(Command& command) {
  switch (command.what) {
    case Command::What::prepare: {
      const Status prepared = prepare(std::move(command.generation));
      command.ok = static_cast<bool>(prepared);
      if (!prepared) command.text = prepared.error().detail;
      break;
    }
    case Command::What::commit: commit(); break;
    case Command::What::discard:
      prepared_.reset();
      prepared_tls_.reset();
      break;
    case Command::What::drain: begin_drain(); break;
    case Command::What::stop: stop_now(); break;
    case Command::What::shed: shed(); break;
    case Command::What::status:
      if (!tenures_.empty()) command.text = tenures_.back()->policies->status();
      break;
    case Command::What::command:
      if (!tenures_.empty()) command.text = tenures_.back()->policies->command(command.policy, command.words);
      break;
    case Command::What::explain:
      if (!tenures_.empty()) command.text = explain(*this, *tenures_.back(), command.words, command.key, command.tags);
      break;
    case Command::What::finish:
      tenures_.clear();
      loop_.close();
      return;
  }
  if (command.reply_to != nullptr) command.reply_to->post({kReply, &command});
}

const Generation* Worker::generation_of(const PolicyWorker& policies) const {
  for (const auto& tenure : tenures_) {
    if (tenure->policies.get() == &policies) return tenure->generation.get();
  }
  return prepared_ != nullptr && prepared_->policies.get() == &policies ? prepared_->generation.get() : nullptr;
}

Tenure& Worker::enter() {
  Tenure& tenure = *tenures_.back();
  ++tenure.requests;
  shared_.load().requests.add(1);
  return tenure;
}

void Worker::leave(Tenure& tenure) {
  --tenure.requests;
  shared_.load().requests.add(-1);
  if (&tenure != tenures_.back().get()) retire();
}

// Lets go of every generation but the newest that no request is in.
void Worker::retire() {
  for (std::size_t i = 0; i + 1 < tenures_.size();) {
    if (tenures_[i]->requests > 0) {
      ++i;
      continue;
    }
    PolicyWorker* gone = tenures_[i]->policies.get();
    std::erase_if(timers_, [&](const auto& timer) { return &timer->policies() == gone; });
    for (auto& fetch : fetches_) {
      if (&fetch->policies() == gone) fetch->cancel();
    }
    std::erase_if(fetches_, [&](const auto& fetch) { return &fetch->policies() == gone; });
    for (std::size_t at = 0; at < fetches_.size(); ++at) fetches_[at]->at = at;
    tenures_.erase(tenures_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void Worker::forget(PolicyFetch& fetch) {
  const std::size_t at = fetch.at;
  loop_.bury(std::move(fetches_[at]));
  if (at + 1 != fetches_.size()) {
    fetches_[at] = std::move(fetches_.back());
    fetches_[at]->at = at;
  }
  fetches_.pop_back();
}

// "req_", two digits of the worker, sixteen that do not come twice.
std::string_view Worker::next_request_id(std::span<char, 24> room) {
  constexpr std::string_view kPrefix = "req_", kDigits = "0123456789abcdef";
  const std::uint64_t mixed = (++id_count_ * 0x9e3779b97f4a7c15ull) ^ id_salt_;
  char* out = std::copy(kPrefix.begin(), kPrefix.end(), room.data());
  *out++ = kDigits[index_ >> 4 & 15];
  *out++ = kDigits[index_ & 15];
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kDigits[mixed >> shift & 15];
  return {room.data(), static_cast<std::size_t>(out - room.data())};
}

namespace {

template <class Memory>
Memory take(std::vector<Memory>& spare) {
  if (spare.empty()) return {};
  Memory memory = std::move(spare.back());
  spare.pop_back();
  return memory;
}

template <class Memory>
void give_back(std::vector<Memory>& spare, Memory memory) {
  constexpr std::size_t kSmall = 32, kLarge = 64 * 1024, kKept = 64;
  if (memory.capacity() < kSmall || memory.capacity() > kLarge || spare.size() >= kKept) return;
  memory.clear();
  spare.push_back(std::move(memory));
}

}  // namespace

std::string Worker::spare_memory() { return take(spare_memory_); }
void Worker::keep_memory(std::string memory) { give_back(spare_memory_, std::move(memory)); }
Bytes Worker::spare_body() { return take(spare_bodies_); }
void Worker::keep_body(Bytes memory) { give_back(spare_bodies_, std::move(memory)); }
Worker::Lists Worker::spare_lists() { return take(spare_lists_); }

void Worker::keep_lists(Lists lists) {
  constexpr std::size_t kMost = 16, kKept = 64;  // entries, lists
  const auto large = [](const auto& list) { return list.capacity() > kMost; };
  if (spare_lists_.size() >= kKept || large(lists.candidates) || large(lists.tried) || large(lists.pieces)) return;
  lists.candidates.clear();
  lists.tried.clear();
  lists.pieces.clear();
  spare_lists_.push_back(std::move(lists));
}

void Worker::begin_drain() {
  if (draining_) return;
  draining_ = true;
  listeners_.clear();
  crowd_deadline_.disarm();
  for (std::size_t i = clients_.size(); i-- > 0;) clients_[i]->drain();  // the last one takes a leaver's place
  finish_if_idle();
}

void Worker::finish_if_idle() {
  if (clients_.empty() && !stopping_) stop_now();
}

void Worker::stop_now() {
  if (std::exchange(stopping_, true)) return;
  draining_ = true;
  listeners_.clear();
  crowd_deadline_.disarm();
  silence_deadline_.disarm();
  while (!clients_.empty()) clients_.back()->close_now();
  for (auto& fetch : fetches_) {
    fetch->cancel();
    loop_.bury(std::move(fetch));
  }
  fetches_.clear();
  timers_.clear();
  pool_->close();
  dialer_->close();
  prepared_.reset();
  post(&finish_);  // in a later turn, when what was just buried no longer needs its tenure
}

}  // namespace spillway
