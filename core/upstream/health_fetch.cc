#include "upstream/health_fetch.h"

#include <algorithm>

#include "http/url.h"

namespace spillway {

std::string endpoints_url(std::string_view models_url, std::string_view id) {
  std::string url(models_url);
  while (!id.empty()) {
    const std::string_view part = id.substr(0, id.find('/'));
    if (part.empty() || part == "." || part == "..") return {};  // the id is a stranger's word
    id.remove_prefix(std::min(part.size() + 1, id.size()));
    const std::size_t colon = std::min(part.find(':'), part.size());  // ":free" goes as it is
    url.append("/").append(percent_encode(part.substr(0, colon)));
    if (colon < part.size()) url.append(":").append(percent_encode(part.substr(colon + 1)));
  }
  return url + "/endpoints";
}

HealthFetch::HealthFetch(Pool& pool, std::string models_url, std::vector<std::string> ids, const Endpoint* like,
                         HealthRule rule, Events& events)
    : pool_(pool),
      models_url_(std::move(models_url)),
      ids_(std::move(ids)),
      like_(like),
      rule_(rule),
      events_(events),
      next_(pool.loop(), *this) {}

void HealthFetch::start() { next_.arm(0); }

void HealthFetch::cancel() {
  next_.disarm();
  for (Asking& one : under_way_) {
    if (!one.done) one.fetch->cancel();
  }
  under_way_.clear();
}

void HealthFetch::answered(const std::string& id, std::optional<ModelHealth> health) {
  answers_.push_back({id, health});
  next_.arm(0);
}

void HealthFetch::on_fetched(Fetch& fetch) {
  const auto one =
      std::find_if(under_way_.begin(), under_way_.end(), [&](const Asking& a) { return a.fetch.get() == &fetch; });
  one->done = true;
  std::optional<ModelHealth> health;
  if (fetch.status() == 200) {
    const Result<ModelHealth> read = read_health(fetch.body(), rule_);
    if (read) health = *read;
  }
  answered(one->id, health);
}

void HealthFetch::on_deadline(Deadline&) {
  std::erase_if(under_way_, [](const Asking& one) { return one.done; });
  if (answers_.size() == ids_.size()) return events_.on_health(*this);
  more();
}

void HealthFetch::more() {
  while (asked_ < ids_.size() && under_way_.size() < kHealthFetchesAtOnce) {
    const std::string& id = ids_[asked_++];
    FetchWish wish;
    wish.url = endpoints_url(models_url_, id);
    wish.headers = "accept: application/json\n";
    wish.timeout_ms = kHealthFetchTimeoutMs;
    under_way_.push_back({id, std::make_unique<Fetch>(pool_, std::move(wish), static_cast<Fetch::Events&>(*this))});
    if (under_way_.back().fetch->start(like_)) continue;
    under_way_.pop_back();
    answered(id, std::nullopt);
  }
}

}  // namespace spillway
