#pragma once
// What scoring knows of a lead, and what follows of it: the features that rules see, those that the win chance counts, whether it is open.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/scoring/domain/outcomes.h"
#include "services/scoring/domain/points.h"

namespace steward::scoring {

struct LeadRecord {
  std::string lead;  // leads/{id}
  int64_t version = 0;
  bool captured = false;  // its first event is known; touches and opportunities may come before
  bool disqualified = false;
  bool open = false;
  std::string source, channel, territory, industry, campaign;
  std::string utm_source, utm_medium, utm_campaign;
  std::string customer, owner, team;
  friend bool operator==(const LeadRecord&, const LeadRecord&) = default;
};

struct LeadOpportunity {
  std::string opportunity, lead;
  int64_t version = 0;
  bool closed = false;
  int32_t win_basis_points = 0;
  std::string team;
  std::string stage = "";  // the last open one that it was in
};

// What an event said of an opportunity; a reopening withdraws it.
struct OpportunityOutcome {
  Uuid event;
  std::string opportunity;
  int64_t version = 1;
  Verdict verdict = Verdict::kWithdrawn;
  std::string team;
};

// An open lead is captured, not disqualified, and has an open opportunity or none at all.
bool IsOpen(const LeadRecord& lead, const std::vector<LeadOpportunity>& opportunities);

// `source`, `channel` ... and `tier.{scheme}`; what is empty is left out. `tiers` are `scheme:tier`.
Features FeaturesOf(const LeadRecord& lead, const std::vector<std::string>& tiers);
// INVALID_ARGUMENT naming `field` when no lead can have such a feature.
[[nodiscard]] absl::Status CheckFeature(std::string_view field, std::string_view feature);
// The features that are columns of the record, and those of a customer's tiers.
inline constexpr size_t kRecordFeatures = 8;
std::string_view RecordFeatureName(size_t i);
const std::string& RecordFeature(const LeadRecord& lead, size_t i);
std::string TierFeature(std::string_view scheme);
std::vector<std::string> WinFeatureNames();
// What never changes after the lead came in, so that an outcome counts the same whenever it is counted.
FeatureValues WinFeaturesOf(const LeadRecord& lead);
// 16 hexadecimal digits.
std::string HashOf(const Features& features, const FeatureValues& win_features);
// The same of `name 1f value 1e` for each feature by name, 1d, and that for each of the chance.
std::string HashOfText(std::string_view text);

}  // namespace steward::scoring
