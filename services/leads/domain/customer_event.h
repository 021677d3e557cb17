#pragma once
// What can happen to a customer: ids and facts. Names and personal text have no place in these types.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/time.h"
#include "services/leads/domain/tier.h"

namespace steward::leads {

struct CustomerFacts {
  std::string industry, region, owner, team;
  friend bool operator==(const CustomerFacts&, const CustomerFacts&) = default;
};

// The customer as it is stored, without its text.
struct CustomerData {
  std::string id;
  CustomerFacts facts;
  TierSet tiers;
  std::string registered_by;  // reaches the customer while it has no owner
  Time create_time, update_time;
  int64_t version = 0;  // number of its events
  friend bool operator==(const CustomerData&, const CustomerData&) = default;
};

struct CustomerRegistered {
  CustomerFacts facts;
  TierSet tiers;
};
struct CustomerUpdated {
  std::vector<std::string> changed_fields;
  CustomerFacts from, to;
};
struct CustomerTierChanged {
  std::string scheme, from_tier, tier;  // empty = none
  Time effective_from;
  std::string rule;  // empty = by hand
  TierSet tiers;     // all of them now
};

struct CustomerEvent {
  int64_t version = 0;
  Time occurred_at;
  std::variant<CustomerRegistered, CustomerUpdated, CustomerTierChanged> body;
};

// `customers/{id}`.
inline std::string CustomerName(const std::string& id) { return "customers/" + id; }

}  // namespace steward::leads
