#include "services/orders/storage/order_store.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/service/list_sql.h"

namespace steward::orders {
namespace {

#define ORDER_COLUMNS                                                                              \
  "o.id, o.version, o.owner, o.team, o.customer, o.contract, o.region, o.first_order, o.state, "   \
  "o.state_time, "                                                                                 \
  "o.reviewed_by, o.sheet_made_by, o.signed_for_sales_by, o.signed_for_finance_by, o.enter_time, " \
  "o.update_time, "                                                                                \
  "o.release_time, o.deliver_time, o.accept_time, o.cancel_reason, o.return_reason, o.currency, "  \
  "o.products, "                                                                                   \
  "o.product_lines, o.new_products, o.quantities, o.unit_prices, o.delivered, o.returned "
#define WITHIN_REACH "($1::boolean OR o.owner = ANY($2::text[]) OR o.team = ANY($3::text[]))"

constexpr pg::Statement kLoad{"order_load",
                              "SELECT " ORDER_COLUMNS
                              "FROM sales_order o WHERE o.id = $4::uuid AND " WITHIN_REACH};
constexpr pg::Statement kInsert{
    "order_insert",
    "INSERT INTO sales_order (id, version, owner, team, customer, contract, region, first_order, "
    "state, state_time, "
    "reviewed_by, sheet_made_by, signed_for_sales_by, signed_for_finance_by, enter_time, "
    "update_time, release_time, "
    "deliver_time, accept_time, cancel_reason, return_reason, currency, products, product_lines, "
    "new_products, "
    "quantities, unit_prices, delivered, returned) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
    "$10, $11, $12, $13, "
    "$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)"};
constexpr pg::Statement kUpdate{
    "order_update",
    "UPDATE sales_order SET (version, owner, team, customer, contract, region, first_order, state, "
    "state_time, "
    "reviewed_by, sheet_made_by, signed_for_sales_by, signed_for_finance_by, enter_time, "
    "update_time, release_time, "
    "deliver_time, accept_time, cancel_reason, return_reason, currency, products, product_lines, "
    "new_products, "
    "quantities, unit_prices, delivered, returned) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
    "$12, $13, $14, $15, "
    "$16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29) WHERE id = $1"};
constexpr pg::Statement kEarlier{"order_earlier",
                                 "SELECT EXISTS (SELECT 1 FROM sales_order WHERE customer = "
                                 "$1::text AND enter_time <= $2::timestamptz AND "
                                 "state <> 11 AND id <> $3::uuid)"};
constexpr pg::Statement kContractOf{"order_contract_of",
                                    "SELECT contract FROM sales_order WHERE id = $1::uuid"};
constexpr pg::Statement kProgress{"order_progress",
                                  "SELECT count(*), count(*) FILTER (WHERE state NOT IN (9, 10)), "
                                  "count(*) FILTER (WHERE state <> 10), "
                                  "max(deliver_time), max(accept_time) FROM sales_order WHERE "
                                  "contract = $1::text AND contract <> '' AND "
                                  "state NOT IN (11, 12) AND id <> $2::uuid"};

pg::Params OrderParams(const OrderData& order) {
  std::vector<std::string> products, product_lines;
  std::vector<int16_t> new_products;
  std::vector<int64_t> quantities, prices, delivered, returned;
  for (const OrderLine& line : order.terms.lines) {
    products.push_back(line.product);
    product_lines.push_back(line.product_line);
    new_products.push_back(line.new_product ? 1 : 0);
    quantities.push_back(line.quantity);
    prices.push_back(line.unit_price.minor);
    delivered.push_back(line.delivered);
    returned.push_back(line.returned);
  }
  pg::Params params;
  params.Add(order.id)
      .Add(order.version)
      .Add(order.owner)
      .Add(order.team)
      .Add(order.terms.customer);
  params.Add(order.terms.contract).Add(order.terms.region).Add(order.terms.first_order);
  params.Add(static_cast<int16_t>(order.state)).Add(order.state_time).Add(order.reviewed_by);
  params.Add(order.sheet_made_by).Add(order.signed_for_sales_by).Add(order.signed_for_finance_by);
  params.Add(order.enter_time).Add(order.update_time).AddOptional(order.release_time);
  params.AddOptional(order.deliver_time).AddOptional(order.accept_time).Add(order.cancel_reason);
  params.Add(order.return_reason)
      .Add(order.terms.lines.front().unit_price.currency)
      .AddTexts(products);
  params.AddTexts(product_lines).AddInt16s(new_products).AddInts(quantities).AddInts(prices);
  return std::move(params.AddInts(delivered).AddInts(returned));
}

std::vector<OrderLine> ReadLines(const pg::Result& result, int row, int column) {
  const std::string currency = result.Text(row, column);
  const std::vector<std::string> products = result.Texts(row, column + 1),
                                 lines = result.Texts(row, column + 2);
  const std::vector<int64_t> fresh = result.Ints(row, column + 3),
                             quantities = result.Ints(row, column + 4),
                             prices = result.Ints(row, column + 5),
                             delivered = result.Ints(row, column + 6),
                             returned = result.Ints(row, column + 7);
  std::vector<OrderLine> read;
  for (size_t i = 0; i < products.size(); ++i) {
    read.push_back({products[i],
                    lines[i],
                    fresh[i] != 0,
                    quantities[i],
                    {currency, prices[i]},
                    delivered[i],
                    returned[i]});
  }
  return read;
}

std::string ListText() {
  service::ListSql sql("SELECT " ORDER_COLUMNS "FROM sales_order o WHERE " WITHIN_REACH);
  sql.OneOf("o.", kOrderFilterColumns).OneOf("o.state", "smallint");
  sql.Between("o.enter_time").Between("o.update_time");
  return sql.OrderBy("o.enter_time", "o.id", "uuid", false);
}

}  // namespace

pg::Pending QueueLoadOrder(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach) {
  return tx.Queue(kLoad, service::ReachParams(reach).Add(id));
}

OrderData ReadOrder(const pg::Result& result, int row) {
  OrderData order;
  order.id = result.Uuid(row, 0);
  order.version = result.Int(row, 1);
  order.owner = result.Text(row, 2);
  order.team = result.Text(row, 3);
  order.terms = {result.Text(row, 4), result.Text(row, 5), result.Text(row, 6), result.Bool(row, 7),
                 ReadLines(result, row, 21)};
  order.state = static_cast<OrderState>(result.Int(row, 8));
  order.state_time = result.Timestamp(row, 9);
  order.reviewed_by = result.Text(row, 10);
  order.sheet_made_by = result.Text(row, 11);
  order.signed_for_sales_by = result.Text(row, 12);
  order.signed_for_finance_by = result.Text(row, 13);
  order.enter_time = result.Timestamp(row, 14);
  order.update_time = result.Timestamp(row, 15);
  order.release_time = result.OptionalTimestamp(row, 16);
  order.deliver_time = result.OptionalTimestamp(row, 17);
  order.accept_time = result.OptionalTimestamp(row, 18);
  order.cancel_reason = result.Text(row, 19);
  order.return_reason = result.Text(row, 20);
  return order;
}

void QueueInsertOrder(pg::Tx& tx, const OrderData& order) { tx.Queue(kInsert, OrderParams(order)); }
void QueueUpdateOrder(pg::Tx& tx, const OrderData& order) { tx.Queue(kUpdate, OrderParams(order)); }

absl::StatusOr<std::optional<OrderData>> GetOrder(pg::Connection& db, const Uuid& id,
                                                  const rpc::Reach& reach, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoad, service::ReachParams(reach).Add(id), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadOrder(result, 0));
}

