// How many descriptors the process has, and how they are shared out so that they never run out (R1).
//
// A client holds one descriptor and its running request at most one more, for the provider; idle connections to
// providers are bounded over all workers. Thread: any.
#pragma once
#include <cstdint>

namespace spillway {

struct DescriptorShares {
  std::uint64_t clients;         // connections of all workers together; each may have one to a provider as well
  std::uint64_t idle_upstreams;  // of one worker
};

// Of `limit` descriptors for `workers` workers. Clients beyond it by one for each worker are allowed for.
DescriptorShares share_descriptors(std::uint64_t limit, std::uint64_t workers);
DescriptorShares own_descriptor_shares(std::uint64_t workers);  // of this process's limit as it is now

// Lifts the soft limit to the hard one, before anything is opened.
void raise_descriptor_limit();

}  // namespace spillway
