// The files a config was read from, and what is wrong in them: collects problems with the source line they point at.
//
// Bounded by kProblemsMax; a file that is nonsense should not fill the terminal. Thread: the loader's.
#pragma once
#include <string>
#include <vector>

#include "conf/load.h"

namespace spillway {

inline constexpr std::size_t kProblemsMax = 100;

// The line `place` points at, with plain secrets starred out: problems are printed and logged. Empty: no such line.
std::string source_line(const std::vector<SourceText>& sources, const Place& place);

class Problems {
 public:
  explicit Problems(std::vector<SourceText>& sources) : sources_(sources) {}
  void error(const Place& place, std::string message) { add(place, std::move(message), false); }
  void warn(const Place& place, std::string message) { add(place, std::move(message), true); }
  const std::vector<SourceText>& sources() const { return sources_; }
  int add_source(SourceText source);   // its index for Place::file
  std::string folder(int file) const;  // with the last '/'; empty when the path has none
  std::vector<Problem> take();         // in the order of files and lines

 private:
  void add(const Place& place, std::string message, bool warning);
  struct Item {
    Place place;
    std::string message;
    bool warning;
  };
  std::vector<SourceText>& sources_;
  std::vector<Item> items_;
};

// "idel_ms" among {"idle_ms", ...} -> " (did you mean idle_ms?)", or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace spillway
