#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/folder.h"

namespace spillway {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat there {};
  return ::stat(path.c_str(), &there) == 0 ? there.st_mode & 07777 : 0;
}

TEST(File, is_read_up_to_its_bound) {
  const Folder folder;
  const std::string path = folder.write("a", std::string(40'000, 'x'));
  const Result<std::string> whole = read_file(path, 40'000);
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole, std::string(40'000, 'x'));
  const Result<std::string> larger = read_file(path, 39'999);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().detail, path + " is larger than 39999 bytes");
  const Result<std::string> none = read_file(folder.path + "b", 10);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().detail, "cannot read " + folder.path + "b: No such file or directory");
}

TEST(File, is_replaced_whole_and_keeps_its_mode) {
  const Folder folder;
  const std::string path = folder.path + "a";
  ASSERT_TRUE(replace_file(path, "one"));
  EXPECT_EQ(text_of(path), "one");
  EXPECT_EQ(mode_of(path), 0600u);
  ::chmod(path.c_str(), 0644);
  ASSERT_TRUE(replace_file(path, ""));
  EXPECT_EQ(text_of(path), "");
  EXPECT_EQ(mode_of(path), 0644u);
  const auto files = std::distance(std::filesystem::directory_iterator(folder.path), {});
  EXPECT_EQ(files, 1);  // nothing lies about
}

TEST(File, what_cannot_be_written_leaves_the_old_one) {
  const Folder folder;
  EXPECT_FALSE(replace_file(folder.path + "no/such/folder", "x"));
  folder.write("d/f", "old");
  EXPECT_FALSE(replace_file(folder.path + "d", "x"));  // a directory is in the way
  EXPECT_EQ(text_of(folder.path + "d/f"), "old");
}

}  // namespace
}  // namespace spillway
