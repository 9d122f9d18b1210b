#include "base/nearest.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace spillway {

namespace {

constexpr std::size_t kNameBytes = 128;  // longer names are compared by their beginning

// Edits from one name to the other, where swapping two neighbours is one edit too (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& known, std::size_t most) {
  name = name.substr(0, kNameBytes);
  const std::size_t limit = std::max<std::size_t>(1, name.size() / 3);
  std::vector<std::pair<std::size_t, std::string_view>> close;
  for (const std::string& one : known) {
    const std::size_t d = distance(name, std::string_view(one).substr(0, kNameBytes));
    if (d <= limit) close.emplace_back(d, one);
  }
  std::sort(close.begin(), close.end());
  std::vector<std::string> found;
  for (std::size_t i = 0; i < close.size() && i < most; ++i) found.emplace_back(close[i].second);
  return found;
}

}  // namespace spillway
