// The cache and its look-ups. An address counts as old by the loop's clock, never by the name server's TTL, which
// getaddrinfo does not tell.
#include "net/resolver.h"

#include <algorithm>
#include <utility>

namespace spillway {

struct Resolver::LookUp {
  uv_getaddrinfo_t request{};
  Resolver& resolver;
  std::string host;
  int refused = 0;  // what libuv said at once: told in a later turn all the same
};

Resolver::Resolver(Loop& loop, const Ages& ages) : loop_(loop), ages_(ages), later_(loop, *this) {}

Resolver::~Resolver() { CHECK(pending_ == 0); }

std::optional<Addresses> Resolver::resolve(const std::string& host, Waiter& waiter) {
  CHECK(!closed_);
  if (names_.find(host) == names_.end()) make_room();
  Name& name = names_[host];
  const std::uint64_t now = loop_.now_ms();
  const std::uint64_t age = now - name.found_ms;
  const bool usable = !name.addresses.empty() && age < ages_.stale_ms;
  if (!usable) {
    name.waiters.push_back(&waiter);
    if (!name.asking) ask(host, name);
    return std::nullopt;
  }
  const bool due = age >= ages_.fresh_ms || name.suspect;
  Addresses addresses = name.addresses;
  if (due && !name.asking && now >= name.asked_ms + ages_.again_ms) ask(host, name);
  return addresses;
}

void Resolver::forget(Waiter& waiter) {
  for (auto& [host, name] : names_) std::erase(name.waiters, &waiter);
  std::replace(hearing_.begin(), hearing_.end(), &waiter, static_cast<Waiter*>(nullptr));
}

void Resolver::suspect(const std::string& host) {
  if (const auto at = names_.find(host); at != names_.end()) at->second.suspect = true;
}

void Resolver::close() {
  closed_ = true;
  for (auto& [host, name] : names_) name.waiters.clear();
  // Those a thread has already begun cannot be cancelled and come back by themselves.
  for (auto& [key, look_up] : look_ups_)
    if (look_up->refused == 0) uv_cancel(reinterpret_cast<uv_req_t*>(&look_up->request));
}

// Names come from the config, so the limit is met by mistakes only: the one looked up longest ago goes.
void Resolver::make_room() {
  if (names_.size() < kNamesMax) return;
  auto oldest = names_.end();
  for (auto at = names_.begin(); at != names_.end(); ++at)
    if (!at->second.asking && (oldest == names_.end() || at->second.asked_ms < oldest->second.asked_ms)) oldest = at;
  if (oldest != names_.end()) names_.erase(oldest);
}

void Resolver::ask(const std::string& host, Name& name) {
  name.asking = true;
  name.asked_ms = loop_.now_ms();
  ++pending_;
  look_up(host);
}

void Resolver::look_up(const std::string& host) {
  auto owned = std::make_unique<LookUp>(LookUp{{}, *this, host, 0});
  LookUp& look_up = *owned;
  look_up.request.data = &look_up;
  look_ups_.emplace(&look_up, std::move(owned));
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  look_up.refused = uv_getaddrinfo(loop_.raw(), &look_up.request, found_cb, host.c_str(), nullptr, &hints);
  if (look_up.refused != 0) later_.arm(0);
}

// Names that libuv does not even look up, like one of 300 characters.
void Resolver::on_deadline(Deadline&) {
  for (;;) {
    const auto at =
        std::find_if(look_ups_.begin(), look_ups_.end(), [](const auto& one) { return one.second->refused != 0; });
    if (at == look_ups_.end()) return;
    const std::unique_ptr<LookUp> look_up = std::move(at->second);
    look_ups_.erase(at);
    answered(look_up->host, look_up->refused, {});
  }
}

void Resolver::found_cb(uv_getaddrinfo_t* request, int status, addrinfo* list) noexcept {
  LookUp& look_up = *static_cast<LookUp*>(request->data);
  Resolver& self = look_up.resolver;
  Addresses addresses;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next)
    if (const std::optional<Address> address = Address::from(at->ai_addr)) addresses.push_back(*address);
  uv_freeaddrinfo(list);
  const std::string host = std::move(look_up.host);
  self.look_ups_.erase(&look_up);
  if (status == 0 && addresses.empty()) status = UV_EAI_NODATA;
  self.answered(host, status, addresses);
}

void Resolver::answered(const std::string& host, int status, const Addresses& addresses) {
  Name& name = names_.at(host);  // a name being asked for is never dropped
  name.asking = false;
  if (status == 0) {
    name.addresses = addresses;
    name.found_ms = loop_.now_ms();
    name.suspect = false;
  }
  CHECK(hearing_.empty());
  hearing_.swap(name.waiters);
  // Each of them may ask again, forget another or close us; idle() stays false until the last has heard.
  for (std::size_t i = 0; i < hearing_.size(); ++i) {
    Waiter* waiter = std::exchange(hearing_[i], nullptr);
    if (waiter == nullptr) continue;
    if (status == 0) {
      waiter->on_resolved(addresses);
    } else {
      waiter->on_unresolved(status);
    }
  }
  hearing_.clear();
  --pending_;
}

}  // namespace spillway
