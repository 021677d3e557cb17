#include "services/sla/watcher/metrics.h"

namespace steward::sla {

SlaMetrics::SlaMetrics(metrics::Registry& registry)
    : shards_held(
          registry.GetGauge("steward_sla_shards_held",
                            "Shards whose lock this process holds; the sum per job is 32.")),
      guard_frozen(registry.GetGauge("steward_sla_clock_guard_frozen",
                                     "1 while the clock guard stops firing.")),
      timer_lag(registry.GetGauge("steward_sla_timer_lag_seconds",
                                  "Age of the oldest due, unfired timer of the shards held.")),
      held_for_inputs(registry.GetGauge("steward_sla_held_for_inputs",
                                        "1 while breaches wait for inputs to catch up.")),
      timers_failing(registry.GetGauge("steward_sla_timers_failing",
                                       "Timers that failed and wait for another try.")),
      registry_(registry) {
  for (const char* kind : {"warning", "breach", "level"}) {
    delays_[kind] =
        registry.GetHistogram("steward_sla_firing_delay_seconds", "detected_at minus occurred_at.",
                              {{"kind", kind}}, metrics::DelayBuckets());
  }
}

std::string SlaMetrics::Label(const std::string& policy) {
  std::lock_guard lock(mutex_);
  const auto known = labels_.find(policy);
  if (known != labels_.end()) {
    return known->second;
  }
  const std::string label = labels_.size() < 200 ? policy.substr(policy.find('/') + 1) : "other";
  labels_[policy] = label;
  return label;
}

void SlaMetrics::Warned(const std::string& policy) {
  registry_.GetCounter("steward_sla_warnings_total", "Warnings fired.", {{"policy", Label(policy)}})
      .Add();
}
void SlaMetrics::Breached(const std::string& policy) {
  registry_
      .GetCounter("steward_sla_clocks_decided_total",
                  "Clocks decided: met at the stop, breached at due.",
                  {{"policy", Label(policy)}, {"result", "breached"}})
      .Add();
}
void SlaMetrics::Met(const std::string& policy) {
  registry_
      .GetCounter("steward_sla_clocks_decided_total",
                  "Clocks decided: met at the stop, breached at due.",
                  {{"policy", Label(policy)}, {"result", "met"}})
      .Add();
}
void SlaMetrics::Retracted(const std::string& policy) {
  registry_
      .GetCounter("steward_sla_breaches_retracted_total",
                  "Breaches taken back by a fact that arrived late.", {{"policy", Label(policy)}})
      .Add();
}
void SlaMetrics::Raised(const std::string& policy, int level) {
  registry_
      .GetCounter("steward_sla_escalations_total", "Escalation levels raised.",
                  {{"policy", Label(policy)}, {"level", std::to_string(level)}})
      .Add();
}
void SlaMetrics::Delay(const char* kind, double seconds) { delays_.at(kind).Observe(seconds); }

}  // namespace steward::sla
