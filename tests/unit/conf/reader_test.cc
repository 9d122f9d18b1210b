// Values into members: types, ranges, choices, lists, headers, paths.
#include "conf/reader.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

using Lines = std::vector<std::string>;

TEST(Reader, lone_string_is_a_list_of_one) {
  const Loaded loaded = load_config_text("[server]\nlisten = \"127.0.0.1:1\"\n", "t.toml");
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.server.listen, Lines{"127.0.0.1:1"});
}

TEST(Reader, wrong_types_say_what_was_expected) {
  const Lines expected = {
      "5:11 [server] workers: expected an integer, got a number with a fraction",
      "6:15 [server] open_access: expected true or false, got an integer",
      "7:10 [server] listen: expected a string or an array of strings, got an integer",
      "8:17 [server] cors_origins: expected a string, got an integer",
  };
  EXPECT_EQ(mistakes_in(kWhole + "[server]\nworkers = 1.0\nopen_access = 1\nlisten = 4000\ncors_origins = [5]\n"),
            expected);
}

TEST(Reader, numbers_keep_to_their_range) {
  EXPECT_TRUE(mistakes_in(kWhole + "[server]\nworkers = 255\ndrain_s = 0\n").empty());
  EXPECT_EQ(mistakes_in(kWhole + "[server]\nworkers = 256\n"), Lines{"5:11 [server] workers: must be 0..255, got 256"});
  EXPECT_EQ(mistakes_in(kWhole + "[limits]\nattempts = 0\n"), Lines{"5:12 [limits] attempts: must be 1..32, got 0"});
  const std::string target = "provider = [{ name = \"up\", base_url = \"http://a/v1\" }]\n[[route]]\nmodel = \"a\"\n";
  EXPECT_EQ(
      mistakes_in(target + "targets = [{ provider = \"up\", weight = nan }, { provider = \"up\", weight = inf }]\n")
          .size(),
      2u);
  const Loaded whole =
      load_config_text(target + "targets = [{ provider = \"up\", weight = 2, price_in = 0.25, free = true }]", "t");
  EXPECT_TRUE(whole.ok());
  EXPECT_EQ(whole.config.routes[0].tiers[0].targets[0].weight, 2);
  EXPECT_EQ(whole.config.routes[0].tiers[0].targets[0].price_in, 0.25);
  EXPECT_EQ(whole.config.routes[0].tiers[0].targets[0].free, 1);
}

TEST(Reader, member_keeps_its_default_after_a_mistake) {
  EXPECT_EQ(load_config_text("[limits]\nattempts = 99\n", "t.toml").config.limits.attempts, 4);
}

TEST(Reader, choices_are_listed_with_the_near_one) {
  EXPECT_EQ(mistakes_in(kWhole + "[log]\nlevel = \"infoo\"\n"),
            Lines{"5:9 [log] level: must be one of \"error\", \"warn\", \"info\", \"debug\", got \"infoo\" (did you "
                  "mean info?)"});
  EXPECT_EQ(mistakes_in("[[provider]]\nname='a'\nbase_url='http://a'\ndialect='opanai'\n")[0],
            "0:0 warning: there is no [[route]]: every request will be answered with 404");
  EXPECT_EQ(mistakes_in("[[provider]]\nname='a'\nbase_url='http://a'\ndialect='opanai'\n")[1],
            "4:9 [[provider]] dialect: must be one of \"openai\", \"openai-responses\", \"anthropic\", \"gemini\", "
            "\"ollama\", "
            "\"cohere\", got \"opanai\" (did you mean openai?)");
}

TEST(Reader, lists_refuse_repetition) {
  EXPECT_EQ(mistakes_in(kWhole + "[server]\ncors_origins = [\"a\", \"b\", \"a\"]\n"),
            Lines{"5:27 [server] cors_origins: \"a\" stands there twice"});
}

TEST(Reader, required_options_are_asked_for_where_the_table_stands) {
  const Lines expected = {"4:1 [[key]]: `name` is missing", "4:1 [[key]]: `secret` is missing"};
  EXPECT_EQ(mistakes_in(kWhole + "[[key]]\n"), expected);
}

TEST(Reader, headers_are_checked_and_may_come_from_the_environment) {
  const Variable set("SPW_TEST_HEADER", "from-env");
  const std::string provider = "[[provider]]\nname='a'\nbase_url='http://a'\nheaders = ";
  const Loaded loaded = load_config_text(provider + "{ x-a = 'b', x-c = 'env:SPW_TEST_HEADER' }\n", "t.toml");
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.providers[0].headers, (HeaderMap{{"x-a", "b"}, {"x-c", "from-env"}}));
  EXPECT_EQ(mistakes_in(provider + "{ Host = 'b', x = \"a\\nb\", y = 5 }\n").size(), 4u);  // and no route
}

TEST(Reader, files_must_be_readable_and_start_at_the_configs_folder) {
  const Folder folder;
  folder.write("ca.pem", "x");
  const std::string toml = "[[provider]]\nname='a'\nbase_url='https://a'\nca_file='ca.pem'\n";
  const Loaded loaded = load_config(folder.write("t.toml", toml));
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.providers[0].ca_file, folder.path + "ca.pem");
  const Loaded missing = load_config(folder.write("sub/t.toml", toml));
  EXPECT_FALSE(missing.ok());
  EXPECT_EQ(missing.problems[1].message, "[[provider]] ca_file: cannot read " + folder.path + "sub/ca.pem");
}

TEST(Reader, log_and_store_paths_start_at_the_configs_folder) {
  const Folder folder;
  const Config config =
      load_config(folder.write("t.toml", "[log]\naccess='a.log'\n[store]\nurl='sqlite:s.db'\n")).config;
  EXPECT_EQ(config.log.access, folder.path + "a.log");
  EXPECT_EQ(config.store.url, "sqlite:" + folder.path + "s.db");
  EXPECT_EQ(load_config_text("[log]\naccess='off'\n[store]\nurl='sqlite:'\n", folder.path + "t").config.store.url,
            "sqlite:");
}

}  // namespace
}  // namespace spillway
