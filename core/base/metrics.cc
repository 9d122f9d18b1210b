#include "base/metrics.h"

#include <algorithm>
#include <array>
#include <memory>

#include "base/error.h"
#include "base/number.h"

namespace spillway {

namespace {

constexpr std::array kDuration = {0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                  1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
constexpr std::array kTtft = {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1,  0.25, 0.5, 0.75,
                              1.0,   2.5,   5.0,  7.5,  10.0, 15.0, 20.0, 30.0, 45.0, 60.0};
constexpr std::array kOverhead = {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
                                  0.001,   0.0025,   0.005,   0.01,   0.05,    0.1};
constexpr std::size_t kLabelBytes = 256;  // of one value; longer ones are cut

}  // namespace

const std::span<const double> kDurationBounds{kDuration};
const std::span<const double> kTtftBounds{kTtft};
const std::span<const double> kOverheadBounds{kOverhead};

void Sum::add(double n) {
  double old = value.load(std::memory_order_relaxed);
  while (!value.compare_exchange_weak(old, old + n, std::memory_order_relaxed)) {
  }
}

Histogram::Histogram(std::span<const double> upper_bounds) : bounds(upper_bounds), buckets(upper_bounds.size() + 1) {}

void Histogram::observe(double seconds) {
  const auto at = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  buckets[static_cast<std::size_t>(at)].add();
  sum.add(seconds);
}

struct Metrics::Series {
  std::string labels;
  Counter counter;
  Gauge gauge;
  Sum sum;
  std::unique_ptr<Histogram> histogram;
};

struct Metrics::Family {
  Type type = Type::counter;
  std::string name, about;
  std::deque<Series> series;
  std::unordered_map<std::string, Series*> by_labels;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Series& Metrics::series(Type type, std::string_view name, std::string_view about, std::string_view labels,
                                 std::span<const double> bounds) {
  const std::lock_guard hold(lock_);
  Family*& family = by_name_[std::string(name)];
  if (family == nullptr) {
    families_.emplace_back();
    family = &families_.back();
    family->type = type;
    family->name = name;
    family->about = about;
  }
  CHECK(family->type == type);
  std::string key(labels);
  if (!family->by_labels.contains(key) && family->series.size() >= kSeriesMax) key = R"(other="true")";
  Series*& found = family->by_labels[key];
  if (found == nullptr) {
    family->series.emplace_back();
    found = &family->series.back();
    found->labels = key;
    if (type == Type::histogram) found->histogram = std::make_unique<Histogram>(bounds);
  }
  return *found;
}

Counter& Metrics::counter(std::string_view name, std::string_view about, std::string_view labels) {
  return series(Type::counter, name, about, labels, {}).counter;
}
Gauge& Metrics::gauge(std::string_view name, std::string_view about, std::string_view labels) {
  return series(Type::gauge, name, about, labels, {}).gauge;
}
Sum& Metrics::sum(std::string_view name, std::string_view about, std::string_view labels) {
  return series(Type::sum, name, about, labels, {}).sum;
}
Histogram& Metrics::histogram(std::string_view name, std::string_view about, std::span<const double> bounds,
                              std::string_view labels) {
  return *series(Type::histogram, name, about, labels, bounds).histogram;
}

namespace {

// Escaped as the format asks for, cut between characters: half of one would make the whole page unreadable.
void append_escaped(std::string& out, std::string_view text, std::size_t bytes_max, bool quotes) {
  std::size_t end = std::min(text.size(), bytes_max);
  while (end < text.size() && end > 0 && (text[end] & 0xc0) == 0x80) --end;
  for (const char c : text.substr(0, end)) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    out += c;
  }
}

void append_series(std::string& out, std::string_view name, std::string_view labels, std::string_view value) {
  out.append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  std::uint64_t running = 0;
  for (std::size_t i = 0; i < histogram.buckets.size(); ++i) {
    running += histogram.buckets[i].value.load(std::memory_order_relaxed);
    const std::string bound = i < histogram.bounds.size() ? real_text(histogram.bounds[i]) : "+Inf";
    const std::string with = (labels.empty() ? "" : labels + ",") + "le=\"" + bound + "\"";
    append_series(out, name + "_bucket", with, std::to_string(running));
  }
  append_series(out, name + "_sum", labels, real_text(histogram.sum.value.load(std::memory_order_relaxed)));
  append_series(out, name + "_count", labels, std::to_string(running));
}

}  // namespace

std::string Metrics::render() const {
  const std::lock_guard hold(lock_);
  std::string out;
  for (const Family& family : families_) {
    const char* type = family.type == Type::histogram ? "histogram" : family.type == Type::gauge ? "gauge" : "counter";
    out.append("# HELP ").append(family.name).append(" ");
    append_escaped(out, family.about, family.about.size(), false);
    out.append("\n").append("# TYPE ").append(family.name).append(" ").append(type).append("\n");
    for (const Series& one : family.series) append(out, family, one);
  }
  return out;
}

void Metrics::append(std::string& out, const Family& family, const Series& one) {
  const auto say = [&](const std::string& value) { append_series(out, family.name, one.labels, value); };
  switch (family.type) {
    case Type::counter: return say(std::to_string(one.counter.value.load(std::memory_order_relaxed)));
    case Type::gauge: return say(std::to_string(one.gauge.value.load(std::memory_order_relaxed)));
    case Type::sum: return say(real_text(one.sum.value.load(std::memory_order_relaxed)));
    case Type::histogram: return append_histogram(out, family.name, one.labels, *one.histogram);
  }
}

std::string labels(std::initializer_list<Label> list) {
  std::string out;
  for (const Label& label : list) {
    if (!out.empty()) out += ',';
    out.append(label.name).append("=\"");
    append_escaped(out, label.value, kLabelBytes, true);
    out += '"';
  }
  return out;
}

}  // namespace spillway
