// Commands on one lead: each RPC names one method of Lead; Change is the frame around all of them.

#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "services/leads/api/lead_pool_api.h"
#include "services/leads/api/mapping.h"
#include "services/leads/events/lead_events.h"

namespace steward::leads {
namespace {

// With every candidate's reason.
absl::Status NoCandidate(const Choice& choice) {
  std::vector<std::pair<std::string, std::string>> reasons{{"rule", choice.rule}};
  std::string text;
  for (const Verdict& verdict : choice.verdicts) {
    text += (text.empty() ? "" : ", ") + verdict.member + " " + verdict.reason;
    reasons.emplace_back(verdict.member, verdict.reason);
  }
  return Precondition("NO_CANDIDATE", "nobody of " + choice.rule + " can have the lead: " + text,
                      std::move(reasons));
}

}  // namespace

void LeadPoolApi::Count(pg::Tx& tx, const std::vector<LeadEvent>& events) const {
  if (deps_.metrics != nullptr) {
    tx.AfterCommit([metrics = deps_.metrics, events] { metrics->Moved(events); });
  }
}

template <class Request>
LeadPoolApi::Target LeadPoolApi::TargetOf(const Request& request) {
  return {request.name(), request.etag(), request.reason(),
          OptionalTime(request.has_occurred_at(), request.occurred_at())};
}

absl::Status LeadPoolApi::Change(
    const rpc::Call& call, const Target& target, AssignmentDesk& desk,
    google::protobuf::Message* response, const Apply& apply,
    const std::function<void(const StoredLead&, const std::optional<Choice>&)>& answer) {
  ASSIGN_OR_RETURN(const Uuid id, ParseLeadName("name", target.name));
  RETURN_IF_ERROR(CheckReason(target.reason));
  const Speaker speaker{call.caller, call.HasGrant("importer"), call.HasGrant("supervisor")};
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        std::vector<pg::LockKey> locks = desk.Locks();
        locks.push_back(pg::LockKey::Exclusive(target.name));
        tx.Lock(std::move(locks));
        command.Find();
        const pg::Pending row = QueueLoadLead(tx, id, call.reach);
        desk.Queue(tx, {id});
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(target.name);
        }
        StoredLead stored = ReadLead(*row, 0);
        const std::string etag = EtagOf(stored.data.version);
        if (!target.etag.empty() && target.etag != etag) {
          return EtagMismatch(target.name, etag);
        }
        RETURN_IF_ERROR(desk.Read(command.now()));
        ASSIGN_OR_RETURN(const Occasion occasion,
                         CheckStopOccasion(deps_.time_rules, speaker, NewId(command.now()),
                                           command.now(), target.occurred_at, target.reason));
        Lead lead(std::move(stored.data));
        ASSIGN_OR_RETURN(const std::optional<Choice> choice, apply(lead, occasion));
        stored.data = lead.data();
        answer(stored, choice);
        command.Claim(target.name);
        QueueUpdate(tx, stored.data);
        if (choice) {
          QueueChoice(tx, id, stored.data.version, *choice);
        }
        if (!target.reason.empty()) {
          QueueReason(tx, id, stored.data.version, target.reason);
        }
        desk.QueueTurns(tx);
        Count(tx, lead.events());
        return command.Append(ToJournal(stored.data, lead.events()));
      });
}

absl::Status LeadPoolApi::Change(const rpc::Call& call, const Target& target, pb::Lead* response,
                                 const std::function<absl::Status(Lead&, const Occasion&)>& apply) {
  AssignmentDesk nobody({}, {});
  return Change(
      call, target, nobody, response,
      [&](Lead& lead, const Occasion& occasion) -> absl::StatusOr<std::optional<Choice>> {
        RETURN_IF_ERROR(apply(lead, occasion));
        return std::optional<Choice>();
      },
      [&](const StoredLead& stored, const std::optional<Choice>&) {
        ToProto(stored, deps_.recycle_days, response);
      });
}

absl::Status LeadPoolApi::AssignLead(const rpc::Call& call, const pb::AssignLeadRequest& request,
                                     pb::AssignLeadResponse* response) {
  if (request.rule().empty() == request.owner().empty()) {
    return FieldInvalid("rule", "or `owner` is given, one of the two");
  }
  rpc::Faults faults;
  const std::string rule = faults.Name("rule", "assignmentRules", request.rule());
  const std::string owner = faults.Name("owner", "members", request.owner());
  const std::string team = faults.Name("team", "teams", request.team());
  if (!rule.empty() && !team.empty()) {
    faults.Add("team", "goes with `owner`: a rule takes the chosen member's team");
  }
  RETURN_IF_ERROR(faults.status());
  AssignmentDesk desk(rule.empty() ? std::set<std::string>{} : std::set{rule},
                      owner.empty() ? std::set<std::string>{} : std::set{owner});
  return Change(
      call, TargetOf(request), desk, response,
      [&](Lead& lead, const Occasion& occasion) -> absl::StatusOr<std::optional<Choice>> {
        if (rule.empty()) {
          RETURN_IF_ERROR(desk.AssignByHand("owner", owner, team, lead, occasion));
          return std::optional<Choice>();
        }
        RETURN_IF_ERROR(desk.CheckRule("rule", rule));
        ASSIGN_OR_RETURN(Choice choice, desk.AssignByRule(rule, lead, occasion));
        if (choice.member.empty()) {
          return NoCandidate(choice);
        }
        return std::optional(std::move(choice));
      },
      [&](const StoredLead& stored, const std::optional<Choice>& choice) {
        response->Clear();
        ToProto(stored, deps_.recycle_days, response->mutable_lead());
        if (choice) {
          ToProto(*choice, response->mutable_choice());
        }
      });
}

absl::Status LeadPoolApi::ReleaseLead(const rpc::Call& call, const pb::ReleaseLeadRequest& request,
                                      pb::Lead* response) {
  return Change(call, TargetOf(request), response,
                [](Lead& lead, const Occasion& occasion) { return lead.Release(occasion); });
}

absl::Status LeadPoolApi::DisqualifyLead(const rpc::Call& call,
                                         const pb::DisqualifyLeadRequest& request,
                                         pb::Lead* response) {
  return Change(call, TargetOf(request), response, [&](Lead& lead, const Occasion& occasion) {
    return lead.Disqualify(request.disqualify_reason(), occasion);
  });
}

absl::Status LeadPoolApi::RestoreLead(const rpc::Call& call, const pb::RestoreLeadRequest& request,
                                      pb::Lead* response) {
  return Change(call, TargetOf(request), response,
                [](Lead& lead, const Occasion& occasion) { return lead.Restore(occasion); });
}

}  // namespace steward::leads
