// Generated names, the filters and the output limit of seed 003, and the aliases of seed 002.
#include "catalog/names.h"

#include "catalog/eligible.h"
#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

TEST(Names, S2_every_example) {
  const JsonValue& wanted = expected()["seed003"]["names"];
  ASSERT_FALSE(wanted.keys.empty());
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    EXPECT_EQ(generated_name("openrouter", wanted.keys[i]), wanted.items[i].string());
  }
}

TEST(Names, D13_the_second_of_a_collision_is_refused) {
  const JsonValue& pair = expected()["seed003"]["name_collision"];
  ASSERT_EQ(pair.items.size(), 2u);
  NameTable names;
  const Result<std::string> first = names.take("openrouter", pair.at(0).string());
  ASSERT_TRUE(first);
  const Result<std::string> second = names.take("openrouter", pair.at(1).string());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find(pair.at(0).string()), std::string::npos) << "says whose it is";
  EXPECT_TRUE(names.take("openrouter", pair.at(0).string())) << "the same model again is no collision";
  EXPECT_TRUE(names.take("groq", pair.at(1).string()));
}

TEST(Names, S1_extended_variants_of_both_versions) {
  const JsonValue& wanted = expected()["seed003"]["kept"];
  ASSERT_FALSE(wanted.keys.empty());
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    const JsonValue& due = wanted.items[i];
    EXPECT_EQ(!is_extended(wanted.keys[i], ExtendedRule::first), due["first_version"].boolean(false)) << wanted.keys[i];
    EXPECT_EQ(!is_extended(wanted.keys[i], ExtendedRule::later), due["second_version"].boolean(false))
        << wanted.keys[i];
  }
}

TEST(Names, S1_what_the_catalogue_loses) {
  const Catalog catalog = fixture_catalog();
  const JsonValue& due = expected()["seed003"]["catalogue_dropped"];
  const auto dropped = [&](ExtendedRule rule, Unfit reason) {
    Eligibility rules = Eligibility::synced();
    rules.extended_out = rule;
    std::vector<std::string> ids;
    for (const auto& [model, why] : sieve(catalog, rules).others) {
      if (why[0] == reason) ids.push_back(model->id);
    }
    return ids;
  };
  const auto strings = [](const JsonValue& list) {
    std::vector<std::string> ids;
    for (const JsonValue& id : list.items) ids.emplace_back(id.string());
    return ids;
  };
  EXPECT_EQ(dropped(ExtendedRule::later, Unfit::no_pricing), strings(due["no_pricing"]));
  EXPECT_EQ(dropped(ExtendedRule::first, Unfit::extended), strings(due["extended_first_version"]));
  EXPECT_EQ(dropped(ExtendedRule::later, Unfit::extended), strings(due["extended_second_version"]));
}

TEST(Names, S3_output_limit) {
  const JsonValue& wanted = expected()["seed003"]["max_tokens"];
  ASSERT_FALSE(wanted.keys.empty());
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    EXPECT_EQ(output_limit(std::stoll(wanted.keys[i])), wanted.items[i].integer(-1)) << wanted.keys[i];
  }
  EXPECT_EQ(output_limit(0), 2048) << "unknown counts as 4096";
}

TEST(Names, R8_aliases_of_seed_002) {
  const JsonValue& wanted = expected()["seed002"]["names"];
  ASSERT_FALSE(wanted.keys.empty());
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    EXPECT_EQ(alias_name(wanted.keys[i]), wanted.items[i].string()) << wanted.keys[i];
  }
}

}  // namespace
}  // namespace spillway
