// Log lines that no input can forge, and secrets that stay out of them. Standard error is a pipe meanwhile.
#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace spillway {
namespace {

// What `act` writes to standard error; a pipe holds 64 KiB, which is more than any test writes.
template <typename Act>
std::string said(Act act) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  const int before = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  act();
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  std::string out;
  char room[4096];
  for (ssize_t n; (n = ::read(ends[0], room, sizeof room)) > 0;) out.append(room, static_cast<std::size_t>(n));
  ::close(ends[0]);
  return out;
}

// Without the time, which every line begins with.
std::string line_of(std::string_view message, std::initializer_list<LogField> fields = {}) {
  const std::string line = said([&] { log_line(Level::warn, message, fields); });
  std::string time = line.substr(0, 21);
  std::replace_if(
      time.begin(), time.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
  const bool one_line = line.find('\n') == line.size() - 1 && time == "0000-00-00T00:00:00Z ";
  return one_line ? line.substr(21, line.size() - 22) : "no line: " + line;
}

TEST(Log, a_line_is_time_level_message_and_fields) {
  EXPECT_EQ(line_of("the store is damaged", {{"path", "/lib/x"}, {"tries", std::int64_t{-3}}, {"why", "two words"}}),
            "warn \"the store is damaged\" path=/lib/x tries=-3 why=\"two words\"");
  EXPECT_EQ(line_of("", {{"empty", ""}}), "warn \"\" empty=\"\"");
}

TEST(Log, no_byte_forges_a_line_or_a_field) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string value = std::string("a") + static_cast<char>(byte) + "b";
    const std::string line = line_of(value, {{"k", value}});
    ASSERT_EQ(line.rfind("warn \"", 0), 0u) << "byte " << byte << ": " << line;
    for (const char c : line) {
      const auto seen = static_cast<unsigned char>(c);
      ASSERT_TRUE(seen >= 0x20 && seen < 0x7f) << "byte " << byte << " came through";
    }
    const bool needs_quotes = byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '=' || byte == '\\';
    EXPECT_EQ(line.find(" k=\"a") != std::string::npos, needs_quotes) << "byte " << byte << ": " << line;
  }
}

TEST(Log, quotes_and_backslashes_cannot_end_a_field) {
  EXPECT_EQ(line_of("m", {{"k", "x\" level=\"error"}}), "warn \"m\" k=\"x\\\" level=\\\"error\"");
  EXPECT_EQ(line_of("m", {{"k", "ends in \\"}}), "warn \"m\" k=\"ends in \\\\\"");
  EXPECT_EQ(line_of("a\nb\r\tc\x1b[2J"), "warn \"a\\x0ab\\x0d\\x09c\\x1b[2J\"");
}

TEST(Log, text_in_utf8_stays_readable_but_its_controls_do_not) {
  EXPECT_EQ(line_of("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "warn \"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
  EXPECT_EQ(line_of("\xc2\x9b"
                    "2J"),
            "warn \"\\xc2\\x9b2J\"")
      << "CSI in one character";
  EXPECT_EQ(line_of("\xe0\x80\x8a|\xc0\x8a|\x9b\x9b"), "warn \"\\xe0\\x80\\x8a|\\xc0\\x8a|\\x9b\\x9b\"") << "overlong";
}

TEST(Log, long_values_are_cut) {
  const std::string line = line_of("m", {{"k", std::string(100'000, 'x')}});
  EXPECT_EQ(line.size(), std::string("warn \"m\" k=\"\"").size() + 4096);
}

TEST(Log, below_the_level_nothing_is_said) {
  EXPECT_EQ(said([] { log_line(Level::debug, "details"); }), "");
  log_level(Level::error);
  EXPECT_FALSE(log_on(Level::warn));
  EXPECT_TRUE(log_on(Level::error));
  EXPECT_EQ(said([] { log_line(Level::warn, "quiet"); }), "");
  log_level(Level::debug);
  EXPECT_NE(said([] { log_line(Level::debug, "details"); }), "");
  log_level(Level::info);
}

TEST(Redact, masks_every_occurrence) {
  secret_register("sk-or-v1-0123456789abcdef");
  EXPECT_EQ(redact("key sk-or-v1-0123456789abcdef, again sk-or-v1-0123456789abcdef."), "key sk-..ef, again sk-..ef.");
  EXPECT_EQ(redact("nothing here"), "nothing here");
  EXPECT_EQ(redact(""), "");
}

TEST(Redact, of_a_short_secret_shows_nothing_and_of_a_word_hides_nothing) {
  secret_register("hunter22");
  EXPECT_EQ(redact("it was hunter22!"), "it was ***!");
  secret_register("model");
  EXPECT_EQ(redact("the model"), "the model") << "shorter than 8 bytes is no secret";
}

TEST(Redact, a_secret_that_begins_another_leaves_no_rest_of_it) {
  secret_register("prefix-of-both");
  secret_register("prefix-of-both-and-the-rest");
  EXPECT_EQ(redact("<prefix-of-both-and-the-rest> <prefix-of-both>"), "<pre..st> <***>");
}

TEST(Redact, lines_of_the_log_pass_through_it_before_they_are_quoted_and_cut) {
  secret_register("with \"quotes\" and \\ in it");
  EXPECT_EQ(line_of("it: with \"quotes\" and \\ in it", {{"k", "with \"quotes\" and \\ in it"}}),
            "warn \"it: wit..it\" k=wit..it");
  secret_register("sits-across-the-cut-of-a-value");
  const std::string line = line_of("m", {{"k", std::string(4090, ' ') + "sits-across-the-cut-of-a-value"}});
  EXPECT_EQ(line.find("sits-"), std::string::npos);
}

}  // namespace
}  // namespace spillway
