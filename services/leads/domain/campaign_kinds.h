#pragma once
// Kinds of campaigns as data: a tree (a trade fair is an offline event), so that a policy for
// offline events matches all of them.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace steward::leads {

struct CampaignKind {
  std::string id;
  std::string parent;                                // empty at the top
  std::map<std::string, std::string> display_names;  // `zh-Hans` and `en`
  std::string source;                                // the seed that names it
  friend bool operator==(const CampaignKind&, const CampaignKind&) = default;
};

// Those that CMP-001 to CMP-003 name (offline_event, livestream, pr_event) and those of the seeds.
std::vector<CampaignKind> DefaultCampaignKinds();
// Each fault with its path: none at all, an id missing or listed twice, a parent not listed
// before, no name in a language.
std::vector<FieldViolation> FaultsOf(const std::vector<CampaignKind>& kinds);
// The kind and its ancestors, nearest first; empty for an unknown one.
std::vector<std::string> PathOf(const std::vector<CampaignKind>& kinds, std::string_view id);

}  // namespace steward::leads
