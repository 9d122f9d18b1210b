// The cache of names, with look-ups answered by the test (D1), and one real look-up of localhost.
#include "net/resolver.h"

#include <gtest/gtest.h>

#include "unit/net/loopback.h"

namespace spillway {
namespace {

struct Question : Resolver::Waiter {
  void on_resolved(const Addresses& addresses) override {
    answer = addresses;
    if (resolver != nullptr) resolver->forget(*other);
  }
  void on_unresolved(int code) override {
    status = code;
    if (again) {
      again = false;
      resolver->resolve("a.example", *this);
    }
  }
  Addresses answer;
  int status = 0;
  Resolver* resolver = nullptr;
  Question* other = nullptr;
  bool again = false;
};

class Answered final : public Resolver {
 public:
  Answered(Loop& loop, const Ages& ages) : Resolver(loop, ages) {}
  void look_up(const std::string& host) override { asked.push_back(host); }
  void answer(const char* address) { answered(take(), 0, {*Address::literal(address, 0)}); }
  void fail(int status) { answered(take(), status, {}); }
  std::string take() {
    std::string host = asked.front();
    asked.erase(asked.begin());
    return host;
  }
  std::vector<std::string> asked;
};

constexpr Resolver::Ages kLong{60'000, 60'000, 0};

// Moves the loop's clock, which stands still between turns.
void pass(Loop& loop, std::uint64_t ms) {
  const std::uint64_t until = loop.now_ms() + ms;
  while (loop.now_ms() < until) run_for(loop, 1);
}

TEST(Resolver, one_look_up_answers_all_who_wait_and_then_the_cache_does) {
  Loop loop;
  Answered resolver(loop, kLong);
  Question first, second, third;
  EXPECT_FALSE(resolver.resolve("a.example", first));
  EXPECT_FALSE(resolver.resolve("a.example", second));
  EXPECT_EQ(resolver.asked.size(), 1u);
  EXPECT_FALSE(resolver.idle());
  resolver.answer("127.0.0.1");
  ASSERT_EQ(first.answer.size(), 1u);
  EXPECT_EQ(first.answer[0].host(), "127.0.0.1");
  EXPECT_EQ(second.answer.size(), 1u);
  EXPECT_TRUE(resolver.idle());
  const auto cached = resolver.resolve("a.example", third);
  ASSERT_TRUE(cached);
  EXPECT_EQ(cached->front().host(), "127.0.0.1");
  EXPECT_TRUE(resolver.asked.empty());
}

TEST(Resolver, failure_is_told_and_not_kept) {
  Loop loop;
  Answered resolver(loop, kLong);
  Question first, second;
  resolver.resolve("a.example", first);
  resolver.fail(UV_EAI_NONAME);
  EXPECT_EQ(first.status, UV_EAI_NONAME);
  EXPECT_FALSE(resolver.resolve("a.example", second));
  EXPECT_EQ(resolver.asked.size(), 1u);
  resolver.answer("::1");
  EXPECT_EQ(second.answer.size(), 1u);
}

TEST(Resolver, asking_again_inside_the_failure_waits_for_a_new_look_up) {
  Loop loop;
  Answered resolver(loop, kLong);
  Question stubborn;
  stubborn.resolver = &resolver;
  stubborn.other = &stubborn;
  stubborn.again = true;
  resolver.resolve("a.example", stubborn);
  resolver.fail(UV_EAI_AGAIN);
  EXPECT_EQ(resolver.asked.size(), 1u);
  EXPECT_FALSE(resolver.idle());
  resolver.answer("127.0.0.1");
  EXPECT_EQ(stubborn.answer.size(), 1u);
}

TEST(Resolver, an_old_answer_is_served_while_a_new_one_is_fetched) {
  Loop loop;
  Answered resolver(loop, {0, 60'000, 5});  // old at once
  Question question;
  resolver.resolve("a.example", question);
  resolver.answer("127.0.0.1");
  pass(loop, 6);
  EXPECT_EQ(resolver.resolve("a.example", question)->front().host(), "127.0.0.1");
  ASSERT_EQ(resolver.asked.size(), 1u);  // in the background
  EXPECT_EQ(resolver.resolve("a.example", question)->front().host(), "127.0.0.1");
  EXPECT_EQ(resolver.asked.size(), 1u);  // one at a time
  resolver.answer("127.0.0.2");
  EXPECT_EQ(resolver.resolve("a.example", question)->front().host(), "127.0.0.2");
  EXPECT_TRUE(resolver.asked.empty());  // and not again at once
}

TEST(Resolver, a_failing_name_server_leaves_the_old_answer_until_it_is_too_old) {
  Loop loop;
  Answered resolver(loop, {0, 60, 5});
  Question question;
  resolver.resolve("a.example", question);
  resolver.answer("127.0.0.1");
  pass(loop, 6);
  EXPECT_TRUE(resolver.resolve("a.example", question));
  resolver.fail(UV_EAI_AGAIN);
  EXPECT_TRUE(resolver.resolve("a.example", question));
  pass(loop, 60);
  EXPECT_FALSE(resolver.resolve("a.example", question));
  resolver.fail(UV_EAI_AGAIN);
  EXPECT_EQ(question.status, UV_EAI_AGAIN);
}

TEST(Resolver, a_suspect_answer_is_served_and_looked_up_again) {
  Loop loop;
  Answered resolver(loop, kLong);
  Question question;
  resolver.resolve("a.example", question);
  resolver.answer("127.0.0.1");
  EXPECT_TRUE(resolver.resolve("a.example", question));
  EXPECT_TRUE(resolver.asked.empty());
  resolver.suspect("a.example");
  resolver.suspect("unknown.example");
  EXPECT_TRUE(resolver.resolve("a.example", question));
  EXPECT_EQ(resolver.asked.size(), 1u);
  resolver.fail(UV_EAI_AGAIN);
}

TEST(Resolver, the_forgotten_hear_nothing_even_when_forgotten_by_another_who_hears) {
  Loop loop;
  Answered resolver(loop, kLong);
  Question gone, first, second;
  resolver.resolve("a.example", gone);
  resolver.resolve("a.example", first);
  resolver.resolve("a.example", second);
  resolver.forget(gone);
  first.resolver = second.resolver = &resolver;
  first.other = &second;
  second.other = &first;
  resolver.answer("127.0.0.1");
  EXPECT_TRUE(gone.answer.empty());
  EXPECT_EQ(first.answer.size() + second.answer.size(), 1u);
}

TEST(Resolver, keeps_a_bounded_number_of_names) {
  Loop loop;
  Answered resolver(loop, kLong);
  Question question;
  for (std::size_t i = 0; i < Resolver::kNamesMax + 10; ++i) {
    resolver.resolve("n" + std::to_string(i) + ".example", question);
    resolver.answer("127.0.0.1");
  }
  int known = 0;
  for (std::size_t i = 0; i < Resolver::kNamesMax + 10; ++i) {
    // Unknown ones would be looked up and push out others: stop at the first question.
    if (!resolver.asked.empty()) break;
    known += resolver.resolve("n" + std::to_string(Resolver::kNamesMax + 9 - i) + ".example", question) ? 1 : 0;
  }
  EXPECT_LE(known, static_cast<int>(Resolver::kNamesMax));
  EXPECT_GT(known, 0);
  resolver.fail(UV_EAI_FAIL);
}

TEST(Resolver, looks_up_localhost_for_real) {
  Loop loop;
  Resolver resolver(loop, kLong);
  Question question;
  EXPECT_FALSE(resolver.resolve("localhost", question));
  ASSERT_TRUE(run_until(loop, [&] { return !question.answer.empty() || question.status != 0; }));
  EXPECT_EQ(question.status, 0);
  EXPECT_TRUE(resolver.idle());
}

TEST(Resolver, closed_with_a_look_up_under_way_it_becomes_idle_and_tells_nobody) {
  Loop loop;
  Resolver resolver(loop, kLong);
  Question question;
  resolver.resolve("localhost", question);
  resolver.resolve(std::string(300, 'a'), question);
  resolver.close();
  ASSERT_TRUE(run_until(loop, [&] { return resolver.idle(); }));
  EXPECT_TRUE(question.answer.empty());
  EXPECT_EQ(question.status, 0);
}

}  // namespace
}  // namespace spillway
