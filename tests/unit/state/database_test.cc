// The SQLite file itself: whole batches, and the two kinds of errors.
#include "state/database.h"

#include <gtest/gtest.h>

#include "support/folder.h"

namespace spillway {
namespace {

TEST(Database, batch_is_written_and_read_back) {
  const Folder folder;
  auto database = std::move(*Database::open(folder.path + "s.db"));
  EXPECT_TRUE(database->write({{"a", "k", "1"}, {"a", "l", "2"}, {"b", "k", "3"}}));
  EXPECT_TRUE(database->write({{"a", "k", "4"}}));
  EXPECT_TRUE(database->write({}));
  const auto values = std::move(*database->read(100));
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[0].value, "4");
  EXPECT_EQ(database->read(2)->size(), 2u);
}

TEST(Database, rubbish_is_invalid_and_a_missing_directory_is_not) {
  const Folder folder;
  folder.write("s.db", std::string(5000, 'x'));
  const auto rubbish = Database::open(folder.path + "s.db");
  ASSERT_FALSE(rubbish);
  EXPECT_EQ(rubbish.error().kind, Kind::invalid);
  const auto missing = Database::open(folder.path + "none/s.db");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, Kind::internal);
}

TEST(Database, file_of_a_newer_version_is_left_alone) {
  const Folder folder;
  ASSERT_TRUE(Database::open(folder.path + "s.db"));
  std::fstream file(folder.path + "s.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(60);  // user_version in SQLite's header, big endian
  file << std::string("\0\0\0\x09", 4);
  file.close();
  const auto newer = Database::open(folder.path + "s.db");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().kind, Kind::internal);
  EXPECT_NE(newer.error().detail.find("newer Spillway"), std::string::npos);
}

}  // namespace
}  // namespace spillway
