#include "services/sla/storage/rules.h"

#include "libs/base/status.h"
#include "libs/rpc/validate.h"

namespace steward::sla {
namespace {

constexpr int kFirstYear = 2000, kLastYear = 2060;

constexpr pg::Statement kRevision{"sla_ruleset_revision", "SELECT revision FROM ruleset"};
constexpr pg::Statement kBump{"sla_ruleset_bump", "UPDATE ruleset SET revision = revision + 1"};
constexpr pg::Statement kPolicies{"sla_policy_versions",
                                  "SELECT policy, version, spec FROM policy_version"};
constexpr pg::Statement kActivations{
    "sla_policy_activations",
    "SELECT policy, version, effective_from, deactivated_from FROM policy_activation ORDER BY "
    "policy, effective_from NULLS FIRST, number"};
constexpr pg::Statement kCalendars{
    "sla_calendar_versions",
    "SELECT v.calendar, v.version, v.spec, v.compiled, c.active_version FROM calendar_version v "
    "JOIN calendar c ON c.name = v.calendar"};

std::string Path(std::string_view base, std::string_view list, int index) {
  return std::string(base) + "." + std::string(list) + "[" + std::to_string(index) + "]";
}

absl::StatusOr<std::vector<DayInterval>> Intervals(
    const google::protobuf::RepeatedPtrField<v1::Interval>& protos, const std::string& field) {
  std::vector<DayInterval> out;
  for (int i = 0; i < protos.size(); ++i) {
    ASSIGN_OR_RETURN(DayInterval interval, ParseInterval(field + "[" + std::to_string(i) + "]",
                                                         protos[i].open(), protos[i].close()));
    out.push_back(interval);
  }
  return out;
}

Names NamesOf(const google::protobuf::Map<std::string, std::string>& map) {
  return {map.begin(), map.end()};
}

absl::StatusOr<int> Weekday(const std::string& field, const std::string& name) {
  static constexpr const char* kNames[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  for (int i = 0; i < 7; ++i) {
    if (name == kNames[i]) {
      return i;
    }
  }
  return FieldInvalid(field, "must be one of mon tue wed thu fri sat sun");
}

absl::Status DateFault(const std::string& field, const absl::Status& status) {
  return FieldInvalid(field, FromAbsl(status.message()));
}

template <class Message>
std::vector<std::string> Strings(const Message& list) {
  return {list.begin(), list.end()};
}

}  // namespace

pg::LockKey SharedRuleset() { return pg::LockKey::Shared(kRulesetLock); }
pg::LockKey ExclusiveRuleset() { return pg::LockKey::Exclusive(kRulesetLock); }

absl::StatusOr<CalendarSpec> CalendarFromProto(const v1::Calendar& proto, std::string_view field) {
  CalendarSpec spec;
  spec.time_zone = proto.time_zone();
  spec.published_through_year = proto.published_through_year();
  for (int i = 0; i < proto.weekly_hours_size(); ++i) {
    const std::string path = Path(field, "weekly_hours", i);
    ASSIGN_OR_RETURN(int day, Weekday(path + ".weekday", proto.weekly_hours(i).weekday()));
    if (!spec.weekly[static_cast<size_t>(day)].empty()) {
      return FieldInvalid(path + ".weekday", "is listed twice: " + proto.weekly_hours(i).weekday());
    }
    ASSIGN_OR_RETURN(spec.weekly[static_cast<size_t>(day)],
                     Intervals(proto.weekly_hours(i).intervals(), path + ".intervals"));
  }
  for (int i = 0; i < proto.holidays_size(); ++i) {
    const std::string path = Path(field, "holidays", i) + ".date";
    const auto date = ParseDate(proto.holidays(i).date());
    if (!date.ok()) {
      return DateFault(path, date.status());
    }
    if (!spec.holidays.emplace(*date, NamesOf(proto.holidays(i).display_names())).second) {
      return FieldInvalid(path, "is listed twice: " + proto.holidays(i).date());
    }
  }
  for (int i = 0; i < proto.overrides_size(); ++i) {
    const v1::DateOverride& entry = proto.overrides(i);
    const std::string path = Path(field, "overrides", i);
    const auto date = ParseDate(entry.date());
    if (!date.ok()) {
      return DateFault(path + ".date", date.status());
    }
    Override value;
    ASSIGN_OR_RETURN(value.intervals, Intervals(entry.intervals(), path + ".intervals"));
    value.make_up = entry.make_up();
    value.names = NamesOf(entry.display_names());
    if (!spec.overrides.emplace(*date, std::move(value)).second) {
      return FieldInvalid(path + ".date", "is listed twice: " + entry.date());
    }
  }
  ASSIGN_OR_RETURN(spec.make_up_hours,
                   Intervals(proto.make_up_hours(), std::string(field) + ".make_up_hours"));
  RETURN_IF_ERROR(CheckCalendar(spec));
  return spec;
}

absl::StatusOr<std::shared_ptr<const CompiledCalendar>> CompileStored(const CalendarSpec& spec) {
  return CompiledCalendar::Compile(spec, kFirstYear, kLastYear);
}

absl::StatusOr<Target> TargetFromProto(const v1::Target& proto, std::string_view field) {
  Target target;
  switch (proto.amount_case()) {
    case v1::Target::kWallClock:
      target.kind = Target::Kind::kWallClock;
      target.amount = rpc::FromProto(proto.wall_clock());
      break;
    case v1::Target::kWorkingTime:
      target.kind = Target::Kind::kWorkingTime;
      target.amount = rpc::FromProto(proto.working_time());
      break;
    case v1::Target::kWorkingDays:
      target.kind = Target::Kind::kWorkingDays;
      target.days = proto.working_days();
      break;
    case v1::Target::kCalendarDays:
      target.kind = Target::Kind::kCalendarDays;
      target.days = proto.calendar_days();
      break;
    case v1::Target::kImmediate:
      target.kind = Target::Kind::kImmediate;
      if (!proto.immediate()) {
        return FieldInvalid(std::string(field) + ".immediate", "must be true when it is given");
      }
      break;
    case v1::Target::AMOUNT_NOT_SET:
      return FieldInvalid(
          field,
          "one of wall_clock, working_time, working_days, calendar_days, immediate is needed");
  }
  target.boundary = proto.boundary() == v1::Target::START_OF_NEXT ? Boundary::kStartOfNext
                                                                  : Boundary::kEndOfInterval;
  target.close_at =
      proto.close_at() == v1::Target::SAME_TIME ? CloseAt::kSameTime : CloseAt::kEndOfDay;
  target.count_event_day = proto.count_event_day();
  target.before = proto.before();
  return target;
}

absl::StatusOr<ThresholdSpec> ThresholdFromProto(const v1::Threshold& proto,
                                                 std::string_view field) {
  switch (proto.at_case()) {
    case v1::Threshold::kSharePercent:
      return ThresholdSpec{Share{proto.share_percent()}, proto.calendar()};
    case v1::Threshold::kOffset:
      return ThresholdSpec{Offset{rpc::FromProto(proto.offset())}, proto.calendar()};
    case v1::Threshold::AT_NOT_SET:
      break;
  }
  return FieldInvalid(field, "one of share_percent, offset is needed");
}

absl::StatusOr<Policy> PolicyFromProto(const v1::Policy& proto) {
  Policy policy;
  policy.name = proto.name();
  policy.version = proto.version();
  policy.metric = proto.metric();
  policy.pack = proto.pack();
  policy.seed = proto.source().seed();
  policy.binding = proto.binding();
  policy.match = {Strings(proto.match().kinds()), Strings(proto.match().severities()),
                  Strings(proto.match().customer_tiers()), Strings(proto.match().channels()),
                  Strings(proto.match().regions())};
  policy.start_event = proto.start_event();
  policy.stop_event = proto.stop_event();
  ASSIGN_OR_RETURN(policy.target, TargetFromProto(proto.target(), "policy.target"));
  policy.calendar = proto.calendar();
  policy.pause_causes = Strings(proto.pause_causes());
  for (int i = 0; i < proto.warnings_size(); ++i) {
    ASSIGN_OR_RETURN(ThresholdSpec warning,
                     ThresholdFromProto(proto.warnings(i), Path("policy", "warnings", i)));
    policy.warnings.push_back(warning);
  }
  for (int i = 0; i < proto.levels_size(); ++i) {
    const v1::EscalationLevel& from = proto.levels(i);
    LevelSpec level;
    level.role = from.role();
    if (from.has_at()) {
      ASSIGN_OR_RETURN(level.at,
                       ThresholdFromProto(from.at(), Path("policy", "levels", i) + ".at"));
    }
    if (from.has_interval()) {
      level.interval = rpc::FromProto(from.interval());
    }
    level.calendar = from.calendar();
    level.even_if_acknowledged = from.even_if_acknowledged();
    policy.levels.push_back(std::move(level));
  }
  policy.fallback_role = proto.fallback_role();
  policy.same_metric = proto.same_metric() == v1::Policy::STRICTEST ? SameMetric::kStrictest
                       : proto.same_metric() == v1::Policy::MOST_SPECIFIC
                           ? SameMetric::kMostSpecific
                           : SameMetric::kAll;
  policy.on_reopen =
      proto.on_reopen() == v1::Policy::NEW_CYCLE ? OnReopen::kNewCycle : OnReopen::kContinue;
  policy.may_breach_on_change = proto.may_breach_on_change();
  RETURN_IF_ERROR(CheckPolicy(policy));
  return policy;
}

pg::Pending QueueRevision(pg::Tx& tx) { return tx.Queue(kRevision); }
void QueueBumpRevision(pg::Tx& tx) { tx.Queue(kBump); }

absl::StatusOr<std::shared_ptr<const RuleSet>> RuleCache::Get(pg::Tx& tx, int64_t revision) {
  {
    std::lock_guard lock(mutex_);
    if (rules_ && rules_->revision == revision) {
      return rules_;
    }
  }
  auto rules = std::make_shared<RuleSet>();
  rules->revision = revision;
  const pg::Pending policies = tx.Queue(kPolicies);
  const pg::Pending activations = tx.Queue(kActivations);
  const pg::Pending calendars = tx.Queue(kCalendars);
  RETURN_IF_ERROR(tx.Flush());
  for (int i = 0; i < policies->rows(); ++i) {
    v1::Policy proto;
    if (!proto.ParseFromString(policies->Bytes(i, 2))) {
      return absl::DataLossError("policy_version: spec does not parse");
    }
    proto.set_version(static_cast<int>(policies->Int(i, 1)));
    ASSIGN_OR_RETURN(Policy policy, PolicyFromProto(proto));
    rules->versions[{policy.name, policy.version}] = std::move(policy);
  }
  for (int i = 0; i < activations->rows(); ++i) {
    const std::string name = activations->Text(i, 0);
    const Policy* policy = rules->Find(name, static_cast<int>(activations->Int(i, 1)));
    if (policy == nullptr) {
      return absl::DataLossError("policy_activation: no such version of " + name);
    }
    rules->in_force[name].push_back(
        {*policy, activations->OptionalTimestamp(i, 2), activations->OptionalTimestamp(i, 3)});
  }
  for (int i = 0; i < calendars->rows(); ++i) {
    v1::Calendar proto;
    if (!proto.ParseFromString(calendars->Bytes(i, 2))) {
      return absl::DataLossError("calendar_version: spec does not parse");
    }
    const std::string name = calendars->Text(i, 0);
    ASSIGN_OR_RETURN(CalendarSpec spec, CalendarFromProto(proto));
    ASSIGN_OR_RETURN(auto compiled, CompiledCalendar::Parse(calendars->Bytes(i, 3), spec));
    rules->calendars[{name, static_cast<int>(calendars->Int(i, 1))}] = std::move(compiled);
    rules->active_calendars[name] = static_cast<int>(calendars->Int(i, 4));
  }
  std::lock_guard lock(mutex_);
  rules_ = rules;
  return rules_;
}

absl::StatusOr<std::shared_ptr<const RuleSet>> RuleCache::Current(pg::Tx& tx) {
  const pg::Pending revision = QueueRevision(tx);
  RETURN_IF_ERROR(tx.Flush());
  return Get(tx, revision->Int(0, 0));
}

}  // namespace steward::sla
