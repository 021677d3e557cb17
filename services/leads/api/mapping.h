#pragma once
// Protobuf to domain types and back. Faults answer INVALID_ARGUMENT naming every field.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/leads/domain/duplicates.h"
#include "services/leads/domain/tier.h"
#include "services/leads/storage/customer_store.h"
#include "services/leads/storage/tier_store.h"
#include "steward/leads/v1/leads_service.pb.h"

namespace steward::leads {

namespace pb = steward::leads::v1;

// The id of `customers/{id}`.
absl::StatusOr<std::string> ParseCustomerName(std::string_view field, std::string_view name);
std::optional<Time> OptionalTime(bool given, const google::protobuf::Timestamp& time);
// `"7"`, quotes included.
std::string EtagOf(int64_t version);

// What reading a customer needs to know.
struct Rules {
  const TierSchemes* schemes = nullptr;
  std::string phone_region = "CN";
};
// To store, names are needed; to compare, they are not.
enum class Use { kStore, kCompare };
// Text and facts of a customer, in their forms; without id, times and version. `path` stands before the field names.
// Tiers are not looked at: a stored customer may hold one that the schemes no longer have.
absl::StatusOr<StoredCustomer> FromProto(const Rules& rules, const pb::Customer& from,
                                         std::string_view path, Use use = Use::kStore);
// The tiers of one that is created.
absl::StatusOr<TierSet> NewTiers(const Rules& rules, const pb::Customer& from,
                                 std::string_view path);
// By what the customer may be found to be the same as another. One without a company name is compared by its display names.
std::vector<MatchKey> KeysOf(const CustomerText& text);

// What the history of tiers of a new customer begins with.
std::vector<TierChange> FirstTiers(const CustomerData& data);

void ToProto(const StoredCustomer& from, pb::Customer* to);
void ToProto(const TierChange& from, pb::CustomerTierChange* to);
void ToProto(const TierScheme& from, pb::TierScheme* to);

// The rule and the reason of a change of tier. Empty is allowed.
absl::Status CheckRule(std::string_view rule);
absl::Status CheckReason(std::string_view reason);

struct ListQuery {
  CustomerFilter filter;
  bool nothing = false;  // two values asked of one field
  CustomerOrder order;
};
absl::StatusOr<ListQuery> ParseListQuery(std::string_view filter, std::string_view order_by);

}  // namespace steward::leads
