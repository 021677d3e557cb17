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

void PlanRungs(Track& t, const RuleSet& rules) {
  ClockPlan& plan = t.plan;
  const Policy& policy = *t.policy;
  const std::vector<Span> pauses = Spans(plan.pauses);
  const bool immediate = policy.target.kind == Target::Kind::kImmediate;
  const Target target = EffectiveTarget(policy, t.calendar, plan.start, plan.carried);
  const auto at = [&](const ThresholdSpec& spec) -> PlannedRung {
    PlannedRung rung;
    if (immediate) {
      rung.at = plan.start;
      return rung;
    }
    rung.at = ThresholdAt(spec.moment, target, t.calendar, rules.Active(spec.calendar), plan.start,
                          pauses)
                  .at;
    rung.not_applicable = rung.at && *rung.at < plan.start;
    return rung;
  };
  for (size_t i = 0; i < policy.warnings.size(); ++i) {
    PlannedRung rung = at(policy.warnings[i]);
    rung.kind = PlannedRung::Kind::kWarning;
    rung.number = static_cast<int>(i) + 1;
    plan.rungs.push_back(rung);
  }
  if (!immediate) {
    PlannedRung breach;
    breach.kind = PlannedRung::Kind::kBreach;
    breach.at = plan.state == RunState::kPaused ? std::nullopt : plan.due;
    plan.rungs.push_back(breach);
  }
  for (size_t i = 0; i < policy.levels.size() && policy.levels[i].active(); ++i) {
    PlannedRung rung = policy.levels[i].at ? at(*policy.levels[i].at) : PlannedRung{};
    rung.kind = PlannedRung::Kind::kLevel;
    rung.number = static_cast<int>(i) + 1;
    plan.rungs.push_back(rung);
  }
}

}  // namespace

bool IsOpen(const Track& t) { return t.begun && !t.plan.stop && !t.plan.cancelled_at; }

void Begin(Track& t, const Fact& fact, Duration carried) {
  t.begun = true;
  t.plan.start = fact.occurred_at;
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
    std::vector<ClockPlan> earlier = std::move(t.plan.earlier);
    t.plan.earlier.clear();
    if (t.plan.cycle >= t.keeps_cycles_from) {
      Track ended = t;
      Finish(ended, rules);
      earlier.push_back(std::move(ended.plan));
    }
    t.plan.earlier = std::move(earlier);
    t.plan.cycle += 1;
    t.plan.start = fact.occurred_at;
    t.plan.pauses.clear();
    t.plan.carried = Duration{0};
  } else {
    t.plan.pauses.push_back({{*t.plan.stop, fact.occurred_at}, "closed"});
  }
  t.plan.stop.reset();
  if (!t.causes.empty()) {  // held while it was closed
    t.paused_since = fact.occurred_at;
  }
  Touch(t, fact);
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
