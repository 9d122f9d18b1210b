// A folder of files that goes when the test does.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace spillway {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "spillway-test-XXXXXX").string();
    path = std::string(mkdtemp(pattern.data())) + '/';
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path + name).parent_path());
    std::ofstream(path + name, std::ios::binary) << text;
    return path + name;
  }
  std::string path;
};

inline std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace spillway
