// Where secrets come from, and what is said when they are not there.
#include "conf/secrets.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "support.h"

namespace spillway {
namespace {

std::string fault(const std::string& written, const std::string& folder = "") {
  const Result<std::string> found = find_secret(written, folder);
  return found ? "found " + *found : found.error().detail;
}

TEST(Secrets, environment_variable_is_read_and_a_missing_one_named) {
  const Variable set("SPW_TEST_SECRET", "sk-1");
  const Variable empty("SPW_TEST_EMPTY", "");
  EXPECT_EQ(fault("env:SPW_TEST_SECRET"), "found sk-1");
  EXPECT_EQ(fault("env:SPW_TEST_UNSET"),
            "environment variable SPW_TEST_UNSET is not set; set it with: export SPW_TEST_UNSET=...");
  EXPECT_NE(fault("env:SPW_TEST_EMPTY").find("is empty"), std::string::npos);
  EXPECT_NE(fault("env:").find("must be followed by the name"), std::string::npos);
  EXPECT_NE(fault("env:A B").find("must be followed by the name"), std::string::npos);
}

TEST(Secrets, file_loses_one_line_break_and_starts_at_the_folder) {
  const Folder folder;
  folder.write("a", "sk-a\n");
  folder.write("b", "sk-b\r\n");
  folder.write("c", "sk-c\n\n");
  folder.write("d", "");
  folder.write("big", std::string(9000, 'x'));
  EXPECT_EQ(fault("file:a", folder.path), "found sk-a");
  EXPECT_EQ(fault("file:" + folder.path + "b"), "found sk-b");
  EXPECT_EQ(fault("file:c", folder.path), "file c contains a line break or another control character");
  EXPECT_NE(fault("file:d", folder.path).find("is empty"), std::string::npos);
  EXPECT_NE(fault("file:none", folder.path).find("No such file"), std::string::npos);
  EXPECT_NE(fault("file:big", folder.path).find("larger than 8192 bytes"), std::string::npos);
}

TEST(Secrets, secret_that_would_split_a_header_is_refused_and_not_shown) {
  const Variable split("SPW_TEST_SPLIT", "sk-1\r\nx-evil: 1");
  EXPECT_EQ(fault("env:SPW_TEST_SPLIT"),
            "environment variable SPW_TEST_SPLIT contains a line break or another control character");
}

TEST(Secrets, vault_is_refused_until_it_exists) {
  EXPECT_EQ(fault("vault:x"), "vault: is not supported yet; use env:NAME or file:PATH");
}

TEST(Secrets, loaded_secrets_are_hidden_from_the_log) {
  const Variable set("SPW_TEST_SECRET", "sk-a-long-secret-1234567890");
  ASSERT_TRUE(load_config_text("[[key]]\nname='a'\nsecret='env:SPW_TEST_SECRET'\n", "t.toml").ok());
  EXPECT_EQ(redact("it was sk-a-long-secret-1234567890!").find("a-long-secret"), std::string::npos);
}

TEST(Secrets, relative_paths_start_at_the_folder) {
  EXPECT_EQ(resolve_path("x", "/etc/spillway/"), "/etc/spillway/x");
  EXPECT_EQ(resolve_path("/x", "/etc/spillway/"), "/x");
  EXPECT_EQ(resolve_path("x.so", ""), "./x.so");
  EXPECT_EQ(resolve_path("", "/etc/"), "");
}

}  // namespace
}  // namespace spillway
