#include <algorithm>
#include <set>

#include "libs/base/refusals.h"
#include "services/leads/domain/pipeline.h"

namespace steward::leads {
namespace {

class Faults {
 public:
  explicit Faults(const PipelineSpec& spec) : spec_(spec) {}

  std::vector<FieldViolation> Find() {
    if (spec_.id.empty()) {
      Add("pipeline.id", "is required");
    }
    if (spec_.version < 1) {
      Add("pipeline.version", "counts from 1");
    }
    for (size_t i = 0; i < spec_.stages.size(); ++i) {
      CheckStage(i);
    }
    CheckKinds();
    for (size_t i = 0; i < spec_.moves.size(); ++i) {
      CheckMove(i);
    }
    CheckReachable();
    CheckReopening("pipeline.reopen_won", spec_.reopen_won);
    CheckReopening("pipeline.reopen_lost", spec_.reopen_lost);
    CheckReasons();
    return std::move(found_);
  }

 private:
  void Add(std::string field, std::string what) {
    found_.push_back({std::move(field), std::move(what)});
  }

  static std::string At(std::string_view list, size_t i) {
    return "pipeline." + std::string(list) + "[" + std::to_string(i) + "]";
  }

  const Stage* Find(std::string_view id) const {
    for (const Stage& stage : spec_.stages) {
      if (stage.id == id) {
        return &stage;
      }
    }
    return nullptr;
  }

  void CheckNames(const std::string& field, const std::map<std::string, std::string>& names) {
    for (const char* language : {"zh-Hans", "en"}) {
      const auto name = names.find(language);
      if (name == names.end() || name->second.empty()) {
        Add(field + ".display_names", std::string("has no name in `") + language + "`");
      }
    }
  }

  void CheckStage(size_t i) {
    const Stage& stage = spec_.stages[i];
    const std::string field = At("stages", i);
    if (stage.id.empty()) {
      Add(field + ".id", "is required");
    } else if (Find(stage.id) != &stage) {
      Add(field + ".id", "`" + stage.id + "` is listed twice");
    }
    CheckNames(field, stage.display_names);
    const int win = stage.win_basis_points;
    if (win < 0 || win > kFullBasisPoints) {
      Add(field + ".win_basis_points", std::to_string(win) + " is not within 0 and 10000");
    } else if (stage.kind == StageKind::kWon && win != kFullBasisPoints) {
      Add(field + ".win_basis_points", "is 10000 where it is won");
    } else if (stage.kind != StageKind::kWon && stage.kind != StageKind::kOpen && win != 0) {
      Add(field + ".win_basis_points", "is 0 where it is lost or dormant");
    }
    for (size_t e = 0; e < stage.evidence.size(); ++e) {
      const auto& codes = stage.evidence[e].any_of;
      if (codes.empty() || Contains(codes, "")) {
        Add(field + ".evidence[" + std::to_string(e) + "]", "needs codes, none of them empty");
      }
    }
  }

  void CheckKinds() {
    const auto count = [&](StageKind kind) {
      return std::count_if(spec_.stages.begin(), spec_.stages.end(),
                           [&](const Stage& stage) { return stage.kind == kind; });
    };
    if (count(StageKind::kOpen) == 0) {
      Add("pipeline.stages", "has no open stage");
    }
    for (const StageKind kind : {StageKind::kWon, StageKind::kLost}) {
      if (count(kind) != 1) {
        Add("pipeline.stages", "has " + std::to_string(count(kind)) + " stages of kind " +
                                   std::string(NameOf(kind)) + ", not one");
      }
    }
    if (count(StageKind::kDormant) > 1) {
      Add("pipeline.stages", "has more than one stage of kind DORMANT");
    }
  }

  void CheckMove(size_t i) {
    const Move& move = spec_.moves[i];
    const std::string field = At("moves", i);
    const Stage* from = Find(move.from);
    const Stage* to = Find(move.to);
    if (from == nullptr) {
      Add(field + ".from", "`" + move.from + "` is not a stage");
    }
    if (to == nullptr) {
      Add(field + ".to", "`" + move.to + "` is not a stage");
    }
    if (std::find(spec_.moves.begin(), spec_.moves.begin() + static_cast<long>(i), move) !=
        spec_.moves.begin() + static_cast<long>(i)) {
      Add(field, "`" + move.from + "` to `" + move.to + "` is listed twice");
    }
    if (from == nullptr || to == nullptr) {
      return;
    }
    if (from == to) {
      Add(field, "leads from `" + move.from + "` to itself");
    } else if (from->kind == StageKind::kWon || from->kind == StageKind::kLost) {
      Add(field, "leaves `" + move.from + "`, which is left by reopening alone");
    } else if (from->kind == StageKind::kDormant && to->kind != StageKind::kLost) {
      Add(field, "leaves `" + move.from + "`, which is left by waking or losing alone");
    }
  }

  // From the entry by moves; reopening and waking lead nowhere that a move has not led before.
  void CheckReachable() {
    std::set<std::string_view> reached;
    for (const Stage& stage : spec_.stages) {
      if (stage.kind == StageKind::kOpen) {
        reached.insert(stage.id);
        break;
      }
    }
    if (reached.empty()) {
      return;
    }
    for (bool grew = true; grew;) {
      grew = false;
      for (const Move& move : spec_.moves) {
        grew |= reached.count(move.from) == 1 && reached.insert(move.to).second;
      }
    }
    for (size_t i = 0; i < spec_.stages.size(); ++i) {
      if (reached.count(spec_.stages[i].id) == 0) {
        Add(At("stages", i), "`" + spec_.stages[i].id + "` is reached by no move");
      }
    }
  }

  void CheckReopening(const std::string& field, const ReopenRule& rule) {
    if (rule.stage.empty()) {
      return;
    }
    const Stage* stage = Find(rule.stage);
    if (stage == nullptr || stage->kind != StageKind::kOpen) {
      Add(field + ".stage", "`" + rule.stage + "` is not an open stage");
    }
  }

  void CheckReasons() {
    if (spec_.lost_reasons.empty()) {
      Add("pipeline.lost_reasons", "needs at least one");
    }
    std::set<std::string_view> seen;
    for (size_t i = 0; i < spec_.lost_reasons.size(); ++i) {
      const LostReason& reason = spec_.lost_reasons[i];
      const std::string field = At("lost_reasons", i);
      if (reason.id.empty()) {
        Add(field + ".id", "is required");
      } else if (!seen.insert(reason.id).second) {
        Add(field + ".id", "`" + reason.id + "` is listed twice");
      }
      CheckNames(field, reason.display_names);
    }
  }

  const PipelineSpec& spec_;
  std::vector<FieldViolation> found_;
};

}  // namespace

std::vector<FieldViolation> FaultsOf(const PipelineSpec& spec) { return Faults(spec).Find(); }

}  // namespace steward::leads
