// An opportunity's past, told at once by an importer.

#include <utility>

#include "libs/base/refusals.h"
#include "services/leads/domain/opportunity.h"

namespace steward::leads {
namespace {

absl::Status UnknownType() {
  std::vector<std::string> known;
  for (const MoveKind kind : kMoveKinds) {
    if (kind != MoveKind::kOpened) {
      known.emplace_back(EventNameOf(kind));
    }
  }
  return FieldInvalid("type", "is not one of " + Join(known));
}

}  // namespace

absl::Status AtPath(const absl::Status& status, const std::string& path) {
  Refusal refusal = RefusalOf(status).value_or(Refusal{"FIELD_INVALID", {}, {}, {}});
  for (FieldViolation& violation : refusal.fields) {
    violation.field = path + "." + violation.field;
  }
  std::string at = path;
  std::erase_if(refusal.metadata, [&](const auto& pair) {
    if (pair.first != "at") {
      return false;
    }
    at += "." + pair.second;
    return true;
  });
  refusal.metadata.emplace_back("at", std::move(at));
  return Refuse(status.code(), path + ": " + std::string(FromAbsl(status.message())),
                std::move(refusal));
}

absl::Status Opportunity::ImportOne(const PastMove& move, const Occasion& occasion) {
  if (move.type == EventNameOf(MoveKind::kAdvanced)) {
    return Advance(move.stage, move.proofs, occasion);
  }
  if (move.type == EventNameOf(MoveKind::kWon)) {
    return Win(move.proofs, move.amount, occasion);
  }
  if (move.type == EventNameOf(MoveKind::kLost)) {
    return Lose(move.lost_reason, move.lost_note, occasion);
  }
  if (move.type == EventNameOf(MoveKind::kHibernated)) {
    return Hibernate(occasion);
  }
  if (move.type == EventNameOf(MoveKind::kWoken)) {
    return Wake(occasion);
  }
  if (move.type == EventNameOf(MoveKind::kReopened)) {
    return Reopen(occasion);
  }
  return UnknownType();
}

absl::Status Opportunity::Import(const std::vector<PastMove>& moves, const std::string& actor,
                                 Time now, const TimeRules& rules) {
  for (size_t i = 0; i < moves.size(); ++i) {
    const std::string path = "past_moves[" + std::to_string(i) + "]";
    const PastMove& move = moves[i];
    if (move.occurred_at > now + rules.ahead) {
      return AtPath(FieldInvalid("occurred_at", "lies ahead of " + FormatTime(now)), path);
    }
    const Occasion occasion{actor, now, move.occurred_at, move.occurred_at < now - rules.fact_back,
                            move.event_id};
    if (absl::Status status = ImportOne(move, occasion); !status.ok()) {
      return AtPath(status, path);
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::leads
