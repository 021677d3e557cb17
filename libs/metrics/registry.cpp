#include "libs/metrics/registry.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/metrics/process.h"

namespace steward::metrics {

void Counter::Add(double n) const {
  if (impl_ != nullptr) {
    static_cast<prometheus::Counter*>(impl_)->Increment(n);
  }
}
void Gauge::Set(double value) const {
  if (impl_ != nullptr) {
    static_cast<prometheus::Gauge*>(impl_)->Set(value);
  }
}
void Gauge::Add(double n) const {
  if (impl_ != nullptr) {
    static_cast<prometheus::Gauge*>(impl_)->Increment(n);
  }
}
void Histogram::Observe(double value) const {
  if (impl_ != nullptr) {
    static_cast<prometheus::Histogram*>(impl_)->Observe(value);
  }
}

const std::vector<double>& LatencyBuckets() {
  static const std::vector<double> kBuckets = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
  return kBuckets;
}

const std::vector<double>& DelayBuckets() {
  static const std::vector<double> kBuckets = {.005, .01, .025, .05, .1, .25, .5, 1,
                                               2.5,  5,   10,   30,  60, 120, 300};
  return kBuckets;
}

namespace {

std::vector<std::string> NamesOf(const Labels& labels) {
  std::vector<std::string> names;
  for (const auto& [name, value] : labels) {
    names.push_back(name);
  }
  return names;
}

}  // namespace

struct Registry::Impl {
  struct Family {
    std::string type;
    std::vector<std::string> label_names;
    void* family;  // prometheus::Family<...> of `type`
  };

  // The family of this name, made on first use. One name with two types or two label sets would break every
  // dashboard that sums over it: that is a bug, found at start.
  template <class Metric, class Build>
  prometheus::Family<Metric>& FamilyOf(std::string_view name, std::string_view help,
                                       const char* type, const Labels& labels, Build build) {
    auto found = families.find(name);
    if (found == families.end()) {
      auto& family = build().Name(std::string(name)).Help(std::string(help)).Register(registry);
      found = families.emplace(name, Family{type, NamesOf(labels), &family}).first;
    }
    if (found->second.type != type || found->second.label_names != NamesOf(labels)) {
      std::fprintf(stderr, "metric %.*s is used with two types or two sets of labels\n",
                   static_cast<int>(name.size()), name.data());
      std::abort();
    }
    return *static_cast<prometheus::Family<Metric>*>(found->second.family);
  }

  std::mutex mutex;  // families, removed
  prometheus::Registry registry;
  std::map<std::string, Family, std::less<>> families;
  // Removed series stay allocated, because handles to them may live on; they are left out of the text.
  std::set<std::pair<std::string, Labels>> removed;
  std::mutex scrape_mutex;  // refreshers run one scrape at a time, without `mutex`
  std::vector<std::function<void()>> refreshers;
};

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

Counter Registry::GetCounter(std::string_view name, std::string_view help, const Labels& labels) {
  std::lock_guard lock(impl_->mutex);
  Counter handle;
  handle.impl_ =
      &impl_->FamilyOf<prometheus::Counter>(name, help, "counter", labels, prometheus::BuildCounter)
           .Add(labels);
  return handle;
}

Gauge Registry::GetGauge(std::string_view name, std::string_view help, const Labels& labels) {
  std::lock_guard lock(impl_->mutex);
  Gauge handle;
  handle.impl_ =
      &impl_->FamilyOf<prometheus::Gauge>(name, help, "gauge", labels, prometheus::BuildGauge)
           .Add(labels);
  impl_->removed.erase({std::string(name), labels});
  return handle;
}

Histogram Registry::GetHistogram(std::string_view name, std::string_view help, const Labels& labels,
                                 const std::vector<double>& buckets) {
  std::lock_guard lock(impl_->mutex);
  Histogram handle;
  handle.impl_ = &impl_
                      ->FamilyOf<prometheus::Histogram>(name, help, "histogram", labels,
                                                        prometheus::BuildHistogram)
                      .Add(labels, buckets);
  return handle;
}

void Registry::RemoveGauge(std::string_view name, const Labels& labels) {
  std::lock_guard lock(impl_->mutex);
  impl_->removed.insert({std::string(name), labels});
}

void Registry::OnScrape(std::function<void()> refresh) {
  std::lock_guard lock(impl_->scrape_mutex);
  impl_->refreshers.push_back(std::move(refresh));
}

std::string Registry::Text() {
  std::lock_guard scrape(impl_->scrape_mutex);
  for (const auto& refresh : impl_->refreshers) {
    refresh();
  }
  std::vector<prometheus::MetricFamily> collected = impl_->registry.Collect();
  {
    std::lock_guard lock(impl_->mutex);
    for (auto& family : collected) {
      auto gone = [&](const prometheus::ClientMetric& metric) {
        Labels labels;
        for (const auto& label : metric.label) {
          labels[label.name] = label.value;
        }
        return impl_->removed.count({family.name, labels}) > 0;
      };
      family.metric.erase(std::remove_if(family.metric.begin(), family.metric.end(), gone),
                          family.metric.end());
    }
  }
  return prometheus::TextSerializer().Serialize(collected) + ProcessText();
}

std::string Registry::Contract() {
  std::lock_guard lock(impl_->mutex);
  std::set<std::string> lines;
  for (const auto& [name, family] : impl_->families) {
    std::string line = absl::StrCat(name, " ", family.type);
    if (!family.label_names.empty()) {
      absl::StrAppend(&line, " ", absl::StrJoin(family.label_names, ","));
    }
    lines.insert(line);
  }
  for (const ProcessMetric& metric : ProcessMetrics()) {
    lines.insert(absl::StrCat(metric.name, " ", metric.type));
  }
  return absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
}

}  // namespace steward::metrics
