// Spillway as a Router: the shipped policies, from a config like any other, over core/policy's Plan and Chain. What
// core/proxy does around them (pick, ask, send, classify, report, the next) is done here in the same order, but over
// the virtual clock and without sockets.
//
// One at a time: policies that wait are resumed through one table of the process.
#pragma once
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/dice.h"
#include "policy/chain.h"
#include "proxy/generation.h"
#include "proxy/shared.h"
#include "simulate.h"

namespace spillway::simulation {

struct SpillwaySettings {
  bool stay = false;  // both of [policy.free_first]
  Ms queue_ms = 0;
};

class Spillway final : public Router, private Services {
 public:
  Spillway(const World& world, Simulation& simulation, SpillwaySettings settings);
  ~Spillway() override;

 private:
  class Asker;
  void on_arrival(Request& request) override;
  void on_failure(Request& request, std::size_t target, const Answer& answer, Ms took) override;
  void on_content(Request& request, std::size_t target) override;
  void on_answer(Request& request, std::size_t target, const Answer& answer) override;
  void on_late(Request& request, std::size_t target, Ms took) override;

  void decided(Asker& asker, Chain::Result result);
  void next(Asker& asker);
  void lost(Asker& asker);
  void end(Asker& asker);
  bool resumed(std::uint64_t ticket, void* result);

  // Services
  const Clock& clock() const override { return simulation_; }
  Dice& dice() override { return dice_; }
  Cells& cells() override { return shared_.cells(); }
  Keyed& keyed(std::string_view policy) override { return shared_.keyed(policy); }
  Store& store() override { return *store_; }
  Metrics& metrics() override { return shared_.metrics(); }
  bool fetch(Fetch fetch, PolicyWorker& worker, std::size_t policy, std::uint64_t ticket) override;
  bool timer(PolicyWorker& worker, std::size_t policy, std::int64_t after_ms, std::uint64_t cookie) override;
  std::uint64_t ticket(Chain& chain) override;
  void release(std::uint64_t ticket) override { waiting_.erase(ticket); }

  Dice dice_;
  Shared shared_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<const Generation> generation_;  // why: as Generation::build gives it
  std::unique_ptr<PolicyWorker> worker_;
  std::unordered_map<std::size_t, std::unique_ptr<Asker>> askers_;  // by arrival
  std::unordered_map<std::uint64_t, Chain*> waiting_;
  std::uint64_t tickets_ = 0;
};

}  // namespace spillway::simulation
