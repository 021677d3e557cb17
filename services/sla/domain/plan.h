#pragma once
// From the facts of a subject to its clocks: a pure function of the set of facts, whatever the order and repetition in which
// they arrived (R26). What has fired is not looked at here; see ladder.h.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/sla/domain/policy.h"

namespace steward::sla {

// Where a fact came among those of its subject: with a version of its own, or as the step-th after one, told by another (its
// customer).
struct FactNumber {
  int64_t version;
  int32_t step;
  constexpr FactNumber(int64_t of_version = 0, int32_t at_step = 0)
      : version(of_version), step(at_step) {}
  friend auto operator<=>(const FactNumber&, const FactNumber&) = default;
};

// One event of the subject, as far as clocks care.
struct Fact {
  std::string event_id;
  FactNumber number;  // breaks ties of occurred_at
  std::string type;   // `ticket.registered`
  Time occurred_at;
  std::string cause;  // of a hold or resume
  std::optional<Time>
      planned;           // of a start that lies elsewhere than where it was told: a planned one
  int cycle = 0;         // of a start that may come again: which opening it begins
  std::string customer;  // of a registration: whose events go on telling the tiers, from
  int64_t customer_version = 0;  // this version on; 0 = the tiers are not from there
  // Attributes that this fact sets; empty optional = unchanged.
  std::optional<std::vector<std::string>> kind_path;
  std::optional<std::string> severity;
  std::optional<std::vector<std::string>> tiers;
  std::optional<std::string> channel, region, owner, team;
};

enum class RunState { kRunning = 1, kPaused = 2, kMet = 3, kMissed = 4, kCancelled = 5 };

// The one reason that forgets what was due and has not fired: the subject should never have been there.
inline constexpr char kSubjectCancelled[] = "subject_cancelled";

// Where a threshold lies; the first half of a Rung.
struct PlannedRung {
  enum class Kind { kWarning, kBreach, kLevel } kind = Kind::kWarning;
  int number = 1;               // warnings and levels count from 1
  std::optional<Time> at{};     // empty: never (no working time left), or after the previous level
  bool not_applicable = false;  // it would lie before the start (R64)
  int calendar_version = 0;     // of the calendar that its offset or interval names; 0 = none
};

struct ClockPlan {
  std::string policy;
  int policy_version = 0;
  std::string calendar;
  int calendar_version = 0;
  int cycle = 1;
  Time start;
  std::optional<Time> due;
  bool provisional = false;
  RunState state = RunState::kRunning;
  std::optional<Time> stop;
  std::vector<NamedPause> pauses;        // listed holds, and closed time of earlier closings
  std::vector<std::string> open_causes;  // while paused
  std::string cancel_reason;  // subject_cancelled subject_closed no_longer_matches outranked
  std::optional<Time> cancelled_at;
  // Time used under the policy that this one took over from (A13, keep_elapsed), in the clock's own time.
  Duration carried;
  FactNumber since;       // see Pin
  std::string last_fact;  // event id of the last fact that mattered: the cause of changes
  std::string last_fact_type;
  Time last_fact_at;
  std::vector<PlannedRung> rungs;  // warnings, breach, levels
  // The cycles before this one as they ended, oldest first, from the stored clock's on.
  std::vector<ClockPlan> earlier;
};

// What an existing clock brings along: the versions that it keeps (R37), and what happened to it rather than to its subject.
struct Pin {
  int policy_version = 0;
  int calendar_version = 0;
  FactNumber since{};                  // facts before this one never begin it
  std::optional<Time> acknowledged{};  // when its first escalation was taken
  int cycle = 1;                       // cycles before it are past
  // Versions of the calendars that thresholds name for themselves.
  std::map<std::pair<PlannedRung::Kind, int>, int> calendars{};
};

struct SubjectPlan {
  Attributes attributes;  // after all facts
  bool cancelled = false;
  bool ended = false;             // nothing begins any more unless it is reopened
  std::vector<ClockPlan> clocks;  // by policy name
  // Policies of the same metric that lost, `policies/x: outranked by policies/y`.
  std::vector<std::string> losers;
};

// No fact may give an unpinned policy a clock.
inline constexpr FactNumber kNoFreshFact{INT64_MAX};
// `pins`: policy name to what an existing clock keeps. `fresh_from`: only facts from this one on may give a policy without
// a pin its clock, so that a policy put into force later does not reach back (kNoFreshFact while nothing that arrives
// starts or matches again).
SubjectPlan PlanSubject(std::vector<Fact> facts, const RuleSet& rules,
                        const std::map<std::string, Pin>& pins, FactNumber fresh_from);

// A fact of this type can start clocks or match policies again.
bool CanStart(const std::string& type, const RuleSet& rules);

}  // namespace steward::sla
