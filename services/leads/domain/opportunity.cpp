#include "services/leads/domain/opportunity.h"

#include <utility>

#include "libs/base/refusals.h"
#include "services/leads/domain/reference.h"

namespace steward::leads {
namespace {

struct Row {
  DealAction action;
  std::string_view name;
  std::array<bool, kStageKinds.size()> in;
};
// clang-format off
constexpr Row kTable[] = {
    //                                           open   won    lost   dormant
    {DealAction::kAdvance,      "advance",       {true,  false, false, false}},
    {DealAction::kWin,          "win",           {true,  false, false, false}},
    {DealAction::kLose,         "lose",          {true,  false, false, true}},
    {DealAction::kHibernate,    "hibernate",     {true,  false, false, false}},
    {DealAction::kWake,         "wake",          {false, false, false, true}},
    {DealAction::kReopen,       "reopen",        {false, true,  true,  false}},
    {DealAction::kChangeAmount, "change_amount", {true,  false, false, true}},
    {DealAction::kExpectClose,  "expect_close",  {true,  false, false, true}},
    {DealAction::kAssign,       "assign",        {true,  true,  true,  true}},
};
// clang-format on
static_assert(std::size(kTable) == kDealActions.size());

// As the orders service names the state.
constexpr char kCancelledContract[] = "CANCELLED";

absl::Status CheckProofs(const std::vector<Proof>& proofs) {
  for (size_t i = 0; i < proofs.size(); ++i) {
    const std::string field = "evidence[" + std::to_string(i) + "]";
    if (!IsReference(proofs[i].code)) {
      return FieldInvalid(field + ".code", "is not a code");
    }
    if (!IsReference(proofs[i].reference)) {
      return FieldInvalid(field + ".reference",
                          "is where it is kept: 1 to 200 of letters, digits and . _ : / -");
    }
  }
  return absl::OkStatus();
}

void AddProofs(std::vector<Proof>& kept, const std::vector<Proof>& proofs) {
  for (const Proof& proof : proofs) {
    const auto same = std::find_if(kept.begin(), kept.end(),
                                   [&](const Proof& each) { return each.code == proof.code; });
    if (same == kept.end()) {
      kept.push_back(proof);
    } else {
      *same = proof;
    }
  }
}

absl::Status CheckEvidence(const Stage& stage, const std::vector<Proof>& kept,
                           const std::vector<Proof>& given) {
  const auto has = [&](const std::string& code) {
    const auto is = [&](const Proof& proof) { return proof.code == code; };
    return std::any_of(kept.begin(), kept.end(), is) || std::any_of(given.begin(), given.end(), is);
  };
  std::vector<std::string> missing;
  for (const Evidence& evidence : stage.evidence) {
    if (!std::any_of(evidence.any_of.begin(), evidence.any_of.end(), has)) {
      std::string any;
      for (const std::string& code : evidence.any_of) {
        any += (any.empty() ? "" : " or ") + code;
      }
      missing.push_back(any);
    }
  }
  if (missing.empty()) {
    return absl::OkStatus();
  }
  return Precondition("EVIDENCE_MISSING",
                      "stage `" + stage.id + "` is entered with evidence: " + Join(missing),
                      {{"stage", stage.id}, {"missing", Join(missing)}});
}

absl::Status CheckAmount(const Money& amount) {
  if (auto exponent = ExponentOf(amount.currency); !exponent.ok()) {
    return FieldInvalid("amount.currency", "`" + amount.currency + "` is not of ISO 4217");
  }
  return amount.minor < 0 ? FieldInvalid("amount", "is negative") : absl::OkStatus();
}

}  // namespace

std::string_view NameOf(DealAction action) { return kTable[static_cast<size_t>(action)].name; }

bool Allows(StageKind kind, DealAction action) {
  return kTable[static_cast<size_t>(action)].in[static_cast<size_t>(kind) - 1];
}

absl::StatusOr<Opportunity> Opportunity::Open(const Pipeline& pipeline, OpportunityData draft,
                                              const Occasion& occasion) {
  const std::string wanted = draft.stage.empty() ? pipeline.entry().id : draft.stage;
  const Stage* stage = pipeline.Find(wanted);
  if (stage == nullptr || stage->kind != StageKind::kOpen) {
    std::vector<std::string> open;
    for (const Stage& each : pipeline.spec().stages) {
      if (each.kind == StageKind::kOpen) {
        open.push_back(each.id);
      }
    }
    return FieldInvalid("opportunity.stage", "is not an open stage: " + Join(open));
  }
  RETURN_IF_ERROR(CheckProofs(draft.proofs));
  RETURN_IF_ERROR(CheckEvidence(*stage, draft.proofs, {}));
  if (draft.amount) {
    RETURN_IF_ERROR(CheckAmount(*draft.amount));
  }
  const Time at = occasion.given.value_or(occasion.now);
  OpportunityData data = std::move(draft);
  AddProofs(data.proofs, std::exchange(data.proofs, {}));
  data.pipeline = pipeline.spec().id;
  data.pipeline_version = pipeline.spec().version;
  data.stage = data.last_open = stage->id;
  data.stage_time = data.occurred_at = at;
  data.recorded_at = data.update_time = occasion.now;
  data.opened_by = occasion.actor;
  data.lost_reason = data.lost_note = "";
  data.close_time.reset();
  data.cycle = 1;
  data.version = 0;
  Opportunity opened(pipeline, std::move(data));
  OpportunityData said = opened.data_;
  opened.Say(at, occasion,
             Opened{std::move(said),
                    {"", stage->id, at, occasion.now, occasion.actor, occasion.event_id}});
  return opened;
}

StageKind Opportunity::kind() const {
  const Stage* stage = pipeline_->Find(data_.stage);
  return stage == nullptr ? StageKind::kOpen : stage->kind;
}

bool Opportunity::MayEnter(StageKind kind) const {
  const auto& stages = pipeline_->spec().stages;
  return std::any_of(stages.begin(), stages.end(), [&](const Stage& stage) {
    return stage.kind == kind && pipeline_->MayMove(data_.stage, stage.id);
  });
}

std::string Opportunity::ReopenStage() const {
  const PipelineSpec& spec = pipeline_->spec();
  const ReopenRule& rule = kind() == StageKind::kWon ? spec.reopen_won : spec.reopen_lost;
  if (!rule.allowed) {
    return "";
  }
  return rule.stage.empty() ? data_.last_open : rule.stage;
}

bool Opportunity::May(DealAction action) const {
  if (!Allows(kind(), action)) {
    return false;
  }
  switch (action) {
    case DealAction::kAdvance:
      return MayEnter(StageKind::kOpen);
    case DealAction::kWin:
      return MayEnter(StageKind::kWon);
    case DealAction::kLose:
      return MayEnter(StageKind::kLost);
    case DealAction::kHibernate:
      return MayEnter(StageKind::kDormant);
    case DealAction::kReopen:
      return !ReopenStage().empty();
    default:
      return true;
  }
}

std::vector<std::string> Opportunity::Allowed() const {
  std::vector<std::string> allowed;
  for (const DealAction action : kDealActions) {
    if (!May(action)) {
      continue;
    }
    if (action != DealAction::kAdvance) {
      allowed.emplace_back(NameOf(action));
      continue;
    }
    for (const Stage& stage : pipeline_->spec().stages) {
      if (stage.kind == StageKind::kOpen && pipeline_->MayMove(data_.stage, stage.id)) {
        allowed.push_back("advance to " + stage.id);
      }
    }
  }
  return allowed;
}

absl::Status Opportunity::CheckVersion() const {
  const PipelineSpec& spec = pipeline_->spec();
  if (spec.id == data_.pipeline && spec.version == data_.pipeline_version) {
    return absl::OkStatus();
  }
  const auto text = [](const std::string& id, int version) {
    return id + "@" + std::to_string(version);
  };
  const std::string kept = text(data_.pipeline, data_.pipeline_version);
  const std::string given = text(spec.id, spec.version);
  return Precondition("PIPELINE_VERSION_MISMATCH",
                      "the opportunity keeps pipeline " + kept + ", not " + given,
                      {{"kept", kept}, {"given", given}});
}

absl::Status Opportunity::Check(DealAction action) const {
  RETURN_IF_ERROR(CheckVersion());
  return May(action) ? absl::OkStatus()
                     : IllegalTransition(data_.stage, NameOf(action), Join(Allowed()));
}

absl::StatusOr<Time> Opportunity::MoveTime(const Occasion& occasion) const {
  return InstantOf(occasion, data_.stage_time, "when it came to " + data_.stage);
}

void Opportunity::Say(Time at, const Occasion& occasion, decltype(OpportunityEvent::body) body) {
  data_.version += 1;
  data_.update_time = occasion.now;
  events_.push_back({data_.version, occasion.event_id, at, std::move(body)});
}

void Opportunity::Go(MoveKind move, const Stage& to, Time at, const Occasion& occasion,
                     Moved moved) {
  moved.kind = move;
  moved.from_stage_time = data_.stage_time;
  moved.transition = {data_.stage, to.id, at, occasion.now, occasion.actor, occasion.event_id};
  data_.stage = to.id;
  data_.stage_time = at;
  const bool closed = to.kind == StageKind::kWon || to.kind == StageKind::kLost;
  data_.close_time = closed ? std::optional<Time>(at) : std::nullopt;
  data_.lost_reason = moved.lost_reason;
  data_.lost_note = moved.lost_note;
  if (to.kind == StageKind::kOpen) {
    data_.last_open = to.id;
  }
  AddProofs(data_.proofs, moved.proofs);
  moved.cycle = data_.cycle;
  moved.back_dated = occasion.back_dated;
  Say(at, occasion, std::move(moved));
}

absl::Status Opportunity::Advance(std::string_view stage, const std::vector<Proof>& proofs,
                                  const Occasion& occasion) {
  RETURN_IF_ERROR(CheckVersion());
  const Stage* to = pipeline_->Find(stage);
  if (to == nullptr) {
    std::vector<std::string> known;
    for (const Stage& each : pipeline_->spec().stages) {
      known.push_back(each.id);
    }
    return FieldInvalid("stage",
                        "is not a stage of pipeline `" + data_.pipeline + "`: " + Join(known));
  }
  if (!Allows(kind(), DealAction::kAdvance) || to->kind != StageKind::kOpen ||
      !pipeline_->MayMove(data_.stage, to->id)) {
    return IllegalTransition(data_.stage, "advance to " + to->id, Join(Allowed()));
  }
  RETURN_IF_ERROR(CheckProofs(proofs));
  RETURN_IF_ERROR(CheckEvidence(*to, data_.proofs, proofs));
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Moved moved{};
  moved.proofs = proofs;
  Go(MoveKind::kAdvanced, *to, at, occasion, std::move(moved));
  return absl::OkStatus();
}

absl::Status Opportunity::Win(const std::vector<Proof>& proofs, const std::optional<Money>& amount,
                              const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kWin));
  RETURN_IF_ERROR(CheckProofs(proofs));
  if (amount) {
    RETURN_IF_ERROR(CheckAmount(*amount));
  }
  RETURN_IF_ERROR(CheckEvidence(pipeline_->won(), data_.proofs, proofs));
  const std::optional<Money> worth = amount ? amount : data_.amount;
  if (!worth || worth->minor <= 0) {
    return Precondition("AMOUNT_MISSING", "a won opportunity has an amount above zero",
                        {{"amount", worth ? FormatMoney(*worth) : "none"}});
  }
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Moved moved{};
  moved.proofs = proofs;
  moved.amount = amount;
  data_.amount = worth;
  Go(MoveKind::kWon, pipeline_->won(), at, occasion, std::move(moved));
  return absl::OkStatus();
}

