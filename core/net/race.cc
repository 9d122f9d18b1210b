// Happy Eyeballs. Its events are the last statement of a callback, because the dial destroys the race in them.
#include "net/race.h"

#include <algorithm>

namespace spillway {

Addresses interleave(const Addresses& addresses) {
  Addresses first, second, all;
  for (const Address& address : addresses) (address.is_v6() ? first : second).push_back(address);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  if (all.size() > kAddressesMax) all.resize(kAddressesMax);
  return all;
}

Race::Race(Loop& loop, const Addresses& addresses, std::uint64_t gap_ms, Events& events)
    : loop_(loop), events_(events), gap_ms_(gap_ms), addresses_(interleave(addresses)), gap_(loop, *this) {
  CHECK(!addresses_.empty());
  start_next();
}

// "No route" for one family says less than what another address answered.
void Race::note_failure(int status) {
  const bool no_route = status == UV_ENETUNREACH || status == UV_EADDRNOTAVAIL || status == UV_EAFNOSUPPORT;
  if (last_failure_ == 0 || !no_route) last_failure_ = status;
}

// Skips over what fails at once (no route to IPv6, say). With nothing left and nothing running the race is lost, which
// is told from the deadline, since we may be inside the constructor.
void Race::start_next() {
  while (next_ < addresses_.size()) {
    TcpStream::Ptr stream = TcpStream::create(loop_, Source::upstream);
    if (const int status = stream->connect(addresses_[next_++], *this); status != 0) {
      note_failure(status);
      continue;
    }
    running_.push_back(std::move(stream));
    if (next_ < addresses_.size()) gap_.arm(gap_ms_);
    return;
  }
  if (running_.empty()) gap_.arm(0);
}

void Race::on_deadline(Deadline&) {
  if (next_ < addresses_.size()) return start_next();
  if (running_.empty()) events_.on_lost(last_failure_);
}

void Race::on_connected(TcpStream& stream, int status) {
  const auto at = std::find_if(running_.begin(), running_.end(), [&](const auto& one) { return one.get() == &stream; });
  CHECK(at != running_.end());
  TcpStream::Ptr done = std::move(*at);
  running_.erase(at);
  if (status == 0) {
    running_.clear();
    gap_.disarm();
    return events_.on_won(std::move(done));
  }
  note_failure(status);
  if (next_ < addresses_.size()) return start_next();
  if (running_.empty()) events_.on_lost(last_failure_);
}

}  // namespace spillway
