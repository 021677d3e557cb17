#include "libs/metrics/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace steward::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The value of a series in the text, or NaN.
double ValueOf(const std::string& text, const std::string& series) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(series + " ", 0) == 0) {
      return std::stod(line.substr(series.size() + 1));
    }
  }
  return std::nan("");
}

TEST(Registry, CountersStartAtZeroAndAdd) {
  Registry registry;
  Counter counter = registry.GetCounter("steward_x_total", "Things.", {{"reason", "late"}});
  EXPECT_EQ(ValueOf(registry.Text(), "steward_x_total{reason=\"late\"}"), 0);
  counter.Add();
  counter.Add(2);
  EXPECT_EQ(ValueOf(registry.Text(), "steward_x_total{reason=\"late\"}"), 3);
  EXPECT_THAT(registry.Text(),
              HasSubstr("# HELP steward_x_total Things.\n# TYPE steward_x_total counter\n"));
}

TEST(Registry, SameNameAndLabelsAreOneSeries) {
  Registry registry;
  registry.GetGauge("steward_g", "G.", {{"a", "1"}}).Set(5);
  registry.GetGauge("steward_g", "G.", {{"a", "1"}}).Add(2);
  registry.GetGauge("steward_g", "G.", {{"a", "2"}}).Set(1);
  EXPECT_EQ(ValueOf(registry.Text(), "steward_g{a=\"1\"}"), 7);
  EXPECT_EQ(ValueOf(registry.Text(), "steward_g{a=\"2\"}"), 1);
}

TEST(Registry, HistogramsHaveTheirObjectivesAsEdges) {
  Registry registry;
  Histogram histogram = registry.GetHistogram("steward_h_seconds", "H.", {}, DelayBuckets());
  histogram.Observe(0.25);
  histogram.Observe(400);
  std::string text = registry.Text();
  EXPECT_EQ(ValueOf(text, "steward_h_seconds_bucket{le=\"0.1\"}"), 0);
  EXPECT_EQ(ValueOf(text, "steward_h_seconds_bucket{le=\"0.25\"}"), 1);
  EXPECT_EQ(ValueOf(text, "steward_h_seconds_bucket{le=\"300\"}"), 1);
  EXPECT_EQ(ValueOf(text, "steward_h_seconds_count"), 2);
}

TEST(Registry, RemovedGaugesAreGoneAndComeBack) {
  Registry registry;
  Gauge gauge = registry.GetGauge("steward_lag", "Lag.", {{"partition", "3"}});
  gauge.Set(9);
  registry.RemoveGauge("steward_lag", {{"partition", "3"}});
  EXPECT_THAT(registry.Text(), Not(HasSubstr("partition=\"3\"")));
  gauge.Set(1);  // the handle stays valid
  EXPECT_THAT(registry.Text(), Not(HasSubstr("partition=\"3\"")));
  registry.GetGauge("steward_lag", "Lag.", {{"partition", "3"}}).Set(4);
  EXPECT_EQ(ValueOf(registry.Text(), "steward_lag{partition=\"3\"}"), 4);
}

TEST(Registry, RefreshesBeforeEachScrapeAndMayResolveHandles) {
  Registry registry;
  int scrapes = 0;
  registry.OnScrape([&] { registry.GetGauge("steward_rows", "Rows.").Set(++scrapes); });
  EXPECT_EQ(ValueOf(registry.Text(), "steward_rows"), 1);
  EXPECT_EQ(ValueOf(registry.Text(), "steward_rows"), 2);
}

TEST(Registry, TellsAboutTheProcess) {
  std::string text = Registry().Text();
  EXPECT_GT(ValueOf(text, "process_resident_memory_bytes"), 1e6);
  EXPECT_GE(ValueOf(text, "process_cpu_seconds_total"), 0);
  EXPECT_GE(ValueOf(text, "process_open_fds"), 3);
  EXPECT_GE(ValueOf(text, "process_max_fds"), ValueOf(text, "process_open_fds"));
  double start = ValueOf(text, "process_start_time_seconds");
  EXPECT_NEAR(start, static_cast<double>(std::time(nullptr)), 3'600);
}

TEST(Registry, ContractListsNameTypeAndLabels) {
  Registry registry;
  (void)registry.GetCounter("steward_x_total", "X.", {{"b", "1"}, {"a", "2"}});
  (void)registry.GetHistogram("steward_h_seconds", "H.", {}, LatencyBuckets());
  EXPECT_EQ(registry.Contract(),
            "process_cpu_seconds_total counter\nprocess_max_fds gauge\nprocess_open_fds gauge\n"
            "process_resident_memory_bytes gauge\nprocess_start_time_seconds gauge\n"
            "steward_h_seconds histogram\nsteward_x_total counter a,b\n");
}

TEST(Registry, HostileLabelValuesStayInsideTheirQuotes) {
  Registry registry;
  registry.GetGauge("steward_g", "G.", {{"v", "a\"} 1\nsteward_forged 7\\"}}).Set(1);
  EXPECT_TRUE(std::isnan(ValueOf(registry.Text(), "steward_forged")));
}

TEST(Registry, EmptyHandlesDoNothing) {
  Counter().Add();
  Gauge().Set(1);
  Gauge().Add(1);
  Histogram().Observe(1);
}

TEST(Registry, ThreadsAddWithoutLoss) {
  Registry registry;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        registry.GetCounter("steward_x_total", "X.").Add();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(ValueOf(registry.Text(), "steward_x_total"), 2'000);
}

TEST(RegistryDeathTest, OneNameHasOneTypeAndOneSetOfLabels) {
  ::testing::FLAGS_gtest_death_test_style = "fast";
  EXPECT_DEATH(
      {
        Registry registry;
        (void)registry.GetCounter("steward_x_total", "X.", {{"a", "1"}});
        (void)registry.GetCounter("steward_x_total", "X.", {{"b", "1"}});
      },
      "steward_x_total is used with two types");
}

}  // namespace
}  // namespace steward::metrics
