#include "services/scoring/domain/lead_record.h"

#include <algorithm>
#include <array>

#include "libs/base/refusals.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr std::string_view kTier = "tier.";

struct Column {
  std::string_view name;
  std::string LeadRecord::*value;
};
constexpr std::array<Column, kRecordFeatures> kColumns{
    {{"source", &LeadRecord::source},
     {"channel", &LeadRecord::channel},
     {"territory", &LeadRecord::territory},
     {"industry", &LeadRecord::industry},
     {"campaign", &LeadRecord::campaign},
     {"utm_source", &LeadRecord::utm_source},
     {"utm_medium", &LeadRecord::utm_medium},
     {"utm_campaign", &LeadRecord::utm_campaign}}};

}  // namespace

bool IsOpen(const LeadRecord& lead, const std::vector<LeadOpportunity>& opportunities) {
  const bool all_closed =
      !opportunities.empty() && std::all_of(opportunities.begin(), opportunities.end(),
                                            [](const LeadOpportunity& o) { return o.closed; });
  return lead.captured && !lead.disqualified && !all_closed;
}

std::string_view RecordFeatureName(size_t i) { return kColumns[i].name; }
const std::string& RecordFeature(const LeadRecord& lead, size_t i) {
  return lead.*kColumns[i].value;
}
std::string TierFeature(std::string_view scheme) {
  std::string feature(kTier);
  feature += scheme;
  return feature;
}

Features FeaturesOf(const LeadRecord& lead, const std::vector<std::string>& tiers) {
  Features features;
  for (const Column& column : kColumns) {
    if (const std::string& value = lead.*column.value; !value.empty()) {
      features.emplace(column.name, value);
    }
  }
  for (const std::string& tier : tiers) {
    if (const size_t colon = tier.find(':'); colon != std::string::npos) {
      features.emplace(TierFeature(std::string_view(tier).substr(0, colon)),
                       tier.substr(colon + 1));
    }
  }
  return features;
}

absl::Status CheckFeature(std::string_view field, std::string_view feature) {
  if (feature.size() > kTier.size() && feature.substr(0, kTier.size()) == kTier) {
    return absl::OkStatus();
  }
  std::vector<std::string> known = WinFeatureNames();
  known.emplace_back("tier.{scheme}");
  return CheckCode(field, feature, known);
}

std::vector<std::string> WinFeatureNames() {
  std::vector<std::string> names;
  for (const Column& column : kColumns) {
    names.emplace_back(column.name);
  }
  return names;
}

FeatureValues WinFeaturesOf(const LeadRecord& lead) {
  FeatureValues values;
  for (const Column& column : kColumns) {
    if (const std::string& value = lead.*column.value; !value.empty()) {
      values.insert({std::string(column.name), value});
    }
  }
  return values;
}

std::string HashOf(const Features& features, const FeatureValues& win_features) {
  std::string text;
  for (const auto& [name, value] : features) {
    text += name + '\x1f' + value + '\x1e';
  }
  text += '\x1d';
  for (const FeatureValue& feature : win_features) {
    text += feature.variable + '\x1f' + feature.value + '\x1e';
  }
  return HashOfText(text);
}

std::string HashOfText(std::string_view text) {
  uint64_t hash = StableHash(text);
  std::string digits(16, '0');
  for (size_t i = digits.size(); i-- > 0; hash >>= 4) {
    digits[i] = "0123456789abcdef"[hash & 15];
  }
  return digits;
}

}  // namespace steward::scoring
