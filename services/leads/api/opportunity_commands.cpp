// Commands on one opportunity: each RPC names one method of Opportunity; Change is the frame around all of them.

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/field_mask.h"
#include "libs/rpc/values.h"
#include "services/leads/api/mapping.h"
#include "services/leads/api/opportunities_api.h"
#include "services/leads/events/opportunity_events.h"

namespace steward::leads {
namespace {

constexpr size_t kNoteLength = 4000;

absl::StatusOr<std::optional<Money>> AmountOf(const v1::WinOpportunityRequest& request) {
  if (!request.has_amount()) {
    return std::optional<Money>();
  }
  ASSIGN_OR_RETURN(Money amount, rpc::FromProto("amount", request.amount()));
  return std::optional<Money>(std::move(amount));
}

std::optional<std::string> Given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

template <class Request>
OpportunitiesApi::Target OpportunitiesApi::TargetOf(const Request& request) {
  Target target;
  target.name = request.name();
  target.etag = request.etag();
  target.occurred_at = OptionalTime(request.has_occurred_at(), request.occurred_at());
  if constexpr (requires { request.reason(); }) {
    target.reason = request.reason();
  } else {
    target.stops = false;
  }
  return target;
}

absl::StatusOr<Occasion> OpportunitiesApi::OccasionOf(const rpc::Call& call, const Target& target,
                                                      Time now) const {
  const Speaker speaker{call.caller, call.HasGrant("importer"), call.HasGrant("supervisor")};
  const Uuid event_id = deps_.env.ids->NewId(now);
  return target.stops ? CheckStopOccasion(deps_.time_rules, speaker, event_id, now,
                                          target.occurred_at, target.reason)
                      : CheckOccasion(deps_.time_rules, speaker, event_id, now, target.occurred_at);
}

void OpportunitiesApi::Count(pg::Tx& tx, std::vector<OpportunityEvent> events) const {
  if (deps_.metrics != nullptr) {
    tx.AfterCommit(
        [metrics = deps_.metrics, events = std::move(events)] { metrics->Moved(events); });
  }
}

std::shared_ptr<const identity::Org> OpportunitiesApi::Directory() const {
  return deps_.org ? deps_.org() : nullptr;
}

absl::Status OpportunitiesApi::Change(const rpc::Call& call, const Target& target,
                                      v1::Opportunity* response, const Apply& apply) {
  ASSIGN_OR_RETURN(const Uuid id, ParseOpportunityName(target.field, target.name));
  RETURN_IF_ERROR(CheckText("reason", target.reason, kNoteLength));
  RETURN_IF_ERROR(CheckText("lost_note", target.lost_note, kNoteLength));
  const std::string name = OpportunityName(id);
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueLoad(tx, id, call.reach);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(target.name);
        }
        StoredOpportunity stored = ReadOpportunity(*row, 0);
        const std::string etag = EtagOf(stored.data.version);
        if (!target.etag.empty() && target.etag != etag) {
          return EtagMismatch(target.name, etag);
        }
        ASSIGN_OR_RETURN(
            const Pipeline* pipeline,
            deps_.pipelines->Find(tx, stored.data.pipeline, stored.data.pipeline_version));
        ASSIGN_OR_RETURN(const Occasion occasion, OccasionOf(call, target, command.now()));
        Opportunity opportunity(*pipeline, stored.data);
        RETURN_IF_ERROR(apply(opportunity, occasion));
        if (opportunity.data().lost_note != stored.data.lost_note) {
          stored.lost_note = opportunity.data().lost_note.empty() ? "" : target.lost_note;
        }
        stored.data = opportunity.data();
        ToProto(*pipeline, stored, response);
        command.Claim(name);
        if (opportunity.events().empty()) {
          return absl::OkStatus();
        }
        QueueUpdate(tx, opportunity);
        QueueNote(tx, id, {occasion.event_id, target.lost_note, target.reason});
        Count(tx, opportunity.events());
        return command.Append(ToJournal(opportunity));
      });
}

absl::Status OpportunitiesApi::AdvanceOpportunity(const rpc::Call& call,
                                                  const v1::AdvanceOpportunityRequest& request,
                                                  v1::Opportunity* response) {
  ASSIGN_OR_RETURN(const std::vector<Proof> proofs, FromProto(request.evidence()));
  return Change(call, TargetOf(request), response,
                [&](Opportunity& opportunity, const Occasion& occasion) {
                  return opportunity.Advance(request.stage(), proofs, occasion);
                });
}

