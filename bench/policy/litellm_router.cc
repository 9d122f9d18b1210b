#include "litellm_router.h"

#include <algorithm>
#include <cstdlib>

#include "litellm.h"

namespace spillway::simulation {

Litellm::Litellm(const World& world, Simulation& simulation, LitellmSettings settings)
    : Router(world, simulation),
      settings_(settings),
      deployments_(world.targets.size()),
      progress_(world.arrivals.size()),
      dice_(world.settings.seed) {
  for (const Target& target : world.targets) groups_ = std::max(groups_, target.tier + 1);
}

std::vector<std::size_t> Litellm::healthy(int group) const {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < deployments_.size(); ++i) {
    if (world_.targets[i].tier == group && deployments_[i].cool_until <= simulation_.now()) list.push_back(i);
  }
  return list;
}

std::size_t Litellm::all(int group) const {
  return static_cast<std::size_t>(std::count_if(world_.targets.begin(), world_.targets.end(),
                                                [&](const Target& target) { return target.tier == group; }));
}

// L-5 counts in a window of 60 s, L-6 in one as long as the cooldown; both begin at their first event.
Litellm::Deployment& Litellm::counts(std::size_t target) {
  Deployment& one = deployments_[target];
  const Ms window = settings_.counted ? settings_.cooldown : kMinute;
  if (one.ok + one.bad == 0 || simulation_.now() >= one.counted_since + window) {
    one.ok = one.bad = 0;
    one.counted_since = simulation_.now();
  }
  return one;
}

void Litellm::note_failure(std::size_t target, int status, double retry_after) {
  Deployment& one = counts(target);
  ++one.bad;
  const std::size_t group = all(world_.targets[target].tier);
  const bool cools = settings_.counted ? litellm::cools_counted(status, {}, one.bad - 1, settings_.allowed)
                                       : litellm::cools_by_default(status, {}, group, one.ok, one.bad);
  // L-9: as long as the answer says, else as configured; L-4: no time at all is no cooldown.
  const Ms time = retry_after >= 0 ? static_cast<Ms>(retry_after * kSecond) : settings_.cooldown;
  if (cools && time > 0) one.cool_until = simulation_.now() + time;
}

void Litellm::on_arrival(Request& request) {
  progress_[request.index] = {0, settings_.retries};
  ask(request);
}

void Litellm::ask(Request& request) {
  const std::vector<std::size_t> list = healthy(progress_[request.index].group);
  if (list.empty()) return fall_back(request);  // L-7, L-9: there is no deployment to ask
  std::vector<double> weights;
  for (const std::size_t i : list) weights.push_back(world_.targets[i].weight);
  send(request, list[litellm::pick(weights, dice_.unit())]);
}

void Litellm::fall_back(Request& request) {
  Progress& progress = progress_[request.index];
  if (++progress.group == groups_) return give_up(request);
  progress.left = settings_.retries;
  ask(request);
}

void Litellm::on_failure(Request& request, std::size_t target, const Answer& answer, Ms) {
  const int status = answer.status == 0 ? 408 : answer.status;  // its own timeout
  double retry_after = -1;
  for (const auto& [name, value] : answer.headers) {
    if (name == "retry-after") retry_after = std::atof(value.c_str());
  }
  note_failure(target, status, retry_after);
  Progress& progress = progress_[request.index];
  litellm::Failed failed;
  failed.status = status;
  failed.healthy = healthy(progress.group).size();
  failed.all = all(progress.group);
  if (progress.left == 0 || !litellm::retries(failed)) return fall_back(request);
  const double wait = litellm::wait_s(settings_.retries, progress.left, failed.healthy, failed.all, retry_after);
  --progress.left;
  if (wait == 0) return ask(request);
  pause(request, static_cast<Ms>((wait + 0.75 * dice_.unit()) * kSecond));
}

void Litellm::on_answer(Request&, std::size_t target, const Answer&) {
  if (!settings_.counted) ++counts(target).ok;
}

// A client that went away: nothing is learned from it.
void Litellm::on_late(Request& request, std::size_t, Ms) { give_up(request); }

}  // namespace spillway::simulation
