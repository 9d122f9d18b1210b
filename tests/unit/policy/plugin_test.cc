// Descriptors and option tables: what is refused, with which words, and how [policy.NAME] becomes a plugin's struct.
// Shared objects are tried in tests/abi/.
#include "policy/plugin.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "policy/options.h"
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

std::string refusal(const spw_plugin& plugin) {
  const Result<Plugin> checked = check_plugin(plugin, "x.so");
  return checked ? "" : checked.error().detail;
}

TEST(Plugin, a_good_descriptor_passes) { EXPECT_EQ(refusal(example()), ""); }

TEST(Plugin, sizes_that_no_version_has_are_refused) {
  for (const std::size_t size :
       {std::size_t{0}, sizeof(std::size_t), offsetof(spw_plugin, request_size), std::size_t{5000}, SIZE_MAX}) {
    spw_plugin plugin = example();
    plugin.size = size;
    EXPECT_NE(refusal(plugin).find("size"), std::string::npos) << size;
  }
}

TEST(Plugin, an_older_and_a_newer_descriptor_are_read_as_far_as_both_know) {
  spw_plugin older = example();
  older.on_end = [](spw_call*) {};
  older.on_request = [](spw_call*) -> spw_verdict { return SPW_NEXT; };
  older.size = offsetof(spw_plugin, on_end);  // its header had no on_end yet
  const Result<Plugin> old = check_plugin(older, {});
  ASSERT_TRUE(old);
  EXPECT_NE(old->descriptor.on_request, nullptr);
  EXPECT_EQ(old->descriptor.on_end, nullptr);
  struct {
    spw_plugin known;
    void* later[4];
  } newer{example(), {}};
  newer.known.size = sizeof newer;
  EXPECT_TRUE(check_plugin(newer.known, {}));
}

TEST(Plugin, names_are_short_words) {
  const std::string too_long(65, 'a');
  for (const char* name :
       {"", "Upper", "a-b", "a b", "a/b", "\xff", too_long.c_str(), static_cast<const char*>(nullptr)}) {
    spw_plugin plugin = example();
    plugin.name = name;
    EXPECT_NE(refusal(plugin).find("name"), std::string::npos) << (name == nullptr ? "null" : name);
  }
}

TEST(Plugin, blocks_have_a_limit) {
  for (auto field : {&spw_plugin::conf_size, &spw_plugin::worker_size, &spw_plugin::request_size}) {
    spw_plugin plugin = example();
    plugin.*field = (1u << 20) + 1;
    EXPECT_NE(refusal(plugin).find("block"), std::string::npos);
    plugin.*field = SIZE_MAX;
    EXPECT_NE(refusal(plugin).find("block"), std::string::npos);
  }
}

// One wrong row, and a piece of what must be said about it.
struct BadRow {
  spw_option option;
  const char* said;
};

TEST(Plugin, broken_option_tables_are_refused) {
  const BadRow rows[] = {
      {{nullptr, SPW_INT, 8, "1", 0, 0, ""}, "no name"},
      {{"Bad-Name", SPW_INT, 8, "1", 0, 0, ""}, "no name"},
      {{"timeout_ms", SPW_MS, 8, "1", 0, 0, ""}, "belongs to the host"},
      {{"on_error", SPW_TEXT, 8, "\"open\"", 0, 0, ""}, "belongs to the host"},
      {{"n", 99, 8, "1", 0, 0, ""}, "unknown type"},
      {{"n", -1, 8, "1", 0, 0, ""}, "unknown type"},
      {{"n", SPW_INT, sizeof(Conf), "1", 0, 0, ""}, "inside"},
      {{"n", SPW_INT, sizeof(Conf) - 4, "1", 0, 0, ""}, "inside"},
      {{"n", SPW_INT, SIZE_MAX - 3, "1", 0, 0, ""}, "inside"},
      {{"n", SPW_INT, 12, "1", 0, 0, ""}, "inside"},  // not aligned
      {{"n", SPW_INT, 8, "one", 0, 0, ""}, "default"},
      {{"n", SPW_INT, 8, "1.5", 0, 0, ""}, "default"},
      {{"n", SPW_INT, 8, "7", 8, 9, ""}, "default"},
      {{"n", SPW_INT, 8, "7", 9, 8, ""}, "range"},
      {{"n", SPW_BOOL, 0, "yes", 0, 0, ""}, "default"},
      {{"n", SPW_NUM, 8, "nan", 0, 0, ""}, "default"},
      {{"n", SPW_TEXT, 8, "bare", 0, 0, ""}, "default"},
      {{"n", SPW_TEXT, 8, "\"open", 0, 0, ""}, "default"},
      {{"n", SPW_TEXTS, 8, "[\"a\" \"b\"]", 0, 0, ""}, "default"},
      {{"n", SPW_TEXTS, 8, "[\"a\", 1]", 0, 0, ""}, "default"},
  };
  for (const BadRow& row : rows) {
    spw_plugin plugin = example();
    plugin.options = &row.option;
    plugin.n_options = 1;
    EXPECT_NE(refusal(plugin).find(row.said), std::string::npos) << row.said << " / " << refusal(plugin);
  }
  spw_plugin plugin = example();
  const spw_option twice[] = {kOptions[1], kOptions[1]};
  plugin.options = twice;
  plugin.n_options = 2;
  EXPECT_NE(refusal(plugin).find("twice"), std::string::npos);
  plugin.options = nullptr;
  EXPECT_NE(refusal(plugin).find("n_options"), std::string::npos);
  plugin.n_options = SIZE_MAX;
  EXPECT_NE(refusal(plugin).find("too many options"), std::string::npos);
}

