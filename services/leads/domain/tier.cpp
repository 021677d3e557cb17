#include "services/leads/domain/tier.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/status.h"

namespace steward::leads {
namespace {

constexpr size_t kCodeLength = 63;

bool IsCode(std::string_view text) {
  return !text.empty() && text.size() <= kCodeLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

template <class Rows>
std::string IdsOf(const Rows& rows) {
  std::string ids;
  for (const auto& row : rows) {
    ids += (ids.empty() ? "" : ", ") + row.id;
  }
  return ids;
}

absl::Status CheckIds(const TierScheme& scheme) {
  if (scheme.tiers.empty()) {
    return absl::InvalidArgumentError("scheme `" + scheme.id + "` has no tier");
  }
  std::set<std::string> seen;
  for (const Tier& tier : scheme.tiers) {
    if (!IsCode(tier.id)) {
      return absl::InvalidArgumentError("`" + tier.id + "` of scheme `" + scheme.id +
                                        "` is no code of a-z, 0-9, _ and -");
    }
    if (!seen.insert(tier.id).second) {
      return absl::InvalidArgumentError("scheme `" + scheme.id + "` has `" + tier.id + "` twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> ToTexts(const TierSet& tiers) {
  std::vector<std::string> texts;
  for (const auto& [scheme, tier] : tiers) {
    texts.push_back(scheme + ":" + tier);
  }
  return texts;
}

absl::StatusOr<TierSet> TiersOf(std::string_view field, const std::vector<std::string>& texts) {
  TierSet tiers;
  for (const std::string& text : texts) {
    const size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
      return FieldInvalid(field, "`" + text + "` is not `scheme:tier`");
    }
    if (!tiers.emplace(text.substr(0, colon), text.substr(colon + 1)).second) {
      return FieldInvalid(field, "has scheme `" + text.substr(0, colon) + "` twice");
    }
  }
  return tiers;
}

absl::StatusOr<TierSchemes> TierSchemes::Create(std::vector<TierScheme> schemes) {
  std::set<std::string> seen;
  for (const TierScheme& scheme : schemes) {
    if (!IsCode(scheme.id)) {
      return absl::InvalidArgumentError("scheme `" + scheme.id +
                                        "` is no code of a-z, 0-9, _ and -");
    }
    if (!seen.insert(scheme.id).second) {
      return absl::InvalidArgumentError("scheme `" + scheme.id + "` is given twice");
    }
    RETURN_IF_ERROR(CheckIds(scheme));
  }
  TierSchemes made;
  made.schemes_ = std::move(schemes);
  return made;
}

const TierScheme* TierSchemes::Find(std::string_view id) const {
  const auto found = std::find_if(schemes_.begin(), schemes_.end(),
                                  [id](const TierScheme& scheme) { return scheme.id == id; });
  return found == schemes_.end() ? nullptr : &*found;
}

absl::Status TierSchemes::CheckScheme(std::string_view field, std::string_view scheme) const {
  if (Find(scheme) == nullptr) {
    return FieldInvalid(field, "`" + std::string(scheme) + "` is no scheme: " + IdsOf(schemes_));
  }
  return absl::OkStatus();
}

absl::Status TierSchemes::CheckTier(std::string_view scheme_field, std::string_view tier_field,
                                    std::string_view scheme, std::string_view tier) const {
  RETURN_IF_ERROR(CheckScheme(scheme_field, scheme));
  const std::vector<Tier>& tiers = Find(scheme)->tiers;
  if (std::none_of(tiers.begin(), tiers.end(), [tier](const Tier& t) { return t.id == tier; })) {
    return FieldInvalid(tier_field, "`" + std::string(tier) + "` is no tier of scheme `" +
                                        std::string(scheme) + "`: " + IdsOf(tiers));
  }
  return absl::OkStatus();
}

}  // namespace steward::leads
