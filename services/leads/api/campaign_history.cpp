#include "services/leads/api/campaign_history.h"

#include <map>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {
namespace {

using events::v1::LeadsEvent;

class Changes {
 public:
  explicit Changes(v1::CampaignChange common) : common_(std::move(common)) {}
  void Add(const std::string& field, const std::string& from, const std::string& to) {
    v1::CampaignChange change = common_;
    change.set_field(field);
    change.set_from(from);
    change.set_to(to);
    changes_.push_back(std::move(change));
  }
  void AddIfOther(const std::string& field, const std::string& from, const std::string& to) {
    if (from != to) {
      Add(field, from, to);
    }
  }
  std::vector<v1::CampaignChange> Take() { return std::move(changes_); }

 private:
  v1::CampaignChange common_;
  std::vector<v1::CampaignChange> changes_;
};

std::string Text(const google::type::Money& money) {
  const auto amount = rpc::FromProto("amount", money);
  return amount.ok() ? FormatMoney(*amount) : "";
}

std::string Text(const google::protobuf::Timestamp& time) {
  return FormatTime(rpc::FromProto(time));
}

void Fill(const events::v1::CampaignRescheduled& event, Changes& changes) {
  changes.AddIfOther("planned_start_time", Text(event.from_planned_start_time()),
                     Text(event.planned_start_time()));
  changes.AddIfOther("planned_end_time", Text(event.from_planned_end_time()),
                     Text(event.planned_end_time()));
}

void Fill(const events::v1::CampaignResultsRecorded& event, Changes& changes) {
  const auto add = [&](bool known, const char* field, const std::string& value) {
    if (known) {
      changes.Add(field, "", value);
    }
  };
  add(event.has_cost(), "results.cost", Text(event.cost()));
  add(event.has_revenue(), "results.revenue", Text(event.revenue()));
  add(event.has_leads(), "results.leads", std::to_string(event.leads()));
  add(event.has_converted_leads(), "results.converted_leads",
      std::to_string(event.converted_leads()));
  add(event.has_new_customers(), "results.new_customers", std::to_string(event.new_customers()));
}

void Fill(const events::v1::CampaignUpdated& event, Changes& changes) {
  const std::map<std::string, std::pair<std::string, std::string>> facts{
      {"owner", {event.from_owner(), event.owner()}},
      {"team", {event.from_team(), event.team()}},
      {"region", {event.from_region(), event.region()}}};
  for (const std::string& field : event.changed_fields()) {
    const auto fact = facts.find(field);
    if (fact == facts.end()) {
      changes.Add(field, "", "");  // a text: that it changed is all that is said
    } else {
      changes.Add(field, fact->second.first, fact->second.second);
    }
  }
}

void Fill(const events::v1::CampaignMoved& event, Changes& changes) {
  changes.Add("state", event.from_state(), event.to_state());
}

void Fill(const LeadsEvent& event, Time at, Changes& changes) {
  switch (event.event_case()) {
    case LeadsEvent::kCampaignRescheduled:
      return Fill(event.campaign_rescheduled(), changes);
    case LeadsEvent::kCampaignBudgetChanged:
      return changes.Add("budget", Text(event.campaign_budget_changed().from_budget()),
                         Text(event.campaign_budget_changed().budget()));
    case LeadsEvent::kCampaignApproved:
      return Fill(event.campaign_approved(), changes);
    case LeadsEvent::kCampaignRehearsed:
      return changes.Add("rehearse_time", "", FormatTime(at));
    case LeadsEvent::kCampaignStarted:
      return Fill(event.campaign_started(), changes);
    case LeadsEvent::kCampaignEnded:
      return Fill(event.campaign_ended(), changes);
    case LeadsEvent::kCampaignRecapSubmitted:
      return Fill(event.campaign_recap_submitted(), changes);
    case LeadsEvent::kCampaignArchived:
      return Fill(event.campaign_archived(), changes);
    case LeadsEvent::kCampaignCancelled:
      return Fill(event.campaign_cancelled(), changes);
    case LeadsEvent::kCampaignResultsRecorded:
      return Fill(event.campaign_results_recorded(), changes);
    case LeadsEvent::kCampaignUpdated:
      return Fill(event.campaign_updated(), changes);
    default:
      return changes.Add("", "", "");  // the plan, or an event of a later version
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::CampaignChange>> CampaignChangesOf(const eventing::JournalRow& row,
                                                                  std::string_view reason) {
  LeadsEvent event;
  if (!event.ParseFromString(row.payload)) {
    return absl::InternalError("journal row of " + row.aggregate + " does not parse");
  }
  v1::CampaignChange common;
  common.set_version(row.aggregate_version);
  common.set_type(row.type);
  *common.mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *common.mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  common.set_actor(row.actor);
  common.set_reason(std::string(reason));
  Changes changes(std::move(common));
  Fill(event, row.occurred_at, changes);
  return changes.Take();
}

}  // namespace steward::leads
