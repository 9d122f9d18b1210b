// An HTTP request on a policy's behalf, by the worker's own pool: at a URL, or below a provider's base_url with its
// key, which the policy never sees.
//
// Owner: Worker. Thread: its loop.
#pragma once
#include <cstdint>
#include <optional>

#include "policy/chain.h"
#include "upstream/fetch.h"

namespace spillway {

class Worker;

class PolicyFetch final : public Mortal, private Fetch::Events {
 public:
  PolicyFetch(Worker& worker, Services::Fetch wish, PolicyWorker& policies, std::size_t policy, std::uint64_t ticket);
  Status start();  // an error when the URL or a header is unusable; then nothing follows
  void cancel();   // without a word
  PolicyWorker& policies() { return policies_; }
  std::size_t at = 0;  // the worker's index of us

 private:
  void on_fetched(Fetch& fetch) override;
  Result<const Endpoint*> aim(FetchWish& wish) const;

  Worker& worker_;
  FetchWish wish_;
  PolicyWorker& policies_;
  const std::size_t policy_;
  const std::uint64_t ticket_;
  std::optional<Fetch> fetch_;
};

}  // namespace spillway
