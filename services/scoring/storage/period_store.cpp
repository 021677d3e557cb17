#include "services/scoring/storage/period_store.h"

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

#define STEWARD_PERIOD                                                                       \
  "SELECT period, version, state, first_day::text, last_day::text, freeze_time, frozen_by, " \
  "close_time, closed_by, hash FROM period "
constexpr pg::Statement kGet{"period_get", STEWARD_PERIOD "WHERE period = $1::text"};
constexpr pg::Statement kList{"period_list", STEWARD_PERIOD
                              "WHERE $1::text = '' OR period < $1::text ORDER BY period DESC "
                              "LIMIT $2::bigint"};
#undef STEWARD_PERIOD
constexpr pg::Statement kClosedOn{
    "period_closed_on",
    "SELECT period FROM period WHERE state = 'CLOSED' AND $1::text::date BETWEEN first_day AND "
    "last_day ORDER BY period"};
constexpr pg::Statement kSave{
    "period_save",
    "INSERT INTO period (period, version, state, first_day, last_day, freeze_time, frozen_by, "
    "close_time, closed_by, hash) VALUES ($1, $2, $3, $4::text::date, $5::text::date, $6, $7, $8, "
    "$9, $10) ON CONFLICT (period) DO UPDATE SET version = excluded.version, state = "
    "excluded.state, close_time = excluded.close_time, closed_by = excluded.closed_by, hash = "
    "excluded.hash WHERE period.state <> 'CLOSED'"};
constexpr pg::Statement kSaveResult{
    "period_result_save",
    "INSERT INTO period_result (period, scorecard, subject, result, hash) VALUES ($1, $2, $3, $4, "
    "$5)"};
constexpr pg::Statement kGetResult{
    "period_result_get",
    "SELECT period, scorecard, subject, result, hash FROM period_result WHERE period = $1::text "
    "AND scorecard = $2::text AND subject = $3::text"};
constexpr pg::Statement kListResults{
    "period_result_list",
    "SELECT period, scorecard, subject, result, hash FROM period_result WHERE period = $1::text "
    "AND ($2::text = '' OR scorecard = $2::text) AND ($3::boolean OR subject = ANY($4::text[]) OR "
    "subject = ANY($5::text[])) AND (scorecard, subject) > ($6::text, $7::text) ORDER BY "
    "scorecard, subject LIMIT $8::bigint"};
constexpr pg::Statement kPositions{"period_positions",
                                   "SELECT topic, partition, next_offset, end_offset, "
                                   "end_confirmed_at, halted FROM consumer_offset "
                                   "WHERE consumer_group = $1::text ORDER BY topic, partition"};
constexpr pg::Statement kClock{"period_clock", "SELECT clock_timestamp()"};
constexpr pg::Statement kParked{"period_parked",
                                "SELECT count(*) FROM parked_record WHERE consumer_group = "
                                "$1::text AND state = 'parked'"};
// Facts before the period count as well: who has a first one in it depends on them.
constexpr pg::Statement kMark{
    "period_mark",
    "SELECT clock_timestamp(), (SELECT count(*) FROM measurement m WHERE EXISTS (SELECT FROM "
    "measurement o WHERE o.source = m.source AND o.external_id = m.external_id AND o.day BETWEEN "
    "$2::text::date AND $3::text::date)), (SELECT coalesce(sum(version), 0)::bigint FROM (SELECT "
    "version FROM target WHERE period = ANY($1::text[]) UNION ALL SELECT version FROM eligibility "
    "WHERE period = ANY($1::text[])) v), (SELECT count(*) FROM fact WHERE recorded_at > "
    "$4::timestamptz AND "
    "day <= $3::text::date)"};
constexpr pg::Statement kLate{
    "fact_late",
    "SELECT count(*) FROM fact WHERE day BETWEEN $1::text::date AND $2::text::date AND recorded_at "
    "> $3::timestamptz"};

}  // namespace

absl::StatusOr<std::vector<StoredResult>> ListResults(
    pg::Connection& db, const std::string& period, const std::string& scorecard, bool everyone,
    const std::vector<std::string>& members, const std::vector<std::string>& teams,
    const std::string& after_card, const std::string& after_subject, int limit, Duration timeout) {
  pg::Params params;
  params.Add(period).Add(scorecard).Add(everyone).AddTexts(members).AddTexts(teams);
  params.Add(after_card).Add(after_subject).Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kListResults, params, timeout));
  std::vector<StoredResult> results;
  for (int i = 0; i < rows.rows(); ++i) {
    results.push_back(ReadResult(rows, i));
  }
  return results;
}

absl::StatusOr<std::vector<InputPosition>> ReadPositions(pg::Connection& db,
                                                         const std::string& group,
                                                         Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kPositions, pg::Params().Add(group), timeout));
  std::vector<InputPosition> positions;
  for (int i = 0; i < rows.rows(); ++i) {
    positions.push_back({rows.Text(i, 0), rows.Int(i, 1), rows.Int(i, 2), rows.Int(i, 3),
                         rows.OptionalTimestamp(i, 4), rows.Text(i, 5)});
  }
  return positions;
}

