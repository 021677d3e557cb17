#pragma once
// Metrics: declared together, resolved once, exported as Prometheus text. Names are a contract, kept in
// tests/arch/metrics_golden.txt. Labels come from closed sets, never ids.

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace steward::metrics {

using Labels = std::map<std::string, std::string>;

// Handles are cheap to copy, valid as long as the Registry, thread-safe.
class Counter {
 public:
  void Add(double n = 1) const;

 private:
  friend class Registry;
  void* impl_ = nullptr;
};
class Gauge {
 public:
  void Set(double value) const;
  void Add(double n) const;

 private:
  friend class Registry;
  void* impl_ = nullptr;
};
class Histogram {
 public:
  void Observe(double value) const;

 private:
  friend class Registry;
  void* impl_ = nullptr;
};

// .005 .01 .025 .05 .1 .25 .5 1 2.5 5 10
const std::vector<double>& LatencyBuckets();
// latency buckets and 30 60 120 300
const std::vector<double>& DelayBuckets();

// Thread-safe. The same name and labels give the same series.
class Registry {
 public:
  Registry();
  ~Registry();
  Counter GetCounter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge GetGauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram GetHistogram(std::string_view name, std::string_view help, const Labels& labels,
                         const std::vector<double>& buckets);
  // Drops a gauge series (a partition was revoked).
  void RemoveGauge(std::string_view name, const Labels& labels);
  // Called before each scrape, to set gauges that describe the database; must be quick and must not throw.
  void OnScrape(std::function<void()> refresh);
  // Prometheus text format 0.0.4, process_* metrics included.
  std::string Text();
  // `name type label1,label2` per line, sorted: what the golden file holds.
  std::string Contract();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::metrics
