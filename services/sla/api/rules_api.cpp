#include "services/sla/api/rules_api.h"

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/sla/api/mapping.h"
#include "services/sla/storage/rule_store.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::sla {
namespace {

using events::v1::SlaEvent;

absl::Status AlreadyExists(const std::string& name) {
  return Refuse(absl::StatusCode::kAlreadyExists, name + " exists: make a new version of it",
                {.reason = "ALREADY_EXISTS",
                 .metadata = {{"name", name}},
                 .fields = {},
                 .retry_after_ms = {}});
}

// Only `new_only` works so far; the others say so, and none is implied.
absl::Status CheckMode(v1::ChangeMode mode) {
  if (mode == v1::NEW_ONLY) {
    return absl::OkStatus();
  }
  return Refuse(absl::StatusCode::kUnimplemented,
                "only NEW_ONLY is available: open clocks keep the version they started with",
                {.reason = "CHANGE_MODE_UNAVAILABLE",
                 .metadata = {{"mode", v1::ChangeMode_Name(mode)}},
                 .fields = {},
                 .retry_after_ms = {}});
}

absl::Status CheckVersion(const std::string& name, const RuleHead& head, int version) {
  if (version >= 1 && version <= head.newest) {
    return absl::OkStatus();
  }
  return FieldInvalid("version", name + " has versions 1 to " + std::to_string(head.newest));
}

void FillCalendar(v1::Calendar& calendar, int version, bool active, Time created) {
  calendar.set_version(version);
  calendar.set_active(active);
  *calendar.mutable_create_time() = rpc::ToProto(created);
}

// Calendars and roles that a policy names. Roles belong to the directory and are not checked here.
absl::Status CheckCalendarsKnown(const v1::Policy& policy, const RuleSet& rules) {
  std::vector<FieldViolation> faults;
  const auto check = [&](const std::string& field, const std::string& name) {
    if (!name.empty() && rules.ActiveCalendar(name) == 0) {
      faults.push_back({field, "no calendar " + name + " is stored"});
    }
  };
  check("policy.calendar", policy.calendar());
  for (int i = 0; i < policy.warnings_size(); ++i) {
    check("policy.warnings[" + std::to_string(i) + "].calendar", policy.warnings(i).calendar());
  }
  for (int i = 0; i < policy.levels_size(); ++i) {
    const std::string path = "policy.levels[" + std::to_string(i) + "]";
    check(path + ".calendar", policy.levels(i).calendar());
    check(path + ".at.calendar", policy.levels(i).at().calendar());
  }
  return faults.empty() ? absl::OkStatus() : FieldsInvalid(std::move(faults));
}

// What is stored of a policy: without what only the server sets.
v1::Policy Stored(const v1::Policy& from, int version) {
  v1::Policy policy = from;
  policy.set_version(version);
  policy.clear_active();
  policy.clear_create_time();
  return policy;
}

SlaEvent PolicyEvent(const char* what, const v1::Policy& policy,
                     const std::optional<Time>& effective_from) {
  SlaEvent event;
  auto* m = std::string_view(what) == "created"     ? event.mutable_policy_version_created()
            : std::string_view(what) == "activated" ? event.mutable_policy_activated()
                                                    : event.mutable_policy_deactivated();
  m->set_version(policy.version());
  m->set_mode("new_only");
  *m->mutable_policy() = policy;
  if (effective_from) {
    *m->mutable_effective_from() = rpc::ToProto(*effective_from);
  }
  return event;
}

SlaEvent CalendarEvent(bool activated, int version, const v1::Calendar& calendar) {
  SlaEvent event;
  auto* m =
      activated ? event.mutable_calendar_activated() : event.mutable_calendar_version_created();
  m->set_version(version);
  m->set_mode("new_only");
  m->set_digest(rpc::RequestHash(calendar));
  return event;
}

std::optional<Time> EffectiveFrom(const v1::Policy& policy, bool first, Time now) {
  if (policy.has_effective_from()) {
    return rpc::FromProto(policy.effective_from());
  }
  return first ? std::nullopt : std::optional(now);
}

}  // namespace

