// One round of asking how models have been answering: /models/{id}/endpoints of each, a few at a time (Q-6, O-3).
//
// Owner: proxy/catalogs. One event follows start(), when the last answer is in. Thread: the loop's.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "catalog/health_pass.h"
#include "upstream/fetch.h"

namespace spillway {

class HealthFetch final : public Mortal, private Fetch::Events, private Deadline::Events {
 public:
  class Events {
   public:
    virtual void on_health(HealthFetch& fetch) = 0;

   protected:
    ~Events() = default;
  };

  // `models_url`: of the catalogue. `like`: the provider, which must outlive this.
  HealthFetch(Pool& pool, std::string models_url, std::vector<std::string> ids, const Endpoint* like, HealthRule rule,
              Events& events);
  void start();
  void cancel();  // without a word
  const std::vector<HealthAnswer>& answers() const { return answers_; }

 private:
  void on_fetched(Fetch& fetch) override;
  void on_deadline(Deadline& deadline) override;
  void more();
  void answered(const std::string& id, std::optional<ModelHealth> health);

  Pool& pool_;
  const std::string models_url_;
  const std::vector<std::string> ids_;
  const Endpoint* like_;
  const HealthRule rule_;
  Events& events_;
  Deadline next_;  // asks on in a later turn, so that nobody is destroyed in its own callback
  std::size_t asked_ = 0;
  struct Asking {
    std::string id;
    std::unique_ptr<Fetch> fetch;
    bool done = false;
  };
  std::vector<Asking> under_way_;
  std::vector<HealthAnswer> answers_;
};

// Where a model's endpoints are told; empty when no URL can be made of its id.
std::string endpoints_url(std::string_view models_url, std::string_view id);

}  // namespace spillway
