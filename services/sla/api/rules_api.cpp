#include "services/sla/api/rules_api.h"

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/sla/api/mapping.h"
#include "services/sla/api/rule_change.h"

namespace steward::sla {
namespace {

using events::v1::SlaEvent;

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

// What only the server knows of a version.
template <class Rule>
void Fill(Rule& rule, int version, bool active, Time created) {
  rule.set_version(version);
  rule.set_active(active);
  *rule.mutable_create_time() = rpc::ToProto(created);
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

absl::Status RulesApi::AddCalendar(rpc::Call& call, const v1::Calendar& calendar, bool first,
                                   bool validate_only, v1::Calendar* response) {
  const std::string& name = calendar.name();
  RETURN_IF_ERROR(CheckName("calendar.name", "calendars", name));
  ASSIGN_OR_RETURN(const CalendarSpec spec, CalendarFromProto(calendar));
  ASSIGN_OR_RETURN(const auto compiled, CompileStored(spec));
  return RunChange(env_, call, response, kCalendarKind, name,
                   [&](pg::Tx& tx, service::Command& command,
                       const std::optional<RuleHead>& before) -> absl::Status {
                     ASSIGN_OR_RETURN(RuleHead head, AddVersion(name, before, first));
                     v1::Calendar stored = calendar;
                     stored.set_version(head.newest);
                     *response = stored;
                     Fill(*response, head.newest, first, command.now());
                     if (validate_only) {
                       return absl::OkStatus();
                     }
                     std::vector<SlaEvent> events = {CalendarEvent(false, head.newest, stored)};
                     if (first) {
                       head.active = head.newest;
                       head.aggregate_version += 1;
                       events.push_back(CalendarEvent(true, head.newest, stored));
                     }
                     command.Claim(name);
                     QueuePutCalendarHead(tx, name, head);
                     QueuePutCalendarVersion(tx, name, head.newest, stored.SerializeAsString(),
                                             compiled->Serialize());
                     return Announce(env_, tx, command, name, head, events);
                   });
}

absl::Status RulesApi::CreateCalendar(rpc::Call& call, const v1::CreateCalendarRequest& request,
                                      v1::Calendar* response) {
  return AddCalendar(call, request.calendar(), true, request.validate_only(), response);
}

absl::Status RulesApi::CreateCalendarVersion(rpc::Call& call,
                                             const v1::CreateCalendarVersionRequest& request,
                                             v1::Calendar* response) {
  return AddCalendar(call, request.calendar(), false, request.validate_only(), response);
}

absl::Status RulesApi::ActivateCalendar(rpc::Call& call, const v1::ActivateCalendarRequest& request,
                                        v1::Calendar* response) {
  RETURN_IF_ERROR(CheckMode(request.mode()));
  const std::string& name = request.name();
  return RunChange(env_, call, response, kCalendarKind, name,
                   [&](pg::Tx& tx, service::Command& command,
                       const std::optional<RuleHead>& before) -> absl::Status {
                     ASSIGN_OR_RETURN(
                         const StoredVersion version,
                         ReadVersion(tx, kCalendarKind, name, before, request.version()));
                     response->ParseFromString(version.row->Bytes(0, 0));
                     const v1::Calendar stored = *response;
                     Fill(*response, request.version(), true, version.row->Timestamp(0, 1));
                     command.Claim(name);
                     RuleHead head = version.head;
                     if (head.active == request.version()) {
                       return absl::OkStatus();
                     }
                     head.active = request.version();
                     head.aggregate_version += 1;
                     QueuePutCalendarHead(tx, name, head);
                     return Announce(env_, tx, command, name, head,
                                     {CalendarEvent(true, request.version(), stored)});
                   });
}

absl::Status RulesApi::GetCalendar(rpc::Call& call, const v1::GetCalendarRequest& request,
                                   v1::Calendar* response) {
  return ReadRule(env_, call, "sla_get_calendar", kCalendarKind, request.name(), request.version(),
                  [&](const StoredVersion& stored) {
                    response->ParseFromString(stored.row->Bytes(0, 0));
                    Fill(*response, stored.version, stored.version == stored.head.active,
                         stored.row->Timestamp(0, 1));
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
    Fill(*calendar, static_cast<int>(rows.Int(i, 1)), true, rows.Timestamp(i, 4));
  }
  if (rows.rows() > size) {
    response->set_next_page_token(tokens_.Make(call.method, {rows.Text(size - 1, 0)}));
  }
  return absl::OkStatus();
}

absl::Status RulesApi::AddPolicy(rpc::Call& call, const v1::Policy& policy, bool first,
                                 bool activate, bool validate_only, v1::Policy* response) {
  const std::string& name = policy.name();
  RETURN_IF_ERROR(CheckName("policy.name", "policies", name));
  RETURN_IF_ERROR(PolicyFromProto(policy).status());
  return RunChange(env_, call, response, kPolicyKind, name,
                   [&](pg::Tx& tx, service::Command& command,
                       const std::optional<RuleHead>& before) -> absl::Status {
                     ASSIGN_OR_RETURN(RuleHead head, AddVersion(name, before, first));
                     ASSIGN_OR_RETURN(const auto rules, rules_.Current(tx));
                     RETURN_IF_ERROR(CheckCalendarsKnown(policy, *rules));
                     const v1::Policy stored = Stored(policy, head.newest);
                     *response = stored;
                     Fill(*response, head.newest, activate, command.now());
                     if (validate_only) {
                       return absl::OkStatus();
                     }
                     const auto effective = EffectiveFrom(stored, true, command.now());
                     std::vector<SlaEvent> events = {PolicyEvent("created", stored, {})};
                     if (activate) {
                       head.active = head.newest;
                       head.aggregate_version += 1;
                       events.push_back(PolicyEvent("activated", stored, effective));
                     }
                     command.Claim(name);
                     QueuePutPolicyHead(tx, name, stored.pack(), head);
                     QueuePutPolicyVersion(tx, name, head.newest, stored.SerializeAsString());
                     if (activate) {
                       QueueActivatePolicy(tx, name, head.newest, effective);
                     }
                     return Announce(env_, tx, command, name, head, events);
                   });
}

absl::Status RulesApi::CreatePolicy(rpc::Call& call, const v1::CreatePolicyRequest& request,
                                    v1::Policy* response) {
  return AddPolicy(call, request.policy(), true, request.activate(), request.validate_only(),
                   response);
}

absl::Status RulesApi::CreatePolicyVersion(rpc::Call& call,
                                           const v1::CreatePolicyVersionRequest& request,
                                           v1::Policy* response) {
  return AddPolicy(call, request.policy(), false, false, request.validate_only(), response);
}

absl::Status RulesApi::ActivatePolicy(rpc::Call& call, const v1::ActivatePolicyRequest& request,
                                      v1::Policy* response) {
  RETURN_IF_ERROR(CheckMode(request.mode()));
  const std::string& name = request.name();
  return RunChange(
      env_, call, response, kPolicyKind, name,
      [&](pg::Tx& tx, service::Command& command,
          const std::optional<RuleHead>& before) -> absl::Status {
        ASSIGN_OR_RETURN(const StoredVersion version,
                         ReadVersion(tx, kPolicyKind, name, before, request.version()));
        ASSIGN_OR_RETURN(const auto rules, rules_.Current(tx));
        response->ParseFromString(version.row->Bytes(0, 0));
        const v1::Policy stored = *response;
        Fill(*response, request.version(), true, version.row->Timestamp(0, 1));
        command.Claim(name);
        RuleHead head = version.head;
        if (head.active == request.version()) {
          return absl::OkStatus();
        }
        const bool again = version.row->Bool(0, 2);  // what it says of its first time is past
        const auto effective =
            again ? std::optional(command.now())
                  : EffectiveFrom(stored, !rules->in_force.contains(name), command.now());
        head.active = request.version();
        head.aggregate_version += 1;
        QueuePutPolicyHead(tx, name, stored.pack(), head);
        QueueActivatePolicy(tx, name, request.version(), effective);
        return Announce(env_, tx, command, name, head,
                        {PolicyEvent("activated", stored, effective)});
      });
}

absl::Status RulesApi::DeactivatePolicy(rpc::Call& call, const v1::DeactivatePolicyRequest& request,
                                        v1::Policy* response) {
  const std::string& name = request.name();
  return RunChange(env_, call, response, kPolicyKind, name,
                   [&](pg::Tx& tx, service::Command& command,
                       const std::optional<RuleHead>& before) -> absl::Status {
                     if (before && before->active == 0) {
                       return IllegalTransition("not in force", "deactivate", "activate");
                     }
                     ASSIGN_OR_RETURN(
                         const StoredVersion version,
                         ReadVersion(tx, kPolicyKind, name, before, before ? before->active : 0));
                     response->ParseFromString(version.row->Bytes(0, 0));
                     const v1::Policy stored = *response;
                     command.Claim(name);
                     RuleHead head = version.head;
                     head.active = 0;
                     head.aggregate_version += 1;
                     QueuePutPolicyHead(tx, name, stored.pack(), head);
                     QueueDeactivatePolicy(tx, name, command.now());
                     return Announce(env_, tx, command, name, head,
                                     {PolicyEvent("deactivated", stored, command.now())});
                   });
}

absl::Status RulesApi::GetPolicy(rpc::Call& call, const v1::GetPolicyRequest& request,
                                 v1::Policy* response) {
  return ReadRule(env_, call, "sla_get_policy", kPolicyKind, request.name(), request.version(),
                  [&](const StoredVersion& stored) {
                    response->ParseFromString(stored.row->Bytes(0, 0));
                    Fill(*response, stored.version, stored.version == stored.head.active,
                         stored.row->Timestamp(0, 1));
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
