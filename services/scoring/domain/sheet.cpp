#include "services/scoring/domain/sheet.h"

#include <algorithm>
#include <numeric>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr int64_t kWhole = 10'000;  // basis points

// The value may still come, so the item's points may still change.
bool Missing(State state) {
  return state == State::kNotMeasured || state == State::kPending || state == State::kNoTarget;
}

Treatment TreatmentOf(const KpiDefinition& kpi, State state) {
  if (state == State::kScored) {
    return Treatment::kCounted;
  }
  if (!Missing(state)) {
    return Treatment::kLeftOut;
  }
  switch (kpi.missing) {
    case MissingPolicy::kBlockClose:
      return Treatment::kBlocks;
    case MissingPolicy::kRenormalise:
      return Treatment::kLeftOut;
    case MissingPolicy::kZero:
      return Treatment::kZero;
  }
  return Treatment::kBlocks;
}

// The weights in force: an item in the pool has weight * whole / pool, one on top has its weight as printed.
class Weights {
 public:
  // `in[i]`: whether item i takes part.
  Weights(const Scorecard& card, Mode mode, std::vector<bool> in)
      : card_(card), mode_(mode), in_(std::move(in)) {
    int64_t all = 0;
    for (size_t i = 0; i < card.items.size(); ++i) {
      const int64_t weight = OnTop(i) ? 0 : card.items[i].weight.value_or(0);
      all += weight;
      pool_ += in_[i] ? weight : 0;
    }
    whole_ = mode == Mode::kRaw ? all : kWhole;
  }

  bool Takes(size_t i) const { return in_[i] && card_.items[i].weight && (OnTop(i) || pool_ > 0); }
  bool Any() const { return pool_ > 0; }

  // As a fraction of 1.
  absl::StatusOr<Ratio> Exact(size_t i) const {
    const __int128 weight = *card_.items[i].weight;
    return OnTop(i) ? MakeRatio(weight, kWhole)
                    : MakeRatio(weight * whole_, static_cast<__int128>(pool_) * kWhole);
  }

  // In per cent with six places; what flooring leaves over goes to the largest remainders, so that they sum to the whole.
  std::vector<Decimal> Shown() const {
    std::vector<Decimal> shown(in_.size());
    std::vector<std::pair<__int128, size_t>> remainders;
    const __int128 whole = static_cast<__int128>(whole_) * kDecimalScale / 100;
    __int128 rest = whole;
    for (size_t i = 0; i < in_.size(); ++i) {
      if (!Takes(i)) {
        continue;
      }
      const __int128 weight = *card_.items[i].weight;
      if (OnTop(i)) {
        shown[i].scaled = static_cast<int64_t>(weight * kDecimalScale / 100);
        continue;
      }
      shown[i].scaled = static_cast<int64_t>(weight * whole / pool_);
      rest -= shown[i].scaled;
      remainders.emplace_back(-(weight * whole % pool_), i);
    }
    std::sort(remainders.begin(), remainders.end());
    for (size_t i = 0; rest > 0 && i < remainders.size(); ++i, --rest) {
      ++shown[remainders[i].second].scaled;
    }
    return shown;
  }

 private:
  bool OnTop(size_t i) const { return mode_ == Mode::kCorePlusBonus && card_.items[i].bonus; }

  const Scorecard& card_;
  Mode mode_;
  std::vector<bool> in_;
  int64_t pool_ = 0;   // sum of the weights that share the whole
  int64_t whole_ = 0;  // what they share, in basis points
};

absl::StatusOr<Decimal> PointsOf(const Ratio& percent, const Weights& weights, size_t i) {
  ASSIGN_OR_RETURN(const Ratio weight, weights.Exact(i));
  ASSIGN_OR_RETURN(const Ratio points, Times(percent, weight));
  return Figure(points);
}

