#include "services/sla/api/explain.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/sla/api/mapping.h"
#include "services/sla/events/facts.h"

namespace steward::sla {
namespace {

using rpc::ToProto;

void PutFirings(const std::vector<FiringRow>& firings, v1::ClockExplanation* out) {
  for (const FiringRow& row : firings) {
    v1::Firing* firing = out->add_firings();
    firing->set_cycle(row.cycle);
    firing->set_threshold(row.threshold);
    firing->set_arming(row.arming);
    *firing->mutable_occurred_at() = ToProto(row.occurred_at);
    *firing->mutable_detected_at() = ToProto(row.detected_at);
    firing->set_retracted(row.retracted);
    firing->set_retraction_cause(row.cause);
    firing->set_mark(row.mark);
  }
}

void PutSegments(const ClockPlan& plan, const Policy& policy, const CompiledCalendar* calendar,
                 Time now, v1::ClockExplanation* out) {
  const Time end = plan.due.value_or(plan.stop.value_or(now));
  std::vector<NamedPause> pauses = plan.pauses;
  for (NamedPause& pause : pauses) {
    pause.span.to = std::min(pause.span.to, end);
  }
  Duration charged;
  for (const Segment& segment : ExplainSegments(policy.target, calendar, plan.start, end, pauses)) {
    v1::Segment* s = out->add_segments();
    *s->mutable_from_time() = ToProto(segment.span.from);
    *s->mutable_to_time() = ToProto(segment.span.to);
    s->set_reason(segment.reason);
    s->set_detail(segment.detail);
    s->set_charged(segment.charged);
    charged = charged + (segment.charged ? segment.span.to - segment.span.from : Duration{0});
  }
  *out->mutable_charged() = ToProto(charged);
  const bool amount = policy.target.kind == Target::Kind::kWallClock ||
                      policy.target.kind == Target::Kind::kWorkingTime;
  *out->mutable_target() = ToProto(amount ? policy.target.amount - plan.carried : Duration{0});
}

std::string TargetText(const Target& target, bool chinese) {
  const std::string amount = FormatDuration(target.amount);
  const std::string days = std::to_string(target.days);
  switch (target.kind) {
    case Target::Kind::kWallClock:
      return chinese ? amount + "(自然时间)" : amount + " around the clock";
    case Target::Kind::kWorkingTime:
      return chinese ? amount + "(工作时间)" : amount + " of working time";
    case Target::Kind::kWorkingDays:
      return chinese ? days + "个工作日" : days + " working days";
    case Target::Kind::kCalendarDays:
      return chinese ? days + "个自然日" : days + " calendar days";
    case Target::Kind::kImmediate:
      return chinese ? "立即" : "at once";
  }
  return "";
}

// One sentence a language: what was promised, from when, due when, and how it stands.
void PutSummary(const Clock& clock, const Policy& policy, v1::ClockExplanation* out) {
  const std::string start = FormatTime(clock.start);
  const std::string due = clock.due ? FormatTime(*clock.due) : "-";
  const char* en = "";
  const char* zh = "";
  switch (clock.state) {
    case RunState::kRunning:
      en = "It is running.";
      zh = "计时中。";
      break;
    case RunState::kPaused:
      en = "It is paused; the due time moves with the pause.";
      zh = "已暂停,到期时间随暂停顺延。";
      break;
    case RunState::kMet:
      en = "It was met.";
      zh = "已按时完成。";
      break;
    case RunState::kMissed:
      en = "It was missed.";
      zh = "已逾期完成。";
      break;
    case RunState::kCancelled:
      en = "It was cancelled.";
      zh = "已取消。";
      break;
  }
  auto& summary = *out->mutable_summary();
  summary["en"] = clock.policy + " version " + std::to_string(clock.policy_version) + ": " +
                  TargetText(policy.target, false) + " from " + policy.start_event + " at " +
                  start + " to " + policy.stop_event + ", due " + due + ". " + en;
  summary["zh-Hans"] = clock.policy + " 第" + std::to_string(clock.policy_version) + "版:自 " +
                       policy.start_event + "(" + start + ")起 " + TargetText(policy.target, true) +
                       "内须 " + policy.stop_event + ",到期 " + due + "。" + zh;
}

}  // namespace

absl::Status Explain(const Clock& clock, const std::vector<Clock>& siblings,
                     const std::vector<StoredFact>& facts, const std::vector<FiringRow>& firings,
                     const RuleSet& rules, Time now, v1::ClockExplanation* out) {
  const Policy* policy = rules.Find(clock.policy, clock.policy_version);
  if (policy == nullptr) {
    return absl::InternalError("clock without its policy version: " + clock.name);
  }
  std::vector<Fact> known;
  for (const StoredFact& stored : facts) {
    ASSIGN_OR_RETURN(Fact fact, ToFact(stored));
    v1::Fact* f = out->add_facts();
    f->set_type(fact.type);
    *f->mutable_occurred_at() = ToProto(fact.occurred_at);
    f->set_cause(fact.cause);
    f->set_event_id(fact.event_id);
    if (fact.tiers) {
      f->mutable_customer_tiers()->Add(fact.tiers->begin(), fact.tiers->end());
    }
    known.push_back(std::move(fact));
  }
  std::map<std::string, Pin> pins;
  for (const Clock& c : siblings) {
    pins[c.policy] = PinOf(c);
  }
  const SubjectPlan plan = PlanSubject(known, rules, pins, kNoFreshFact);
  *out->mutable_clock() = ToProto(clock, rules, now);
  const auto planned = std::find_if(plan.clocks.begin(), plan.clocks.end(),
                                    [&](const ClockPlan& p) { return p.policy == clock.policy; });
  if (planned != plan.clocks.end()) {
    FillFromPlan(*planned, *policy, rules, now, out->mutable_clock());
    PutSegments(*planned, *policy, rules.Calendar(clock.calendar, clock.calendar_version), now,
                out);
  }
  PutFirings(firings, out);
  PutSummary(clock, *policy, out);
  out->mutable_losers()->Add(plan.losers.begin(), plan.losers.end());
  return absl::OkStatus();
}

}  // namespace steward::sla
