// Row X7 of reliability.md: which files are loaded at all. Owners are only tried as root; everybody can try modes.
#include "policy/plugin_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace spillway {
namespace {

class PluginFile : public testing::Test {
 protected:
  PluginFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "spillway-plugin-XXXXXX").string();
    root = std::filesystem::canonical(::mkdtemp(pattern.data())).string();
    make_directory("good");
    make_directory("good/deep");
    file = make_file("good/deep/policy.so");
  }
  ~PluginFile() override {
    for (const char* one : {"good/deep", "good", ""}) ::chmod((root + "/" + one).c_str(), 0700);
    std::filesystem::remove_all(root);
  }
  void make_directory(const std::string& name) { ASSERT_EQ(::mkdir((root + "/" + name).c_str(), 0755), 0); }
  std::string make_file(const std::string& name) {
    std::ofstream(root + "/" + name) << "not read";
    EXPECT_EQ(::chmod((root + "/" + name).c_str(), 0644), 0);
    return root + "/" + name;
  }
  void mode(const std::string& name, mode_t mode) { ASSERT_EQ(::chmod((root + "/" + name).c_str(), mode), 0); }
  std::string said(const std::string& path) {
    const Result<std::string> found = trusted_plugin_file(path);
    return found ? "loads " + *found : found.error().detail;
  }

  std::string root, file;
};

TEST_F(PluginFile, a_regular_file_that_only_we_may_write_is_loaded) {
  EXPECT_EQ(said(file), "loads " + file);
  for (const mode_t fine : {0400, 0600, 0644, 0755, 0555}) {
    mode("good/deep/policy.so", fine);
    EXPECT_EQ(said(file), "loads " + file) << std::oct << fine;
  }
}

TEST_F(PluginFile, every_mode_that_lets_others_write_is_refused_and_named) {
  for (const mode_t bad : {0666, 0664, 0646, 0620, 0602, 0777}) {
    mode("good/deep/policy.so", bad);
    char text[16];
    std::snprintf(text, sizeof text, "mode %04o", static_cast<unsigned>(bad));
    EXPECT_NE(said(file).find(file + " has owner " + std::to_string(::geteuid()) + " and " + text), std::string::npos)
        << said(file);
  }
}

TEST_F(PluginFile, so_is_the_directory_and_each_above_it) {
  for (const char* directory : {"good/deep", "good"}) {
    for (const mode_t bad : {0777, 0775, 0757}) {
      mode(directory, bad);
      EXPECT_NE(said(file).find("others could change it: " + root + "/" + directory + " has owner"), std::string::npos)
          << said(file);
    }
    mode(directory, 0755);
  }
  EXPECT_EQ(said(file), "loads " + file);
}

TEST_F(PluginFile, a_sticky_directory_will_do_above_but_not_around_it) {
  mode("good", 01777);
  EXPECT_EQ(said(file), "loads " + file);
  mode("good", 0755);
  mode("good/deep", 01777);
  EXPECT_NE(said(file).find("mode 1777"), std::string::npos) << said(file);
}

TEST_F(PluginFile, dots_and_links_among_directories_count_for_where_they_lead) {
  make_directory("good/other");
  EXPECT_EQ(said(root + "/good/other/../deep/policy.so"), "loads " + file);
  std::filesystem::create_directory_symlink(root + "/good/deep", root + "/link");
  EXPECT_EQ(said(root + "/link/policy.so"), "loads " + file);
  EXPECT_EQ(said(root + "/link/../deep/policy.so"), "loads " + file);  // the link's parent, as the system reads it
  make_directory("open");
  mode("open", 0777);
  make_file("open/policy.so");
  EXPECT_NE(said(root + "/good/../open/policy.so").find(root + "/open has owner"), std::string::npos);
  std::filesystem::create_directory_symlink(root + "/open", root + "/good/inviting");
  EXPECT_NE(said(root + "/good/inviting/policy.so").find(root + "/open has owner"), std::string::npos);
}

TEST_F(PluginFile, what_is_no_regular_file_is_refused_unopened) {
  std::filesystem::create_symlink(file, root + "/good/link.so");
  EXPECT_EQ(said(root + "/good/link.so"), "is a symbolic link, not a regular file; give the path it leads to");
  ASSERT_EQ(::mkfifo((root + "/good/fifo.so").c_str(), 0600), 0);  // opening it would wait for a writer
  EXPECT_EQ(said(root + "/good/fifo.so"), "is a FIFO, not a regular file");
  EXPECT_EQ(said(root + "/good"), "is a directory, not a regular file");
  EXPECT_EQ(said(root + "/good/"), "is a directory, not a regular file");
  EXPECT_EQ(said(root + "/good/deep/.."), "is a directory, not a regular file");
  EXPECT_EQ(said("/dev/null"), "is a device, not a regular file");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = root + "/good/s.so";
  ASSERT_LT(name.size(), sizeof address.sun_path);
  name.copy(address.sun_path, name.size());
  const int link = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(link, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(said(name), "is a socket, not a regular file");
  ::close(link);
}

TEST_F(PluginFile, what_is_not_there_is_said_to_be_missing) {
  EXPECT_EQ(said(root + "/good/nothing.so"), "there is no such file");
  EXPECT_EQ(said(root + "/nowhere/policy.so"), "there is no such file");
  EXPECT_EQ(said(file + "/policy.so"), "there is no such file");
  EXPECT_EQ(said("no-such-file-here.so"), "there is no such file");
  std::filesystem::create_symlink(root + "/loop", root + "/loop");
  EXPECT_NE(said(root + "/loop/policy.so").find("symbolic links"), std::string::npos);
}

TEST_F(PluginFile, a_foreign_owner_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(file.c_str(), 65534, 0), 0);
  EXPECT_NE(said(file).find(file + " has owner 65534"), std::string::npos) << said(file);
  ASSERT_EQ(::chown(file.c_str(), 0, 65534), 0);  // the group may only read
  EXPECT_EQ(said(file), "loads " + file);
  ASSERT_EQ(::chown((root + "/good").c_str(), 65534, 0), 0);
  EXPECT_NE(said(file).find(root + "/good has owner 65534"), std::string::npos) << said(file);
  ASSERT_EQ(::chown((root + "/good").c_str(), 0, 0), 0);
}

}  // namespace
}  // namespace spillway
