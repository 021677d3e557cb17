#include "services/orders/storage/won_store.h"

#include "libs/base/status.h"

namespace steward::orders {
namespace {

constexpr pg::Statement kWon{
    "opportunity_won_put",
    "INSERT INTO opportunity_won AS w (opportunity, cycle, event_id, correlation, traceparent, "
    "state, attempts, next_attempt, waits_for) VALUES ($1, $2, $3, $4, $5, 1, 0, $6, '') "
    "ON CONFLICT (opportunity) DO UPDATE SET (cycle, event_id, correlation, traceparent, state, "
    "attempts, next_attempt, waits_for, contract) = (EXCLUDED.cycle, EXCLUDED.event_id, "
    "EXCLUDED.correlation, EXCLUDED.traceparent, 1, 0, EXCLUDED.next_attempt, '', NULL) "
    "WHERE w.cycle < EXCLUDED.cycle"};
constexpr pg::Statement kDue{
    "opportunity_won_due",
    "SELECT opportunity, cycle, event_id, correlation, traceparent, attempts FROM opportunity_won "
    "WHERE state = 1 AND next_attempt <= $1::timestamptz ORDER BY next_attempt LIMIT $2::bigint"};
constexpr pg::Statement kStillWaiting{
    "opportunity_won_still_waiting",
    "SELECT 1 FROM opportunity_won WHERE opportunity = $1::text AND cycle = $2::integer AND state "
    "= 1"};
constexpr pg::Statement kSettle{
    "opportunity_won_settle",
    "UPDATE opportunity_won SET state = $3::smallint, contract = $4::uuid, waits_for = '' "
    "WHERE opportunity = $1::text AND cycle = $2::integer AND state = 1"};
constexpr pg::Statement kPostpone{
    "opportunity_won_postpone",
    "UPDATE opportunity_won SET attempts = attempts + 1, next_attempt = $3::timestamptz, waits_for "
    "= $4::text WHERE opportunity = $1::text AND cycle = $2::integer AND state = 1"};
constexpr pg::Statement kCount{
    "opportunity_won_count",
    "SELECT count(*) FILTER (WHERE waits_for = ''), count(*) FILTER (WHERE waits_for = 'leads'), "
    "count(*) FILTER (WHERE waits_for NOT IN ('', 'leads')) FROM opportunity_won WHERE state = 1"};

}  // namespace

void QueueWon(pg::Tx& tx, const WonOpportunity& won, Time now) {
  pg::Params params;
  params.Add(won.opportunity).Add(won.cycle).Add(won.event_id).Add(won.correlation);
  tx.Queue(kWon, params.Add(won.traceparent).Add(now));
}

absl::StatusOr<std::vector<WonOpportunity>> FindDue(pg::Connection& db, Time now, int limit) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kDue, pg::Params().Add(now).Add(static_cast<int64_t>(limit))));
  std::vector<WonOpportunity> due;
  for (int row = 0; row < result.rows(); ++row) {
    due.push_back({result.Text(row, 0), static_cast<int32_t>(result.Int(row, 1)),
                   result.Uuid(row, 2), result.Text(row, 3), result.Text(row, 4),
                   static_cast<int32_t>(result.Int(row, 5))});
  }
  return due;
}

pg::Pending QueueStillWaiting(pg::Tx& tx, const WonOpportunity& won) {
  return tx.Queue(kStillWaiting, pg::Params().Add(won.opportunity).Add(won.cycle));
}

void QueueSettle(pg::Tx& tx, const WonOpportunity& won, WonState state,
                 const std::optional<Uuid>& contract) {
  pg::Params params;
  params.Add(won.opportunity).Add(won.cycle).Add(static_cast<int16_t>(state));
  tx.Queue(kSettle, params.AddOptional(contract));
}

absl::Status Postpone(pg::Connection& db, const WonOpportunity& won, Time next,
                      const std::string& waits_for) {
  pg::Params params;
  params.Add(won.opportunity).Add(won.cycle).Add(next).Add(waits_for);
  return db.Run(kPostpone, params).status();
}

absl::StatusOr<WaitingDrafts> CountWaiting(pg::Connection& db) {
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kCount));
  return WaitingDrafts{result.Int(0, 0), result.Int(0, 1), result.Int(0, 2)};
}

}  // namespace steward::orders
