#include "services/scoring/domain/scorecard.h"

#include <algorithm>
#include <limits>
#include <set>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr int64_t kWhole = 10'000;
constexpr int64_t kMostWeight = 1'000'000;

std::string PathOf(size_t index) { return "scorecard.items[" + std::to_string(index) + "]"; }

std::string Percent(int64_t basis_points) {
  return std::to_string(basis_points / 100) +
         FormatDecimal({basis_points % 100 * 10'000}).substr(1) + " %";
}

// Of a card that nobody has checked yet; an absurd sum stops at the largest number.
int64_t SumOf(const Scorecard& card, bool core_only) {
  int64_t sum = 0;
  for (const Item& item : card.items) {
    const int64_t weight = core_only && item.bonus ? 0 : item.weight.value_or(0);
    if (__builtin_add_overflow(sum, weight, &sum)) {
      return std::numeric_limits<int64_t>::max();
    }
  }
  return sum;
}

std::vector<FieldViolation> WeightFaults(const Scorecard& card) {
  std::vector<FieldViolation> faults;
  const bool unweighted = Unweighted(card);
  bool positive = false;
  for (size_t i = 0; i < card.items.size(); ++i) {
    const std::optional<int64_t>& weight = card.items[i].weight;
    const std::string field = PathOf(i) + ".weight";
    if (!weight && !unweighted) {
      faults.push_back({field, "is missing while other items have one; 0 is a weight"});
    } else if (weight && (*weight < 0 || *weight > kMostWeight)) {
      faults.push_back({field, "lies between 0 and 1000000 basis points"});
    }
    const bool counts = card.mode != Mode::kCorePlusBonus || !card.items[i].bonus;
    positive = positive || (counts && weight.value_or(0) > 0);
  }
  if (!unweighted && !positive && faults.empty()) {
    faults.push_back({"scorecard.items", card.mode == Mode::kCorePlusBonus
                                             ? "no core item has a weight above zero"
                                             : "no item has a weight above zero"});
  }
  return faults;
}

}  // namespace

std::string_view NameOf(Mode mode) {
  switch (mode) {
    case Mode::kNormalise:
      return "normalise";
    case Mode::kRaw:
      return "raw";
    case Mode::kCorePlusBonus:
      return "core_plus_bonus";
  }
  return "";
}

absl::StatusOr<Mode> ParseMode(std::string_view field, std::string_view name) {
  for (const Mode mode : {Mode::kNormalise, Mode::kRaw, Mode::kCorePlusBonus}) {
    if (NameOf(mode) == name) {
      return mode;
    }
  }
  return FieldInvalid(field, "is one of normalise, raw, core_plus_bonus");
}

bool Unweighted(const Scorecard& card) {
  return std::none_of(card.items.begin(), card.items.end(),
                      [](const Item& item) { return item.weight.has_value(); });
}

int64_t SumOfWeights(const Scorecard& card) { return SumOf(card, false); }

absl::Status CheckPublishable(const Scorecard& card) {
  if (card.items.empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "scorecard `" + card.id + "` has no items",
                  {"EMPTY_CARD", {{"scorecard", card.id}}});
  }
  std::vector<FieldViolation> faults = WeightFaults(card);
  std::set<std::string> seen;
  for (size_t i = 0; i < card.items.size(); ++i) {
    const KpiDefinition& kpi = card.items[i].kpi;
    if (!seen.insert(kpi.id).second) {
      faults.push_back({PathOf(i) + ".kpi.id", "`" + kpi.id + "` is on the card twice"});
    }
    if (const auto refusal = RefusalOf(CheckDefinition(PathOf(i) + ".kpi", kpi))) {
      faults.insert(faults.end(), refusal->fields.begin(), refusal->fields.end());
    }
  }
  return faults.empty() ? absl::OkStatus() : FieldsInvalid(std::move(faults));
}

std::vector<Finding> Lint(const Scorecard& card) {
  std::vector<Finding> findings;
  if (Unweighted(card)) {
    findings.push_back({"UNWEIGHTED", "", "no item has a weight; the card has no total"});
  } else if (const int64_t sum = SumOfWeights(card); sum != kWhole) {
    findings.push_back({"WEIGHTS_NOT_100", "", "the weights sum to " + Percent(sum)});
  }
  if (const int64_t core = SumOf(card, true);
      card.mode == Mode::kCorePlusBonus && core != kWhole && !Unweighted(card)) {
    findings.push_back({"CORE_NOT_100", "", "the weights of the core sum to " + Percent(core)});
  }
  for (const Item& item : card.items) {
    if (!HasCurve(item.kpi)) {
      findings.push_back({"NO_CURVE", item.kpi.id, "shows value and target, earns no points"});
    }
    if (item.weight == 0) {
      findings.push_back({"ZERO_WEIGHT", item.kpi.id, "moves no total"});
    }
    if (item.bonus && card.mode != Mode::kCorePlusBonus) {
      findings.push_back({"BONUS_IGNORED", item.kpi.id,
                          "counts as any other item in mode " + std::string(NameOf(card.mode))});
    }
  }
  return findings;
}

}  // namespace steward::scoring
