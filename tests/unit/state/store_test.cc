// The store: what survives, what happens to damaged and unwritable files, who may read them.
#include "state/store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "support/folder.h"

namespace spillway {
namespace {

std::unique_ptr<Store> open_at(const std::string& path) { return std::move(*Store::open("sqlite:" + path)); }

mode_t mode_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777 : 0;
}

TEST(Store, memory_keeps_the_newest_value_per_space_and_key) {
  const auto store = std::move(*Store::open("memory:"));
  EXPECT_FALSE(store->get("a", "k"));
  EXPECT_TRUE(store->put("a", "k", "1"));
  EXPECT_TRUE(store->put("b", "k", "2"));
  EXPECT_TRUE(store->put("a", "k", "3"));
  EXPECT_EQ(store->get("a", "k"), "3");
  EXPECT_EQ(store->get("b", "k"), "2");
  EXPECT_EQ(store->path(), "");
  EXPECT_FALSE(store->degraded());
  store->flush();
}

TEST(Store, unknown_urls_are_errors) {
  EXPECT_FALSE(Store::open("postgres://h"));
  EXPECT_FALSE(Store::open(""));
}

TEST(Store, values_survive_closing_and_opening) {
  const Folder folder;
  const std::string path = folder.path + "s.db";
  const std::string bytes("\0\xff'\"\n", 5);
  {
    const auto store = open_at(path);
    EXPECT_FALSE(store->degraded());
    EXPECT_EQ(store->path(), path);
    EXPECT_TRUE(store->put("quota", "account", "old"));
    EXPECT_TRUE(store->put("quota", "account", "new"));
    EXPECT_TRUE(store->put("quota", bytes, bytes));
    EXPECT_TRUE(store->put("quota", "", ""));
  }
  const auto store = open_at(path);
  EXPECT_EQ(store->get("quota", "account"), "new");
  EXPECT_EQ(store->get("quota", bytes), bytes);
  EXPECT_EQ(store->get("quota", ""), "");
  EXPECT_FALSE(store->get("quota", "other"));
}

TEST(Store, flushed_values_are_on_disk_while_the_store_is_open) {
  const Folder folder;
  const auto store = open_at(folder.path + "s.db");
  store->put("a", "k", "1");
  store->flush();
  EXPECT_EQ(open_at(folder.path + "s.db")->get("a", "k"), "1");
}

TEST(Store, killed_process_leaves_every_finished_batch) {
  const Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open_at(folder.path + "s.db");
    for (int i = 0; i < 500; ++i) store->put("a", "k" + std::to_string(i), "first");
    store->flush();
    for (int i = 0; i < 500; ++i) store->put("a", "k" + std::to_string(i), "second");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto store = open_at(folder.path + "s.db");
  EXPECT_FALSE(store->degraded());
  EXPECT_FALSE(std::filesystem::exists(folder.path + "s.db.corrupt"));
  const std::string all = store->get("a", "k0").value();  // a batch is there as a whole or not at all
  EXPECT_TRUE(all == "first" || all == "second") << all;
  for (int i = 0; i < 500; ++i) ASSERT_EQ(store->get("a", "k" + std::to_string(i)), all) << i;
}

TEST(Store, file_and_directories_are_the_owners_alone) {
  const Folder folder;
  const std::string path = folder.path + "one/two/s.db";
  const auto store = open_at(path);
  store->put("a", "k", "v");
  store->flush();
  EXPECT_EQ(mode_of(path), 0600u);
  EXPECT_EQ(mode_of(path + "-wal"), 0600u);
  EXPECT_EQ(mode_of(folder.path + "one"), 0700u);
  EXPECT_EQ(mode_of(folder.path + "one/two"), 0700u);
}

TEST(Store, damaged_file_is_set_aside_and_a_new_one_begun) {
  const Folder folder;
  const std::string rubbish(5000, 'x');
  folder.write("s.db", rubbish);
  {
    const auto store = open_at(folder.path + "s.db");
    EXPECT_FALSE(store->degraded());
    store->put("a", "k", "v");
  }
  EXPECT_EQ(std::filesystem::file_size(folder.path + "s.db.corrupt"), rubbish.size());
  EXPECT_EQ(open_at(folder.path + "s.db")->get("a", "k"), "v");
}

TEST(Store, overwritten_pages_are_noticed_at_the_next_opening) {
  const Folder folder;
  {
    const auto store = open_at(folder.path + "s.db");
    for (int i = 0; i < 200; ++i) store->put("a", "k" + std::to_string(i), std::string(200, 'v'));
  }
  {
    std::fstream file(folder.path + "s.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192);
    file << std::string(8192, '\x5a');
  }
  const auto store = open_at(folder.path + "s.db");
  EXPECT_FALSE(store->degraded());
  EXPECT_TRUE(std::filesystem::exists(folder.path + "s.db.corrupt"));
  EXPECT_FALSE(store->get("a", "k1"));
}

TEST(Store, unusable_place_degrades_to_memory) {
  const Folder folder;
  folder.write("file", "");
  const auto store = open_at(folder.path + "file/s.db");  // a file where a directory should be
  EXPECT_TRUE(store->degraded());
  EXPECT_TRUE(store->put("a", "k", "v"));
  EXPECT_EQ(store->get("a", "k"), "v");
  store->flush();  // fails, and returns
  EXPECT_TRUE(store->degraded());
}

TEST(Store, recovers_when_the_place_can_be_used_again) {
  const Folder folder;
  folder.write("dir", "");
  const auto store = open_at(folder.path + "dir/s.db");
  store->put("a", "k", "v");
  ASSERT_TRUE(store->degraded());
  std::filesystem::remove(folder.path + "dir");
  store->flush();
  EXPECT_FALSE(store->degraded());
  EXPECT_EQ(open_at(folder.path + "dir/s.db")->get("a", "k"), "v");
}

TEST(Store, newer_value_in_memory_wins_over_the_file_after_recovery) {
  const Folder folder;
  const std::string path = folder.path + "dir/s.db";
  {
    const auto store = open_at(path);
    store->put("a", "k", "from the file");
    store->put("a", "other", "kept");
  }
  std::filesystem::rename(folder.path + "dir", folder.path + "away");
  folder.write("dir", "");
  const auto store = open_at(path);
  EXPECT_TRUE(store->degraded());
  store->put("a", "k", "newer");
  std::filesystem::remove(folder.path + "dir");
  std::filesystem::rename(folder.path + "away", folder.path + "dir");
  store->flush();
  EXPECT_EQ(store->get("a", "k"), "newer");
  EXPECT_EQ(store->get("a", "other"), "kept");
  EXPECT_EQ(open_at(path)->get("a", "k"), "newer");
}

TEST(Store, oversized_keys_and_values_are_refused) {
  const auto store = std::move(*Store::open("memory:"));
  EXPECT_TRUE(store->put("a", "k", std::string(Store::kValueBytesMax, 'v')));
  EXPECT_FALSE(store->put("a", "k", std::string(Store::kValueBytesMax + 1, 'v')));
  EXPECT_FALSE(store->put("a", std::string(Store::kKeyBytesMax, 'k'), "v"));
  EXPECT_FALSE(store->put(std::string_view("a\0b", 3), "k", "v"));
  for (std::size_t i = 1; i < Store::kValuesMax; ++i) ASSERT_TRUE(store->put("a", std::to_string(i), "v"));
  EXPECT_FALSE(store->put("a", "one more", "v"));
  EXPECT_TRUE(store->put("a", "1", "w"));  // one that is there may change
}

TEST(Store, threads_put_read_and_flush_at_once) {
  const Folder folder;
  {
    const auto store = open_at(folder.path + "s.db");
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&store, t] {
        for (int i = 0; i <= 500; ++i) {
          store->put("t" + std::to_string(t), "k" + std::to_string(i % 20), std::to_string(i));
          store->get("t0", "k0");
          if (i % 250 == 0) store->flush();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto store = open_at(folder.path + "s.db");
  for (int t = 0; t < 8; ++t) EXPECT_EQ(store->get("t" + std::to_string(t), "k0"), "500");
}

}  // namespace
}  // namespace spillway
