#pragma once
// One policy's clock while the facts of its subject are walked in order; for plan.cpp.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/sla/domain/plan.h"

namespace steward::sla {

struct Track {
  const Policy* policy = nullptr;
  const CompiledCalendar* calendar = nullptr;
  ClockPlan plan;
  bool started = false;         // the start event was seen
  bool begun = false;           // a clock exists
  FactNumber armed_by;          // the start event
  std::optional<Time> planned;  // where it says that the clock begins
  std::multiset<std::string> causes;
  std::optional<Time> paused_since;
  std::optional<Time> acknowledged;  // not walked past yet
  bool was_acknowledged = false;
  const Pin* pin = nullptr;  // of the stored clock, if any
};

bool IsOpen(const Track& track);
void Begin(Track& track, const Fact& fact, Duration carried);
void OnHold(Track& track, const Fact& fact);
void OnResume(Track& track, const Fact& fact);
void OnStop(Track& track, const Fact& fact);
void OnReopen(Track& track, const Fact& fact, const RuleSet& rules);
// The start event came again. A planned start moves a clock whose due had not passed by then; another opening is the next cycle of
// a clock that had stopped.
void OnStartAgain(Track& track, const Fact& fact, const RuleSet& rules);
// An open clock ends without a verdict.
void Cancel(Track& track, const Fact& fact, const char* reason);

// Pauses up to now, the open one included up to the end of time.
std::vector<Span> PausesOf(const Track& track);
Reached DueOf(const Track& track, const std::vector<Span>& pauses);
// Time used by `at`, in the clock's own time; of one that is open, or ends at `at`.
Duration Used(const Track& track, Time at);

// State, due and rungs from what the walk left.
void Finish(Track& track, const RuleSet& rules);

}  // namespace steward::sla
