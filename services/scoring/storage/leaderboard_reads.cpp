#include "services/scoring/storage/leaderboard_reads.h"

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr pg::Statement kRevision{
    "measure_revision_get",
    "SELECT coalesce((SELECT revision FROM measure_revision WHERE measure = $1::text), 0)"};
// One row more than there are places: the revision.
constexpr pg::Statement kPlaces{
    "measure_day_places",
    "WITH totals AS (SELECT subject COLLATE \"C\" AS subject, sum(total)::bigint AS total FROM "
    "measure_day WHERE measure = $1::text AND day BETWEEN $4::text::date AND $5::text::date AND "
    "starts_with(subject, $2::text) AND currency = $3::text GROUP BY 1) "
    "SELECT '' AS subject, 0::bigint AS rank, coalesce((SELECT revision FROM measure_revision "
    "WHERE measure = $1::text), 0) AS total UNION ALL SELECT subject, rank() OVER (ORDER BY total "
    "DESC), total FROM totals ORDER BY rank, subject"};

constexpr pg::Statement kLeadPlaces{
    "lead_score_places",
    "WITH totals AS (SELECT (CASE WHEN $1::text = 'members/' THEN r.owner ELSE r.team END) "
    "COLLATE \"C\" AS subject, count(*) AS total FROM lead_score s JOIN lead_record r USING (lead) "
    "WHERE r.open AND ($2::text = '' OR s.band = $2::text) GROUP BY 1) "
    "SELECT '' AS subject, 0::bigint AS rank, coalesce((SELECT revision FROM measure_revision "
    "WHERE measure = $3::text), 0) AS total UNION ALL SELECT subject, rank() OVER (ORDER BY total "
    "DESC), total FROM totals WHERE subject <> '' ORDER BY rank, subject"};
constexpr pg::Statement kLeadsChanged{
    "measure_revision_add_leads",
    "INSERT INTO measure_revision AS r (measure, revision) VALUES ($1::text, 1) "
    "ON CONFLICT (measure) DO UPDATE SET revision = r.revision + 1"};

}  // namespace

void QueueScoredLeadsChanged(pg::Tx& tx) {
  tx.Queue(kLeadsChanged, pg::Params().Add(std::string(kScoredLeads)));
}

absl::StatusOr<int64_t> MeasureRevision(pg::Connection& db, const std::string& measure,
                                        Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kRevision, pg::Params().Add(measure), timeout));
  return rows.Int(0, 0);
}

absl::StatusOr<WholeBoard> ReadWholeBoard(pg::Connection& db, const BoardQuery& query,
                                          Duration timeout) {
  pg::Params params;
  const bool leads = query.measure == kScoredLeads;
  if (leads) {
    params.Add(query.collection).Add(query.currency).Add(query.measure);
  } else {
    params.Add(query.measure).Add(query.collection).Add(query.currency);
    params.Add(FormatDay(query.first)).Add(FormatDay(query.last));
  }
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(leads ? kLeadPlaces : kPlaces, params, timeout));
  WholeBoard board;
  board.revision = rows.Int(0, 2);
  for (int i = 1; i < rows.rows(); ++i) {
    board.places.push_back({rows.Text(i, 0), rows.Int(i, 1), rows.Int(i, 2)});
  }
  return board;
}

}  // namespace steward::scoring
