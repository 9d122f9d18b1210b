// When to come back, as providers spell it: semantics.md N-1 and O-6; reliability.md U14, U15.
#include <gtest/gtest.h>

#include "llm/classify.h"

namespace spillway {
namespace {

constexpr std::int64_t kWaitNow = 1'791'590'400'000;  // 2026-10-10T00:00:00Z

std::int64_t wait(std::string_view text) { return parse_wait_ms(text, kWaitNow); }

TEST(Wait, examples_of_n_1) {
  EXPECT_EQ(wait("6m0s"), 360'000);
  EXPECT_EQ(wait("2m59.56s"), 179'560);
  EXPECT_EQ(wait("10h17m5.723541104s"), 37'025'724);  // rounded up: never too early
  EXPECT_EQ(wait("1791676800000"), 86'400'000);
  EXPECT_EQ(wait("-5"), -1);
}

TEST(Wait, seconds_whole_and_broken) {
  EXPECT_EQ(wait("0"), 0);
  EXPECT_EQ(wait("2"), 2000);
  EXPECT_EQ(wait(" 30\t"), 30'000);
  EXPECT_EQ(wait("1.5"), 1500);
  EXPECT_EQ(wait("0.0001"), 1);
  EXPECT_EQ(wait("999999999"), 999'999'999'000);
}

TEST(Wait, arithmetic_adds_no_millisecond) {
  for (int hundredths = 0; hundredths < 100; ++hundredths) {
    const std::string text = "2m59." + std::to_string(hundredths / 10) + std::to_string(hundredths % 10) + "s";
    EXPECT_EQ(wait(text), 179'000 + hundredths * 10) << text;
  }
}

TEST(Wait, durations_with_units) {
  EXPECT_EQ(wait("500ms"), 500);
  EXPECT_EQ(wait("1s"), 1000);
  EXPECT_EQ(wait("55s"), 55'000);  // protobuf
  EXPECT_EQ(wait("55.5s"), 55'500);
  EXPECT_EQ(wait("7.66s"), 7660);
  EXPECT_EQ(wait("1h2m3.5s"), 3'723'500);
  EXPECT_EQ(wait("1d"), 86'400'000);
  EXPECT_EQ(wait("1m500ms"), 60'500);
}

TEST(Wait, numbers_above_a_thousand_million_are_instants) {
  EXPECT_EQ(wait("1791590460"), 60'000);  // seconds (O-6: "seconds once seen")
  EXPECT_EQ(wait("1791590460.5"), 60'500);
  EXPECT_EQ(wait("1791590460000"), 60'000);  // milliseconds
  EXPECT_EQ(wait("1791590399000"), 0);       // past
  EXPECT_EQ(wait("1000000001"), 0);
  EXPECT_EQ(wait("1000000000"), 1'000'000'000'000) << "not above 1e9: seconds";
}

TEST(Wait, three_http_date_forms) {  // U15, RFC 9110 5.6.7
  EXPECT_EQ(wait("Sat, 10 Oct 2026 00:01:00 GMT"), 60'000);
  EXPECT_EQ(wait("Saturday, 10-Oct-26 00:01:00 GMT"), 60'000);
  EXPECT_EQ(wait("Sat Oct 10 00:01:00 2026"), 60'000);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT"), 0) << "a past date is now";
  EXPECT_EQ(wait("Sun Nov  6 08:49:37 1994"), 0);
}

TEST(Wait, rfc_3339) {
  EXPECT_EQ(wait("2026-10-10T00:00:30Z"), 30'000);
  EXPECT_EQ(wait("2026-10-10T00:00:30z"), 30'000);
  EXPECT_EQ(wait("2026-10-10T00:00:30.250Z"), 30'250);
  EXPECT_EQ(wait("2026-10-10T00:00:30.123456789Z"), 30'123);
  EXPECT_EQ(wait("2026-10-10T02:00:30+02:00"), 30'000);
  EXPECT_EQ(wait("2026-10-09T16:30:30-07:30"), 30'000);
  EXPECT_EQ(wait("2026-10-09T23:00:00Z"), 0);
}

TEST(Wait, anything_else_is_ignored) {
  for (const std::string_view text : {"",
                                      " ",
                                      "soon",
                                      "-5",
                                      "-1s",
                                      "5x",
                                      "5 s",
                                      "s",
                                      "1h 2m",
                                      "+5",
                                      "0x10",
                                      "inf",
                                      "nan",
                                      "1e400",
                                      "1e14",
                                      "12:30",
                                      "5.",
                                      ".5",
                                      "in 5s",
                                      "2026-10-10",
                                      "2026-10-10T00:00:30+2:00",
                                      "2026-10-10T00:00:30+ab:cd",
                                      "2026-10-10T00:00:30Zulu",
                                      "Sat, 10 Oct 2026 00:01:00 CET",
                                      "Sat, 10 Oct 2026 00:01:00 GMT+1",
                                      "99999999999999999999999999s"}) {
    EXPECT_EQ(wait(text), -1) << text;
  }
  EXPECT_EQ(wait(std::string(65, '1')), -1);
  using namespace std::string_view_literals;
  EXPECT_EQ(wait("2026-10-10T00:00:30Z\0junk"sv), -1);
}

}  // namespace
}  // namespace spillway