absl::Status OpportunitiesApi::WinOpportunity(const rpc::Call& call,
                                              const v1::WinOpportunityRequest& request,
                                              v1::Opportunity* response) {
  ASSIGN_OR_RETURN(const std::vector<Proof> proofs, FromProto(request.evidence()));
  ASSIGN_OR_RETURN(const std::optional<Money> amount, AmountOf(request));
  return Change(call, TargetOf(request), response,
                [&](Opportunity& opportunity, const Occasion& occasion) {
                  return opportunity.Win(proofs, amount, occasion);
                });
}

absl::Status OpportunitiesApi::LoseOpportunity(const rpc::Call& call,
                                               const v1::LoseOpportunityRequest& request,
                                               v1::Opportunity* response) {
  Target target = TargetOf(request);
  target.lost_note = request.lost_note();
  return Change(call, target, response, [&](Opportunity& opportunity, const Occasion& occasion) {
    const std::string note = request.lost_note().empty() ? "" : occasion.event_id.ToString();
    return opportunity.Lose(request.lost_reason(), note, occasion);
  });
}

absl::Status OpportunitiesApi::HibernateOpportunity(const rpc::Call& call,
                                                    const v1::HibernateOpportunityRequest& request,
                                                    v1::Opportunity* response) {
  return Change(call, TargetOf(request), response,
                [](Opportunity& opportunity, const Occasion& occasion) {
                  return opportunity.Hibernate(occasion);
                });
}

absl::Status OpportunitiesApi::WakeOpportunity(const rpc::Call& call,
                                               const v1::WakeOpportunityRequest& request,
                                               v1::Opportunity* response) {
  return Change(call, TargetOf(request), response,
                [](Opportunity& opportunity, const Occasion& occasion) {
                  return opportunity.Wake(occasion);
                });
}

absl::Status OpportunitiesApi::ReopenOpportunity(const rpc::Call& call,
                                                 const v1::ReopenOpportunityRequest& request,
                                                 v1::Opportunity* response) {
  return Change(call, TargetOf(request), response,
                [](Opportunity& opportunity, const Occasion& occasion) {
                  return opportunity.Reopen(occasion);
                });
}

absl::Status OpportunitiesApi::UpdateOpportunity(const rpc::Call& call,
                                                 const v1::UpdateOpportunityRequest& request,
                                                 v1::Opportunity* response) {
  Target target;
  target.field = "opportunity.name";
  target.name = request.opportunity().name();
  target.etag = request.opportunity().etag();
  target.occurred_at = OptionalTime(request.has_occurred_at(), request.occurred_at());
  target.stops = false;
  return Change(
      call, target, response,
      [&](Opportunity& opportunity, const Occasion& occasion) -> absl::Status {
        v1::Opportunity wanted;
        ToProto(opportunity.pipeline(), {opportunity.data(), ""}, &wanted);
        const v1::Opportunity stored = wanted;
        RETURN_IF_ERROR(rpc::ApplyMask(request.opportunity(), request.update_mask(), &wanted));
        if (stored.has_amount() && !wanted.has_amount()) {
          return FieldInvalid("opportunity.amount", "is not taken away, only changed");
        }
        if (stored.has_expected_close() && !wanted.has_expected_close()) {
          return FieldInvalid("opportunity.expected_close", "is not taken away, only changed");
        }
        if (wanted.has_amount()) {
          ASSIGN_OR_RETURN(const Money amount,
                           rpc::FromProto("opportunity.amount", wanted.amount()));
          if (opportunity.data().amount != amount) {
            RETURN_IF_ERROR(opportunity.ChangeAmount(amount, occasion));
          }
        }
        if (!wanted.has_expected_close()) {
          return absl::OkStatus();
        }
        ASSIGN_OR_RETURN(const absl::CivilDay day,
                         rpc::FromProto("opportunity.expected_close", wanted.expected_close()));
        if (opportunity.data().expected_close == day) {
          return absl::OkStatus();
        }
        Occasion second = occasion;  // an event of its own
        second.event_id = deps_.env.ids->NewId(occasion.now);
        return opportunity.ExpectClose(day, second);
      });
}

absl::Status OpportunitiesApi::AssignOpportunity(const rpc::Call& call,
                                                 const v1::AssignOpportunityRequest& request,
                                                 v1::Opportunity* response) {
  rpc::Faults faults;
  faults.Name("owner", "members", request.owner());
  faults.Name("team", "teams", request.team());
  faults.Line("region", request.region());
  if (request.owner().empty() && request.team().empty() && request.region().empty()) {
    faults.Add("owner", "or `team` or `region` is required");
  }
  RETURN_IF_ERROR(faults.status());
  return Change(
      call, TargetOf(request), response, [&](Opportunity& opportunity, const Occasion& occasion) {
        std::string team = request.team(), region = request.region();
        FillFromDirectory(Directory().get(), occasion.now, request.owner(), team, region);
        return opportunity.Assign({Given(request.owner()), Given(team), Given(region)}, occasion);
      });
}

}  // namespace steward::leads
