// Whole configs: the two of DESIGN.md section 5 verbatim, the shipped ones, and what happens to broken files.
#include "conf/load.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

const char* const kSmallest = R"([server]
listen = ["127.0.0.1:4000"]

[[provider]]
name = "up"
base_url = "http://127.0.0.1:9000/v1"
api_key = "env:UP_KEY"

[[route]]
model = "*"
targets = [{ provider = "up" }]
)";

const char* const kFreeFirst = R"([[route]]
model = "primary"
policies = ["cache", "free_first", "breaker"]
spill = "exhausted"

[[route.tier]]
name = "free"
targets = [
  { provider = "openrouter", model = "qwen/qwen3-coder:free", weight = 6 },
  { provider = "openrouter", model = "google/gemma-4-31b-it:free", weight = 3 },
]

[[route.tier]]
name = "paid"
targets = [{ provider = "openrouter", model = "openai/gpt-5-mini" }]

[policy.breaker]
allowed_fails = 2
cooldown_s = 120
)";

TEST(Load, smallest_config_of_the_design_works_verbatim) {
  const Variable key("UP_KEY", "sk-upstream-1");
  const Loaded loaded = load_config_text(kSmallest, "spillway.toml");
  EXPECT_EQ(lines_of(loaded), std::vector<std::string>());
  const Config& config = loaded.config;
  EXPECT_EQ(config.server.listen, std::vector<std::string>{"127.0.0.1:4000"});
  ASSERT_EQ(config.providers.size(), 1u);
  EXPECT_EQ(config.providers[0].name, "up");
  EXPECT_EQ(config.providers[0].api_key, "sk-upstream-1");
  EXPECT_EQ(config.providers[0].dialect, "openai");
  ASSERT_EQ(config.routes.size(), 1u);
  EXPECT_EQ(config.routes[0].model, std::vector<std::string>{"*"});
  ASSERT_EQ(config.routes[0].tiers.size(), 1u);
  EXPECT_EQ(config.routes[0].tiers[0].name, "default");
  ASSERT_EQ(config.routes[0].tiers[0].targets.size(), 1u);
  EXPECT_EQ(config.routes[0].tiers[0].targets[0].provider, "up");
  EXPECT_EQ(config.routes[0].tiers[0].targets[0].model, "");
}

TEST(Load, free_first_route_of_the_design_works_verbatim) {
  const std::string provider = "[[provider]]\nname = \"openrouter\"\nbase_url = \"https://openrouter.ai/api/v1\"\n\n";
  const Loaded loaded = load_config_text(provider + kFreeFirst, "spillway.toml");
  EXPECT_EQ(lines_of(loaded), std::vector<std::string>());
  ASSERT_EQ(loaded.config.routes.size(), 1u);
  const RouteConfig& route = loaded.config.routes[0];
  EXPECT_EQ(route.policies, (std::vector<std::string>{"cache", "free_first", "breaker"}));
  EXPECT_EQ(route.spill, "exhausted");
  ASSERT_EQ(route.tiers.size(), 2u);
  EXPECT_EQ(route.tiers[0].name, "free");
  ASSERT_EQ(route.tiers[0].targets.size(), 2u);
  EXPECT_EQ(route.tiers[0].targets[0].model, "qwen/qwen3-coder:free");
  EXPECT_EQ(route.tiers[0].targets[0].weight, 6);
  EXPECT_EQ(route.tiers[0].targets[0].free, -1);
  EXPECT_EQ(route.tiers[0].targets[1].place.line, 14);
  EXPECT_EQ(route.tiers[0].targets[1].place.column, 3);
  EXPECT_EQ(route.tiers[1].targets[0].model, "openai/gpt-5-mini");
  const PolicyConfig& breaker = loaded.config.policies.at("breaker");
  EXPECT_EQ(breaker.on_error, "open");
  EXPECT_EQ(std::get<std::int64_t>(breaker.options.at("allowed_fails").value), 2);
  EXPECT_EQ(std::get<std::int64_t>(breaker.options.at("cooldown_s").value), 120);
  EXPECT_EQ(breaker.options.at("cooldown_s").place.line, 23);
}

