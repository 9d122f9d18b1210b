// Where the store's file goes when nobody says.
#include "base/place.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>

#include "support/folder.h"

namespace spillway {
namespace {

struct PlaceTest : testing::Test {
  PlaceTest() {
    for (const char* name : {"STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"}) {
      if (const char* value = getenv(name)) before[name] = value;
      unsetenv(name);
    }
  }
  ~PlaceTest() override {
    for (const char* name : {"STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"}) unsetenv(name);
    for (const auto& [name, value] : before) setenv(name.c_str(), value.c_str(), 1);
  }
  std::map<std::string, std::string> before;
};

TEST_F(PlaceTest, systemd_then_xdg_then_home_then_nowhere) {
  EXPECT_EQ(default_store_path(), "");
  setenv("HOME", "/home/a", 1);
  EXPECT_EQ(default_store_path(), "/home/a/.local/state/spillway/spillway.db");
  setenv("XDG_STATE_HOME", "relative", 1);
  EXPECT_EQ(default_store_path(), "/home/a/.local/state/spillway/spillway.db");
  setenv("XDG_STATE_HOME", "/state", 1);
  EXPECT_EQ(default_store_path(), "/state/spillway/spillway.db");
  setenv("STATE_DIRECTORY", "/var/lib/spillway:/var/lib/other", 1);
  EXPECT_EQ(default_store_path(), "/var/lib/spillway/spillway.db");
}

TEST(Place, directories_are_made_as_needed_and_files_in_the_way_are_errors) {
  const Folder folder;
  EXPECT_TRUE(make_directories(folder.path + "a/b/c.db"));
  EXPECT_TRUE(std::filesystem::is_directory(folder.path + "a/b"));
  EXPECT_TRUE(make_directories(folder.path + "a/b/c.db"));
  EXPECT_TRUE(make_directories("c.db"));
  folder.write("file", "");
  EXPECT_FALSE(make_directories(folder.path + "file/x/c.db"));
}

}  // namespace
}  // namespace spillway
