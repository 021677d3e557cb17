#pragma once
// Metrics of the server, resolved once. Internal to the library.

#include <array>
#include <string>
#include <string_view>

#include "libs/metrics/registry.h"

namespace steward::rpc {

// The code's name as in dashboards: `InvalidArgument`.
std::string_view CodeName(int code);

class MethodMetrics {
 public:
  MethodMetrics(metrics::Registry& registry, std::string_view service, std::string_view method);
  void Started() const { started_.Add(); }
  void Handled(int code, double seconds) const;
  // Counts the refusals that have a reason of their own; others are only codes.
  void Refused(std::string_view reason) const;
  void WithoutDeadline() const { without_deadline_.Add(); }

 private:
  metrics::Labels LabelsOf(int code) const;
  metrics::Registry& registry_;
  std::string service_, method_;
  metrics::Counter started_, without_deadline_;
  std::array<metrics::Counter, 17> handled_;
  metrics::Counter queue_full_, expired_, rate_limited_, unauthenticated_, denied_;
  metrics::Histogram seconds_;
};

struct ServerMetrics {
  ServerMetrics(metrics::Registry& registry, int workers);
  metrics::Gauge in_flight, idle, busy;
  metrics::Histogram queue_seconds;
};

}  // namespace steward::rpc
