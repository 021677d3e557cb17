#include "services/complaints/storage/customer_store.h"

#include "libs/base/status.h"

namespace steward::complaints {
namespace {

constexpr pg::Statement kPut{
    "customer_put",
    "INSERT INTO customer AS c (name, version, tiers) VALUES ($1, $2, $3) ON CONFLICT (name) DO "
    "UPDATE SET version = excluded.version, tiers = excluded.tiers, xid = excluded.xid WHERE "
    "c.version < excluded.version"};
constexpr pg::Statement kGet{"customer_get",
                             "SELECT name, version, tiers FROM customer WHERE name = $1"};
// What was in progress at one reading is at or above its xmin at the next.
constexpr pg::Statement kHorizon{"customer_horizon",
                                 "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"};
constexpr pg::Statement kNew{
    "customer_new",
    "SELECT name, version, tiers FROM customer WHERE xid >= ($1::bigint)::text::xid8"};

}  // namespace

void QueuePutCustomer(pg::Tx& tx, const CustomerRow& customer) {
  tx.Queue(kPut, pg::Params().Add(customer.name).Add(customer.version).AddTexts(customer.tiers));
}

pg::Pending QueueGetCustomer(pg::Tx& tx, std::string_view name) {
  return tx.Queue(kGet, pg::Params().Add(name));
}

CustomerRow ReadCustomer(const pg::Result& rows, int row) {
  return {rows.Text(row, 0), rows.Int(row, 1), rows.Texts(row, 2)};
}

absl::StatusOr<NewCustomers> FindNewCustomers(pg::Connection& db, uint64_t from) {
  ASSIGN_OR_RETURN(const pg::Result horizon, db.Run(kHorizon));
  ASSIGN_OR_RETURN(const pg::Result rows,
                   db.Run(kNew, pg::Params().Add(static_cast<int64_t>(from))));
  NewCustomers out;
  out.next = static_cast<uint64_t>(horizon.Int(0, 0));
  for (int i = 0; i < rows.rows(); ++i) {
    out.customers.push_back(ReadCustomer(rows, i));
  }
  return out;
}

}  // namespace steward::complaints
