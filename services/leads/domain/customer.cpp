#include "services/leads/domain/customer.h"

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"

namespace steward::leads {
namespace {

// When a change of tier begins: as given, by default now; in order within its scheme.
absl::StatusOr<Time> EffectiveFrom(const TierDecision& decision) {
  if (!decision.effective_from) {
    return decision.last_change ? std::max(decision.now, *decision.last_change) : decision.now;
  }
  if (*decision.effective_from > decision.now + kTierAhead) {
    return FieldInvalid("effective_from", "lies ahead of now; set the tier when it begins");
  }
  if (decision.last_change && *decision.effective_from < *decision.last_change) {
    return FieldInvalid("effective_from", "lies before " + FormatTime(*decision.last_change) +
                                              ", the last change of scheme `" + decision.scheme +
                                              "`");
  }
  return *decision.effective_from;
}

std::string TierIn(const TierSet& tiers, const std::string& scheme) {
  const auto found = tiers.find(scheme);
  return found == tiers.end() ? "" : found->second;
}

}  // namespace

absl::StatusOr<Customer> Customer::Register(const TierSchemes& schemes, CustomerData draft,
                                            const std::string& actor, Time now) {
  for (const auto& [scheme, tier] : draft.tiers) {
    RETURN_IF_ERROR(schemes.CheckTier("customer.tiers", "customer.tiers", scheme, tier));
  }
  draft.registered_by = actor;
  draft.create_time = now;
  draft.version = 0;
  Customer customer(schemes, std::move(draft));
  customer.Add(now, CustomerRegistered{customer.data_.facts, customer.data_.tiers});
  return customer;
}

template <class Body>
void Customer::Add(Time now, Body body) {
  data_.version += 1;
  data_.update_time = now;
  events_.push_back({data_.version, now, std::move(body)});
}

bool Customer::Update(CustomerFacts facts, std::vector<std::string> changed_text, Time now) {
  std::vector<std::string> changed = std::move(changed_text);
  const CustomerFacts from = std::exchange(data_.facts, std::move(facts));
  const CustomerFacts& to = data_.facts;
  const auto compare = [&](const char* field, const std::string& a, const std::string& b) {
    if (a != b) {
      changed.emplace_back(field);
    }
  };
  compare("industry", from.industry, to.industry);
  compare("region", from.region, to.region);
  compare("owner", from.owner, to.owner);
  compare("team", from.team, to.team);
  if (changed.empty()) {
    return false;
  }
  Add(now, CustomerUpdated{std::move(changed), from, to});
  return true;
}

void Customer::ChangeTier(const TierDecision& decision, std::string from, Time effective_from) {
  const std::string now = TierIn(data_.tiers, decision.scheme);
  Add(decision.now, CustomerTierChanged{decision.scheme, std::move(from), now, effective_from,
                                        decision.rule, data_.tiers});
}

absl::Status Customer::SetTier(const TierDecision& decision) {
  RETURN_IF_ERROR(schemes_->CheckTier("scheme", "tier", decision.scheme, decision.tier));
  std::string from = TierIn(data_.tiers, decision.scheme);
  if (from == decision.tier) {
    return Precondition(
        "NOTHING_TO_CHANGE",
        "the tier in scheme `" + decision.scheme + "` is `" + decision.tier + "` already",
        {{"field", "tier"}, {"scheme", decision.scheme}, {"value", decision.tier}});
  }
  ASSIGN_OR_RETURN(const Time effective_from, EffectiveFrom(decision));
  data_.tiers[decision.scheme] = decision.tier;
  ChangeTier(decision, std::move(from), effective_from);
  return absl::OkStatus();
}

absl::Status Customer::RemoveTier(const TierDecision& decision) {
  std::string from = TierIn(data_.tiers, decision.scheme);
  if (from.empty()) {
    // A scheme that was taken out of the file may still be held: only an unheld one must be known.
    RETURN_IF_ERROR(schemes_->CheckScheme("scheme", decision.scheme));
    return Precondition("TIER_NOT_SET",
                        "the customer has no tier in scheme `" + decision.scheme + "`",
                        {{"scheme", decision.scheme}});
  }
  ASSIGN_OR_RETURN(const Time effective_from, EffectiveFrom(decision));
  data_.tiers.erase(decision.scheme);
  ChangeTier(decision, std::move(from), effective_from);
  return absl::OkStatus();
}

}  // namespace steward::leads
