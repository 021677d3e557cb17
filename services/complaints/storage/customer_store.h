#pragma once
// SQL of customers and their tiers: a projection of the leads service's topic.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"

namespace steward::complaints {

struct CustomerRow {
  std::string name;
  int64_t version;  // of the customer, when it last told its tiers
  std::vector<std::string> tiers;
};
void QueuePutCustomer(pg::Tx& tx, const CustomerRow& customer);
// One row or none.
pg::Pending QueueGetCustomer(pg::Tx& tx, std::string_view name);
CustomerRow ReadCustomer(const pg::Result& rows, int row);

// Customers written since a page before; some of them twice. `next` is where to go on.
struct NewCustomers {
  std::vector<CustomerRow> customers;
  uint64_t next = 0;
};
absl::StatusOr<NewCustomers> FindNewCustomers(pg::Connection& db, uint64_t from);

}  // namespace steward::complaints
