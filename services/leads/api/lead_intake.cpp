// Taking leads in, one or many, with their assignment in the same transaction.

#include <map>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "services/leads/api/lead_pool_api.h"
#include "services/leads/events/lead_events.h"

namespace steward::leads {
namespace {

constexpr int kMaxBatch = 1000;

pg::LockKey LockOf(const IntakeKey& key) {
  return pg::LockKey::Exclusive(key.channel + "/" + key.external_id);
}

IntakeKey KeyOf(const LeadData& lead) { return {lead.channel, lead.external_id}; }

AssignmentDesk DeskFor(const std::vector<const Intake*>& intakes) {
  std::set<std::string> rules, owners;
  for (const Intake* intake : intakes) {
    if (!intake->rule.empty()) {
      rules.insert(intake->rule);
    } else if (!intake->owner.empty()) {
      owners.insert(intake->owner);
    }
  }
  return {std::move(rules), std::move(owners)};
}

void AddFaults(const absl::Status& status, pb::BatchCreateLeadsResponse::Outcome& outcome) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  for (const FieldViolation& field : refusal ? refusal->fields : std::vector<FieldViolation>{}) {
    pb::BatchCreateLeadsResponse::Fault& fault = *outcome.add_faults();
    fault.set_field(field.field);
    fault.set_description(field.description);
  }
  if (outcome.faults_size() == 0) {
    pb::BatchCreateLeadsResponse::Fault& fault = *outcome.add_faults();
    fault.set_field("lead");
    fault.set_description(std::string(FromAbsl(status.message())));
  }
}

// A refusal that is about one row; anything else ends the batch.
bool IsOfRow(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

absl::StatusOr<LeadPoolApi::Made> LeadPoolApi::Make(const rpc::Call& call, const Intake& intake,
                                                    const std::string& path, Time now,
                                                    AssignmentDesk& desk) const {
  LeadData draft = intake.draft;
  draft.id = NewId(now);
  ASSIGN_OR_RETURN(const Time at, CheckBeginning(path + "lead.occurred_at", deps_.time_rules, now,
                                                 intake.occurred_at, call.HasGrant("importer")));
  ASSIGN_OR_RETURN(Lead lead,
                   Lead::Capture(std::move(draft), {call.caller, now, at, false, NewId(now)}));
  Made made;
  const Occasion occasion{call.caller, now, std::nullopt, false, NewId(now)};
  if (!intake.rule.empty()) {
    RETURN_IF_ERROR(desk.CheckRule(path + "rule", intake.rule));
    ASSIGN_OR_RETURN(made.choice, desk.AssignByRule(intake.rule, lead, occasion));
  } else if (!intake.owner.empty()) {
    RETURN_IF_ERROR(
        desk.AssignByHand(path + "owner", intake.owner, intake.draft.team, lead, occasion));
  }
  made.stored = {lead.data(), intake.person, {}, true};
  made.events = lead.events();
  return made;
}

void LeadPoolApi::Save(pg::Tx& tx, const Made& made, std::vector<eventing::NewEvent>& rows) const {
  QueueInsert(tx, made.stored);
  Count(tx, made.events);
  if (made.choice) {
    QueueChoice(tx, made.stored.data.id, made.stored.data.version, *made.choice);
  }
  for (eventing::NewEvent& row : ToJournal(made.stored.data, made.events)) {
    rows.push_back(std::move(row));
  }
}

absl::Status LeadPoolApi::CreateLead(const rpc::Call& call, const pb::CreateLeadRequest& request,
                                     pb::CreateLeadResponse* response) {
  ASSIGN_OR_RETURN(const Intake intake, FromProto(deps_.rules.phone_region, request, ""));
  AssignmentDesk desk = DeskFor({&intake});
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        std::vector<pg::LockKey> locks = desk.Locks();
        locks.push_back(LockOf(KeyOf(intake.draft)));
        tx.Lock(std::move(locks));
        command.Find();
        const pg::Pending existing = QueueFindIntakes(tx, {KeyOf(intake.draft)}, call.reach);
        desk.Queue(tx);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        response->Clear();
        if (existing->rows() > 0) {
          StoredLead known = ReadLead(*existing, 0);
          if (!known.within_reach) {
            known.person = {};
            known.score.reset();
          }
          ToProto(known, deps_.recycle_days, response->mutable_lead());
          response->set_already_existed(true);
          command.Claim(response->lead().name());
          return absl::OkStatus();
        }
        RETURN_IF_ERROR(desk.Read(command.now()));
        ASSIGN_OR_RETURN(const Made made, Make(call, intake, "", command.now(), desk));
        ToProto(made.stored, deps_.recycle_days, response->mutable_lead());
        if (made.choice) {
          ToProto(*made.choice, response->mutable_choice());
        }
        command.Claim(response->lead().name());
        std::vector<eventing::NewEvent> rows;
        Save(tx, made, rows);
        desk.QueueTurns(tx);
        return command.Append(rows);
      });
}

