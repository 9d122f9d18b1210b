#include "cli/columns.h"

#include <algorithm>

namespace spillway {

std::string in_columns(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const std::vector<std::string>& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) text += line[i] + std::string(widths[i] - line[i].size() + 2, ' ');
    out += text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  }
  return out;
}

}  // namespace spillway
