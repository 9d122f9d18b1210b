#include "cli/explain_table.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(ExplainTable, says_who_is_first_who_is_next_and_who_is_out_why) {
  const Result<JsonValue> answer = parse_json(
      R"({"route":"primary","prompt_tokens":9,"decision":"attempt","candidates":[)"
      R"({"provider":"or","model":"a:free","tier":"free","free":true,"context":32768,"taken":true,"share":0.6667},)"
      R"({"provider":"or","model":"b","tier":"paid","free":false,"taken":true,"share":0},)"
      R"({"provider":"or","model":"c","tier":"paid","free":false,"taken":false,"reason":"no tools"},)"
      R"({"provider":"x","model":"d","tier":"paid","free":false,"taken":false,"reason":"cooling","wait_ms":41001}]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(explain_table(*answer),
            "route primary, about 9 tokens: attempt\n"
            "#  tier  candidate  cost  context  what becomes of it\n"
            "1  free  or/a:free  free  32768    first in 67 %\n"
            "2  paid  or/b       paid  -        if those above fail\n"
            "-  paid  or/c       paid  -        out: no tools\n"
            "-  paid  x/d        paid  -        out: cooling (42 s)\n");
}

TEST(ExplainTable, when_nobody_is_left_it_says_when_to_ask_again) {
  const Result<JsonValue> answer =
      parse_json(R"({"route":"r","prompt_tokens":1,"decision":"refuse","retry_after_ms":1,"candidates":[]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(explain_table(*answer).substr(0, 58), "route r, about 1 tokens: refuse, worth asking again in 1 s");
}

}  // namespace
}  // namespace spillway
