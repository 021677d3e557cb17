#pragma once
// A scorecard: KPIs with weights as printed (K5). Nothing assumes that they sum to 100; what is odd is found and said, what cannot
// work is refused.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/scoring/domain/kpi.h"

namespace steward::scoring {

// How weights make a total (K5).
enum class Mode {
  kNormalise,      // weight / sum of weights
  kRaw,            // weight as printed: a card of sum 120 can reach 120
  kCorePlusBonus,  // core items normalised among themselves, bonus items on top as printed
};
std::string_view NameOf(Mode mode);  // `core_plus_bonus`
absl::StatusOr<Mode> ParseMode(std::string_view field, std::string_view name);

struct Item {
  KpiDefinition kpi;
  std::optional<int64_t>
      weight;          // basis points as printed: 4000 = 40 %; none = the source prints no weight
  bool bonus = false;  // counts on top in core_plus_bonus, as any other item elsewhere
};

struct Scorecard {
  std::string id;
  int64_t version = 1;
  Mode mode = Mode::kNormalise;
  std::vector<Item> items;
};

// No item has a weight: the card shows its figures and has no total.
bool Unweighted(const Scorecard& card);
// Of the weights given, in basis points.
int64_t SumOfWeights(const Scorecard& card);

// Whether the card may be published. FAILED_PRECONDITION, reason EMPTY_CARD, without items; INVALID_ARGUMENT naming
// `scorecard.items[2].weight` and the like: a negative weight or one above 10,000 %, weights on some items alone, weights that
// are all zero, no core item in core_plus_bonus, a KPI twice, a definition that cannot work.
absl::Status CheckPublishable(const Scorecard& card);

// What a reader of the card should know; none of it stops a publication.
struct Finding {
  std::string
      code;  // WEIGHTS_NOT_100, CORE_NOT_100, UNWEIGHTED, NO_CURVE, ZERO_WEIGHT, BONUS_IGNORED
  std::string item;    // the KPI's id, "" = the card
  std::string detail;  // `the weights sum to 115 %`
  friend bool operator==(const Finding&, const Finding&) = default;
};
std::vector<Finding> Lint(const Scorecard& card);

}  // namespace steward::scoring
