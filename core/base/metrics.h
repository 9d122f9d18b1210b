// Counters, gauges and histograms in the Prometheus text format.
//
// A series is registered once, by name and label text, and found again by the same pair; the handle is an index into
// fixed cells that any thread may add to with relaxed atomics. Series per metric are capped (kSeriesMax): further label
// sets are counted under `other="true"`. Rendering walks all series. Thread: any.
#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace spillway {

inline constexpr std::size_t kSeriesMax = 512;

struct Counter {
  std::atomic<std::uint64_t> value{0};
  void add(std::uint64_t n = 1) { value.fetch_add(n, std::memory_order_relaxed); }
};
struct Gauge {
  std::atomic<std::int64_t> value{0};
  void set(std::int64_t n) { value.store(n, std::memory_order_relaxed); }
  void add(std::int64_t n) { value.fetch_add(n, std::memory_order_relaxed); }
};
// A value that is not a whole number (US dollars); added with compare-and-swap.
struct Sum {
  std::atomic<double> value{0};
  void add(double n);
};
struct Histogram {
  explicit Histogram(std::span<const double> upper_bounds);
  void observe(double seconds);
  std::span<const double> bounds;
  std::deque<Counter> buckets;  // one more than bounds
  Sum sum;
};

// Upper bounds in seconds (ecosystem.md 4.1).
extern const std::span<const double> kDurationBounds;
extern const std::span<const double> kTtftBounds;
extern const std::span<const double> kOverheadBounds;

class Metrics {
 public:
  // `labels` is the finished text between the braces, from labels(). References stay valid for the object's life.
  Counter& counter(std::string_view name, std::string_view about, std::string_view labels = {});
  Gauge& gauge(std::string_view name, std::string_view about, std::string_view labels = {});
  Sum& sum(std::string_view name, std::string_view about, std::string_view labels = {});
  Histogram& histogram(std::string_view name, std::string_view about, std::span<const double> bounds,
                       std::string_view labels = {});
  std::string render() const;

 private:
  enum class Type : std::uint8_t { counter, gauge, sum, histogram };
  struct Series;
  struct Family;
  Series& series(Type type, std::string_view name, std::string_view about, std::string_view labels,
                 std::span<const double> bounds);
  static void append(std::string& out, const Family& family, const Series& one);
  mutable std::mutex lock_;
  std::deque<Family> families_;
  std::unordered_map<std::string, Family*> by_name_;

 public:
  Metrics();
  ~Metrics();
};

// `{"route","primary"}, {"code","200"}` -> `route="primary",code="200"`, escaped.
struct Label {
  std::string_view name, value;
};
std::string labels(std::initializer_list<Label> list);

}  // namespace spillway
