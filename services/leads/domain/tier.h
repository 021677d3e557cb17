#pragma once
// Tier schemes: ways to grade customers, as data. A customer has at most one tier in each.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace steward::leads {

struct Tier {
  std::string id;
  std::map<std::string, std::string> display_names;
};
struct TierScheme {
  std::string id;
  std::map<std::string, std::string> display_names;
  std::vector<Tier> tiers;  // highest first
  std::string source;
};

// Tiers by scheme.
using TierSet = std::map<std::string, std::string>;
// `scheme:tier`, by scheme.
std::vector<std::string> ToTexts(const TierSet& tiers);
// INVALID_ARGUMENT naming `field` when a text is not `scheme:tier` or a scheme is given twice.
absl::StatusOr<TierSet> TiersOf(std::string_view field, const std::vector<std::string>& texts);

class TierSchemes {
 public:
  // INVALID_ARGUMENT when ids are not codes, given twice, or a scheme has no tier.
  static absl::StatusOr<TierSchemes> Create(std::vector<TierScheme> schemes);
  const std::vector<TierScheme>& schemes() const { return schemes_; }
  const TierScheme* Find(std::string_view id) const;
  // INVALID_ARGUMENT naming the field and what is known.
  [[nodiscard]] absl::Status CheckScheme(std::string_view field, std::string_view scheme) const;
  [[nodiscard]] absl::Status CheckTier(std::string_view scheme_field, std::string_view tier_field,
                                       std::string_view scheme, std::string_view tier) const;

 private:
  std::vector<TierScheme> schemes_;
};

}  // namespace steward::leads
