// The text format (Prometheus 0.0.4), and series that stay bounded.
#include "base/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace spillway {
namespace {

bool has_line(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, are_rendered_with_help_and_type_before_their_series) {
  Metrics metrics;
  metrics.counter("spw_asked_total", "Requests.", labels({{"route", "primary"}, {"code", "200"}})).add(3);
  metrics.counter("spw_asked_total", "Requests.", labels({{"route", "other"}, {"code", "500"}})).add();
  metrics.gauge("spw_open", "Open now.").set(-2);
  metrics.sum("spw_cost_usd_total", "US dollars.").add(0.25);
  EXPECT_EQ(metrics.render(),
            "# HELP spw_asked_total Requests.\n"
            "# TYPE spw_asked_total counter\n"
            "spw_asked_total{route=\"primary\",code=\"200\"} 3\n"
            "spw_asked_total{route=\"other\",code=\"500\"} 1\n"
            "# HELP spw_open Open now.\n"
            "# TYPE spw_open gauge\n"
            "spw_open -2\n"
            "# HELP spw_cost_usd_total US dollars.\n"
            "# TYPE spw_cost_usd_total counter\n"
            "spw_cost_usd_total 0.25\n");
}

TEST(Metrics, the_same_name_and_labels_are_the_same_series) {
  Metrics metrics;
  Counter& one = metrics.counter("a", "A.", "x=\"1\"");
  EXPECT_EQ(&metrics.counter("a", "A.", "x=\"1\""), &one);
  EXPECT_NE(&metrics.counter("a", "A.", "x=\"2\""), &one);
  EXPECT_NE(&metrics.counter("b", "B.", "x=\"1\""), &one);
}

TEST(MetricsDeathTest, one_name_has_one_type) {
  Metrics metrics;
  metrics.counter("a", "A.");
  EXPECT_DEATH(metrics.gauge("a", "A."), "CHECK");
}

TEST(Labels, escape_what_would_end_them) {
  EXPECT_EQ(labels({}), "");
  EXPECT_EQ(labels({{"m", "a\"b\\c\nd{}=,"}}), R"(m="a\"b\\c\nd{}=,")");
  EXPECT_EQ(labels({{"a", ""}, {"b", "\xc3\xa9"}}), "a=\"\",b=\"\xc3\xa9\"");
}

TEST(Labels, are_cut_between_characters) {
  const std::string cut = labels({{"m", std::string(255, 'x') + "\xc3\xa9 and more"}});
  EXPECT_EQ(cut, "m=\"" + std::string(255, 'x') + "\"") << "half a character would make the page unreadable";
  EXPECT_EQ(labels({{"m", std::string(1'000, '"')}}).size(), 4 + 2 * 256u);
}

TEST(Metrics, help_stays_on_its_line) {
  Metrics metrics;
  metrics.counter("a", "One\nspw_forged 1\\ \"quoted\"");
  EXPECT_EQ(metrics.render(), "# HELP a One\\nspw_forged 1\\\\ \"quoted\"\n# TYPE a counter\na 0\n");
}

TEST(Metrics, series_beyond_the_cap_are_counted_together) {
  Metrics metrics;
  for (std::size_t i = 0; i < kSeriesMax + 10; ++i) {
    metrics.counter("a", "A.", labels({{"model", "m" + std::to_string(i)}})).add();
  }
  metrics.counter("a", "A.", labels({{"model", "m0"}})).add();     // an old one still counts for itself
  metrics.counter("b", "B.", labels({{"model", "m9999"}})).add();  // the cap is each metric's own
  const std::string page = metrics.render();
  EXPECT_TRUE(has_line(page, "a{other=\"true\"} 10"));
  EXPECT_TRUE(has_line(page, "a{model=\"m0\"} 2"));
  EXPECT_TRUE(has_line(page, "a{model=\"m" + std::to_string(kSeriesMax - 1) + "\"} 1"));
  EXPECT_FALSE(has_line(page, "a{model=\"m" + std::to_string(kSeriesMax) + "\"} 1"));
  EXPECT_TRUE(has_line(page, "b{model=\"m9999\"} 1"));
}

TEST(Histogram, buckets_are_cumulative_and_bounds_belong_to_their_bucket) {
  static constexpr std::array kBounds = {0.5, 1.0, 2.5};
  Metrics metrics;
  Histogram& histogram = metrics.histogram("h", "H.", kBounds, labels({{"route", "r"}}));
  for (const double seconds : {0.25, 0.5, 0.75, 2.5, 100.0}) histogram.observe(seconds);
  EXPECT_EQ(metrics.render(),
            "# HELP h H.\n# TYPE h histogram\n"
            "h_bucket{route=\"r\",le=\"0.5\"} 2\n"
            "h_bucket{route=\"r\",le=\"1\"} 3\n"
            "h_bucket{route=\"r\",le=\"2.5\"} 4\n"
            "h_bucket{route=\"r\",le=\"+Inf\"} 5\n"
            "h_sum{route=\"r\"} 104\n"
            "h_count{route=\"r\"} 5\n");
}

TEST(Histogram, without_labels_has_only_its_bounds) {
  static constexpr std::array kBounds = {1.0};
  Metrics metrics;
  metrics.histogram("h", "H.", kBounds).observe(3);
  EXPECT_TRUE(has_line(metrics.render(), "h_bucket{le=\"1\"} 0"));
  EXPECT_TRUE(has_line(metrics.render(), "h_count 1"));
}

TEST(Histogram, shipped_bounds_rise) {
  for (const auto bounds : {kDurationBounds, kTtftBounds, kOverheadBounds}) {
    for (std::size_t i = 1; i < bounds.size(); ++i) EXPECT_LT(bounds[i - 1], bounds[i]);
  }
}

TEST(Metrics, threads_lose_nothing) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) {
        metrics.counter("n", "N.").add();
        metrics.sum("s", "S.").add(0.5);
        metrics.gauge("g", "G.").add(i % 2 == 0 ? 1 : -1);
      }
    });
  }
  for (std::thread& one : threads) one.join();
  const std::string page = metrics.render();
  EXPECT_TRUE(has_line(page, "n 8000"));
  EXPECT_TRUE(has_line(page, "s 4000"));
  EXPECT_TRUE(has_line(page, "g 0"));
}

}  // namespace
}  // namespace spillway