absl::Status Opportunity::Lose(std::string_view reason, std::string_view note,
                               const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kLose));
  const LostReason* known = pipeline_->FindLostReason(reason);
  if (known == nullptr) {
    std::vector<std::string> reasons;
    for (const LostReason& each : pipeline_->spec().lost_reasons) {
      reasons.push_back(each.id);
    }
    return FieldInvalid("lost_reason", "is not one of " + Join(reasons));
  }
  if (note.empty() ? known->needs_note : !IsReference(note)) {
    return FieldInvalid("lost_note", "is the name of the note that explains `" + known->id + "`");
  }
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Moved moved{};
  moved.lost_reason = reason;
  moved.lost_note = note;
  Go(MoveKind::kLost, pipeline_->lost(), at, occasion, std::move(moved));
  return absl::OkStatus();
}

absl::Status Opportunity::Hibernate(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kHibernate));
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Go(MoveKind::kHibernated, *pipeline_->dormant(), at, occasion, Moved{});
  return absl::OkStatus();
}

absl::Status Opportunity::Wake(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kWake));
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Go(MoveKind::kWoken, *pipeline_->Find(data_.last_open), at, occasion, Moved{});
  return absl::OkStatus();
}

absl::Status Opportunity::Reopen(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kReopen));
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  const Stage& to = *pipeline_->Find(ReopenStage());
  data_.cycle += 1;
  Go(MoveKind::kReopened, to, at, occasion, Moved{});
  return absl::OkStatus();
}

