// How problems are printed, and what they must not show.
#include "conf/source.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

std::string printed(const std::string& toml) {
  std::string out;
  for (const Problem& problem : load_config_text(toml, "dir/t.toml").problems) out += to_text(problem, false);
  return out;
}

TEST(Source, problem_is_printed_as_compilers_do) {
  EXPECT_EQ(printed(kWhole + "[limits]\nidel_ms = 75\n"),
            "dir/t.toml:5:1: error: [limits] idel_ms: unknown option (did you mean idle_ms?)\n"
            "    5 | idel_ms = 75\n"
            "      | ^~~~~~~\n");
}

TEST(Source, caret_stands_under_the_word_behind_tabs_and_wide_letters) {
  EXPECT_EQ(printed(kWhole + "[log]\n\taccess = \"é\" \n\t\"l\\u0065vel\"=\t\"ü\" # x\n"),
            "dir/t.toml:6:16: error: [log] level: must be one of \"error\", \"warn\", \"info\", \"debug\", got \"ü\"\n"
            "    6 | \t\"l\\u0065vel\"=\t\"ü\" # x\n"
            "      | \t             \t^~~\n");
}

TEST(Source, colour_only_when_asked) {
  const Problem problem{false, "t.toml", {1, 1, 0}, "bad", "x = 1"};
  EXPECT_EQ(to_text(problem, false).find('\033'), std::string::npos);
  EXPECT_NE(to_text(problem, true).find("\033[1;31merror:\033[0m"), std::string::npos);
  const Problem warning{true, "t.toml", {1, 1, 0}, "bad", "x = 1"};
  EXPECT_NE(to_text(warning, true).find("warning:"), std::string::npos);
}

TEST(Source, problem_without_a_line_has_no_caret) {
  EXPECT_EQ(to_text({false, "t.toml", {}, "cannot read it", ""}, false), "t.toml: error: cannot read it\n");
}

TEST(Source, secrets_are_starred_out_of_source_lines) {
  EXPECT_EQ(
      printed(kWhole + "[[key]]\nname = \"a\"\nsecret = \"sk-very-secret\"\n"),
      "dir/t.toml:6:10: warning: [[key]] secret: a secret in the file itself; better \"env:NAME\" or \"file:PATH\"\n"
      "    6 | secret = \"**************\"\n"
      "      |          ^~~~~~~~~~~~~~~~\n");
  EXPECT_EQ(printed("secret = \"sk-very-secret\n").find("very"), std::string::npos);  // also when it is not closed
  EXPECT_NE(printed("[[key]]\nname = 'a'\nsecret = \"env:NOT_SET_HERE\"\n").find("\"env:NOT_SET_HERE\""),
            std::string::npos);
}

TEST(Source, control_bytes_do_not_reach_the_terminal) {
  const std::string out = printed("x = \"\x1b[31m\"\n\xff\xc2\x9b = 1\n");
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
  EXPECT_EQ(out.find('\xff'), std::string::npos);
  EXPECT_EQ(out.find("\xc2\x9b"), std::string::npos);
}

TEST(Source, higher_floors_get_the_same_messages) {
  const Config config = load_config_text("[policy.x]\nspeed = 1\n", "t.toml").config;
  const Problem problem = problem_at(config, config.policies.at("x").options.at("speed").place, "[policy.x] speed: no");
  EXPECT_EQ(to_text(problem, false), "t.toml:2:1: error: [policy.x] speed: no\n    2 | speed = 1\n      | ^~~~~\n");
}

}  // namespace
}  // namespace spillway
