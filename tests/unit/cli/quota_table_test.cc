// The table of `spillway quota`.
#include "cli/quota_table.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(QuotaTable, says_used_left_reset_state_and_whose_word) {
  const std::string table = quota_table(
      R"([{"quota":"openrouter","scope":"account free","used":50,"limit":50,"left":0,"open":false,"state":"day used",)"
      R"("wait_ms":7300000,"resets_unix_ms":1795305600000,"cause":"day quota","source":"GET key","tpd":0},)"
      R"({"quota":"groq/model x","scope":"model","used":3,"limit":0,"left":null,"open":true,"state":"open",)"
      R"("resets_unix_ms":1795305600000,"source":"configured","tpd":9000,"tokens_today":12}])");
  EXPECT_EQ(table,
            "QUOTA         SCOPE         USED  LIMIT  LEFT  TOKENS   RESETS        STATE; LIMIT BY\n"
            "openrouter    account free  50    50     0     -        11-22 00:00Z  day used, 2 h (day quota); GET key\n"
            "groq/model x  model         3     -      -     12/9000  11-22 00:00Z  open; configured\n");
}

TEST(QuotaTable, nothing_is_said_in_words) {
  EXPECT_EQ(quota_table("[]"), "no quota has been met yet\n");
  EXPECT_EQ(quota_table("what?"), "no quota has been met yet\n");
}

}  // namespace
}  // namespace spillway
