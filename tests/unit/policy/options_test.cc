// How [policy.NAME] becomes the struct that a plugin's option table describes, and with which words mistakes are named.
#include "policy/options.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

struct Conf {
  std::int32_t flag;
  std::int64_t count, wait_ms;
  double share;
  spw_str text;
  spw_list texts;
};

const spw_option kOptions[] = {
    {"flag", SPW_BOOL, offsetof(Conf, flag), "true", 0, 0, "A flag."},
    {"count", SPW_INT, offsetof(Conf, count), "3", 1, 100, "A count."},
    {"wait_ms", SPW_MS, offsetof(Conf, wait_ms), "30000", 0, 60'000, "A wait."},
    {"share", SPW_NUM, offsetof(Conf, share), "0.5", 0, 1, "A share."},
    {"text", SPW_TEXT, offsetof(Conf, text), "\"plain\"", 0, 10, "A text."},
    {"texts", SPW_TEXTS, offsetof(Conf, texts), "[\"a\", \"b\"]", 0, 0, "Texts."},
};

spw_plugin example() {
  spw_plugin plugin{};
  plugin.size = sizeof plugin;
  plugin.name = "example";
  plugin.options = kOptions;
  plugin.n_options = std::size(kOptions);
  plugin.conf_size = sizeof(Conf);
  return plugin;
}

// The words of the first problem with this option of [policy.example]; empty: accepted.
std::string problem_of(const std::string& name, OptionValue value) {
  Policy policy;
  policy.plugin = *check_plugin(example(), {});
  PolicyConfig from;
  from.options[name] = {std::move(value), {7, 3, 0}};
  std::vector<Problem> problems;
  fill_options(policy, from, Config(), {1, 1, 0}, problems);
  if (problems.empty()) return {};
  EXPECT_EQ(problems[0].place.line, 7);
  return problems[0].message;
}

TEST(Options, defaults_fill_the_struct) {
  const auto policy = policy_of(example());
  Conf conf;
  std::memcpy(&conf, policy->conf.data(), sizeof conf);
  EXPECT_EQ(conf.flag, 1);
  EXPECT_EQ(conf.count, 3);
  EXPECT_EQ(conf.wait_ms, 30'000);
  EXPECT_EQ(conf.share, 0.5);
  EXPECT_EQ(view(conf.text), "plain");
  ASSERT_EQ(conf.texts.len, 2u);
  EXPECT_EQ(view(conf.texts.ptr[1]), "b");
}

TEST(Options, values_of_the_config_replace_them) {
  PolicyConfig from;
  from.options["flag"] = {false, {}};
  from.options["count"] = {std::int64_t{100}, {}};
  from.options["share"] = {std::int64_t{1}, {}};  // a whole number is a number
  from.options["text"] = {std::string("short"), {}};
  from.options["texts"] = {std::vector<std::string>{"x", "a text that is long enough to live on the heap"}, {}};
  const auto policy = policy_of(example(), from);
  Conf conf;
  std::memcpy(&conf, policy->conf.data(), sizeof conf);
  EXPECT_EQ(conf.flag, 0);
  EXPECT_EQ(conf.count, 100);
  EXPECT_EQ(conf.share, 1.0);
  EXPECT_EQ(view(conf.text), "short");
  ASSERT_EQ(conf.texts.len, 2u);
  EXPECT_EQ(view(conf.texts.ptr[1]), "a text that is long enough to live on the heap");
}

TEST(Options, wrong_values_are_named_at_their_place) {
  EXPECT_EQ(problem_of("count", std::int64_t{101}), "[policy.example] count: must be 1..100");
  EXPECT_EQ(problem_of("count", std::int64_t{0}), "[policy.example] count: must be 1..100");
  EXPECT_EQ(problem_of("count", 1.5), "[policy.example] count: must be a whole number");
  EXPECT_EQ(problem_of("count", std::string("3")), "[policy.example] count: must be a whole number");
  EXPECT_EQ(problem_of("flag", std::int64_t{1}), "[policy.example] flag: must be true or false");
  EXPECT_EQ(problem_of("wait_ms", std::string("30s")),
            "[policy.example] wait_ms: must be a whole number of milliseconds");
  EXPECT_EQ(problem_of("share", 1.01), "[policy.example] share: must be 0..1");
  EXPECT_EQ(problem_of("text", std::string("eleven long")), "[policy.example] text: its length must be 0..10");
  EXPECT_EQ(problem_of("texts", std::string("a")), "[policy.example] texts: must be an array of strings");
}

TEST(Options, unknown_ones_get_a_suggestion) {
  EXPECT_EQ(problem_of("cuont", std::int64_t{1}), "[policy.example] cuont: unknown option (did you mean count?)");
  EXPECT_EQ(problem_of("zzzzzz", std::int64_t{1}), "[policy.example] zzzzzz: unknown option");
}

TEST(Options, required_ones_are_missed_at_the_route_or_at_the_table) {
  const spw_option required = {"count", SPW_INT, offsetof(Conf, count), nullptr, 0, 0, ""};
  spw_plugin plugin = example();
  plugin.options = &required;
  plugin.n_options = 1;
  Policy policy;
  policy.plugin = *check_plugin(plugin, {});
  std::vector<Problem> problems;
  PolicyConfig from;
  fill_options(policy, from, Config(), {4, 1, 0}, problems);
  from.place = {9, 1, 0};
  fill_options(policy, from, Config(), {4, 1, 0}, problems);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].message, "[policy.example] count is required");
  EXPECT_EQ(problems[0].place.line, 4);
  EXPECT_EQ(problems[1].place.line, 9);
}

}  // namespace
}  // namespace spillway
