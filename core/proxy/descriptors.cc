#include "proxy/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace spillway {

namespace {
// Standard streams, the main loop, log, store, resolver and files that are read now and then.
constexpr std::uint64_t kProcess = 32;
// A worker's loop and listeners, a dial that races two addresses, and the one client it may accept above the limit.
constexpr std::uint64_t kWorker = 8;
constexpr std::uint64_t kFewestClients = 8;
constexpr std::uint64_t kUnknownLimit = 1024;
}  // namespace

// Two fifths for clients, as much for their providers, the last fifth for connections that are kept.
DescriptorShares share_descriptors(std::uint64_t limit, std::uint64_t workers) {
  const std::uint64_t reserve = kProcess + kWorker * workers;
  const std::uint64_t fifth = limit > reserve ? (limit - reserve) / 5 : 0;
  return {std::max(2 * fifth, kFewestClients), fifth / std::max<std::uint64_t>(workers, 1)};
}

DescriptorShares own_descriptor_shares(std::uint64_t workers) {
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
  return share_descriptors(known ? limit.rlim_cur : kUnknownLimit, workers);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // not allowed: then it stays as it is, and the shares follow from it
}

}  // namespace spillway
