// What the answers of /endpoints say: every file of expected.json seed001.health_files, in both readings.
#include "catalog/health.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

void expect_health(const Result<ModelHealth>& got, const JsonValue& due) {
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->gated, due["gated"].boolean(!got->gated));
  ASSERT_EQ(got->score.has_value(), due["score"].is(JsonType::number));
  if (got->score) {
    EXPECT_NEAR(*got->score, due["score"].number(-1), 1e-9);
  }
}

// What Python raised, and so ended the original's whole pass; we count a failed fetch.
std::string raised(const std::string& why) {
  if (why == "a status is no number") return "TypeError";
  if (why == "a status is a text") return "ValueError";
  return why == "an endpoint is no object" ? "AttributeError" : why;
}

TEST(ModelHealth, Q7_Q8_every_file) {
  const JsonValue& files = expected()["seed001"]["health_files"];
  ASSERT_GE(files.keys.size(), 24u);
  for (std::size_t i = 0; i < files.keys.size(); ++i) {
    SCOPED_TRACE(files.keys[i]);
    const JsonValue& due = files.items[i];
    const std::string body = fixture_text("endpoints-" + files.keys[i] + ".json");
    const Result<ModelHealth> compat = read_health(body, HealthRule::compat),
                              project = read_health(body, HealthRule::project);
    if (due["fetch"].string() == "error") {
      EXPECT_FALSE(compat);
      EXPECT_FALSE(project);
      ASSERT_FALSE(due["why"].string().empty());
      continue;
    }
    if (due["compat"].has("aborts_the_whole_pass")) {
      ASSERT_FALSE(compat);
      EXPECT_EQ(raised(compat.error().detail), due["compat"]["aborts_the_whole_pass"].string());
    } else {
      expect_health(compat, due["compat"]);
    }
    if (due["project"].has("counts_as")) {
      EXPECT_EQ(due["project"]["counts_as"].string(), "fetch error");
      EXPECT_FALSE(project) << "D-6";
    } else {
      expect_health(project, due["project"]);
    }
  }
}

Result<ModelHealth> read(const std::string& endpoints, HealthRule rule) {
  return read_health("{\"data\":{\"endpoints\":[" + endpoints + "]}}", rule);
}

TEST(ModelHealth, Q7_a_status_is_what_pythons_int_makes_of_it) {
  const auto live = [](const std::string& status) {
    const Result<ModelHealth> health = read("{\"status\":" + status + ",\"uptime_last_30m\":99}", HealthRule::compat);
    return health && !health->gated;
  };
  for (const char* zero : {"0", "0.9", "-0.5", "\"0\"", "\" 0 \"", "false"}) EXPECT_TRUE(live(zero)) << zero;
  for (const char* down : {"-1", "1", "\"-2\"", "true", "null", "\"up\"", "[]"}) EXPECT_FALSE(live(down)) << down;
}

TEST(ModelHealth, Q7_nothing_is_looked_at_behind_the_first_live_endpoint) {
  const std::string live = "{\"status\":0,\"uptime_last_30m\":99}", strange = "{\"status\":null}";
  EXPECT_TRUE(read(live + "," + strange, HealthRule::compat));
  EXPECT_FALSE(read(strange + "," + live, HealthRule::compat));
  EXPECT_FALSE(read(live + ",7", HealthRule::compat));
}

TEST(ModelHealth, Q8_values_are_percent_and_numbers) {
  const auto score = [](const std::string& uptime) {
    const Result<ModelHealth> health = read("{\"uptime_last_30m\":" + uptime + "}", HealthRule::project);
    return health && health->score ? *health->score : health && health->gated ? -1 : -2;
  };
  EXPECT_DOUBLE_EQ(score("100"), 100);
  EXPECT_DOUBLE_EQ(score("90"), 93);
  EXPECT_EQ(score("89.99"), -1);
  EXPECT_EQ(score("1"), -1) << "one percent, not all";
  for (const char* nothing : {"\"99\"", "true", "null", "-1", "100.5", "[]"}) EXPECT_EQ(score(nothing), -2) << nothing;
}

TEST(ModelHealth, Q9_half_to_even) {
  const JsonValue& wanted = expected()["seed001"]["rounding"];
  ASSERT_FALSE(wanted.items.empty());
  for (const JsonValue& due : wanted.items) {
    const ModelHealth health{false, due["health"].number(-1)};
    EXPECT_EQ(blend(static_cast<int>(due["static"].integer(-1)), health), due["blend"].integer(-1));
  }
  EXPECT_EQ(blend(55, {true, std::nullopt}), 55);
  EXPECT_EQ(blend(55, {}), 55);
}

}  // namespace
}  // namespace spillway
