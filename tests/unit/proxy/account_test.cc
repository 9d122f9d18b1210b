// The access log's line: valid JSON whatever a client sent, and what an operator reads in it.
#include "proxy/account.h"

#include <gtest/gtest.h>

#include "json/scan.h"
#include "proxy/generation.h"

namespace spillway {
namespace {

TEST(AccessLine, any_bytes_a_client_chose_give_one_valid_line) {
  for (int byte = 0; byte < 256; ++byte) {
    Record record;
    record.request_id = "req_1";
    const std::string path = std::string("/v1/") + static_cast<char>(byte) + "x", agent(3, static_cast<char>(byte));
    const std::string model = std::string("a\n\"") + static_cast<char>(byte);
    record.path = path;
    record.user_agent = agent;
    record.model_asked = model;
    std::string memory;
    const std::string line(access_line(record, 1'795'219'200'000, memory));
    EXPECT_EQ(line.find('\n'), line.size() - 1) << byte;
    const Result<JsonValue> read = parse_json(std::string_view(line).substr(0, line.size() - 1));
    ASSERT_TRUE(read) << byte << line;
    EXPECT_EQ((*read)["ts"].string(), "2026-11-21T00:00:00.000Z");
  }
}

TEST(AccessLine, tells_who_was_tried_and_what_it_cost) {
  Endpoint endpoint;
  endpoint.provider = "groq";
  Target target;
  target.endpoint = &endpoint;
  Record record;
  record.status = 200;
  record.tried.push_back({&target, "llama", "free", 429, Fault::rate_limited, 41, "slow down"});
  record.tried.push_back({&target, "qwen", "paid", 200, Fault::none, 812, ""});
  record.usage.input = 120;
  record.usage.output = 88;
  record.cost_usd = 0.0021;
  record.tier = "paid";
  record.saved_usd = 0.25;
  record.notes.emplace_back("cache", "miss");
  std::string memory;
  const Result<JsonValue> read = parse_json(access_line(record, 0, memory));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["provider"].string(), "groq");
  EXPECT_EQ((*read)["model"].string(), "qwen");
  EXPECT_EQ((*read)["attempts"].at(0)["fault"].string(), "rate_limited");
  EXPECT_EQ((*read)["attempts"].at(1)["status"].integer(0), 200);
  EXPECT_EQ((*read)["tokens_in"].integer(0), 120);
  EXPECT_DOUBLE_EQ((*read)["cost_usd"].number(0), 0.0021);
  EXPECT_EQ((*read)["tier"].string(), "paid");
  EXPECT_DOUBLE_EQ((*read)["saved_usd"].number(0), 0.25);
  EXPECT_EQ((*read)["cache"].string(), "miss");
  EXPECT_EQ(record.trail(), "groq/llama 429 rate_limited; groq/qwen 200");
}

TEST(AccessLine, long_texts_are_cut) {
  Record record;
  const std::string agent(100'000, 'x');
  record.user_agent = agent;
  std::string memory;
  EXPECT_LT(access_line(record, 0, memory).size(), 2000u);
}

}  // namespace
}  // namespace spillway