TEST(Load, every_example_is_one_environment_variable_away_from_use) {
  const std::string folder = std::string(SPW_SOURCE_DIR) + "/conf/examples";
  int examples = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string path = file.path().string();
    ++examples;
    const std::string text = text_of(path);
    std::vector<std::string> names;
    for (std::size_t at = text.find("\"env:"); at != std::string::npos; at = text.find("\"env:", at + 1)) {
      const std::size_t line = text.rfind('\n', at) + 1;
      if (text[line] != '#') names.push_back(text.substr(at + 5, text.find('"', at + 5) - at - 5));
    }
    EXPECT_LE(names.size(), 1u) << path;
    if (!names.empty()) {
      unsetenv(names[0].c_str());
      const std::vector<std::string> unset = lines_of(load_config(path));
      ASSERT_EQ(unset.size(), 1u) << path;
      EXPECT_NE(unset[0].find(names[0] + " is not set"), std::string::npos) << unset[0];
      setenv(names[0].c_str(), "sk-example-key", 1);
    }
    EXPECT_EQ(lines_of(load_config(path)), std::vector<std::string>()) << path;
    if (!names.empty()) unsetenv(names[0].c_str());
  }
  EXPECT_GE(examples, 4);
}

TEST(Load, demo_config_loads_without_a_word) {
  EXPECT_EQ(lines_of(load_config(std::string(SPW_SOURCE_DIR) + "/conf/demo.toml")), std::vector<std::string>());
}

TEST(Load, missing_file_is_a_problem_with_the_systems_reason) {
  const Loaded loaded = load_config("/nonexistent/spillway.toml");
  EXPECT_FALSE(loaded.ok());
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_NE(loaded.problems[0].message.find("No such file"), std::string::npos);
  EXPECT_FALSE(load_config("/").ok());
}

TEST(Load, warnings_alone_are_ok_and_errors_are_not) {
  EXPECT_TRUE(load_config_text("", "t.toml").ok());
  EXPECT_EQ(load_config_text("", "t.toml").problems.size(), 1u);  // no route: a warning
  EXPECT_FALSE(load_config_text("x = 1", "t.toml").ok());
}

TEST(Load, empty_config_means_the_defaults) {
  const Config config = load_config_text("", "t.toml").config;
  EXPECT_EQ(config.limits.attempts, 4);          // T-1
  EXPECT_EQ(config.limits.request_ms, 120'000);  // T-2
  EXPECT_EQ(config.server.drain_s, 30);
  EXPECT_EQ(config.store.url, "sqlite:");
}

TEST(Load, all_mistakes_are_reported_in_one_run) {
  const std::vector<std::string> expected = {
      "4:1 wrokers: unknown option",
      "6:1 [limits] idel_ms: unknown option (did you mean idle_ms?)",
      "7:11 [limits] idle_ms: must be 100..3600000, got 5",
      "8:12 [limits] attempts: expected an integer, got a string",
  };
  EXPECT_EQ(mistakes_in(kWhole + "wrokers = 2\n[limits]\nidel_ms = 5\nidle_ms = 5\nattempts = \"three\"\n"), expected);
}

TEST(Load, syntax_errors_come_with_the_mistakes_around_them) {
  const std::vector<std::string> found = mistakes_in(
      "[server]\nworkers = = 3\ndrain_s = 5\ndrain_s = 6\n[limits]\nidel_ms = 5\naccess = 'x\n[log]\nlevel = 1\n");
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[0], "2:11 this is no value (a text needs quotes)");
  EXPECT_NE(found[1].find("4:11 syntax: "), std::string::npos) << found[1];
  EXPECT_EQ(found[2], "6:1 [limits] idel_ms: unknown option (did you mean idle_ms?)");
  EXPECT_EQ(found[3], "7:10 this string is not closed");
  EXPECT_EQ(found[4], "9:9 [log] level: expected a string, got an integer");
}

TEST(Load, what_a_syntax_error_hides_is_not_called_missing) {
  const std::vector<std::string> expected = {"2:8 this string is not closed"};
  EXPECT_EQ(mistakes_in("[[provider]]\nname = \"up\nbase_url = \"http://127.0.0.1/v1\"\n"), expected);
}

TEST(Load, problems_are_bounded_in_number) {
  std::string toml;
  for (int i = 0; i < 1000; ++i) toml += "x" + std::to_string(i) + " = 1\n";
  EXPECT_EQ(load_config_text(toml, "t.toml").problems.size(), 100u);
}

TEST(Load, oversized_file_is_refused_before_it_is_parsed) {
  const Loaded loaded = load_config_text(std::string((1 << 20) + 1, '#'), "t.toml");
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems[0].message, "is larger than 1048576 bytes");
}

}  // namespace
}  // namespace spillway
