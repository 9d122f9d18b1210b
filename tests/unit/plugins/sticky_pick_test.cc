// Whom a session is sent to, against expected.json seed001.pins_* and pin_index_k5.
#include "sticky_pick.h"

#include "base/hash.h"
#include "catalog/health_pass.h"
#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

spw_str str(const std::string& text) { return {text.data(), text.size()}; }

std::string sha(const std::string& text) {
  sticky_sha256 sum = sticky_sha256_begin();
  sticky_sha256_add(&sum, text.data(), text.size());
  std::uint8_t digest[STICKY_DIGEST_BYTES];
  sticky_sha256_end(&sum, digest);
  return hex({reinterpret_cast<const char*>(digest), sizeof digest});
}

TEST(StickyPick, its_sha256_is_the_one_of_mbedtls) {
  EXPECT_EQ(sha("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2 B.1
  for (const std::size_t n : {0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000}) {
    const std::string text(n, static_cast<char>('a' + n % 26));
    const Digest due = sha256(text);
    EXPECT_EQ(sha(text), hex({reinterpret_cast<const char*>(due.data()), due.size()})) << n;
  }
}

std::size_t index_of(const std::string& session, std::size_t count) {
  std::uint8_t digest[STICKY_DIGEST_BYTES];
  sticky_hash(str(session), digest);
  return sticky_index(digest, count);
}

TEST(StickyPick, Q11_the_index_of_five) {
  const JsonValue& wanted = expected()["seed001"]["pin_index_k5"];
  ASSERT_EQ(wanted.keys.size(), 12u);
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    EXPECT_EQ(index_of(wanted.keys[i], 5), static_cast<std::size_t>(wanted.items[i].integer(-1))) << wanted.keys[i];
  }
}

// A row of seed 001's catalogue after the round E1. The original orders equal ones by its number for a model; written
// with leading zeros that is an order of texts.
struct Row {
  std::string id, order;
  std::int64_t quality;
  bool free, gated;
};

std::vector<Row> rows_after_E1() {
  const JsonValue& seed = expected()["seed001"];
  const JsonValue& result = seed["enrich_E1_default_healthy"]["result"];
  std::vector<Row> rows;
  for (std::size_t i = 0; i < result.items.size(); ++i) {
    const JsonValue& row = seed["catalogue"].at(i);
    EXPECT_EQ(row["model"].string(), result.at(i)["model"].string());
    rows.push_back({std::string(row["model"].string()), std::to_string(100'000'000 + row["id"].integer(0)),
                    result.at(i)["quality"].integer(-1), row["tier"].string() == "free",
                    result.at(i)["gated"].boolean(true)});
  }
  return rows;
}

void expect_pins(const char* name, bool premium_allowed) {
  const std::vector<Row> rows = rows_after_E1();
  const JsonValue& wanted = expected()["seed001"][name];
  sticky_top top{};
  top.most = 5;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].gated || !(rows[i].free || premium_allowed)) continue;
    const sticky_candidate one{rows[i].quality, str(rows[i].order), {}, {}, i};
    sticky_top_add(&top, &one);
  }
  ASSERT_EQ(top.n, wanted["top_k"].items.size());
  for (std::size_t i = 0; i < top.n; ++i) EXPECT_EQ(rows[top.best[i].index].id, wanted["top_k"].at(i).string());
  const JsonValue& threads = wanted["by_thread"];
  ASSERT_EQ(threads.keys.size(), 12u);
  for (std::size_t i = 0; i < threads.keys.size(); ++i) {
    EXPECT_EQ(rows[top.best[index_of(threads.keys[i], top.n)].index].id, threads.items[i].string());
  }
}

TEST(StickyPick, Q10_Q11_pins_of_a_free_user) { expect_pins("pins_E1_free_user", false); }
TEST(StickyPick, Q10_Q11_pins_of_a_premium_user) { expect_pins("pins_E1_premium_user", true); }

TEST(StickyPick, the_best_are_the_same_in_any_order_of_the_config) {
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("m" + std::to_string(10 + i));
  const auto best = [&](std::size_t first, std::size_t step) {
    sticky_top top{};
    top.most = 4;
    for (std::size_t n = 0; n < names.size(); ++n) {
      const std::size_t i = (first + n * step) % names.size();
      const sticky_candidate one{static_cast<std::int64_t>(i % 3), str(names[i]), {}, {}, i};
      sticky_top_add(&top, &one);
    }
    std::vector<std::string> found;
    for (std::size_t i = 0; i < top.n; ++i) found.push_back(names[top.best[i].index]);
    return found;
  };
  EXPECT_EQ(best(0, 1), (std::vector<std::string>{"m12", "m15", "m18", "m21"}));
  for (const std::size_t step : {1, 7, 11, 29}) EXPECT_EQ(best(step, step), best(0, 1));
}

TEST(StickyPick, equal_models_of_two_providers_or_accounts_have_an_order) {
  const std::string model = "m", one = "p", two = "q";
  const sticky_candidate a{0, str(model), str(one), str(one), 0}, b{0, str(model), str(one), str(two), 1},
      c{0, str(model), str(two), str(one), 2};
  EXPECT_TRUE(sticky_before(&a, &b));
  EXPECT_TRUE(sticky_before(&b, &c));
  EXPECT_FALSE(sticky_before(&c, &a));
  EXPECT_FALSE(sticky_before(&a, &a));
}

}  // namespace
}  // namespace spillway
