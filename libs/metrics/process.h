#pragma once
// Metrics of the process itself, from /proc/self: prometheus-cpp 1.0 brings no collector for them.

#include <string>
#include <vector>

namespace steward::metrics {

struct ProcessMetric {
  const char* name;
  const char* type;
  const char* help;
};
// Names, types and texts of what ProcessText writes.
const std::vector<ProcessMetric>& ProcessMetrics();
// In Prometheus text format; what cannot be read is left out.
std::string ProcessText();

}  // namespace steward::metrics
