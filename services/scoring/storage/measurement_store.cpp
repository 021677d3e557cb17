#include "services/scoring/storage/measurement_store.h"

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

#define STEWARD_MEASUREMENT                                                                \
  "SELECT source, external_id, version, kpi, subject, day::text, value, rater, evidence, " \
  "recorder, record_time FROM measurement "
constexpr pg::Statement kLast{"measurement_last", STEWARD_MEASUREMENT
                              "WHERE source = $1::text AND external_id = $2::text ORDER BY version "
                              "DESC LIMIT 1"};
constexpr pg::Statement kList{
    "measurement_list", STEWARD_MEASUREMENT
    "WHERE subject = $1::text AND ($2::text = '' OR kpi = $2::text) AND ($3::text IS NULL OR "
    "(day, source, external_id, version) < ($3::text::date, $4::text, $5::text, $6::bigint)) "
    "ORDER BY measurement.day DESC, source DESC, external_id DESC, version DESC LIMIT $7::bigint"};
#undef STEWARD_MEASUREMENT
constexpr pg::Statement kInsert{
    "measurement_insert",
    "INSERT INTO measurement (source, external_id, version, kpi, subject, day, value, rater, "
    "evidence, recorder, record_time) VALUES ($1, $2, $3, $4, $5, $6::text::date, $7, $8, $9, $10, "
    "$11)"};

}  // namespace

pg::Pending QueueLastGiven(pg::Tx& tx, const std::string& source, const std::string& external_id) {
  return tx.Queue(kLast, pg::Params().Add(source).Add(external_id));
}

void QueueInsert(pg::Tx& tx, const Given& g) {
  pg::Params params;
  params.Add(g.source).Add(g.external_id).Add(g.version).Add(g.kpi).Add(g.subject);
  params.Add(FormatDay(g.day)).Add(g.value.scaled).Add(g.rater).Add(g.evidence).Add(g.recorder);
  params.Add(g.record_time);
  tx.Queue(kInsert, params);
}

absl::StatusOr<std::vector<Given>> ListGiven(pg::Connection& db, const std::string& subject,
                                             const std::string& kpi,
                                             const std::optional<GivenCursor>& after, int limit,
                                             Duration timeout) {
  pg::Params params;
  params.Add(subject).Add(kpi);
  params.AddOptional(after ? std::optional(after->day) : std::nullopt);
  params.AddOptional(after ? std::optional(after->source) : std::nullopt);
  params.AddOptional(after ? std::optional(after->external_id) : std::nullopt);
  params.AddOptional(after ? std::optional(after->version) : std::nullopt);
  params.Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kList, params, timeout));
  std::vector<Given> all;
  for (int i = 0; i < rows.rows(); ++i) {
    ASSIGN_OR_RETURN(Given given, ReadGivenRow(rows, i));
    all.push_back(std::move(given));
  }
  return all;
}

}  // namespace steward::scoring
