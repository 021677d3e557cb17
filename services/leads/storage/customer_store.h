#pragma once
// SQL of customers. Whatever loads a customer for a caller takes the caller's reach: out of reach is not there. A customer without
// an owner is reached like one owned by whoever registered it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/leads/domain/contact.h"
#include "services/leads/domain/customer_event.h"
#include "services/leads/domain/duplicates.h"

namespace steward::leads {

struct StoredCustomer {
  CustomerData data;
  CustomerText text;
};

// In a command, under the customer's lock. One row or none.
pg::Pending QueueLoad(pg::Tx& tx, const std::string& id, const rpc::Reach& reach);
StoredCustomer ReadCustomer(const pg::Result& result, int row);
// Which of these ids are taken, within reach or not: one text column.
pg::Pending QueueTaken(pg::Tx& tx, const std::vector<std::string>& ids);
void QueueInsert(pg::Tx& tx, const StoredCustomer& customer, const std::vector<MatchKey>& keys);
void QueueUpdate(pg::Tx& tx, const CustomerData& customer);
void QueueUpdateText(pg::Tx& tx, const std::string& id, const CustomerText& text,
                     const std::vector<MatchKey>& keys);

absl::StatusOr<std::optional<StoredCustomer>> GetCustomer(pg::Connection& db, const std::string& id,
                                                          const rpc::Reach& reach,
                                                          Duration timeout);
// In any order; what is missing or out of reach is left out.
absl::StatusOr<std::vector<StoredCustomer>> GetCustomers(pg::Connection& db,
                                                         const std::vector<std::string>& ids,
                                                         const rpc::Reach& reach, Duration timeout);

struct CustomerFilter {
  std::map<std::string, std::string> equal;  // by column of kFilterColumns
  std::map<std::string, std::vector<std::string>> not_equal;
  std::vector<std::string> tiers, not_tiers;                // all of these, none of those
  Time created_from = kEpoch, created_to = kClientTimeEnd;  // both inclusive
  Time updated_from = kEpoch, updated_to = kClientTimeEnd;
};
inline constexpr std::string_view kFilterColumns[] = {"industry", "region", "owner", "team"};
struct CustomerOrder {
  bool by_update_time = false;  // else by create_time
  bool ascending = false;
};
// The last customer of the page before: its time by the order, and its id.
using CustomerCursor = std::pair<Time, std::string>;
absl::StatusOr<std::vector<StoredCustomer>> ListCustomers(
    pg::Connection& db, const CustomerFilter& filter, CustomerOrder order,
    const std::optional<CustomerCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout);

// Customers within reach that hold one of the keys; of each key at most kMaxHolders + 2, so that `self` and one too many show.
absl::StatusOr<std::vector<KeyHolder>> FindHolders(pg::Connection& db,
                                                   const std::vector<MatchKey>& keys,
                                                   const rpc::Reach& reach, Duration timeout);
// The keys of a stored customer.
absl::StatusOr<std::vector<MatchKey>> GetKeys(pg::Connection& db, const std::string& id,
                                              Duration timeout);

}  // namespace steward::leads