absl::Status RulesApi::CreateCalendar(rpc::Call& call, const v1::CreateCalendarRequest& request,
                                      v1::Calendar* response) {
  const std::string& name = request.calendar().name();
  RETURN_IF_ERROR(CheckName("calendar.name", "calendars", name));
  ASSIGN_OR_RETURN(const CalendarSpec spec, CalendarFromProto(request.calendar()));
  ASSIGN_OR_RETURN(const auto compiled, CompileStored(spec));
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending head = QueueCalendarHead(tx, name);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (ReadHead(head)) {
          return AlreadyExists(name);
        }
        v1::Calendar stored = request.calendar();
        stored.set_version(1);
        *response = stored;
        FillCalendar(*response, 1, true, command.now());
        if (request.validate_only()) {
          return absl::OkStatus();
        }
        command.Claim(name);
        QueuePutCalendarHead(tx, name, {2, 1, 1});
        QueuePutCalendarVersion(tx, name, 1, stored.SerializeAsString(), compiled->Serialize());
        QueueBumpRevision(tx);
        return command.Append({eventing::MakeEvent(*env_.ids, command.now(), name, 1, command.now(),
                                                   CalendarEvent(false, 1, stored)),
                               eventing::MakeEvent(*env_.ids, command.now(), name, 2, command.now(),
                                                   CalendarEvent(true, 1, stored))});
      });
}

absl::Status RulesApi::CreateCalendarVersion(rpc::Call& call,
                                             const v1::CreateCalendarVersionRequest& request,
                                             v1::Calendar* response) {
  const std::string& name = request.calendar().name();
  RETURN_IF_ERROR(CheckName("calendar.name", "calendars", name));
  ASSIGN_OR_RETURN(const CalendarSpec spec, CalendarFromProto(request.calendar()));
  ASSIGN_OR_RETURN(const auto compiled, CompileStored(spec));
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueCalendarHead(tx, name);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        std::optional<RuleHead> head = ReadHead(row);
        if (!head) {
          return NotFound(name);
        }
        head->newest += 1;
        head->aggregate_version += 1;
        v1::Calendar stored = request.calendar();
        stored.set_version(head->newest);
        *response = stored;
        FillCalendar(*response, head->newest, false, command.now());
        if (request.validate_only()) {
          return absl::OkStatus();
        }
        command.Claim(name);
        QueuePutCalendarHead(tx, name, *head);
        QueuePutCalendarVersion(tx, name, head->newest, stored.SerializeAsString(),
                                compiled->Serialize());
        QueueBumpRevision(tx);
        return command.Append(
            {eventing::MakeEvent(*env_.ids, command.now(), name, head->aggregate_version,
                                 command.now(), CalendarEvent(false, head->newest, stored))});
      });
}

absl::Status RulesApi::ActivateCalendar(rpc::Call& call, const v1::ActivateCalendarRequest& request,
                                        v1::Calendar* response) {
  RETURN_IF_ERROR(CheckMode(request.mode()));
  const std::string& name = request.name();
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueCalendarHead(tx, name);
        const pg::Pending version = QueueCalendarVersion(tx, name, request.version());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        std::optional<RuleHead> head = ReadHead(row);
        if (!head) {
          return NotFound(name);
        }
        RETURN_IF_ERROR(CheckVersion(name, *head, request.version()));
        response->ParseFromString(version->Bytes(0, 0));
        const v1::Calendar stored = *response;
        FillCalendar(*response, request.version(), true, version->Timestamp(0, 1));
        command.Claim(name);
        if (head->active == request.version()) {
          return absl::OkStatus();
        }
        head->active = request.version();
        head->aggregate_version += 1;
        QueuePutCalendarHead(tx, name, *head);
        QueueBumpRevision(tx);
        return command.Append(
            {eventing::MakeEvent(*env_.ids, command.now(), name, head->aggregate_version,
                                 command.now(), CalendarEvent(true, request.version(), stored))});
      });
}

absl::Status RulesApi::GetCalendar(rpc::Call& call, const v1::GetCalendarRequest& request,
                                   v1::Calendar* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  return pg::RunInTx(*connection, {.budget = call.TimeLeft(), .name = "sla_get_calendar"},
                     [&](pg::Tx& tx) -> absl::Status {
                       const pg::Pending row = QueueCalendarHead(tx, request.name());
                       RETURN_IF_ERROR(tx.Flush());
                       const std::optional<RuleHead> head = ReadHead(row);
                       if (!head) {
                         return NotFound(request.name());
                       }
                       const int wanted = request.version() == 0 ? head->active : request.version();
                       RETURN_IF_ERROR(CheckVersion(request.name(), *head, wanted));
                       const pg::Pending version = QueueCalendarVersion(tx, request.name(), wanted);
                       RETURN_IF_ERROR(tx.Flush());
                       response->ParseFromString(version->Bytes(0, 0));
                       FillCalendar(*response, wanted, wanted == head->active,
                                    version->Timestamp(0, 1));
                       return absl::OkStatus();
                     });
}

