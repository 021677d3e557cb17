// Taking escalations: one, many, on behalf. An acknowledgement silences the ladder, and stops a clock whose policy waits for it.

#include <algorithm>
#include <functional>
#include <set>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/sla/api/clocks_api.h"
#include "services/sla/api/mapping.h"
#include "services/sla/events/facts.h"
#include "services/sla/events/sla_events.h"
#include "services/sla/storage/clocks.h"

namespace steward::sla {
namespace {

// The recipient, or for the recipient somebody above, or an operator.
absl::Status CheckMayAcknowledge(const rpc::Call& call, const identity::Org& org,
                                 const Escalation& e, const std::string& behalf, Time now) {
  if (call.caller == e.recipient && (behalf.empty() || behalf == e.recipient)) {
    return absl::OkStatus();
  }
  if (!behalf.empty() && behalf != e.recipient) {
    return FieldInvalid("on_behalf_of",
                        e.name + " is for " + (e.recipient.empty() ? "nobody yet" : e.recipient));
  }
  const bool may = call.HasGrant("operator") || call.HasGrant("admin") ||
                   org.IsAbove(call.caller, e.recipient, now);
  if (may && (!behalf.empty() || e.recipient.empty())) {
    return absl::OkStatus();
  }
  return Refuse(
      absl::StatusCode::kFailedPrecondition,
      may ? "this escalation is for " + e.recipient +
                ": set on_behalf_of to acknowledge it for them"
          : "only the recipient, somebody above, or an operator may acknowledge " + e.name,
      {.reason = "NOT_RECIPIENT",
       .metadata = {{"recipient", e.recipient}},
       .fields = {},
       .retry_after_ms = {}});
}

// What acknowledging many has in common.
struct Acknowledgement {
  std::vector<std::string> names;
  std::string note, on_behalf_of, etag;
};

using ClocksByName = std::map<std::string, Clock>;

// All rows asked for, checked and marked, in the order of the names; the clocks learn of it.
absl::Status Take(const Acknowledgement& ask, const rpc::Call& call, const identity::Org& org,
                  Time now, const pg::Result& found, ClocksByName& clocks,
                  std::vector<EscalationRow>* rows) {
  std::map<std::string, int> place;
  for (int i = 0; i < found.rows(); ++i) {
    place[found.Text(i, 0)] = i;
  }
  rows->clear();
  for (const std::string& name : ask.names) {
    const auto at = place.find(name);
    if (at == place.end()) {
      return NotFound(name);
    }
    EscalationRow row = ReadEscalationRow(found, at->second);
    Escalation& e = row.escalation;
    if (!ask.etag.empty() && ask.etag != EtagOf(e.version)) {
      return EtagMismatch(name, EtagOf(e.version));
    }
    if (e.state != EscalationState::kOpen) {
      return IllegalTransition(StateName(e), "acknowledge", "");
    }
    RETURN_IF_ERROR(CheckMayAcknowledge(call, org, e, ask.on_behalf_of, now));
    e.state = EscalationState::kAcknowledged;
    e.version += 1;
    row.acknowledged_by = call.caller;
    row.on_behalf_of = ask.on_behalf_of;
    row.note = ask.note;
    row.acknowledge_time = now;
    const auto clock = clocks.find(e.clock);
    if (clock == clocks.end()) {
      return NotFound(name);
    }
    if (e.cycle == clock->second.cycle) {
      Acknowledge(clock->second.ladder, e.level, now);
    }
    rows->push_back(std::move(row));
  }
  return absl::OkStatus();
}

// Clocks that stop now, and what planning their subjects again needs.
struct Stopping {
  std::set<std::string> clocks, subjects;
  std::map<std::string, std::vector<Fact>> facts;          // by subject
  std::map<std::string, std::map<std::string, Pin>> pins;  // by subject
  std::map<std::string, std::vector<Escalation>> open;     // by clock; not those taken now
};

absl::StatusOr<Stopping> FindStopping(pg::Tx& tx, const RuleSet& rules, const ClocksByName& clocks,
                                      const std::vector<EscalationRow>& taken) {
  Stopping out;
  for (const auto& [name, clock] : clocks) {
    const Policy* policy = rules.Find(clock.policy, clock.policy_version);
    if (clock.open() && clock.ladder.acknowledged_at && StopsOnAcknowledgement(*policy)) {
      out.clocks.insert(name);
      out.subjects.insert(clock.subject);
    }
  }
  if (out.clocks.empty()) {
    return out;
  }
  const std::vector<std::string> subjects(out.subjects.begin(), out.subjects.end());
  const pg::Pending facts = QueueFactsOf(tx, subjects);
  const pg::Pending siblings = QueueClocksOf(tx, subjects);
  const pg::Pending escalations = QueueOpenEscalationsOf(tx, subjects);
  RETURN_IF_ERROR(tx.Flush());
  for (int i = 0; i < facts->rows(); ++i) {
    const StoredFact stored = ReadFact(*facts, i);
    ASSIGN_OR_RETURN(Fact fact, ToFact(stored));
    out.facts[stored.subject].push_back(std::move(fact));
  }
  for (int i = 0; i < siblings->rows(); ++i) {
    ASSIGN_OR_RETURN(const Clock sibling, ReadClock(*siblings, i));
    const auto mine = clocks.find(sibling.name);
    out.pins[sibling.subject][sibling.policy] =
        PinOf(mine == clocks.end() ? sibling : mine->second);
  }
  for (int i = 0; i < escalations->rows(); ++i) {
    Escalation e = ReadEscalation(*escalations, i);
    const bool now = std::any_of(taken.begin(), taken.end(), [&](const EscalationRow& row) {
      return row.escalation.name == e.name;
    });
    if (!now) {
      out.open[e.clock].push_back(std::move(e));
    }
  }
  return out;
}

// The clock as its facts and the acknowledgement have it: stopped, its other escalations ended. True = met.
bool Stop(const Clock& clock, const Policy& policy, Stopping& stopping,
          const ChangeContext& context, Batch& batch) {
  const SubjectPlan plan = PlanSubject(stopping.facts[clock.subject], context.rules,
                                       stopping.pins[clock.subject], kNoFreshFact);
  const auto planned = std::find_if(plan.clocks.begin(), plan.clocks.end(),
                                    [&](const ClockPlan& p) { return p.policy == clock.policy; });
  if (planned == plan.clocks.end()) {
    return false;
  }
  const ClockChange change =
      Reconcile(&clock, clock.subject, *planned, policy, context.rules, plan.attributes);
  Put(change, policy, stopping.open[clock.name], context, batch);
  return change.clock.state == RunState::kMet;
}

eventing::NewEvent TakenEvent(const EscalationRow& row, IdGenerator& ids, Time now) {
  events::v1::SlaEvent event;
  auto* m = event.mutable_escalation_acknowledged();
  m->set_acknowledged_by(row.acknowledged_by);
  m->set_on_behalf_of(row.on_behalf_of);
  m->set_has_note(!row.note.empty());
  return eventing::MakeEvent(ids, now, row.escalation.name, row.escalation.version, now, event);
}

// The writes, after the claim: escalations, ladders, and the clocks that stop.
absl::Status Write(const ClocksApi::Deps& deps, pg::Tx& tx, service::Command& command,
                   const std::vector<EscalationRow>& rows, const ClocksByName& clocks,
                   Stopping& stopping, const ChangeContext& context) {
  QueueAcknowledge(tx, rows);
  std::vector<eventing::NewEvent> events;
  for (const EscalationRow& row : rows) {
    events.push_back(TakenEvent(row, *deps.env.ids, context.now));
  }
  RETURN_IF_ERROR(command.Append(events));
  Batch batch;
  batch.SetOrigin(command.origin());
  std::vector<std::string> met;
  for (const auto& [name, clock] : clocks) {
    const Policy* policy = context.rules.Find(clock.policy, clock.policy_version);
    if (!stopping.clocks.contains(name)) {
      batch.PutClock(clock, false, Next(clock.ladder, *policy, context.rules), context.now);
    } else if (Stop(clock, *policy, stopping, context, batch)) {
      met.push_back(clock.policy);
    }
  }
  if (deps.metrics != nullptr && !met.empty()) {
    tx.AfterCommit([metrics = deps.metrics, met] {
      std::for_each(met.begin(), met.end(), [&](const auto& policy) { metrics->Met(policy); });
    });
  }
  return batch.Queue(tx);
}

// Loads, checks and acknowledges; fills `rows` in the order of the names. All or none.
absl::Status TakeAll(const ClocksApi::Deps& deps, const rpc::Call& call, const Acknowledgement& ask,
                     pg::Tx& tx, service::Command& command, std::vector<EscalationRow>* rows,
                     const std::function<void()>& respond) {
  // The subject is not known before the escalation is read; it never changes, so reading it without a lock is safe.
  const pg::Pending first = tx.Queue(kSelectEscalations, EscalationParams(ask.names, call.reach));
  command.Find();
  RETURN_IF_ERROR(tx.Flush());
  if (command.Answered()) {
    return absl::OkStatus();
  }
  std::vector<pg::LockKey> locks = {SharedRuleset()};
  std::vector<std::string> clock_names;
  for (int i = 0; i < first->rows(); ++i) {
    const Escalation e = ReadEscalation(*first, i);
    locks.push_back(pg::LockKey::Exclusive(e.subject));
    clock_names.push_back(e.clock);
  }
  tx.Lock(locks);
  const pg::Pending found = tx.Queue(kSelectEscalations, EscalationParams(ask.names, call.reach));
  const pg::Pending read = QueueClocksByName(tx, clock_names);
  ASSIGN_OR_RETURN(const auto rules, deps.rules->Current(tx));
  ClocksByName clocks;
  for (int i = 0; i < read->rows(); ++i) {
    ASSIGN_OR_RETURN(Clock clock, ReadClock(*read, i));
    clocks.emplace(clock.name, std::move(clock));
  }
  const auto org = deps.org->Get();
  RETURN_IF_ERROR(Take(ask, call, *org, command.now(), *found, clocks, rows));
  ASSIGN_OR_RETURN(Stopping stopping, FindStopping(tx, *rules, clocks, *rows));
  respond();
  command.Claim(ask.names.front());
  const ChangeContext context{*rules, *org, *deps.env.ids, command.now()};
  return Write(deps, tx, command, *rows, clocks, stopping, context);
}

}  // namespace

absl::Status ClocksApi::AcknowledgeEscalation(rpc::Call& call,
                                              const v1::AcknowledgeEscalationRequest& request,
                                              v1::Escalation* response) {
  const Acknowledgement ask{
      {request.name()}, request.note(), request.on_behalf_of(), request.etag()};
  return service::RunCommand(deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) {
    std::vector<EscalationRow> rows;
    return TakeAll(deps_, call, ask, tx, command, &rows,
                   [&] { *response = ToProto(rows.front()); });
  });
}

absl::Status ClocksApi::BatchAcknowledgeEscalations(
    rpc::Call& call, const v1::BatchAcknowledgeEscalationsRequest& request,
    v1::BatchAcknowledgeEscalationsResponse* response) {
  if (request.names_size() > 100) {
    return FieldInvalid("names", "at most 100 a call");
  }
  const std::set<std::string> unique(request.names().begin(), request.names().end());
  if (static_cast<int>(unique.size()) != request.names_size()) {
    return FieldInvalid("names", "names an escalation twice");
  }
  const Acknowledgement ask{
      {request.names().begin(), request.names().end()}, request.note(), request.on_behalf_of(), ""};
  return service::RunCommand(deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) {
    std::vector<EscalationRow> rows;
    return TakeAll(deps_, call, ask, tx, command, &rows, [&] {
      response->clear_escalations();
      for (const EscalationRow& row : rows) {
        *response->add_escalations() = ToProto(row);
      }
    });
  });
}

}  // namespace steward::sla
