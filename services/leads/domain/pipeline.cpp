#include "services/leads/domain/pipeline.h"

#include <algorithm>

namespace steward::leads {

std::string_view NameOf(StageKind kind) {
  switch (kind) {
    case StageKind::kOpen:
      return "OPEN";
    case StageKind::kWon:
      return "WON";
    case StageKind::kLost:
      return "LOST";
    case StageKind::kDormant:
      return "DORMANT";
  }
  return "";
}

absl::StatusOr<Pipeline> Pipeline::Create(PipelineSpec spec) {
  std::vector<FieldViolation> faults = FaultsOf(spec);
  if (!faults.empty()) {
    return FieldsInvalid(std::move(faults));
  }
  return Pipeline(std::move(spec));
}

const Stage* Pipeline::Find(std::string_view stage) const {
  const auto found = std::find_if(spec_.stages.begin(), spec_.stages.end(),
                                  [&](const Stage& each) { return each.id == stage; });
  return found == spec_.stages.end() ? nullptr : &*found;
}

const LostReason* Pipeline::FindLostReason(std::string_view reason) const {
  const auto found = std::find_if(spec_.lost_reasons.begin(), spec_.lost_reasons.end(),
                                  [&](const LostReason& each) { return each.id == reason; });
  return found == spec_.lost_reasons.end() ? nullptr : &*found;
}

const Stage* Pipeline::FirstOf(StageKind kind) const {
  const auto found = std::find_if(spec_.stages.begin(), spec_.stages.end(),
                                  [&](const Stage& each) { return each.kind == kind; });
  return found == spec_.stages.end() ? nullptr : &*found;
}

const Stage& Pipeline::entry() const { return *FirstOf(StageKind::kOpen); }
const Stage& Pipeline::won() const { return *FirstOf(StageKind::kWon); }
const Stage& Pipeline::lost() const { return *FirstOf(StageKind::kLost); }
const Stage* Pipeline::dormant() const { return FirstOf(StageKind::kDormant); }

bool Pipeline::MayMove(std::string_view from, std::string_view to) const {
  return std::any_of(spec_.moves.begin(), spec_.moves.end(),
                     [&](const Move& move) { return move.from == from && move.to == to; });
}

int Pipeline::Rank(std::string_view stage) const {
  int rank = 0;
  for (const Stage& each : spec_.stages) {
    if (each.kind == StageKind::kOpen) {
      if (each.id == stage) {
        return rank;
      }
      ++rank;
    }
  }
  return stage == won().id ? rank : -1;
}

}  // namespace steward::leads