absl::Status LeadPoolApi::BatchCreateLeads(const rpc::Call& call,
                                           const pb::BatchCreateLeadsRequest& request,
                                           pb::BatchCreateLeadsResponse* response) {
  if (request.requests_size() == 0 || request.requests_size() > kMaxBatch) {
    return FieldInvalid("requests", "are 1 to " + std::to_string(kMaxBatch));
  }
  std::vector<absl::StatusOr<Intake>> intakes;
  std::vector<const Intake*> good;
  std::vector<IntakeKey> keys;
  for (const pb::CreateLeadRequest& each : request.requests()) {
    intakes.push_back(each.request_id().empty()
                          ? FromProto(deps_.rules.phone_region, each, "")
                          : FieldInvalid("request_id", "is given once, for the batch"));
  }
  std::vector<pg::LockKey> locks;
  for (const absl::StatusOr<Intake>& intake : intakes) {
    if (intake.ok()) {
      good.push_back(&*intake);
      keys.push_back(KeyOf(intake->draft));
      locks.push_back(LockOf(keys.back()));
    }
  }
  AssignmentDesk desk = DeskFor(good);
  for (const pg::LockKey& lock : desk.Locks()) {
    locks.push_back(lock);
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock(locks);
        command.Find();
        const pg::Pending existing = QueueFindIntakes(tx, keys, call.reach);
        desk.Queue(tx);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        response->Clear();
        RETURN_IF_ERROR(desk.Read(command.now()));
        std::map<IntakeKey, std::string> known;  // with those of this batch
        for (const StoredLead& lead : ReadLeads(*existing)) {
          known[KeyOf(lead.data)] = LeadName(lead.data.id);
        }
        std::vector<Made> made;
        for (const absl::StatusOr<Intake>& intake : intakes) {
          pb::BatchCreateLeadsResponse::Outcome& outcome = *response->add_outcomes();
          if (!intake.ok()) {
            AddFaults(intake.status(), outcome);
            continue;
          }
          const auto there = known.find(KeyOf(intake->draft));
          if (there != known.end()) {
            outcome.set_lead(there->second);
            outcome.set_already_existed(true);
            response->set_existing_count(response->existing_count() + 1);
            continue;
          }
          absl::StatusOr<Made> one = Make(call, *intake, "", command.now(), desk);
          if (!one.ok()) {
            if (!IsOfRow(one.status())) {
              return one.status();
            }
            AddFaults(one.status(), outcome);
            continue;
          }
          outcome.set_lead(LeadName(one->stored.data.id));
          outcome.set_owner(one->stored.data.owner);
          known[KeyOf(intake->draft)] = outcome.lead();
          made.push_back(*std::move(one));
        }
        response->set_created_count(static_cast<int>(made.size()));
        response->set_refused_count(request.requests_size() - response->created_count() -
                                    response->existing_count());
        command.Claim("leads");
        std::vector<eventing::NewEvent> rows;
        for (const Made& each : made) {
          Save(tx, each, rows);
        }
        desk.QueueTurns(tx);
        return command.Append(rows);
      });
}

}  // namespace steward::leads