absl::Status SetPoints(const Scorecard& card, const Weights& weights, Sheet& sheet) {
  const std::vector<Decimal> shown = weights.Shown();
  Decimal total;
  for (size_t i = 0; i < card.items.size(); ++i) {
    Line& line = sheet.lines[i];
    if (!weights.Takes(i)) {
      continue;
    }
    line.weight_used = shown[i];
    if (line.treatment == Treatment::kBlocks) {
      continue;
    }
    line.points = Decimal{};
    if (sheet.vetoed_by.empty() && line.attainment.exact) {
      ASSIGN_OR_RETURN(line.points, PointsOf(*line.attainment.exact, weights, i));
    }
    ASSIGN_OR_RETURN(total, Add(total, *line.points));
  }
  if (sheet.blocking.empty() && weights.Any()) {
    sheet.total = total;
  }
  return absl::OkStatus();
}

// K6: the total with every missing value at its least and at its most.
absl::Status SetBounds(const Scorecard& card, const Weights& weights, Sheet& sheet) {
  if (!weights.Any()) {
    return absl::OkStatus();
  }
  Decimal lowest;
  Decimal highest;
  bool veto_open = false;
  for (size_t i = 0; i < card.items.size() && sheet.vetoed_by.empty(); ++i) {
    const Attainment& attainment = sheet.lines[i].attainment;
    const KpiDefinition& kpi = card.items[i].kpi;
    veto_open = veto_open || (Missing(attainment.state) && kpi.kind == Kind::kVeto &&
                              kpi.veto_scope == VetoScope::kCard);
    if (!weights.Takes(i)) {
      continue;
    }
    const Ratio low = attainment.exact.value_or(ToRatio(LowestPercent(kpi)));
    const Ratio high = attainment.exact.value_or(ToRatio(HighestPercent(kpi)));
    ASSIGN_OR_RETURN(const Decimal least, PointsOf(low, weights, i));
    ASSIGN_OR_RETURN(const Decimal most, PointsOf(high, weights, i));
    ASSIGN_OR_RETURN(lowest, Add(lowest, least));
    ASSIGN_OR_RETURN(highest, Add(highest, most));
  }
  sheet.lowest = veto_open ? Decimal{} : lowest;
  sheet.highest = highest;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Sheet> FillIn(const Scorecard& card, Mode mode,
                             const std::vector<Attainment>& attainments) {
  if (attainments.size() != card.items.size()) {
    return FieldInvalid("attainments", "there is one for each item of the card");
  }
  Sheet sheet;
  sheet.mode = mode;
  std::vector<bool> counted;
  std::vector<bool> possible;
  for (size_t i = 0; i < card.items.size(); ++i) {
    const Item& item = card.items[i];
    const Attainment& attainment = attainments[i];
    const Treatment treatment = TreatmentOf(item.kpi, attainment.state);
    sheet.lines.push_back(
        {item.kpi.id, item.kpi.version, attainment, item.weight, treatment, {}, {}});
    counted.push_back(treatment != Treatment::kLeftOut);
    possible.push_back(attainment.state == State::kScored || Missing(attainment.state));
    if (Missing(attainment.state)) {
      sheet.missing.push_back(item.kpi.id);
    }
    if (treatment == Treatment::kBlocks) {
      sheet.blocking.push_back(item.kpi.id);
    }
    if (attainment.vetoes_card && sheet.vetoed_by.empty()) {
      sheet.vetoed_by = item.kpi.id;
    }
  }
  RETURN_IF_ERROR(SetPoints(card, Weights(card, mode, std::move(counted)), sheet));
  RETURN_IF_ERROR(SetBounds(card, Weights(card, mode, std::move(possible)), sheet));
  return sheet;
}

absl::StatusOr<std::array<Sheet, 3>> FillInAll(const Scorecard& card,
                                               const std::vector<Attainment>& attainments) {
  std::array<Sheet, 3> sheets;
  constexpr std::array kModes = {Mode::kNormalise, Mode::kRaw, Mode::kCorePlusBonus};
  for (size_t i = 0; i < kModes.size(); ++i) {
    ASSIGN_OR_RETURN(sheets[i], FillIn(card, kModes[i], attainments));
  }
  return sheets;
}

}  // namespace steward::scoring
