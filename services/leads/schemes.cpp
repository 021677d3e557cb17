#include "services/leads/schemes.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/service/text_data.h"
#include "services/leads/shipped_tier_schemes.h"
#include "steward/leads/v1/leads_service.pb.h"

namespace steward::leads {
namespace {

TierScheme FromProto(const v1::TierScheme& from) {
  TierScheme scheme{
      from.id(), {from.display_names().begin(), from.display_names().end()}, {}, from.source()};
  for (const v1::Tier& tier : from.tiers()) {
    scheme.tiers.push_back({tier.id(), {tier.display_names().begin(), tier.display_names().end()}});
  }
  return scheme;
}

}  // namespace

absl::StatusOr<TierSchemes> ParseTierSchemes(std::string_view text) {
  v1::ListTierSchemesResponse file;
  RETURN_IF_ERROR(service::ParseTextData(text, &file));
  std::vector<TierScheme> schemes;
  for (const v1::TierScheme& from : file.schemes()) {
    schemes.push_back(FromProto(from));
  }
  return TierSchemes::Create(std::move(schemes));
}

absl::StatusOr<TierSchemes> LoadTierSchemes(const std::string& file) {
  return service::LoadTextData<TierSchemes>(file, kShippedTierSchemes, ParseTierSchemes);
}

}  // namespace steward::leads
