#pragma once
// The customer: every change is a method that adds its events or says why not.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/leads/domain/contact.h"
#include "services/leads/domain/customer_event.h"

namespace steward::leads {

// How far ahead of now a tier may begin: clocks of callers differ.
inline constexpr Duration kTierAhead = Seconds(60);

// A tier to set or to take away.
struct TierDecision {
  std::string scheme;
  std::string tier;  // not looked at when it is taken away
  std::optional<Time> effective_from;
  std::string rule;
  std::optional<Time> last_change;  // effective_from of the last change of this scheme, if any
  Time now;
};

// Refusals: FIELD_INVALID, NOTHING_TO_CHANGE and TIER_NOT_SET (FAILED_PRECONDITION).
class Customer {
 public:
  // A new customer: `draft` has id, facts and tiers. Tiers given now begin now.
  static absl::StatusOr<Customer> Register(const TierSchemes& schemes, CustomerData draft,
                                           const std::string& actor, Time now);
  // A stored one.
  Customer(const TierSchemes& schemes, CustomerData stored)
      : schemes_(&schemes), data_(std::move(stored)) {}

  const CustomerData& data() const { return data_; }
  // Events since registration or loading, in version order.
  const std::vector<CustomerEvent>& events() const { return events_; }

  // The new facts, and which fields of its text changed. False: nothing did, and there is no event.
  bool Update(CustomerFacts facts, std::vector<std::string> changed_text, Time now);
  [[nodiscard]] absl::Status SetTier(const TierDecision& decision);
  [[nodiscard]] absl::Status RemoveTier(const TierDecision& decision);

 private:
  template <class Body>
  void Add(Time now, Body body);
  void ChangeTier(const TierDecision& decision, std::string from, Time effective_from);

  const TierSchemes* schemes_;
  CustomerData data_;
  std::vector<CustomerEvent> events_;
};

}  // namespace steward::leads
