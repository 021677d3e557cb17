#include "services/orders/storage/won_store.h"

#include "libs/base/status.h"

namespace steward::orders {
namespace {

constexpr pg::Statement kWon{
    "opportunity_won_put",
    "INSERT INTO opportunity_won AS w (opportunity, cycle, event_id, correlation, traceparent, "
    "state, attempts, next_attempt, waits_for) VALUES ($1, $2, $3, $4, $5, 1, 0, $6, '') "
    "ON CONFLICT (opportunity) DO UPDATE SET (cycle, event_id, correlation, traceparent, state, "
    "attempts, next_attempt, waits_for, contract, park_time, reason) = (EXCLUDED.cycle, "
    "EXCLUDED.event_id, EXCLUDED.correlation, EXCLUDED.traceparent, 1, 0, EXCLUDED.next_attempt, "
    "'', NULL, NULL, '') "
    "WHERE w.cycle < EXCLUDED.cycle"};
constexpr pg::Statement kDue{
    "opportunity_won_due",
    "SELECT opportunity, cycle, event_id, correlation, traceparent, attempts, waits_for "
    "FROM opportunity_won "
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
    "UPDATE opportunity_won SET attempts = CASE WHEN waits_for = $4::text THEN attempts + 1 ELSE 1 "
    "END, next_attempt = $3::timestamptz, waits_for = $4::text WHERE opportunity = $1::text AND "
    "cycle = $2::integer AND state = 1"};
constexpr pg::Statement kCount{
    "opportunity_won_count",
    "SELECT count(*) FILTER (WHERE state = 1 AND waits_for = ''), "
    "count(*) FILTER (WHERE state = 1 AND waits_for IN ('leads', 'opportunity')), "
    "count(*) FILTER (WHERE state = 1 AND waits_for NOT IN ('', 'leads', 'opportunity')), "
    "count(*) FILTER (WHERE state = 4) FROM opportunity_won WHERE state IN (1, 4)"};
constexpr pg::Statement kPark{
    "opportunity_won_park",
    "UPDATE opportunity_won SET attempts = attempts + 1, state = 4, park_time = $3::timestamptz, "
    "waits_for = $4::text, reason = $5::text WHERE opportunity = $1::text AND cycle = $2::integer "
    "AND state = 1"};
constexpr pg::Statement kRelease{
    "opportunity_won_release",
    "UPDATE opportunity_won SET attempts = 0, state = 1, park_time = NULL, waits_for = '', "
    "reason = '', next_attempt = $3::timestamptz WHERE opportunity = $1::text AND cycle = "
    "$2::integer AND state = 4"};
#define UNSETTLED_COLUMNS \
  "opportunity, cycle, event_id, attempts, waits_for, state, next_attempt, park_time, reason "
constexpr pg::Statement kUnsettled{"opportunity_won_unsettled",
                                   "SELECT " UNSETTLED_COLUMNS
                                   "FROM opportunity_won WHERE opportunity = $1::text AND state IN "
                                   "(1, 4)"};
constexpr pg::Statement kListUnsettled{
    "opportunity_won_list", "SELECT " UNSETTLED_COLUMNS
                            "FROM opportunity_won WHERE state IN (1, 4) AND state = "
                            "ANY($1::smallint[]) AND opportunity > $2::text ORDER BY opportunity "
                            "LIMIT $3::bigint"};

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
                   static_cast<int32_t>(result.Int(row, 5)), result.Text(row, 6)});
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
  return WaitingDrafts{result.Int(0, 0), result.Int(0, 1), result.Int(0, 2), result.Int(0, 3)};
}

absl::Status Park(pg::Connection& db, const WonOpportunity& won, Time now,
                  const std::string& waits_for, const std::string& reason) {
  pg::Params params;
  params.Add(won.opportunity).Add(won.cycle).Add(now).Add(waits_for).Add(reason);
  return db.Run(kPark, params).status();
}

pg::Pending QueueUnsettled(pg::Tx& tx, const std::string& opportunity) {
  return tx.Queue(kUnsettled, pg::Params().Add(opportunity));
}

UnsettledDraft ReadUnsettled(const pg::Result& result, int row) {
  UnsettledDraft draft;
  draft.won.opportunity = result.Text(row, 0);
  draft.won.cycle = static_cast<int32_t>(result.Int(row, 1));
  draft.won.event_id = result.Uuid(row, 2);
  draft.won.attempts = static_cast<int32_t>(result.Int(row, 3));
  draft.won.waits_for = result.Text(row, 4);
  draft.state = static_cast<WonState>(result.Int(row, 5));
  draft.next_attempt = result.Timestamp(row, 6);
  draft.park_time = result.OptionalTimestamp(row, 7);
  draft.reason = result.Text(row, 8);
  return draft;
}

void QueueRelease(pg::Tx& tx, const WonOpportunity& won, Time now) {
  tx.Queue(kRelease, pg::Params().Add(won.opportunity).Add(won.cycle).Add(now));
}

absl::StatusOr<std::vector<UnsettledDraft>> ListUnsettled(pg::Connection& db,
                                                          const std::vector<int16_t>& states,
                                                          const std::string& after, int limit,
                                                          Duration timeout) {
  pg::Params params;
  params.AddInt16s(states).Add(after).Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kListUnsettled, params, timeout));
  std::vector<UnsettledDraft> drafts;
  for (int row = 0; row < result.rows(); ++row) {
    drafts.push_back(ReadUnsettled(result, row));
  }
  return drafts;
}

}  // namespace steward::orders