pg::Pending QueueEarlierOrder(pg::Tx& tx, const std::string& customer, Time at, const Uuid& self) {
  return tx.Queue(kEarlier, pg::Params().Add(customer).Add(at).Add(self));
}
bool ReadEarlierOrder(const pg::Result& result) { return result.Bool(0, 0); }

absl::StatusOr<std::optional<std::string>> ReadContractOf(pg::Tx& tx, const Uuid& id) {
  ASSIGN_OR_RETURN(const pg::Result result, tx.Run(kContractOf, pg::Params().Add(id)));
  return result.rows() == 0 ? std::nullopt : std::optional(result.Text(0, 0));
}

pg::Pending QueueProgress(pg::Tx& tx, const std::string& contract, const Uuid& self) {
  return tx.Queue(kProgress, pg::Params().Add(contract).Add(self));
}
ContractProgress ReadProgress(const pg::Result& result) {
  return {result.Int(0, 0), result.Int(0, 1), result.Int(0, 2), result.OptionalTimestamp(0, 3),
          result.OptionalTimestamp(0, 4)};
}

absl::StatusOr<std::vector<OrderData>> ListOrders(pg::Connection& db, const OrderFilter& filter,
                                                  const std::optional<OrderCursor>& after,
                                                  const rpc::Reach& reach, int limit,
                                                  Duration timeout) {
  static const std::string sql = ListText();
  static const pg::Statement list{"order_list", sql.c_str()};
  pg::Params params = service::ReachParams(reach);
  service::AddOneOf(params, kOrderFilterColumns, filter.equal, filter.not_equal);
  service::AddStates(params, filter.state, filter.not_states);
  params.Add(filter.entered_from).Add(filter.entered_to);
  params.Add(filter.updated_from).Add(filter.updated_to);
  service::AddPlace(params, after, limit);
  ASSIGN_OR_RETURN(const pg::Result rows, service::ReadPlanned(db, list, params, timeout));
  return service::ReadRows(rows, ReadOrder);
}

}  // namespace steward::orders
