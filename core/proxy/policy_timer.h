// A policy's one-shot timer. Owner: Worker. Thread: its loop.
#pragma once
#include <algorithm>
#include <cstdint>

#include "net/loop.h"
#include "policy/chain.h"

namespace spillway {

class Worker;

class PolicyTimer final : public Mortal, private Deadline::Events {
 public:
  PolicyTimer(Worker& worker, Loop& loop, PolicyWorker& policies, std::size_t policy, std::uint64_t cookie)
      : worker_(worker), policies_(policies), deadline_(loop, *this), policy_(policy), cookie_(cookie) {}
  void arm(std::int64_t after_ms) { deadline_.arm(static_cast<std::uint64_t>(std::max<std::int64_t>(after_ms, 0))); }
  const PolicyWorker& policies() const { return policies_; }

 private:
  void on_deadline(Deadline& deadline) override;
  Worker& worker_;
  PolicyWorker& policies_;
  Deadline deadline_;
  const std::size_t policy_;
  const std::uint64_t cookie_;
};

}  // namespace spillway