absl::StatusOr<Time> ReadClock(pg::Connection& db, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kClock, pg::Params(), timeout));
  return rows.Timestamp(0, 0);
}

absl::StatusOr<int64_t> CountParked(pg::Connection& db, const std::string& group,
                                    Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kParked, pg::Params().Add(group), timeout));
  return rows.Int(0, 0);
}

pg::Pending QueueMark(pg::Tx& tx, const std::vector<std::string>& periods, const Days& days,
                      std::optional<Time> since) {
  pg::Params params;
  params.AddTexts(periods).Add(FormatDay(days.first)).Add(FormatDay(days.last)).AddOptional(since);
  return tx.Queue(kMark, params);
}

PeriodMark ReadMark(const pg::Result& rows) {
  return {rows.Timestamp(0, 0), rows.Int(0, 1), rows.Int(0, 2), rows.Int(0, 3)};
}

absl::StatusOr<int64_t> CountLate(pg::Connection& db, const Days& days, Time after,
                                  Duration timeout) {
  pg::Params params;
  params.Add(FormatDay(days.first)).Add(FormatDay(days.last)).Add(after);
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kLate, params, timeout));
  return rows.Int(0, 0);
}

absl::StatusOr<StoredPeriod> ReadPeriod(const pg::Result& rows, int row) {
  StoredPeriod period;
  period.name = rows.Text(row, 0);
  period.version = rows.Int(row, 1);
  period.state = rows.Text(row, 2);
  ASSIGN_OR_RETURN(period.days.first, ParseDay("first_day", rows.Text(row, 3)));
  ASSIGN_OR_RETURN(period.days.last, ParseDay("last_day", rows.Text(row, 4)));
  period.freeze_time = rows.Timestamp(row, 5);
  period.frozen_by = rows.Text(row, 6);
  period.close_time = rows.OptionalTimestamp(row, 7);
  period.closed_by = rows.Text(row, 8);
  period.hash = rows.Text(row, 9);
  return period;
}

absl::StatusOr<std::optional<StoredPeriod>> GetPeriod(pg::Connection& db, const std::string& name,
                                                      Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kGet, pg::Params().Add(name), timeout));
  if (rows.rows() == 0) {
    return std::optional<StoredPeriod>();
  }
  ASSIGN_OR_RETURN(StoredPeriod period, ReadPeriod(rows, 0));
  return std::optional(std::move(period));
}

pg::Pending QueuePeriod(pg::Tx& tx, const std::string& name) {
  return tx.Queue(kGet, pg::Params().Add(name));
}

pg::Pending QueueClosedOn(pg::Tx& tx, absl::CivilDay day) {
  return tx.Queue(kClosedOn, pg::Params().Add(FormatDay(day)));
}

std::vector<std::string> ReadNames(const pg::Result& rows) {
  std::vector<std::string> names;
  for (int row = 0; row < rows.rows(); ++row) {
    names.push_back(rows.Text(row, 0));
  }
  return names;
}

void QueueSave(pg::Tx& tx, const StoredPeriod& p) {
  pg::Params params;
  params.Add(p.name).Add(p.version).Add(p.state);
  params.Add(FormatDay(p.days.first)).Add(FormatDay(p.days.last)).Add(p.freeze_time);
  params.Add(p.frozen_by).AddOptional(p.close_time).Add(p.closed_by).Add(p.hash);
  tx.Queue(kSave, params);
}

absl::StatusOr<std::vector<StoredPeriod>> ListPeriods(pg::Connection& db, const std::string& after,
                                                      int limit, Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      db.Run(kList, pg::Params().Add(after).Add(static_cast<int64_t>(limit)), timeout));
  std::vector<StoredPeriod> periods;
  for (int row = 0; row < rows.rows(); ++row) {
    ASSIGN_OR_RETURN(StoredPeriod period, ReadPeriod(rows, row));
    periods.push_back(std::move(period));
  }
  return periods;
}

void QueueResults(pg::Tx& tx, const std::vector<StoredResult>& results) {
  for (const StoredResult& r : results) {
    tx.Queue(
        kSaveResult,
        pg::Params().Add(r.period).Add(r.scorecard).Add(r.subject).AddBytes(r.result).Add(r.hash));
  }
}

pg::Pending QueueResult(pg::Tx& tx, const std::string& period, const std::string& scorecard,
                        const std::string& subject) {
  return tx.Queue(kGetResult, pg::Params().Add(period).Add(scorecard).Add(subject));
}

StoredResult ReadResult(const pg::Result& rows, int row) {
  return {rows.Text(row, 0), rows.Text(row, 1), rows.Text(row, 2), rows.Bytes(row, 3),
          rows.Text(row, 4)};
}

}  // namespace steward::scoring
