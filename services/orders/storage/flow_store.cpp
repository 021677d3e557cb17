#include "services/orders/storage/flow_store.h"

#include "libs/base/status.h"

namespace steward::orders {
namespace {

#define FLOW_COLUMNS "flow, version, spec::text, active, created_by, create_time"

constexpr pg::Statement kGet{"approval_flow_get",
                             "SELECT " FLOW_COLUMNS
                             " FROM approval_flow_version WHERE flow = $1::text "
                             "AND (version = $2::integer OR ($2::integer = 0 AND active))"};
constexpr pg::Statement kLast{
    "approval_flow_last", "SELECT max(version) FROM approval_flow_version WHERE flow = $1::text"};
constexpr pg::Statement kInsert{
    "approval_flow_insert",
    "INSERT INTO approval_flow_version (flow, version, spec, active, created_by, create_time) "
    "VALUES ($1, $2, $3::text::jsonb, $4, $5, $6)"};
// Two statements: the index of the active version allows one at any moment.
constexpr pg::Statement kDeactivate{
    "approval_flow_deactivate",
    "UPDATE approval_flow_version SET active = false WHERE flow = $1::text AND active"};
constexpr pg::Statement kActivate{
    "approval_flow_activate",
    "UPDATE approval_flow_version SET active = true WHERE flow = $1::text AND version = "
    "$2::integer"};
constexpr pg::Statement kList{
    "approval_flow_list",
    "SELECT " FLOW_COLUMNS
    " FROM approval_flow_version WHERE (flow = $1::text OR ($1::text = '' AND active)) "
    "AND (flow, version) > ($2::text, $3::integer) ORDER BY flow, version LIMIT $4::bigint"};

}  // namespace

pg::Pending QueueFlow(pg::Tx& tx, const std::string& id, int32_t version) {
  return tx.Queue(kGet, pg::Params().Add(id).Add(version));
}

StoredFlow ReadFlow(const pg::Result& result, int row) {
  return {result.Text(row, 0), static_cast<int32_t>(result.Int(row, 1)),
          result.Text(row, 2), result.Bool(row, 3),
          result.Text(row, 4), result.Timestamp(row, 5)};
}

pg::Pending QueueLastVersion(pg::Tx& tx, const std::string& id) {
  return tx.Queue(kLast, pg::Params().Add(id));
}

void QueueInsertFlow(pg::Tx& tx, const StoredFlow& flow) {
  pg::Params params;
  params.Add(flow.id).Add(flow.version).Add(flow.spec).Add(flow.active).Add(flow.created_by);
  tx.Queue(kInsert, params.Add(flow.create_time));
}

void QueueActivate(pg::Tx& tx, const std::string& id, int32_t version) {
  tx.Queue(kDeactivate, pg::Params().Add(id));
  tx.Queue(kActivate, pg::Params().Add(id).Add(version));
}

absl::StatusOr<std::optional<StoredFlow>> GetFlow(pg::Connection& db, const std::string& id,
                                                  int32_t version, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kGet, pg::Params().Add(id).Add(version), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadFlow(result, 0));
}

absl::StatusOr<std::vector<StoredFlow>> ListFlows(pg::Connection& db, const std::string& id,
                                                  const FlowCursor& after, int limit,
                                                  Duration timeout) {
  pg::Params params;
  params.Add(id).Add(after.first).Add(after.second).Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kList, params, timeout));
  std::vector<StoredFlow> flows;
  for (int row = 0; row < result.rows(); ++row) {
    flows.push_back(ReadFlow(result, row));
  }
  return flows;
}

}  // namespace steward::orders
