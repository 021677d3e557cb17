#pragma once
// What can happen to an opportunity: ids and facts. Free text has no place in these types.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/base/ids.h"
#include "libs/base/money.h"
#include "libs/base/time.h"

namespace steward::leads {

// Something that shows that a stage may be entered: a code of the pipeline and where it is kept
// (IsReference of reference.h).
struct Proof {
  std::string code, reference;
  friend bool operator==(const Proof&, const Proof&) = default;
};

// One move between stages. The log of them is the source of stage, time in stage and funnel.
struct Transition {
  std::string from, to;  // stage ids; from is empty at opening
  Time at;               // when it happened; never before the transition that precedes it
  Time recorded_at;
  std::string by;  // members/{id}
  Uuid event_id;
  friend bool operator==(const Transition&, const Transition&) = default;
};

// The opportunity as it is stored.
struct OpportunityData {
  Uuid id;
  std::string pipeline;
  int pipeline_version = 0;
  std::string stage;
  Time stage_time;        // when it came to this stage
  std::string last_open;  // the open stage it is or was last in: where it wakes or opens again
  std::string customer, lead, campaign;  // names; empty = none
  std::string owner, team, region;
  std::string opened_by;                         // members/{id}
  std::optional<Money> amount;                   // never negative
  std::optional<absl::CivilDay> expected_close;  // in the company's zone
  std::vector<Proof> proofs;                     // each code once; a later one replaces
  std::string lost_reason, lost_note;            // while lost
  std::optional<Time> close_time;                // while won or lost
  int cycle = 1;                                 // openings
  // The last contract that came of it: contracts/{uuid} and what the orders service says of it.
  std::string contract, contract_state, contract_cancel_reason;
  Time occurred_at, recorded_at, update_time;
  int64_t version = 0;  // number of its events
  friend bool operator==(const OpportunityData&, const OpportunityData&) = default;
};

enum class MoveKind { kOpened, kAdvanced, kWon, kLost, kHibernated, kWoken, kReopened };
inline constexpr std::array kMoveKinds = {
    MoveKind::kOpened,     MoveKind::kAdvanced, MoveKind::kWon,     MoveKind::kLost,
    MoveKind::kHibernated, MoveKind::kWoken,    MoveKind::kReopened};
// `opportunity.won`, the event's name.
std::string_view EventNameOf(MoveKind kind);

struct Opened {
  OpportunityData opportunity;
  Transition transition;
};
struct Moved {
  MoveKind kind;
  Transition transition;
  Time from_stage_time;         // when it had come to the stage before
  std::vector<Proof> proofs;    // as given with this move
  std::optional<Money> amount;  // as given with a win
  std::string lost_reason, lost_note;
  int cycle;
  bool back_dated;
};
struct AmountChanged {
  std::optional<Money> from;
  Money to;
};
struct CloseExpected {
  std::optional<absl::CivilDay> from;
  absl::CivilDay to;
};
struct OpportunityAssigned {
  std::string from_owner, owner, from_team, team, from_region, region;
};
struct ContractCancelled {
  std::string contract, reason, from_state;
};

struct OpportunityEvent {
  int64_t version = 0;
  Uuid event_id;
  Time occurred_at;
  std::variant<Opened, Moved, AmountChanged, CloseExpected, OpportunityAssigned, ContractCancelled>
      body;
};

// `opportunities/{uuid}`.
inline std::string OpportunityName(const Uuid& id) { return "opportunities/" + id.ToString(); }

// The move of an event; nullptr = it changed no stage.
const Transition* TransitionOf(const OpportunityEvent& event);
// The stage that a log leads to: its last in order. Empty for no log.
std::string StageOf(const std::vector<Transition>& log);

}  // namespace steward::leads
