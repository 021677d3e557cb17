#include "services/leads/api/history.h"

#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {
namespace {

using events::v1::LeadsEvent;

class Changes {
 public:
  explicit Changes(v1::CustomerChange common) : common_(std::move(common)) {}
  void Add(const std::string& field, const std::string& from, const std::string& to) {
    v1::CustomerChange change = common_;
    change.set_field(field);
    change.set_from(from);
    change.set_to(to);
    changes_.push_back(std::move(change));
  }
  std::vector<v1::CustomerChange> Take() { return std::move(changes_); }

 private:
  v1::CustomerChange common_;
  std::vector<v1::CustomerChange> changes_;
};

std::string TierText(const std::string& scheme, const std::string& tier) {
  return tier.empty() ? "" : scheme + ":" + tier;
}

void FillUpdated(const events::v1::CustomerUpdated& updated, Changes& changes) {
  const std::map<std::string, std::pair<std::string, std::string>> facts{
      {"industry", {updated.from_industry(), updated.industry()}},
      {"region", {updated.from_region(), updated.region()}},
      {"owner", {updated.from_owner(), updated.owner()}},
      {"team", {updated.from_team(), updated.team()}}};
  for (const std::string& field : updated.changed_fields()) {
    const auto fact = facts.find(field);
    if (fact == facts.end()) {
      changes.Add(field, "", "");  // personal: that it changed is all that is said
    } else {
      changes.Add(field, fact->second.first, fact->second.second);
    }
  }
}

void Fill(const LeadsEvent& event, Changes& changes) {
  switch (event.event_case()) {
    case LeadsEvent::kCustomerUpdated:
      FillUpdated(event.customer_updated(), changes);
      break;
    case LeadsEvent::kCustomerTierChanged: {
      const auto& changed = event.customer_tier_changed();
      changes.Add("tiers", TierText(changed.scheme(), changed.from_tier()),
                  TierText(changed.scheme(), changed.tier()));
      break;
    }
    default:
      changes.Add("", "", "");  // the registration, or an event of a later version
      break;
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::CustomerChange>> ChangesOf(const eventing::JournalRow& row) {
  LeadsEvent event;
  if (!event.ParseFromString(row.payload)) {
    return absl::InternalError("journal row of " + row.aggregate + " does not parse");
  }
  v1::CustomerChange common;
  common.set_version(row.aggregate_version);
  common.set_type(row.type);
  *common.mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *common.mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  common.set_actor(row.actor);
  Changes changes(std::move(common));
  Fill(event, changes);
  return changes.Take();
}

}  // namespace steward::leads