absl::Status Opportunity::ChangeAmount(const Money& amount, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kChangeAmount));
  RETURN_IF_ERROR(CheckAmount(amount));
  if (data_.amount == amount) {
    return NothingToChange("amount", FormatMoney(amount));
  }
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.occurred_at, "when it was opened"));
  AmountChanged changed{std::exchange(data_.amount, amount), amount};
  Say(at, occasion, std::move(changed));
  return absl::OkStatus();
}

absl::Status Opportunity::ExpectClose(absl::CivilDay day, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kExpectClose));
  if (data_.expected_close == day) {
    return NothingToChange("expected_close", absl::FormatCivilTime(day));
  }
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.occurred_at, "when it was opened"));
  CloseExpected changed{std::exchange(data_.expected_close, day), day};
  Say(at, occasion, std::move(changed));
  return absl::OkStatus();
}

absl::Status Opportunity::Assign(const Assignee& to, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(DealAction::kAssign));
  const std::string owner = to.owner.value_or(data_.owner);
  const std::string team = to.team.value_or(data_.team);
  const std::string region = to.region.value_or(data_.region);
  if (owner == data_.owner && team == data_.team && region == data_.region) {
    return NothingToChange("owner", owner);
  }
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.occurred_at, "when it was opened"));
  OpportunityAssigned assigned{data_.owner, owner, data_.team, team, data_.region, region};
  data_.owner = owner;
  data_.team = team;
  data_.region = region;
  Say(at, occasion, std::move(assigned));
  return absl::OkStatus();
}

void Opportunity::CancelContract(const ContractCancelled& cancelled, const Occasion& occasion) {
  if (data_.contract.empty() || data_.contract == cancelled.contract) {
    if (data_.contract_state == kCancelledContract) {
      return;
    }
    data_.contract = cancelled.contract;
    data_.contract_state = kCancelledContract;
    data_.contract_cancel_reason = cancelled.reason;
  }
  Say(occasion.given.value_or(occasion.now), occasion, cancelled);
}

}  // namespace steward::leads
