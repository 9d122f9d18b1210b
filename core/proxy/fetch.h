// An HTTP request on a policy's behalf, by the worker's own pool: one answer, bounded, no redirects.
//
// Owner: Worker. Thread: its loop.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "policy/chain.h"
#include "upstream/attempt.h"

namespace spillway {

class Worker;

class PolicyFetch final : public Mortal, private Attempt::Events, private Deadline::Events {
 public:
  static constexpr std::size_t kBodyBytes = 8u << 20;

  PolicyFetch(Worker& worker, Services::Fetch wish, PolicyWorker& policies, std::size_t policy, std::uint64_t ticket);
  Status start();  // an error when the URL or a header is unusable; then nothing follows
  void cancel();   // without a word
  PolicyWorker& policies() { return policies_; }
  std::size_t at = 0;  // the worker's index of us

 private:
  void on_head(const ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end() override;
  void on_failed(const Error& error) override;
  void on_deadline(Deadline& deadline) override;
  void finish();
  Status aim(std::string_view address, std::string& target);              // at a URL
  Status aim_at_provider(std::string_view address, std::string& target);  // "NAME/path", with its key

  Worker& worker_;
  Services::Fetch wish_;
  PolicyWorker& policies_;
  const std::size_t policy_;
  const std::uint64_t ticket_;
  Deadline deadline_;
  Endpoint endpoint_;
  std::unique_ptr<Attempt> attempt_;
  std::string head_, type_, body_;
  std::array<std::string_view, 2> pieces_;
  int status_ = 0;
  bool starting_ = false;
  std::optional<Error> early_;
};

}  // namespace spillway
