// Commands on campaigns: planning, changing, and one method of Campaign for each step.

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/field_mask.h"
#include "services/leads/api/campaigns_api.h"
#include "services/leads/api/mapping.h"
#include "services/leads/events/campaign_events.h"

namespace steward::leads {

template <class Request>
CampaignsApi::Target CampaignsApi::TargetOf(const Request& request) {
  return {request.name(), request.etag(), request.reason(),
          OptionalTime(request.has_occurred_at(), request.occurred_at())};
}

absl::StatusOr<Occasion> CampaignsApi::OccasionOf(const rpc::Call& call, Fact fact, Time now,
                                                  const Target& target) const {
  const Speaker speaker{call.caller, call.HasGrant("importer"), call.HasGrant("supervisor")};
  const Uuid event_id = deps_.env.ids->NewId(now);
  return fact == Fact::kStopsClocks
             ? CheckStopOccasion(deps_.time_rules, speaker, event_id, now, target.occurred_at,
                                 target.reason)
             : CheckOccasion(deps_.time_rules, speaker, event_id, now, target.occurred_at);
}

absl::Status CampaignsApi::Close(const CampaignCounts& counts, Occasion occasion,
                                 Campaign& campaign) const {
  const CampaignResults unstated = Unstated(campaign.data().results, counts);
  if (unstated == CampaignResults{}) {
    return absl::OkStatus();
  }
  occasion.event_id = deps_.env.ids->NewId(occasion.now);
  return campaign.RecordResults(unstated, occasion);
}

void CampaignsApi::Count(pg::Tx& tx, const std::vector<CampaignEvent>& events) const {
  if (deps_.metrics != nullptr) {
    tx.AfterCommit([metrics = deps_.metrics, events] { metrics->Moved(events); });
  }
}

absl::Status CampaignsApi::CreateCampaign(const rpc::Call& call,
                                          const pb::CreateCampaignRequest& request,
                                          pb::Campaign* response) {
  ASSIGN_OR_RETURN(StoredCampaign draft, FromProto(request.campaign()));
  draft.data.id = deps_.env.ids->NewId(deps_.env.clock->Now());
  draft.planned_by = call.caller;
  const std::string name = CampaignName(draft.data.id);
  Target target;
  target.occurred_at = OptionalTime(request.has_occurred_at(), request.occurred_at());
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        ASSIGN_OR_RETURN(const Occasion occasion,
                         OccasionOf(call, Fact::kAny, command.now(), target));
        ASSIGN_OR_RETURN(const Campaign campaign,
                         Campaign::Plan(deps_.kinds, draft.data, occasion));
        const StoredCampaign stored{campaign.data(), draft.text, draft.planned_by};
        ToProto(stored, response);
        command.Claim(name);
        QueueInsertCampaign(tx, stored);
        Count(tx, campaign.events());
        return command.Append(ToJournal(stored.data.id, campaign.events()));
      });
}

absl::Status CampaignsApi::Change(const rpc::Call& call, const Target& target, Fact fact,
                                  pb::Campaign* response, const Apply& apply) {
  ASSIGN_OR_RETURN(const Uuid id, ParseCampaignName("name", target.name));
  RETURN_IF_ERROR(CheckReason(target.reason));
  const std::string name = CampaignName(id);
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueLoadCampaign(tx, id, call.reach);
        const std::optional<pg::Pending> counts =
            target.closes ? std::optional(QueueCount(tx, id)) : std::nullopt;
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(target.name);
        }
        StoredCampaign stored = ReadCampaign(*row, 0);
        const std::string etag = EtagOf(stored.data.version);
        if (!target.etag.empty() && target.etag != etag) {
          return EtagMismatch(name, etag);
        }
        ASSIGN_OR_RETURN(const Occasion occasion, OccasionOf(call, fact, command.now(), target));
        Campaign campaign(std::move(stored.data));
        RETURN_IF_ERROR(apply(campaign, occasion));
        if (counts) {
          RETURN_IF_ERROR(Close(ReadCounts(**counts), occasion, campaign));
        }
        stored.data = campaign.data();
        ToProto(stored, response);
        command.Claim(name);
        QueueUpdateCampaign(tx, stored.data);
        if (!target.reason.empty()) {
          QueueCampaignReason(tx, id, campaign.events().front().version, target.reason);
        }
        Count(tx, campaign.events());
        return command.Append(ToJournal(id, campaign.events()));
      });
}

absl::Status CampaignsApi::Edit(const rpc::Call& call, Time now, const StoredCampaign& draft,
                                std::vector<std::string> changed_texts, Campaign& campaign) const {
  const auto occasion = [&] {
    return Occasion{call.caller, now, {}, false, deps_.env.ids->NewId(now)};
  };
  const CampaignData& from = campaign.data();
  const CampaignData& to = draft.data;
  const CampaignDuty duty{to.owner, to.team, to.region};
  if (!changed_texts.empty() || duty != CampaignDuty{from.owner, from.team, from.region}) {
    RETURN_IF_ERROR(campaign.Update(duty, std::move(changed_texts), occasion()));
  }
  if (from.planned_start != to.planned_start || from.planned_end != to.planned_end) {
    RETURN_IF_ERROR(campaign.Reschedule(to.planned_start, to.planned_end, occasion()));
  }
  if (from.budget != to.budget) {
    RETURN_IF_ERROR(campaign.ChangeBudget(to.budget, occasion()));
  }
  return absl::OkStatus();
}