absl::Status RulesApi::ListCalendars(rpc::Call& call, const v1::ListCalendarsRequest& request,
                                     v1::ListCalendarsResponse* response) {
  ASSIGN_OR_RETURN(const int size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const auto cursor, tokens_.Read(call.method, request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(const pg::Result rows,
                   ListCalendarRows(*connection, cursor.empty() ? "" : cursor[0], size + 1));
  for (int i = 0; i < std::min(rows.rows(), size); ++i) {
    v1::Calendar* calendar = response->add_calendars();
    calendar->ParseFromString(rows.Bytes(i, 3));
    calendar->clear_holidays();
    calendar->clear_overrides();
    FillCalendar(*calendar, static_cast<int>(rows.Int(i, 1)), true, rows.Timestamp(i, 4));
  }
  if (rows.rows() > size) {
    response->set_next_page_token(tokens_.Make(call.method, {rows.Text(size - 1, 0)}));
  }
  return absl::OkStatus();
}

absl::Status RulesApi::CreatePolicy(rpc::Call& call, const v1::CreatePolicyRequest& request,
                                    v1::Policy* response) {
  const std::string& name = request.policy().name();
  RETURN_IF_ERROR(CheckName("policy.name", "policies", name));
  RETURN_IF_ERROR(PolicyFromProto(request.policy()).status());
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending head = QueuePolicyHead(tx, name);
        ASSIGN_OR_RETURN(const auto rules, rules_.Current(tx));
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (ReadHead(head)) {
          return AlreadyExists(name);
        }
        RETURN_IF_ERROR(CheckCalendarsKnown(request.policy(), *rules));
        const v1::Policy stored = Stored(request.policy(), 1);
        *response = stored;
        response->set_active(request.activate());
        *response->mutable_create_time() = rpc::ToProto(command.now());
        if (request.validate_only()) {
          return absl::OkStatus();
        }
        command.Claim(name);
        const int active = request.activate() ? 1 : 0;
        QueuePutPolicyHead(tx, name, stored.pack(), {1 + active, 1, active});
        QueuePutPolicyVersion(tx, name, 1, stored.SerializeAsString());
        std::vector<eventing::NewEvent> events = {eventing::MakeEvent(
            *env_.ids, command.now(), name, 1, command.now(), PolicyEvent("created", stored, {}))};
        if (request.activate()) {
          const auto effective = EffectiveFrom(stored, true, command.now());
          QueueActivatePolicy(tx, name, 1, effective);
          events.push_back(eventing::MakeEvent(*env_.ids, command.now(), name, 2, command.now(),
                                               PolicyEvent("activated", stored, effective)));
        }
        QueueBumpRevision(tx);
        return command.Append(events);
      });
}

absl::Status RulesApi::CreatePolicyVersion(rpc::Call& call,
                                           const v1::CreatePolicyVersionRequest& request,
                                           v1::Policy* response) {
  const std::string& name = request.policy().name();
  RETURN_IF_ERROR(CheckName("policy.name", "policies", name));
  RETURN_IF_ERROR(PolicyFromProto(request.policy()).status());
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueuePolicyHead(tx, name);
        ASSIGN_OR_RETURN(const auto rules, rules_.Current(tx));
        if (command.Answered()) {
          return absl::OkStatus();
        }
        std::optional<RuleHead> head = ReadHead(row);
        if (!head) {
          return NotFound(name);
        }
        RETURN_IF_ERROR(CheckCalendarsKnown(request.policy(), *rules));
        head->newest += 1;
        head->aggregate_version += 1;
        const v1::Policy stored = Stored(request.policy(), head->newest);
        *response = stored;
        *response->mutable_create_time() = rpc::ToProto(command.now());
        if (request.validate_only()) {
          return absl::OkStatus();
        }
        command.Claim(name);
        QueuePutPolicyHead(tx, name, stored.pack(), *head);
        QueuePutPolicyVersion(tx, name, head->newest, stored.SerializeAsString());
        QueueBumpRevision(tx);
        return command.Append(
            {eventing::MakeEvent(*env_.ids, command.now(), name, head->aggregate_version,
                                 command.now(), PolicyEvent("created", stored, {}))});
      });
}