TEST(Plugin, broken_counter_tables_are_refused) {
  const spw_counter twice[] = {{"hits", "", 0}, {"hits", "", 0}}, bad[] = {{"Hits total", "", 0}};
  spw_plugin plugin = example();
  plugin.counters = twice;
  plugin.n_counters = 2;
  EXPECT_NE(refusal(plugin).find("twice"), std::string::npos);
  plugin.counters = bad;
  plugin.n_counters = 1;
  EXPECT_NE(refusal(plugin).find("name"), std::string::npos);
  plugin.counters = nullptr;
  EXPECT_NE(refusal(plugin).find("n_counters"), std::string::npos);
  plugin.n_counters = SIZE_MAX;
  EXPECT_NE(refusal(plugin).find("too many counters"), std::string::npos);
}

TEST(Plugin, what_is_linked_in_passes_its_own_checks) {
  std::vector<std::string> names;
  for (const Plugin& plugin : builtin_plugins()) {
    names.push_back(plugin.name);
    EXPECT_EQ(plugin.path, "");
  }
  EXPECT_EQ(names, (std::vector<std::string>{"breaker", "free_first", "cache", "sticky"}));
}

Config routes(std::vector<std::string> policies) {
  Config config;
  RouteConfig route;
  route.model = {"primary"};
  route.policies = std::move(policies);
  config.routes = {route, route};
  return config;
}

TEST(Policies, each_is_made_once_for_all_routes) {
  std::vector<Problem> problems;
  Config config = routes({"cache", "breaker"});
  config.policies["breaker"].on_error = "closed";
  config.policies["breaker"].timeout_ms = 77;
  const Policies policies = build_policies(config, problems);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(policies.size(), 2u);
  EXPECT_EQ(policies[0]->plugin.name, "cache");
  EXPECT_TRUE(policies[0]->fail_open);
  EXPECT_FALSE(policies[1]->fail_open);
  EXPECT_EQ(policies[1]->timeout_ms, 77);
}

TEST(Policies, unknown_names_get_a_suggestion_and_doubles_are_refused) {
  std::vector<Problem> problems;
  Config config = routes({"braeker", "cache", "cache"});
  config.routes.pop_back();
  build_policies(config, problems);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].message, "policies: there is no policy \"braeker\" (did you mean breaker?)");
  EXPECT_EQ(problems[1].message, "policies: \"cache\" is there twice");
}

TEST(Policies, a_counter_may_not_take_a_name_of_another_type) {
  Stage stage;
  FakeServices services;
  services.metrics().gauge("spillway_actor_seen", "Somebody else's.");
  const Policies policies = policies_of({&Actor<0>::plugin});
  const auto worker = PolicyWorker::start(policies, services);
  ASSERT_FALSE(worker);
  EXPECT_NE(worker.error().detail.find("spillway_actor_seen"), std::string::npos);
}

TEST(Policies, a_refused_start_stops_those_who_started_and_says_why) {
  Stage stage;
  FakeServices services;
  const Policies policies = policies_of({&Actor<0>::plugin, &Actor<1>::plugin, &Actor<2>::plugin});
  Actor<1>::hooks.start = [](spw_call* call) -> std::int32_t {
    call->host->log(call, 0, str("the mode is not one I know"));
    return -1;
  };
  const auto worker = PolicyWorker::start(policies, services);
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().detail, "the policy actor_1 refused to start: the mode is not one I know");
  EXPECT_EQ(stage.take(), (std::vector<std::string>{"0 stop"}));
}

}  // namespace
}  // namespace spillway
