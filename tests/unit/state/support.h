// A folder of its own for each test of the store.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace spillway {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "spillway-state-XXXXXX").string();
    path = std::string(mkdtemp(pattern.data())) + '/';
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path + name, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string path;
};

}  // namespace spillway