absl::Status CampaignsApi::UpdateCampaign(const rpc::Call& call,
                                          const pb::UpdateCampaignRequest& request,
                                          pb::Campaign* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseCampaignName("campaign.name", request.campaign().name()));
  const std::string name = CampaignName(id);
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueLoadCampaign(tx, id, call.reach);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(request.campaign().name());
        }
        const StoredCampaign stored = ReadCampaign(*row, 0);
        const std::string etag = EtagOf(stored.data.version);
        if (!request.campaign().etag().empty() && request.campaign().etag() != etag) {
          return EtagMismatch(name, etag);
        }
        pb::Campaign wanted;
        ToProto(stored, &wanted);
        RETURN_IF_ERROR(rpc::ApplyMask(request.campaign(), request.update_mask(), &wanted));
        ASSIGN_OR_RETURN(const StoredCampaign draft, FromProto(wanted));
        const std::vector<std::string> changed_texts = ChangedFields(stored.text, draft.text);
        Campaign campaign(stored.data);
        RETURN_IF_ERROR(Edit(call, command.now(), draft, changed_texts, campaign));
        ToProto({campaign.data(), draft.text, stored.planned_by}, response);
        command.Claim(name);
        if (campaign.events().empty()) {
          return absl::OkStatus();
        }
        QueueUpdateCampaign(tx, campaign.data());
        if (!changed_texts.empty()) {
          QueuePutCampaignText(tx, id, draft.text);
        }
        return command.Append(ToJournal(id, campaign.events()));
      });
}

absl::Status CampaignsApi::ApproveCampaign(const rpc::Call& call,
                                           const pb::ApproveCampaignRequest& request,
                                           pb::Campaign* response) {
  return Change(call, TargetOf(request), Fact::kAny, response,
                [](Campaign& campaign, const Occasion& when) { return campaign.Approve(when); });
}

absl::Status CampaignsApi::RecordRehearsal(const rpc::Call& call,
                                           const pb::RecordRehearsalRequest& request,
                                           pb::Campaign* response) {
  return Change(call, TargetOf(request), Fact::kStopsClocks, response,
                [](Campaign& campaign, const Occasion& when) { return campaign.Rehearse(when); });
}

absl::Status CampaignsApi::StartCampaign(const rpc::Call& call,
                                         const pb::StartCampaignRequest& request,
                                         pb::Campaign* response) {
  return Change(call, TargetOf(request), Fact::kAny, response,
                [](Campaign& campaign, const Occasion& when) { return campaign.Start(when); });
}

absl::Status CampaignsApi::EndCampaign(const rpc::Call& call, const pb::EndCampaignRequest& request,
                                       pb::Campaign* response) {
  return Change(call, TargetOf(request), Fact::kAny, response,
                [](Campaign& campaign, const Occasion& when) { return campaign.End(when); });
}

absl::Status CampaignsApi::SubmitCampaignRecap(const rpc::Call& call,
                                               const pb::SubmitCampaignRecapRequest& request,
                                               pb::Campaign* response) {
  Target target = TargetOf(request);
  target.closes = true;
  return Change(call, target, Fact::kStopsClocks, response,
                [&](Campaign& campaign, const Occasion& when) {
                  return campaign.SubmitRecap(request.recap(), when);
                });
}

absl::Status CampaignsApi::ArchiveCampaign(const rpc::Call& call,
                                           const pb::ArchiveCampaignRequest& request,
                                           pb::Campaign* response) {
  return Change(call, TargetOf(request), Fact::kAny, response,
                [](Campaign& campaign, const Occasion& when) { return campaign.Archive(when); });
}

absl::Status CampaignsApi::CancelCampaign(const rpc::Call& call,
                                          const pb::CancelCampaignRequest& request,
                                          pb::Campaign* response) {
  return Change(call, TargetOf(request), Fact::kStopsClocks, response,
                [](Campaign& campaign, const Occasion& when) { return campaign.Cancel(when); });
}

absl::Status CampaignsApi::RecordCampaignResults(const rpc::Call& call,
                                                 const pb::RecordCampaignResultsRequest& request,
                                                 pb::Campaign* response) {
  ASSIGN_OR_RETURN(const CampaignResults results, FromProto(request.results()));
  if (!call.HasGrant("importer") && (results.leads || results.converted_leads)) {
    return FieldInvalid(results.leads ? "results.leads" : "results.converted_leads",
                        "is counted from the leads; leave it out. Only an importer states it");
  }
  return Change(call, TargetOf(request), Fact::kAny, response,
                [&](Campaign& campaign, const Occasion& when) {
                  return campaign.RecordResults(results, when);
                });
}

}  // namespace steward::leads
