// `check --keys`: asks every provider of a config that has a key whether it takes it, some at a time, and says what
// they answered. The answers' own words are never shown: some repeat the key.
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/columns.h"
#include "cli/commands.h"
#include "cli/errand.h"
#include "upstream/fetch.h"
#include "upstream/key_check.h"

namespace spillway {

namespace {

constexpr std::int64_t kTimeoutMs = 10'000;  // for each
constexpr std::size_t kAtOnce = 8;

// One provider and its answer. Owner: Keys.
struct Question {
  std::string provider, url, said;  // `said`: what needs no question
  Endpoint endpoint;
  KeyWord word;
  std::unique_ptr<Fetch> fetch;
};

// Owner: the command, on its stack.
class Keys final : private Fetch::Events {
 public:
  explicit Keys(const std::vector<ProviderConfig>& providers) : tty_(::isatty(STDERR_FILENO) != 0) {
    for (const ProviderConfig& provider : providers) {
      Question& one = questions_.emplace_back();
      one.provider = provider.name;
      Result<Endpoint> endpoint = make_endpoint(provider);
      if (!endpoint) {
        one.word.why = endpoint.error().detail;
        continue;
      }
      one.endpoint = std::move(*endpoint);
      if (!has_key(one.endpoint)) {
        one.said = "no key";
        continue;
      }
      one.url = key_check_url(provider, one.endpoint);
      if (one.url.empty()) one.said = "no way to ask";
    }
  }

  void run() {
    for (const Question& one : questions_) to_ask_ += one.url.empty() ? 0 : 1;
    left_ = to_ask_;
    if (left_ > 0) {
      for (std::size_t i = 0; i < kAtOnce; ++i) ask_next();
      if (left_ == 0) errand_.done();
      errand_.run();
    }
    if (tty_) std::fputs("\r\x1b[K", stderr);
  }

  std::string table() const {
    std::vector<std::vector<std::string>> lines = {{"PROVIDER", "KEY", "LEFT"}};
    for (const Question& one : questions_) lines.push_back({one.provider, verdict(one), one.word.left});
    return in_columns(lines);
  }

  bool all_well() const {
    for (const Question& one : questions_) {
      if (one.said.empty() && one.word.is != KeyWord::Is::accepted) return false;
    }
    return true;
  }

 private:
  static std::string verdict(const Question& one) {
    if (!one.said.empty()) return one.said;
    switch (one.word.is) {
      case KeyWord::Is::accepted: return "key accepted";
      case KeyWord::Is::refused: return "key refused (" + one.word.why + ")";
      case KeyWord::Is::unclear: break;
    }
    return "not reached: " + one.word.why;
  }

  void ask_next() {
    while (next_ < questions_.size()) {
      Question& one = questions_[next_++];
      if (one.url.empty()) continue;
      FetchWish wish;
      wish.url = one.url;
      wish.headers = "accept: application/json\n";
      wish.timeout_ms = kTimeoutMs;
      one.fetch = std::make_unique<Fetch>(errand_.pool(), std::move(wish), static_cast<Fetch::Events&>(*this));
      const Status started = one.fetch->start(&one.endpoint);
      if (started) break;
      one.word = key_word(0, started.error().detail);
      --left_;
    }
    if (tty_) std::fprintf(stderr, "\rasked %zu of %zu providers", to_ask_ - left_, to_ask_);
  }

  void on_fetched(Fetch& fetch) override {
    for (Question& one : questions_) {
      if (one.fetch.get() == &fetch) one.word = key_word(fetch.status(), fetch.body());
    }
    --left_;
    ask_next();
    if (left_ == 0) errand_.done();
  }

  const bool tty_;
  Errand errand_;
  std::vector<Question> questions_;
  std::size_t next_ = 0, left_ = 0, to_ask_ = 0;
};

}  // namespace

int check_keys(const std::vector<ProviderConfig>& providers) {
  Keys keys(providers);
  keys.run();
  std::fputs(keys.table().c_str(), stdout);
  return keys.all_well() ? kExitOk : kExitFailed;
}

}  // namespace spillway
