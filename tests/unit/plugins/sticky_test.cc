// sticky as a policy: over real plans, through the chain. Whom a hash points at is tested in sticky_pick_test.cc.
#include <set>

#include "base/hash.h"
#include "policy_bench.h"

namespace spillway {
namespace {

// Four equal candidates in one tier, and two in the next.
struct Sticky : Bench {
  explicit Sticky(const Options& options = {}) : Bench({&spillway_builtin_sticky}, options) {
    candidates = some_candidates(6);
    for (std::size_t i = 4; i < 6; ++i) candidates[i].tier_index = 1;
  }
  Ran ask(const std::string& session, const Answer& answer = ok) {
    header = session;
    return send_with_header(answer);
  }
  Ran send_with_header(const Answer& answer) {
    auto trial = std::make_unique<Trial>(*worker, candidates);
    trial->subject.texts = texts;
    if (!header.empty()) trial->subject.headers[header_name] = header;
    EXPECT_EQ(trial->chain.run(), Chain::Result::go);
    note = trial->subject.notes["sticky"];
    Ran ran;
    while (const std::optional<std::size_t> i = next(*trial)) {
      ran.sent.push_back(*i);
      const spw_outcome outcome = answer(*i);
      trial->chain.outcome(outcome);
      if (outcome.error == SPW_E_NONE) break;
      trial->plan.after(*i, static_cast<Fault>(outcome.error));
    }
    return finish(*trial, ran);
  }
  std::size_t first(const std::string& session) { return ask(session).sent.at(0); }
  void out(std::size_t i, bool is) {
    candidates[i].excluded = is;
    candidates[i].excluded_by = 0;
  }
  double counted(const std::string& name) const {
    return services.metric("spillway_sticky_" + name + "_total{policy=\"sticky\"}");
  }
  std::string header, header_name = "x-session-id", note;
};

Bench::Answer failing(std::size_t bad, int error = SPW_E_TIMEOUT) {
  return [=](std::size_t i) { return i == bad ? outcome_of(i, error, 504) : ok(i); };
}

TEST(Sticky, D20_a_session_goes_to_one_candidate_whatever_the_dice_say) {
  Sticky sticky;
  std::set<std::size_t> used;
  for (int n = 0; n < 20; ++n) {
    const std::string session = "s" + std::to_string(n);
    const std::size_t first = sticky.first(session);
    EXPECT_EQ(sticky.note, "new");
    used.insert(first);
    for (const double u : {0.0, 0.4, 0.99}) {
      sticky.u = u;
      EXPECT_EQ(sticky.first(session), first);
      EXPECT_EQ(sticky.note, "kept");
    }
  }
  EXPECT_EQ(used, (std::set<std::size_t>{0, 1, 2, 3})) << "sessions are spread, over the first tier only";
  EXPECT_EQ(sticky.counted("new"), 20);
  EXPECT_EQ(sticky.counted("kept"), 60);
}

TEST(Sticky, Q11_the_first_pick_is_the_hash_modulo_the_best) {
  Sticky all({{"top_k", std::int64_t{4}}});
  Sticky one({{"top_k", std::int64_t{1}}}), two({{"top_k", std::int64_t{2}}});
  std::set<std::size_t> of_two;
  for (int n = 1; n <= 12; ++n) {
    const std::string session = std::to_string(n);
    const Digest digest = sha256("auto_fastest:" + session);
    EXPECT_EQ(all.first(session), digest[7] % 4u) << session;
    EXPECT_EQ(one.first(session), 0u) << session;
    of_two.insert(two.first(session));
  }
  EXPECT_EQ(of_two, (std::set<std::size_t>{0, 1}));
}

TEST(Sticky, Q11_the_best_by_quality_come_first_and_a_pin_outlives_a_better_one) {
  Sticky sticky({{"top_k", std::int64_t{2}}});
  for (std::size_t i = 0; i < 4; ++i) sticky.candidates[i].quality = i == 1 || i == 3 ? 90 : 40;
  std::set<std::size_t> used;
  for (int n = 0; n < 30; ++n) used.insert(sticky.first("s" + std::to_string(n)));
  EXPECT_EQ(used, (std::set<std::size_t>{1, 3}));
  const std::size_t first = sticky.first("s0");
  for (const std::size_t better : {0, 2}) sticky.candidates[better].quality = 95;
  EXPECT_EQ(sticky.first("s0"), first);
}

TEST(Sticky, the_order_of_the_config_does_not_matter) {
  Sticky one, other;
  std::swap(other.candidates[0], other.candidates[3]);
  for (int n = 0; n < 20; ++n) {
    const std::string session = "s" + std::to_string(n);
    EXPECT_EQ(one.candidates[one.first(session)].model, other.candidates[other.first(session)].model);
  }
}

TEST(Sticky, a_failure_breaks_the_pin_at_once_and_the_repaired_one_stays) {
  Sticky sticky;
  const std::size_t first = sticky.first("s");
  const Ran ran = sticky.ask("s", failing(first));
  ASSERT_EQ(ran.sent.size(), 2u);
  EXPECT_EQ(ran.sent[0], first);
  const std::size_t repaired = ran.sent[1];
  EXPECT_LT(repaired, 4u);
  for (const double u : {0.0, 0.5, 0.99}) {
    sticky.u = u;
    EXPECT_EQ(sticky.first("s"), repaired) << "the first one is well again, and yet";
  }
  EXPECT_EQ(sticky.counted("repaired"), 1);
}

TEST(Sticky, who_answers_in_the_end_is_who_the_session_stays_with) {
  Sticky sticky;
  const std::size_t first = sticky.first("s");
  std::vector<std::size_t> failed;
  const Ran ran = sticky.ask("s", [&](std::size_t i) {
    if (failed.size() == 2) return ok(i);
    failed.push_back(i);
    return broken(i);
  });
  ASSERT_EQ(ran.sent.size(), 3u);
  EXPECT_EQ(ran.sent[0], first);
  EXPECT_EQ(sticky.first("s"), ran.sent[2]);
}

TEST(Sticky, a_transient_failure_that_is_repaired_by_itself_moves_nobody) {  // rule 14
  Sticky sticky;
  const std::size_t first = sticky.first("s");
  int asked = 0;
  const Ran ran =
      sticky.ask("s", [&](std::size_t i) { return asked++ == 0 ? outcome_of(i, SPW_E_TRANSIENT, 500) : ok(i); });
  EXPECT_EQ(ran.sent, (Sent{first, first}));
  EXPECT_EQ(sticky.first("s"), first);
}

TEST(Sticky, a_wrong_request_is_no_failure_of_the_candidate) {
  for (const int error : {SPW_E_BAD_REQUEST, SPW_E_CONTENT_POLICY, SPW_E_CLIENT_GONE}) {
    Sticky sticky;
    const std::size_t first = sticky.first("s");
    sticky.ask("s", failing(first, error));
    EXPECT_EQ(sticky.first("s"), first) << error;
    EXPECT_EQ(sticky.counted("repaired"), 0) << error;
  }
}

TEST(Sticky, an_excluded_candidate_is_replaced_and_the_replacement_stays) {
  Sticky sticky;
  const std::size_t first = sticky.first("s");
  sticky.out(first, true);
  const std::size_t repaired = sticky.first("s");
  EXPECT_NE(repaired, first);
  EXPECT_EQ(sticky.note, "repaired");
  sticky.out(first, false);
  EXPECT_EQ(sticky.first("s"), repaired);
}

TEST(Sticky, Q11a_a_pin_survives_when_others_join_and_breaks_when_its_own_is_gone) {
  Sticky sticky;
  const std::size_t first = sticky.first("s");
  const std::string_view model = sticky.candidates[first].model;
  std::vector<Candidate> more = some_candidates(10);
  sticky.candidates = {more.rbegin(), more.rend()};
  EXPECT_EQ(sticky.candidates[sticky.first("s")].model, model);
  EXPECT_EQ(sticky.note, "kept");
  std::erase_if(sticky.candidates, [&](const Candidate& one) { return one.model == model; });
  EXPECT_NE(sticky.candidates[sticky.first("s")].model, model);
  EXPECT_EQ(sticky.note, "repaired");
}

TEST(Sticky, each_tier_has_a_pin_of_its_own) {
  Sticky sticky;
  const std::size_t first = sticky.first("s");
  for (std::size_t i = 0; i < 4; ++i) sticky.out(i, true);
  const std::size_t spilled = sticky.first("s");
  EXPECT_GE(spilled, 4u);
  EXPECT_EQ(sticky.note, "new");
  sticky.u = 0.99;
  EXPECT_EQ(sticky.first("s"), spilled);
  for (std::size_t i = 0; i < 4; ++i) sticky.out(i, false);
  EXPECT_EQ(sticky.first("s"), first) << "the free tier is back, and with it who was pinned there";
}

TEST(Sticky, sessions_of_two_callers_or_routes_are_two_sessions) {
  Sticky sticky;
  const std::size_t first = sticky.first("s");
  sticky.ask("s", failing(first));  // this one's pin has moved
  for (const auto& [fact, value] : {std::pair{SPW_KEY_NAME, "bob"}, std::pair{SPW_ROUTE, "other"}}) {
    const auto before = sticky.texts;
    sticky.texts[fact] = value;
    EXPECT_EQ(sticky.first("s"), first);
    EXPECT_EQ(sticky.note, "new");
    sticky.texts = before;
  }
}

TEST(Sticky, the_user_field_names_a_session_when_the_header_does_not) {
  Sticky sticky;
  const std::size_t by_header = sticky.first("thread-1");
  sticky.texts[SPW_USER] = "thread-1";
  EXPECT_EQ(sticky.first(""), by_header);
  EXPECT_EQ(sticky.note, "kept");
  sticky.texts[SPW_USER] = "somebody";
  EXPECT_EQ(sticky.first("thread-1"), by_header) << "the header goes first";
  Sticky without({{"user", false}});
  without.texts[SPW_USER] = "thread-1";
  without.first("");
  EXPECT_EQ(without.counted("without_session"), 1);
}

TEST(Sticky, another_header_may_name_the_session) {
  Sticky sticky({{"header", std::string("x-thread")}});
  sticky.first("s");
  EXPECT_EQ(sticky.counted("without_session"), 1) << "x-session-id is not it";
  sticky.header_name = "x-thread";
  sticky.first("s");
  EXPECT_EQ(sticky.counted("new"), 1);
}

TEST(Sticky, without_a_session_the_weights_decide_as_ever) {
  Sticky sticky;
  std::set<std::size_t> used;
  for (const double u : {0.0, 0.3, 0.6, 0.9}) {
    sticky.u = u;
    used.insert(sticky.first(""));
  }
  EXPECT_EQ(used.size(), 4u);
  EXPECT_EQ(sticky.note, "");
}

TEST(Sticky, a_silent_sessions_pin_is_forgotten_and_a_used_ones_is_not) {
  Sticky sticky({{"ttl_s", std::int64_t{100}}});
  const std::size_t first = sticky.first("s");
  sticky.ask("s", failing(first));
  const std::size_t repaired = sticky.first("s");
  for (int n = 0; n < 5; ++n) {
    sticky.pass_s(60);
    EXPECT_EQ(sticky.first("s"), repaired);
    EXPECT_EQ(sticky.note, "kept");
  }
  sticky.pass_s(101);
  EXPECT_EQ(sticky.first("s"), first) << "as if it were new";
  EXPECT_EQ(sticky.note, "new");
}

TEST(Sticky, a_policy_behind_it_that_refuses_the_pinned_one_moves_the_pin) {
  Bench both({&spillway_builtin_sticky, &spillway_builtin_breaker}, {});
  both.candidates = some_candidates(4);
  both.texts[SPW_USER] = "s";
  const std::size_t first = both.send(ok).sent.at(0);
  for (int n = 0; n < 6; ++n) both.send([&](std::size_t i) { return i == first ? broken(i) : ok(i); });
  const std::size_t repaired = both.send(ok).sent.at(0);
  EXPECT_NE(repaired, first);
  both.u = 0.99;
  EXPECT_EQ(both.send(ok).sent, Sent{repaired});
}

TEST(Sticky, nobody_left_is_no_ones_pin) {
  Sticky sticky;
  for (std::size_t i = 0; i < 6; ++i) sticky.out(i, true);
  EXPECT_TRUE(sticky.ask("s").sent.empty());
  EXPECT_EQ(sticky.counted("new"), 0);
}

TEST(Sticky, status_tells_the_counts) {
  Sticky sticky;
  sticky.first("s");
  sticky.first("s");
  sticky.first("");
  EXPECT_EQ(sticky.worker->status(), "{\"sticky\":{\"new\":1,\"kept\":1,\"repaired\":0,\"without_session\":1}}");
}

}  // namespace
}  // namespace spillway
