#pragma once
// The opportunity: every change is a method that adds one event or says why not. Nothing is
// ignored, and what a command does not name stays as it is.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/occasion.h"
#include "services/leads/domain/opportunity_event.h"
#include "services/leads/domain/pipeline.h"

namespace steward::leads {

enum class DealAction {
  kAdvance,
  kWin,
  kLose,
  kHibernate,
  kWake,
  kReopen,
  kChangeAmount,
  kExpectClose,
  kAssign,
};
inline constexpr std::array kDealActions = {
    DealAction::kAdvance,      DealAction::kWin,         DealAction::kLose,
    DealAction::kHibernate,    DealAction::kWake,        DealAction::kReopen,
    DealAction::kChangeAmount, DealAction::kExpectClose, DealAction::kAssign};
// `change_amount`, as in refusals.
std::string_view NameOf(DealAction action);
// What the kind of stage allows at all; the pipeline's moves and rules say the rest.
bool Allows(StageKind kind, DealAction action);

// Unset = as it is.
struct Assignee {
  std::optional<std::string> owner, team, region;
};

// One move of an opportunity's past, told by an importer.
struct PastMove {
  std::string type;  // EventNameOf, but for the opening
  Time occurred_at;
  Uuid event_id;
  std::string stage;          // of an advance
  std::vector<Proof> proofs;  // of an advance or a win
  std::optional<Money> amount;
  std::string lost_reason, lost_note;
};

// The same refusal, saying where in the request it is: fields lie below `path`, which is also the
// metadata `at`.
absl::Status AtPath(const absl::Status& status, const std::string& path);

// Refusals: ILLEGAL_TRANSITION names what is allowed (`advance to proposal, lose, ...`);
// EVIDENCE_MISSING, AMOUNT_MISSING, NOTHING_TO_CHANGE and PIPELINE_VERSION_MISMATCH are
// FAILED_PRECONDITION; FIELD_INVALID. A refused command changes nothing.
class Opportunity {
 public:
  // Opens in `draft.stage`, an open one, or when that is empty where the pipeline begins, at the
  // time given or now. The proofs of the draft count.
  static absl::StatusOr<Opportunity> Open(const Pipeline& pipeline, OpportunityData draft,
                                          const Occasion& occasion);
  // A stored one. `pipeline` is of the version that it keeps.
  Opportunity(const Pipeline& pipeline, OpportunityData stored)
      : pipeline_(&pipeline), data_(std::move(stored)) {}

  const OpportunityData& data() const { return data_; }
  const Pipeline& pipeline() const { return *pipeline_; }
  // Of the stage that it stands in.
  StageKind kind() const;
  // Events since opening or loading, in version order.
  const std::vector<OpportunityEvent>& events() const { return events_; }
  // What may be done now (`advance to proposal`, `lose`); amount and evidence are asked for by the
  // command.
  std::vector<std::string> Allowed() const;

  // To another open stage. New proofs are kept, with or without need.
  [[nodiscard]] absl::Status Advance(std::string_view stage, const std::vector<Proof>& proofs,
                                     const Occasion& occasion);
  // Needs the won stage's evidence and an amount above zero, its own or the one given here.
  [[nodiscard]] absl::Status Win(const std::vector<Proof>& proofs,
                                 const std::optional<Money>& amount, const Occasion& occasion);
  // A reason of the pipeline's list; `note` is the name of what was written, needed by some.
  [[nodiscard]] absl::Status Lose(std::string_view reason, std::string_view note,
                                  const Occasion& occasion);
  [[nodiscard]] absl::Status Hibernate(const Occasion& occasion);
  // Back to the open stage it fell asleep in; no evidence is asked for again.
  [[nodiscard]] absl::Status Wake(const Occasion& occasion);
  // By the pipeline's rule. The end and the reason for losing go; the amount and proofs stay.
  [[nodiscard]] absl::Status Reopen(const Occasion& occasion);
  // Not negative, an ISO 4217 currency. A closed one keeps its amount.
  [[nodiscard]] absl::Status ChangeAmount(const Money& amount, const Occasion& occasion);
  [[nodiscard]] absl::Status ExpectClose(absl::CivilDay day, const Occasion& occasion);
  [[nodiscard]] absl::Status Assign(const Assignee& to, const Occasion& occasion);
  // The orders service's word, so it is never refused: the opportunity stays where it is, whatever that is. One that another contract
  // has followed keeps that one. The same again adds nothing.
  void CancelContract(const ContractCancelled& cancelled, const Occasion& occasion);

  // What happened before it was told here, each move under the same rules as if told then. A refusal
  // names `past_moves[i]`; after one the opportunity is of no use.
  [[nodiscard]] absl::Status Import(const std::vector<PastMove>& moves, const std::string& actor,
                                    Time now, const TimeRules& rules);

 private:
  [[nodiscard]] absl::Status ImportOne(const PastMove& move, const Occasion& occasion);
  bool May(DealAction action) const;
  bool MayEnter(StageKind kind) const;
  std::string ReopenStage() const;
  [[nodiscard]] absl::Status Check(DealAction action) const;
  [[nodiscard]] absl::Status CheckVersion() const;
  absl::StatusOr<Time> MoveTime(const Occasion& occasion) const;
  // Makes the move; every refusal lies before.
  void Go(MoveKind move, const Stage& to, Time at, const Occasion& occasion, Moved moved);
  void Say(Time at, const Occasion& occasion, decltype(OpportunityEvent::body) body);

  const Pipeline* pipeline_;
  OpportunityData data_;
  std::vector<OpportunityEvent> events_;
};

}  // namespace steward::leads
