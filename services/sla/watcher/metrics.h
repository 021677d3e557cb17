#pragma once
// The sla service's own metrics (besides those of the libraries). Declared together, resolved on first use of a label.

#include <map>
#include <mutex>
#include <string>

#include "libs/metrics/registry.h"

namespace steward::sla {

// Thread-safe. Policy labels are configuration ids; above 200 of them the rest is `other`.
class SlaMetrics {
 public:
  explicit SlaMetrics(metrics::Registry& registry);
  void Warned(const std::string& policy);
  void Breached(const std::string& policy);
  void Met(const std::string& policy);
  void Retracted(const std::string& policy);
  void Raised(const std::string& policy, int level);
  void Delay(const char* kind, double seconds);  // warning breach level
  metrics::Gauge shards_held, guard_frozen, timer_lag, held_for_inputs, timers_failing;

 private:
  std::string Label(const std::string& policy);
  metrics::Registry& registry_;
  std::mutex mutex_;
  std::map<std::string, std::string> labels_;
  std::map<std::string, metrics::Histogram> delays_;
};

}  // namespace steward::sla
