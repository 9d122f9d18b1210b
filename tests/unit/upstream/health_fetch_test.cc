// A round of health: whom it asks where, how many at once, and what a failure is.
#include "upstream/health_fetch.h"

#include "support.h"

namespace spillway {
namespace {

class HealthFetchTest : public UpstreamTest, protected HealthFetch::Events {
 protected:
  void on_health(HealthFetch& fetch) override {
    done = true;
    answers = fetch.answers();
  }
  bool done = false;
  std::vector<HealthAnswer> answers;
};

TEST(EndpointsUrl, O3_keeps_the_variant_and_lets_no_id_out_of_the_path) {
  const std::string models = "http://up.example/v1/models";
  EXPECT_EQ(endpoints_url(models, "a/b:free"), models + "/a/b:free/endpoints");
  EXPECT_EQ(endpoints_url(models, "~a/b c?d"), models + "/~a/b%20c%3Fd/endpoints");
  for (const char* id : {"../key", "a/../../key", "a//b", "/a", "."}) EXPECT_EQ(endpoints_url(models, id), "") << id;
}

TEST_F(HealthFetchTest, Q6_asks_fifteen_at_a_time_and_ends_with_the_last_answer) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back("a/m" + std::to_string(i));
  HealthFetch fetch(pool, "http://up.example/v1/models", ids, nullptr, HealthRule::project,
                    static_cast<HealthFetch::Events&>(*this));
  fetch.start();
  for (int turn = 0; turn < 20 && dialer.waiting() == 0; ++turn) pass(1);
  EXPECT_EQ(dialer.waiting(), kHealthFetchesAtOnce);
  const std::string good =
      R"({"data":{"endpoints":[{"status":0,"uptime_last_30m":99.5,"uptime_last_5m":100,"uptime_last_1d":90}]}})";
  std::size_t given = 0;
  while (!done && given < 40) {
    while (dialer.waiting() > 0) {
      Wire& wire = dialer.succeed();
      const bool fails = given++ == 3;
      wire.give(fails ? std::string("HTTP/1.1 500 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                      : "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: " + std::to_string(good.size()) +
                            "\r\n\r\n" + good);
    }
    pass(1);
  }
  ASSERT_TRUE(done);
  ASSERT_EQ(answers.size(), 20u);
  std::size_t failed = 0;
  for (const HealthAnswer& answer : answers) {
    failed += answer.health ? 0 : 1;
    EXPECT_EQ(answer.health.value_or(ModelHealth{false, 99.75}).score, 99.75) << answer.model;
  }
  EXPECT_EQ(failed, 1u);
}

TEST_F(HealthFetchTest, an_id_no_url_can_be_made_of_is_a_failure_and_nobody_is_asked) {
  HealthFetch fetch(pool, "http://up.example/v1/models", {"../key"}, nullptr, HealthRule::project,
                    static_cast<HealthFetch::Events&>(*this));
  fetch.start();
  for (int turn = 0; turn < 20 && !done; ++turn) pass(1);
  ASSERT_TRUE(done);
  EXPECT_FALSE(answers.at(0).health);
  EXPECT_EQ(dialer.waiting(), 0u);
}

}  // namespace
}  // namespace spillway
