// Every reason to refuse a plugin has a fixture, and every refusal says which file and what is wrong with it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "abi/fixture.h"

namespace spillway {
namespace {

// What the config's errors say about this one file, named as a [[plugin]]; empty: loaded and made.
std::string refusal(const char* file, const std::string& policy) {
  std::vector<Problem> problems;
  const Policies policies = build_policies(fixture_config({file}, {policy}), problems);
  if (problems.empty()) {
    EXPECT_EQ(policies.size(), 1u);
    return {};
  }
  EXPECT_EQ(problems[0].place.line, 3) << problems[0].message;
  EXPECT_NE(problems[0].message.find(fixture_path(file)), std::string::npos) << problems[0].message;
  return problems[0].message;
}

struct Refused {
  const char* file;
  const char* said;
};
void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.file; }

class Abi : public testing::TestWithParam<Refused> {};

TEST_P(Abi, refuses_with_a_reason) {
  const std::string said = refusal(GetParam().file, GetParam().file);
  EXPECT_NE(said.find(GetParam().said), std::string::npos) << "said: " << said;
}

INSTANTIATE_TEST_SUITE_P(Refused, Abi,
                         testing::Values(Refused{"no_such_file", "there is no such file"},
                                         Refused{"no_symbol", "lacks the symbol spillway_plugin_v1"},
                                         Refused{"v2_only", "newer ABI (spillway_plugin_v2)"},
                                         Refused{"undefined_symbol", "undefined symbol: spillway_nobody_has_this"},
                                         Refused{"size_small", "size is 16"}, Refused{"size_zero", "size is 0"},
                                         Refused{"size_absurd", "bytes, so it is no descriptor"},
                                         Refused{"size_lies", "has only 16 bytes"},
                                         Refused{"name_missing", "name must be"}, Refused{"name_bad", "name must be"},
                                         Refused{"option_offset", "option n does not lie inside"},
                                         Refused{"option_type", "option n has an unknown type"},
                                         Refused{"option_fallback", "default of the option n is not a whole number"},
                                         Refused{"option_range", "default of the option n: must be 10..20"},
                                         Refused{"option_twice", "option n is there twice"},
                                         Refused{"option_host", "timeout_ms belongs to the host"},
                                         Refused{"option_table_missing", "n_options without options"},
                                         Refused{"counter_bad", "counter 0 has no name"},
                                         Refused{"block_huge", "a block is larger than"}),
                         [](const auto& one) { return std::string(one.param.file); });

TEST(AbiRefused, what_is_no_shared_object) {
  const std::string path = fixture_path("text_file");
  std::ofstream(path) << "this is a text\n";
  EXPECT_NE(refusal("text_file", "text_file").find("no shared object that can be loaded"), std::string::npos);
  std::remove(path.c_str());
}

TEST(AbiRefused, a_directory) {
  const Result<Plugin> loaded = load_plugin(SPW_ABI_DIR);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().detail.find("is a directory, not a regular file"), std::string::npos);
}

TEST(AbiRefused, a_file_that_others_may_write) {
  const std::string path = fixture_path("writable");
  std::ofstream(path) << std::ifstream(fixture_path("twin_a")).rdbuf();
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_NE(refusal("writable", "twin").find("others could change it"), std::string::npos);
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(refusal("writable", "twin"), "");
  std::remove(path.c_str());
}

TEST(AbiRefused, a_name_that_another_file_has) {
  std::vector<Problem> problems;
  build_policies(fixture_config({"twin_a", "twin_b"}, {"twin"}), problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].message.find("twin_b.so: a policy named twin came from " + fixture_path("twin_a")),
            std::string::npos)
      << problems[0].message;
}

TEST(AbiRefused, a_config_without_a_required_option) {
  std::vector<Problem> problems;
  Config config = fixture_config({"option_required"}, {"option_required"});
  build_policies(config, problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "[policy.option_required] url is required");
  EXPECT_EQ(problems[0].place.line, 9);
  config.policies["option_required"].options["url"] = {std::string("http://127.0.0.1/"), {}};
  problems.clear();
  EXPECT_EQ(build_policies(config, problems).size(), 1u);
  EXPECT_TRUE(problems.empty());
}

TEST(AbiRefused, a_worker_start_that_says_no) {
  std::vector<Problem> problems;
  const Policies policies = build_policies(fixture_config({"start_refuses"}, {"start_refuses"}), problems);
  ASSERT_TRUE(problems.empty());
  FakeServices services;
  const auto worker = PolicyWorker::start(policies, services);
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().detail, "the policy start_refuses refused to start: the moon is in the wrong phase");
}

TEST(AbiRefused, all_bad_files_at_once_are_all_named) {
  std::vector<Problem> problems;
  build_policies(fixture_config({"no_symbol", "size_small", "name_bad"}, {"cache"}), problems);
  EXPECT_EQ(problems.size(), 3u);
}

TEST(AbiRefused, but_not_a_plugin_beside_those_linked_in) {
  std::vector<Problem> problems;
  const Policies policies = build_policies(fixture_config({"twin_a"}, {"twin", "cache"}), problems);
  ASSERT_TRUE(problems.empty());
  EXPECT_EQ(policies[0]->plugin.path, fixture_path("twin_a"));
  EXPECT_EQ(policies[1]->plugin.path, "");
}

}  // namespace
}  // namespace spillway
