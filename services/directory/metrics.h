#pragma once
// What the directory service counts besides what every service counts.

#include "libs/base/clock.h"
#include "libs/identity/projection.h"
#include "libs/metrics/registry.h"

namespace steward::directory {

// steward_directory_members{status}: `active`, `inactive`, `on_leave` (active and away now) and
// `without_superior` (active persons with nobody to escalate to now; the head of the organisation
// is always one of them). Set at each scrape from the organisation in memory; what is passed in
// outlives the registry's last scrape.
class MemberGauges {
 public:
  MemberGauges(metrics::Registry& registry, const identity::OrgCache& org, const Clock& clock);
  void Refresh() const;

 private:
  const identity::OrgCache& org_;
  const Clock& clock_;
  metrics::Gauge active_, inactive_, on_leave_, without_superior_;
};

}  // namespace steward::directory
