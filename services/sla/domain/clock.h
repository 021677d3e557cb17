#pragma once
// One clock, its escalations, and the two ways it changes: facts (Reconcile) and time (FireDue). Pure: both return what
// happened as events; one event is one version of its aggregate.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/sla/domain/ladder.h"

namespace steward::sla {

struct Clock {
  std::string name;     // ClockName
  int64_t version = 0;  // 0 = not stored yet
  std::string subject, policy;
  int policy_version = 0;
  std::string calendar;
  int calendar_version = 0;
  std::string metric;
  int cycle = 1;
  RunState state = RunState::kRunning;
  Time start;
  std::optional<Time> due, stop;
  bool provisional = false;
  std::string owner, team, pack, seed;
  int binding = 0;
  std::string cancel_reason;
  Ladder ladder;
  FactNumber since;  // first fact of the subject that may begin it (plan.h)
  bool open() const { return state == RunState::kRunning || state == RunState::kPaused; }
};
// What planning again must keep of a stored clock.
Pin PinOf(const Clock& clock);
// `clocks/{uuid}-{policy id}` of a subject `complaints/{uuid}` and a policy `policies/{id}`;
// `clocks/{uuid}-instalments-{n}-{policy id}` of `contracts/{uuid}/instalments/{n}`.
std::string ClockName(std::string_view subject, std::string_view policy);

enum class EscalationState { kOpen = 1, kAcknowledged = 2, kWithdrawn = 3, kEnded = 4 };
struct Escalation {
  std::string name;  // escalations/{clock id}-{cycle}-{level}-{arming}
  int64_t version = 0;
  std::string clock, subject, policy;
  int cycle = 1, level = 1, arming = 1;
  std::string role, fallback_role, recipient, basis;
  EscalationState state = EscalationState::kOpen;
  std::string owner, team;
  Time occurred_at, detected_at;
};

namespace event {
struct Started {};
struct DueChanged {
  std::optional<Time> from;
  std::string reason;
};
struct Paused {
  std::vector<std::string> causes;
  Time since;
};
struct Resumed {
  Time at;
};
struct Stopped {
  bool met;
  Duration overrun, overrun_elapsed;
};
struct Restarted {
  std::string reason;
};
struct Cancelled {
  Time at;
};
struct Assigned {
  std::string from_owner, from_team;
};
struct Fired {
  PlannedRung::Kind kind;
  int number;
  int arming;
  Time occurred_at, detected_at;
  bool reinstates;
  std::string mark;
};
struct Retracted {
  int cycle;
  int arming;
  Time breached_at;
  std::string cause_id, cause_type;
  Time cause_at;
};
}  // namespace event
using ClockEvent = std::variant<event::Started, event::DueChanged, event::Paused, event::Resumed,
                                event::Stopped, event::Restarted, event::Cancelled, event::Assigned,
                                event::Fired, event::Retracted>;

// What one change of a clock amounts to. `clock` is the state after all of it; `events` belong to the clock, one version each.
struct ClockChange {
  Clock clock;
  bool created = false;
  bool changed = false;                             // anything to write
  std::vector<std::pair<ClockEvent, Time>> events;  // with occurred_at
  std::vector<Retraction> retracted;                // firings to close, of `retracted_cycle`
  int retracted_cycle = 1;
  std::string retraction_cause;   // event id
  std::vector<int> raised;        // levels fired now, in order
  bool ends_escalations = false;  // stopped or cancelled: open ones end
  std::string end_reason;         // clock_stopped clock_cancelled
};

// Brings a stored clock (null = none yet) to what the facts say.
ClockChange Reconcile(const Clock* stored, std::string_view subject, const ClockPlan& plan,
                      const Policy& policy, const RuleSet& rules, const Attributes& attributes);

// The same through every cycle of the plan that the stored clock has not seen end: each ends as its facts say, what was due by then
// and has not fired fires, the next begins. Changes in order; empty = nothing changed. `now`: the database's clock.
std::vector<ClockChange> ReconcileCycles(const Clock* stored, std::string_view subject,
                                         const ClockPlan& plan, const Policy& policy,
                                         const RuleSet& rules, const Attributes& attributes,
                                         Time now);

// Fires every threshold that is due at `now` (the database's clock), in order (H23). `accuse` = false holds breaches and levels
// back (H1). `mark` goes on accusations: `input_stale`, `input_parked` or empty.
ClockChange FireDue(const Clock& stored, const Policy& policy, const RuleSet& rules, Time now,
                    bool accuse, std::string_view mark);

// The escalation that a raised level makes; the recipient is filled in by the caller.
Escalation Raise(const Clock& clock, const Policy& policy, int level);

}  // namespace steward::sla
