#include "services/directory/metrics.h"

namespace steward::directory {
namespace {

metrics::Gauge MembersIn(metrics::Registry& registry, const std::string& status) {
  return registry.GetGauge("steward_directory_members", "Members by status.", {{"status", status}});
}

}  // namespace

MemberGauges::MemberGauges(metrics::Registry& registry, const identity::OrgCache& org,
                           const Clock& clock)
    : org_(org),
      clock_(clock),
      active_(MembersIn(registry, "active")),
      inactive_(MembersIn(registry, "inactive")),
      on_leave_(MembersIn(registry, "on_leave")),
      without_superior_(MembersIn(registry, "without_superior")) {
  registry.OnScrape([this] { Refresh(); });
}

void MemberGauges::Refresh() const {
  const std::shared_ptr<const identity::Org> org = org_.Get();
  const Time now = clock_.Now();
  int active = 0, inactive = 0, on_leave = 0, without_superior = 0;
  for (const auto& [name, state] : org->members) {
    if (!state.active()) {
      ++inactive;
      continue;
    }
    ++active;
    on_leave += org->OnLeave(name, now) ? 1 : 0;
    without_superior +=
        state.kind() != directory::v1::Member::SYSTEM && !org->SuperiorOf(name, now) ? 1 : 0;
  }
  active_.Set(active);
  inactive_.Set(inactive);
  on_leave_.Set(on_leave);
  without_superior_.Set(without_superior);
}

}  // namespace steward::directory
