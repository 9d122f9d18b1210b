// LiteLLM as a Router: the tiers are its groups, each falls back to the next (L-10), the rules are in litellm.h.
#pragma once
#include <vector>

#include "base/dice.h"
#include "simulate.h"

namespace spillway::simulation {

struct LitellmSettings {
  int retries = 2;          // L-1
  bool counted = false;     // L-6 instead of L-5
  std::size_t allowed = 3;  // fails, of the counted rule
  Ms cooldown = 5 * kSecond;
};

class Litellm final : public Router {
 public:
  Litellm(const World& world, Simulation& simulation, LitellmSettings settings);

 private:
  struct Deployment {
    Ms cool_until = 0, counted_since = 0;
    std::size_t ok = 0, bad = 0;
  };
  struct Progress {
    int group = 0, left = 0;
  };
  void on_arrival(Request& request) override;
  void on_failure(Request& request, std::size_t target, const Answer& answer, Ms took) override;
  void on_pause_over(Request& request) override { ask(request); }
  void on_answer(Request& request, std::size_t target, const Answer& answer) override;
  void on_late(Request& request, std::size_t target, Ms took) override;

  std::vector<std::size_t> healthy(int group) const;
  std::size_t all(int group) const;
  Deployment& counts(std::size_t target);  // those of a window that is over begin anew
  void note_failure(std::size_t target, int status, double retry_after);
  void ask(Request& request);        // the group it is at
  void fall_back(Request& request);  // to the next one
  LitellmSettings settings_;
  std::vector<Deployment> deployments_;
  std::vector<Progress> progress_;  // by request
  int groups_ = 0;
  Dice dice_;
};

}  // namespace spillway::simulation
