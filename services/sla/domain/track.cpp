#include "services/sla/domain/track.h"

#include <algorithm>

namespace steward::sla {
namespace {

void Touch(Track& t, const Fact& fact) {
  t.plan.last_fact = fact.event_id;
  t.plan.last_fact_type = fact.type;
  t.plan.last_fact_at = fact.occurred_at;
}

std::vector<Span> Spans(const std::vector<NamedPause>& pauses) {
  std::vector<Span> spans;
  spans.reserve(pauses.size());
  for (const NamedPause& pause : pauses) {
    spans.push_back(pause.span);
  }
  return spans;
}

// R35: the end of a clock ends its open pause.
void EndPause(Track& t, Time at) {
  if (t.paused_since) {
    t.plan.pauses.push_back({{*t.paused_since, at}, *t.causes.begin()});
    t.paused_since.reset();
  }
}

// The clock's target with what was used elsewhere taken off. Day counts turn into the rest of their budget.
Target EffectiveTarget(const Policy& policy, const CompiledCalendar* calendar, Time start,
                       Duration carried) {
  Target target = policy.target;
  if (carried == Duration{0}) {
    return target;
  }
  const bool days =
      target.kind == Target::Kind::kWorkingDays || target.kind == Target::Kind::kCalendarDays;
  const Duration budget = days ? Budget(target, calendar, start) : target.amount;
  target.kind =
      target.kind == Target::Kind::kWorkingDays || target.kind == Target::Kind::kWorkingTime
          ? Target::Kind::kWorkingTime
          : Target::Kind::kWallClock;
  target.amount = std::max(budget - carried, Duration{0});
  return target;
}

// R37: the version that the clock keeps of a calendar that one of its thresholds names.
int CalendarOf(const Track& t, PlannedRung::Kind kind, int number, const std::string& name,
               const RuleSet& rules) {
  if (name.empty()) {
    return 0;
  }
  if (name == t.plan.calendar) {
    return t.plan.calendar_version;
  }
  if (t.pin != nullptr) {
    if (const auto kept = t.pin->calendars.find({kind, number}); kept != t.pin->calendars.end()) {
      return kept->second;
    }
  }
  return rules.ActiveCalendar(name);
}

PlannedRung PlanRung(const Track& t, PlannedRung::Kind kind, int number, const ThresholdSpec& spec,
                     const Target& target, const std::vector<Span>& pauses, const RuleSet& rules) {
  PlannedRung rung{kind, number};
  if (target.kind == Target::Kind::kImmediate) {
    rung.at = t.plan.start;
    return rung;
  }
  rung.calendar_version = CalendarOf(t, kind, number, spec.calendar, rules);
  rung.at = ThresholdAt(spec.moment, target, t.calendar,
                        rules.Calendar(spec.calendar, rung.calendar_version), t.plan.start, pauses)
                .at;
  // Counted back, everything lies before the start.
  rung.not_applicable = rung.at && *rung.at < t.plan.start && !target.before;
  return rung;
}

void PlanRungs(Track& t, const RuleSet& rules) {
  using Kind = PlannedRung::Kind;
  ClockPlan& plan = t.plan;
  const Policy& policy = *t.policy;
  const std::vector<Span> pauses = Spans(plan.pauses);
  const Target target = EffectiveTarget(policy, t.calendar, plan.start, plan.carried);
  int number = 0;
  for (const ThresholdSpec& warning : policy.warnings) {
    plan.rungs.push_back(PlanRung(t, Kind::kWarning, ++number, warning, target, pauses, rules));
  }
  if (target.kind != Target::Kind::kImmediate) {
    PlannedRung breach{Kind::kBreach, 1};
    breach.at = plan.state == RunState::kPaused ? std::nullopt : plan.due;
    plan.rungs.push_back(breach);
  }
  number = 0;
  for (const LevelSpec& level : policy.levels) {
    if (!level.active()) {
      break;
    }
    ++number;
    if (level.at) {
      plan.rungs.push_back(PlanRung(t, Kind::kLevel, number, *level.at, target, pauses, rules));
    } else {
      PlannedRung rung{Kind::kLevel, number};
      rung.calendar_version = CalendarOf(t, Kind::kLevel, number, level.calendar, rules);
      plan.rungs.push_back(rung);
    }
  }
}

// A stop is taken back.
void Restart(Track& t, const Fact& fact) {
  t.plan.stop.reset();
  if (!t.causes.empty()) {  // held while it was closed
    t.paused_since = fact.occurred_at;
  }
  Touch(t, fact);
}

// The cycle ends as it is; the next begins with the fact.
void NextCycle(Track& t, const Fact& fact, const RuleSet& rules) {
  std::vector<ClockPlan> earlier = std::move(t.plan.earlier);
  t.plan.earlier.clear();
  if (t.pin == nullptr || t.plan.cycle >= t.pin->cycle) {
    Track ended = t;
    Finish(ended, rules);
    earlier.push_back(std::move(ended.plan));
  }
  t.plan.earlier = std::move(earlier);
  t.plan.cycle += 1;
  t.plan.start = fact.occurred_at;
  t.plan.pauses.clear();
  t.plan.carried = Duration{0};
  Restart(t, fact);
}

}  // namespace

bool IsOpen(const Track& t) { return t.begun && !t.plan.stop && !t.plan.cancelled_at; }

void Begin(Track& t, const Fact& fact, Duration carried) {
  t.begun = true;
  t.plan.start = t.planned.value_or(fact.occurred_at);
  t.plan.carried = carried;
  if (!t.causes.empty()) {
    t.paused_since = fact.occurred_at;
  }
  Touch(t, fact);
}

void OnHold(Track& t, const Fact& fact) {
  if (!PausesOn(*t.policy, fact.cause)) {
    return;
  }
  t.causes.insert(fact.cause);
  if (IsOpen(t) && !t.paused_since) {  // R35: a pause after the stop is ignored
    t.paused_since = fact.occurred_at;
    Touch(t, fact);
  }
}

void OnResume(Track& t, const Fact& fact) {
  const auto cause = t.causes.find(fact.cause);
  if (cause == t.causes.end()) {
    return;
  }
  const std::string first = *t.causes.begin();
  t.causes.erase(cause);
  if (t.causes.empty() && t.paused_since) {
    t.plan.pauses.push_back({{*t.paused_since, fact.occurred_at}, first});
    t.paused_since.reset();
    Touch(t, fact);
  }
}

void OnStop(Track& t, const Fact& fact) {
  if (!IsOpen(t)) {
    return;
  }
  t.plan.stop = fact.occurred_at;
  EndPause(t, fact.occurred_at);
  t.causes.clear();
  Touch(t, fact);
}

void OnReopen(Track& t, const Fact& fact, const RuleSet& rules) {
  if (!t.begun || !t.plan.stop || t.plan.cancelled_at || !RestartsOnReopen(*t.policy)) {
    return;
  }
  if (t.policy->on_reopen == OnReopen::kNewCycle) {
    NextCycle(t, fact, rules);
    return;
  }
  t.plan.pauses.push_back({{*t.plan.stop, fact.occurred_at}, "closed"});
  Restart(t, fact);
}

void OnStartAgain(Track& t, const Fact& fact, const RuleSet& rules) {
  if (fact.planned) {
    t.planned = fact.planned;
    const std::optional<Time> due = IsOpen(t) ? DueOf(t, PausesOf(t)).at : std::nullopt;
    if (due && *due >= fact.occurred_at) {
      t.plan.start = *fact.planned;
      Touch(t, fact);
    }
  } else if (fact.cycle > 1 && t.begun && t.plan.stop && !t.plan.cancelled_at) {
    NextCycle(t, fact, rules);
  }
}

void Cancel(Track& t, const Fact& fact, const char* reason) {
  if (!IsOpen(t)) {
    return;
  }
  t.plan.cancelled_at = fact.occurred_at;
  EndPause(t, fact.occurred_at);
  t.plan.cancel_reason = reason;
  Touch(t, fact);
}

std::vector<Span> PausesOf(const Track& t) {
  std::vector<Span> pauses = Spans(t.plan.pauses);
  if (t.paused_since) {
    pauses.push_back({*t.paused_since, kMaxTime});
  }
  return pauses;
}

Reached DueOf(const Track& t, const std::vector<Span>& pauses) {
  return Due(EffectiveTarget(*t.policy, t.calendar, t.plan.start, t.plan.carried), t.calendar,
             t.plan.start, pauses);
}

Duration Used(const Track& t, Time at) {
  return t.plan.carried + Charged(t.policy->target, t.calendar, t.plan.start, at, PausesOf(t));
}

void Finish(Track& t, const RuleSet& rules) {
  ClockPlan& plan = t.plan;
  const std::vector<Span> closed = Spans(plan.pauses);
  const Reached due = DueOf(t, closed);  // while paused: as of the last resume
  plan.due = due.at;
  plan.provisional = due.provisional;
  if (plan.cancelled_at) {
    plan.state = RunState::kCancelled;
  } else if (plan.stop) {
    const bool timeless = t.policy->target.kind == Target::Kind::kImmediate || !plan.due;
    plan.state = timeless || *plan.stop <= *plan.due ? RunState::kMet : RunState::kMissed;
  } else if (t.paused_since && (!plan.due || *plan.due >= *t.paused_since)) {
    // A pause that begins after due changes nothing: the budget was used up before it.
    plan.state = RunState::kPaused;
    plan.open_causes = {t.causes.begin(), t.causes.end()};
    plan.pauses.push_back({{*t.paused_since, kMaxTime}, plan.open_causes.front()});
  }
  PlanRungs(t, rules);
}

}  // namespace steward::sla
