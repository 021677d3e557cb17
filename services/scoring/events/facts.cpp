#include "services/scoring/events/facts.h"

#include <utility>

namespace steward::scoring {

std::string RegionName(const std::string& code) { return code.empty() ? "" : "regions/" + code; }

Fact Count(std::string measure, absl::CivilDay day, const Dimensions& of, std::string qualifier) {
  return {std::move(measure), day, std::move(qualifier), "", of, 1};
}

Fact Amount(std::string measure, absl::CivilDay day, const Dimensions& of, const Money& money,
            std::string qualifier) {
  return {std::move(measure), day, std::move(qualifier), money.currency, of, money.minor};
}

absl::CivilDay Mapper::DayOf(Time time) const {
  return absl::ToCivilDay(absl::FromUnixMicros(time.micros), zone_);
}

bool Mapper::HasSource(const eventing::Event& event) {
  const std::string& key = event.aggregate;
  return key.starts_with("clocks/") || key.starts_with("complaints/") ||
         key.starts_with("leads/") || key.starts_with("orders/") || key.ends_with("/receivable") ||
         key.find("/instalments/") != std::string::npos || key.starts_with("campaigns/");
}

absl::StatusOr<std::vector<Step>> Mapper::Map(const eventing::Event& event, Source& source) const {
  if (event.topic == kLeadsTopic) {
    return Leads(event, source);
  }
  if (event.topic == kOrdersTopic) {
    return Orders(event, source);
  }
  if (event.topic == kComplaintsTopic) {
    return Complaints(event, source);
  }
  if (event.topic == kSlaTopic) {
    return Sla(event, source);
  }
  return std::vector<Step>{};
}

}  // namespace steward::scoring
