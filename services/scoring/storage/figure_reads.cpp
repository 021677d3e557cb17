#include "services/scoring/storage/figure_reads.h"

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr pg::Statement kSums{
    "measure_sums",
    "SELECT measure, qualifier, currency, sum(facts)::bigint, sum(total)::bigint FROM measure_day "
    "WHERE subject = $1::text AND day BETWEEN $2::text::date AND $3::text::date GROUP BY 1, 2, 3 "
    "ORDER BY 1, 2, 3"};

// The facts of a subject: one index for each kind of subject.
#define STEWARD_FACTS                                                                       \
  "FROM fact WHERE (($1::text LIKE 'members/%' AND member = $1::text AND member <> '') OR " \
  "($1::text LIKE 'teams/%' AND team = $1::text AND team <> '') OR "                        \
  "($1::text LIKE 'regions/%' AND region = $1::text AND region <> '') OR "                  \
  "($1::text LIKE 'customers/%' AND customer = $1::text AND customer <> '') OR "            \
  "$1::text = 'company') AND measure = $2::text AND day BETWEEN $3::text::date AND "        \
  "$4::text::date AND ($5::text = '' OR qualifier = $5::text OR "                           \
  "starts_with(qualifier, $5::text || '/')) "

// The first standing fact of a customer is the earliest of an aggregate that was not taken back whole. `f.customer <> ''` is of the index.
constexpr pg::Statement kCustomers{
    "fact_customers",
    "WITH mine AS (SELECT customer " STEWARD_FACTS
    "AND customer <> '' GROUP BY customer HAVING sum(value) > 0) "
    "SELECT count(*), count(*) FILTER (WHERE (SELECT f.day >= $3::text::date AND (f.member = "
    "$1::text OR f.team = $1::text OR f.region = $1::text OR f.customer = $1::text OR "
    "$1::text = 'company') FROM fact f WHERE f.customer = mine.customer AND f.customer <> '' AND "
    "f.measure = $2::text AND f.value > 0 AND (SELECT sum(g.value) FROM fact g WHERE g.aggregate = "
    "f.aggregate AND g.measure = f.measure) > 0 ORDER BY f.occurred_at, f.event_id LIMIT 1)) FROM "
    "mine"};

constexpr pg::Statement kValues{"fact_values",
                                "SELECT sum(value)::bigint " STEWARD_FACTS
                                "GROUP BY aggregate HAVING sum(value) > 0 ORDER BY aggregate"};

constexpr pg::Statement kFactCount{
    "fact_count",
    "SELECT count(*) FILTER (WHERE $6::timestamptz IS NULL OR recorded_at <= $6::timestamptz), "
    "count(*) FILTER (WHERE recorded_at > $6::timestamptz) " STEWARD_FACTS};
#undef STEWARD_FACTS

constexpr pg::Statement kGiven{
    "measurement_read",
    "SELECT * FROM (SELECT DISTINCT ON (source, external_id) source, external_id, version, kpi, "
    "subject, day::text AS day, value, rater, evidence, recorder, record_time FROM measurement "
    "WHERE (source, external_id) IN (SELECT source, external_id FROM measurement WHERE subject = "
    "$1::text AND kpi = $2::text) ORDER BY source, external_id, version DESC) m WHERE subject = "
    "$1::text AND kpi = $2::text AND day BETWEEN $3::text AND $4::text "
    "ORDER BY day, source, external_id"};

pg::Params ParamsOf(const FactQuery& query) {
  pg::Params params;
  params.Add(query.subject).Add(query.measure);
  params.Add(FormatDay(query.days.first)).Add(FormatDay(query.days.last)).Add(query.qualifier);
  return params;
}

}  // namespace

pg::Pending QueueSums(pg::Tx& tx, const std::string& subject, const Days& days) {
  pg::Params params;
  params.Add(subject).Add(FormatDay(days.first)).Add(FormatDay(days.last));
  return tx.Queue(kSums, params);
}

std::vector<DaySum> ReadSums(const pg::Result& rows) {
  std::vector<DaySum> sums;
  for (int i = 0; i < rows.rows(); ++i) {
    sums.push_back(
        {rows.Text(i, 0), rows.Text(i, 1), rows.Text(i, 2), {}, rows.Int(i, 3), rows.Int(i, 4)});
  }
  return sums;
}

pg::Pending QueueCustomers(pg::Tx& tx, const FactQuery& query) {
  return tx.Queue(kCustomers, ParamsOf(query));
}

CustomerCount ReadCustomers(const pg::Result& rows) { return {rows.Int(0, 0), rows.Int(0, 1)}; }

pg::Pending QueueValues(pg::Tx& tx, const FactQuery& query) {
  return tx.Queue(kValues, ParamsOf(query));
}

std::vector<int64_t> ReadValues(const pg::Result& rows) {
  std::vector<int64_t> values;
  for (int i = 0; i < rows.rows(); ++i) {
    values.push_back(rows.Int(i, 0));
  }
  return values;
}

pg::Pending QueueFactCount(pg::Tx& tx, const FactQuery& query, std::optional<Time> until) {
  pg::Params params = ParamsOf(query);
  params.AddOptional(until);
  return tx.Queue(kFactCount, params);
}

FactCount ReadFactCount(const pg::Result& rows) { return {rows.Int(0, 0), rows.Int(0, 1)}; }

absl::StatusOr<Given> ReadGivenRow(const pg::Result& rows, int row) {
  Given given{rows.Text(row, 0),  rows.Text(row, 1),      rows.Int(row, 2),
              rows.Text(row, 3),  rows.Text(row, 4),      {},
              {rows.Int(row, 6)}, rows.Text(row, 7),      rows.Text(row, 8),
              rows.Text(row, 9),  rows.Timestamp(row, 10)};
  ASSIGN_OR_RETURN(given.day, ParseDay("day", rows.Text(row, 5)));
  return given;
}

pg::Pending QueueGiven(pg::Tx& tx, const std::string& kpi, const std::string& subject,
                       const Days& days) {
  pg::Params params;
  params.Add(subject).Add(kpi).Add(FormatDay(days.first)).Add(FormatDay(days.last));
  return tx.Queue(kGiven, params);
}

absl::StatusOr<std::vector<Given>> ReadGiven(const pg::Result& rows) {
  std::vector<Given> all;
  for (int i = 0; i < rows.rows(); ++i) {
    ASSIGN_OR_RETURN(Given given, ReadGivenRow(rows, i));
    all.push_back(std::move(given));
  }
  return all;
}

}  // namespace steward::scoring