absl::Status RulesApi::ActivatePolicy(rpc::Call& call, const v1::ActivatePolicyRequest& request,
                                      v1::Policy* response) {
  RETURN_IF_ERROR(CheckMode(request.mode()));
  const std::string& name = request.name();
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueuePolicyHead(tx, name);
        const pg::Pending version = QueuePolicyVersion(tx, name, request.version());
        ASSIGN_OR_RETURN(const auto rules, rules_.Current(tx));
        if (command.Answered()) {
          return absl::OkStatus();
        }
        std::optional<RuleHead> head = ReadHead(row);
        if (!head) {
          return NotFound(name);
        }
        RETURN_IF_ERROR(CheckVersion(name, *head, request.version()));
        response->ParseFromString(version->Bytes(0, 0));
        const v1::Policy stored = *response;
        response->set_active(true);
        *response->mutable_create_time() = rpc::ToProto(version->Timestamp(0, 1));
        command.Claim(name);
        if (head->active == request.version()) {
          return absl::OkStatus();
        }
        const bool first = !rules->in_force.contains(name);
        const bool again = version->Bool(0, 2);  // what it says of its first time is past
        const auto effective =
            again ? std::optional(command.now()) : EffectiveFrom(stored, first, command.now());
        head->active = request.version();
        head->aggregate_version += 1;
        QueuePutPolicyHead(tx, name, stored.pack(), *head);
        QueueActivatePolicy(tx, name, request.version(), effective);
        QueueBumpRevision(tx);
        return command.Append(
            {eventing::MakeEvent(*env_.ids, command.now(), name, head->aggregate_version,
                                 command.now(), PolicyEvent("activated", stored, effective))});
      });
}

absl::Status RulesApi::DeactivatePolicy(rpc::Call& call, const v1::DeactivatePolicyRequest& request,
                                        v1::Policy* response) {
  const std::string& name = request.name();
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueuePolicyHead(tx, name);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        std::optional<RuleHead> head = ReadHead(row);
        if (!head) {
          return NotFound(name);
        }
        if (head->active == 0) {
          return IllegalTransition("not in force", "deactivate", "activate");
        }
        const pg::Pending version = QueuePolicyVersion(tx, name, head->active);
        RETURN_IF_ERROR(tx.Flush());
        response->ParseFromString(version->Bytes(0, 0));
        const v1::Policy stored = *response;
        command.Claim(name);
        head->active = 0;
        head->aggregate_version += 1;
        QueuePutPolicyHead(tx, name, stored.pack(), *head);
        QueueDeactivatePolicy(tx, name, command.now());
        QueueBumpRevision(tx);
        return command.Append({eventing::MakeEvent(
            *env_.ids, command.now(), name, head->aggregate_version, command.now(),
            PolicyEvent("deactivated", stored, command.now()))});
      });
}

absl::Status RulesApi::GetPolicy(rpc::Call& call, const v1::GetPolicyRequest& request,
                                 v1::Policy* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  return pg::RunInTx(*connection, {.budget = call.TimeLeft(), .name = "sla_get_policy"},
                     [&](pg::Tx& tx) -> absl::Status {
                       const pg::Pending row = QueuePolicyHead(tx, request.name());
                       RETURN_IF_ERROR(tx.Flush());
                       const std::optional<RuleHead> head = ReadHead(row);
                       if (!head) {
                         return NotFound(request.name());
                       }
                       const int current = head->active > 0 ? head->active : head->newest;
                       const int wanted = request.version() == 0 ? current : request.version();
                       RETURN_IF_ERROR(CheckVersion(request.name(), *head, wanted));
                       const pg::Pending version = QueuePolicyVersion(tx, request.name(), wanted);
                       RETURN_IF_ERROR(tx.Flush());
                       response->ParseFromString(version->Bytes(0, 0));
                       response->set_active(wanted == head->active);
                       *response->mutable_create_time() = rpc::ToProto(version->Timestamp(0, 1));
                       return absl::OkStatus();
                     });
}

absl::Status RulesApi::ListPolicies(rpc::Call& call, const v1::ListPoliciesRequest& request,
                                    v1::ListPoliciesResponse* response) {
  ASSIGN_OR_RETURN(const int size, rpc::PageSize(request.page_size()));
  const std::string query = call.method + "\n" + request.pack();
  ASSIGN_OR_RETURN(const auto cursor, tokens_.Read(query, request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      ListPolicyRows(*connection, request.pack(), cursor.empty() ? "" : cursor[0], size + 1));
  for (int i = 0; i < std::min(rows.rows(), size); ++i) {
    v1::Policy* policy = response->add_policies();
    policy->ParseFromString(rows.Bytes(i, 3));
    policy->set_active(rows.Int(i, 1) > 0);
    *policy->mutable_create_time() = rpc::ToProto(rows.Timestamp(i, 4));
  }
  if (rows.rows() > size) {
    response->set_next_page_token(tokens_.Make(query, {rows.Text(size - 1, 0)}));
  }
  return absl::OkStatus();
}

}  // namespace steward::sla
