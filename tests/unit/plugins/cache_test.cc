// cache as a policy: D-10's rules, single flight and Cache-Control, through the chain on a fake clock.
#include "policy_bench.h"

namespace spillway {
namespace {

struct CacheBench : Bench {
  explicit CacheBench(const Options& options = {}) : Bench({&spillway_builtin_cache}, options) {
    numbers = {{SPW_HAS_TEMPERATURE, 1}, {SPW_TEMPERATURE_MILLI, 0}};
  }
  using Headers = std::map<std::string, std::string, std::less<>>;
  std::unique_ptr<Trial> ask(const Headers& headers = {}, std::uint8_t what = 1) {
    auto trial = std::make_unique<Trial>(*worker, candidates);
    trial->subject.texts = texts;
    trial->subject.numbers = numbers;
    trial->subject.headers = headers;
    trial->subject.digest->fill(what);
    trial->chain.run();
    return trial;
  }
  void answer(Trial& trial, const std::string& blob, bool success = true) {
    spw_answer kept{};
    kept.size = sizeof kept;
    kept.status = 200;
    kept.success = success;
    kept.blob = {blob.data(), blob.size()};
    if (trial.subject.capture_max > 0) trial.chain.answer(kept);
    trial.chain.end();
  }
  void fill(const std::string& blob = "stored") { answer(*ask(), blob); }
  // hit, miss, bypass or wait: what the request was told, and it ends there.
  std::string verdict(const Headers& headers = {}) {
    const std::unique_ptr<Trial> trial = ask(headers);
    const Chain::Result result = trial->chain.result();
    trial->chain.end();
    return result == Chain::Result::wait ? "wait" : trial->subject.notes["cache"];
  }
  double counted(const std::string& name) const {
    return services.metric("spillway_cache_" + name + "{policy=\"cache\"}");
  }
};

TEST(Cache, a_repeat_is_answered_from_the_store) {
  CacheBench c;
  const std::unique_ptr<Trial> first = c.ask();
  EXPECT_EQ(first->chain.result(), Chain::Result::go);
  EXPECT_EQ(first->subject.notes["cache"], "miss");
  EXPECT_EQ(first->subject.capture_max, 1 << 20);
  c.answer(*first, "stored");
  c.pass_s(7);
  const std::unique_ptr<Trial> again = c.ask();
  EXPECT_EQ(again->chain.result(), Chain::Result::reply);
  EXPECT_EQ(again->subject.blob, "stored");
  EXPECT_EQ(again->subject.age_ms, 7000);
  EXPECT_EQ(again->subject.notes["cache"], "hit");
  again->chain.end();
  EXPECT_EQ(c.counted("hits_total"), 1);
  EXPECT_EQ(c.counted("misses_total"), 1);
  EXPECT_EQ(c.counted("stored_total"), 1);
}

TEST(Cache, an_answer_ends_with_its_ttl) {
  CacheBench c({{"ttl_s", std::int64_t{10}}});
  c.fill();
  c.pass_s(9.9);
  EXPECT_EQ(c.verdict(), "hit");
  c.pass_s(0.2);
  EXPECT_EQ(c.verdict(), "miss");
}

TEST(Cache, X1_another_fingerprint_is_another_entry) {
  CacheBench c;
  c.fill();
  const std::unique_ptr<Trial> other = c.ask({}, 2);
  EXPECT_EQ(other->subject.notes["cache"], "miss");
  other->chain.end();
}

TEST(Cache, the_form_of_the_answer_is_not_part_of_the_key_but_the_user_is) {
  CacheBench c;
  const std::unique_ptr<Trial> trial = c.ask();
  EXPECT_EQ(trial->subject.fingerprint_without, (std::vector<std::string>{"stream", "stream_options"}));
  trial->chain.end();
  CacheBench without({{"ignore_user", true}});
  const std::unique_ptr<Trial> other = without.ask();
  EXPECT_EQ(other->subject.fingerprint_without, (std::vector<std::string>{"stream", "stream_options", "user"}));
  other->chain.end();
}

TEST(Cache, D10_only_deterministic_requests_unless_asked) {
  struct Row {
    std::map<spw_fact, std::int64_t> numbers;
    std::string api, wish, expected;
  };
  const std::map<spw_fact, std::int64_t> cold = {{SPW_HAS_TEMPERATURE, 1}, {SPW_TEMPERATURE_MILLI, 0}};
  const std::map<spw_fact, std::int64_t> warm = {{SPW_HAS_TEMPERATURE, 1}, {SPW_TEMPERATURE_MILLI, 700}};
  std::map<spw_fact, std::int64_t> seeded = warm;
  seeded[SPW_HAS_SEED] = 1;
  const Row rows[] = {{cold, "chat", "", "miss"},   {cold, "completions", "", "miss"}, {cold, "other", "", "bypass"},
                      {warm, "chat", "", "bypass"}, {cold, "models", "on", "bypass"},  {{}, "chat", "", "bypass"},
                      {seeded, "chat", "", "miss"}, {warm, "chat", "yes", "bypass"},   {{}, "embeddings", "", "miss"},
                      {warm, "chat", "on", "miss"}, {cold, "chat", "off", "bypass"}};
  for (const Row& row : rows) {
    CacheBench c;
    c.numbers = row.numbers;
    c.texts[SPW_API] = row.api;
    EXPECT_EQ(c.verdict({{"x-spillway-cache", row.wish}}), row.expected) << row.api << " " << row.wish;
  }
  CacheBench all({{"all", true}});
  all.numbers = warm;
  EXPECT_EQ(all.verdict(), "miss");
}

TEST(Cache, a_body_without_a_fingerprint_is_left_alone) {
  CacheBench c;
  auto trial = std::make_unique<Trial>(*c.worker, c.candidates);
  trial->subject.texts = c.texts;
  trial->subject.numbers = c.numbers;
  trial->subject.digest.reset();
  EXPECT_EQ(trial->chain.run(), Chain::Result::go);
  EXPECT_EQ(trial->subject.notes["cache"], "bypass");
  EXPECT_EQ(trial->subject.capture_max, 0);
  trial->chain.end();
}

TEST(Cache, no_store_neither_reads_nor_keeps) {
  CacheBench c;
  c.fill();
  for (const char* field : {"no-store", "No-Store", "max-age=60, no-store", " no-cache ,no-store"}) {
    EXPECT_EQ(c.verdict({{"cache-control", field}}), "bypass") << field;
  }
}

TEST(Cache, no_cache_asks_anew_and_replaces) {
  CacheBench c;
  c.fill("old");
  for (const char* field : {"no-cache", "max-age=0", "max-age=x", "public, no-cache"}) {
    EXPECT_EQ(c.verdict({{"cache-control", field}}), "miss") << field;
    EXPECT_EQ(c.verdict(), "hit") << "others may still use the old one";
  }
  c.answer(*c.ask({{"cache-control", "no-cache"}}), "new");
  const std::unique_ptr<Trial> trial = c.ask();
  EXPECT_EQ(trial->subject.blob, "new");
  trial->chain.end();
}

TEST(Cache, max_age_bounds_the_age) {
  CacheBench c;
  c.fill();
  c.pass_s(30);
  EXPECT_EQ(c.verdict({{"cache-control", "max-age=29"}}), "miss");
  EXPECT_EQ(c.verdict({{"cache-control", "max-age = \"31\""}}), "hit");
  EXPECT_EQ(c.verdict({{"cache-control", "nonsense, , =, max-age=9999999999999999999"}}), "hit");
}

TEST(Cache, only_complete_successes_are_kept) {  // D-10
  CacheBench c;
  c.answer(*c.ask(), "cut", false);
  EXPECT_EQ(c.verdict(), "miss");
}

TEST(Cache, H1_equal_requests_in_the_air_share_one_answer) {
  CacheBench c;
  const std::unique_ptr<Trial> leader = c.ask();
  std::vector<std::unique_ptr<Trial>> followers;
  for (int i = 0; i < 999; ++i) {
    followers.push_back(c.ask());
    ASSERT_EQ(followers.back()->chain.result(), Chain::Result::wait);
  }
  followers[0]->chain.end();  // its client went away, which kills nobody else
  c.answer(*leader, "one");
  EXPECT_EQ(c.services.deliver(), 998u);
  for (std::size_t i = 1; i < followers.size(); ++i) {
    EXPECT_EQ(followers[i]->chain.result(), Chain::Result::reply);
    EXPECT_EQ(followers[i]->subject.blob, "one");
    EXPECT_EQ(followers[i]->subject.notes["cache"], "hit");
    followers[i]->chain.end();
  }
  EXPECT_EQ(c.counted("misses_total"), 1);
  EXPECT_EQ(c.services.tickets_held(), 0u);
}

TEST(Cache, H1_followers_of_a_failed_leader_go_on_alone) {
  for (const bool answered : {true, false}) {
    CacheBench c;
    const std::unique_ptr<Trial> leader = c.ask(), one = c.ask(), other = c.ask();
    if (answered) {
      c.answer(*leader, "cut", false);
    } else {
      leader->chain.end();  // failed without an answer to keep
    }
    c.services.deliver();
    for (Trial* follower : {one.get(), other.get()}) {
      EXPECT_EQ(follower->chain.result(), Chain::Result::go);
      EXPECT_EQ(follower->subject.notes["cache"], "miss");
      EXPECT_GT(follower->subject.capture_max, 0);
    }
    c.answer(*one, "alone");
    other->chain.end();
    EXPECT_EQ(c.verdict(), "hit");
  }
}

TEST(Cache, nobody_waits_for_an_answer_that_cannot_be_kept) {
  CacheBench c;
  auto leader = std::make_unique<Trial>(*c.worker, c.candidates);
  leader->subject.texts = c.texts;
  leader->subject.numbers = c.numbers;
  leader->subject.digest->fill(1);
  leader->subject.refuse_all = true;  // capture among it
  EXPECT_EQ(leader->chain.run(), Chain::Result::go);
  EXPECT_EQ(c.verdict(), "miss");
  leader->chain.end();
}

TEST(Cache, a_stored_answer_that_cannot_be_replayed_is_a_miss) {
  CacheBench c;
  c.fill();
  auto trial = std::make_unique<Trial>(*c.worker, c.candidates);
  trial->subject.texts = c.texts;
  trial->subject.numbers = c.numbers;
  trial->subject.digest->fill(1);
  trial->subject.refuse_all = true;
  EXPECT_EQ(trial->chain.run(), Chain::Result::go);
  trial->chain.end();
}

TEST(Cache, the_end_of_a_leader_does_not_drop_what_others_stored_since) {
  CacheBench c;
  const std::unique_ptr<Trial> leader = c.ask();
  c.answer(*c.ask({{"cache-control", "no-cache"}}), "fresh");
  leader->chain.end();
  EXPECT_EQ(c.verdict(), "hit");
}

TEST(Cache, bytes_are_bounded_and_the_least_recently_used_go) {
  CacheBench c({{"max_bytes", std::int64_t{65'536}}});
  for (std::uint8_t i = 1; i < 40; ++i) c.answer(*c.ask({}, i), std::string(8'000, 'x'));
  EXPECT_LE(c.services.keyed("cache").bytes(), 65'536u);
  EXPECT_GE(c.services.keyed("cache").entries(), 1u);
}

}  // namespace
}  // namespace spillway
