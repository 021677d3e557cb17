#include "services/scoring/storage/measure_reads.h"

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr pg::Statement kDays{
    "measure_day_read",
    "SELECT qualifier, currency, day::text, facts, total FROM measure_day WHERE subject = "
    "$1::text AND measure = $2::text AND day BETWEEN $3::text::date AND $4::text::date "
    "AND ($5::text = '' OR qualifier = $5::text OR starts_with(qualifier, $5::text || '/')) "
    "ORDER BY day, currency, qualifier"};

constexpr pg::Statement kLate{
    "fact_late_list",
    "SELECT event_id, part, aggregate, version, occurred_at, recorded_at, measure, day::text, "
    "qualifier, currency, member, team, region, customer, value FROM fact WHERE day BETWEEN "
    "$1::text::date AND $2::text::date AND recorded_at > $3::timestamptz AND ($4::boolean OR "
    "member = ANY($5::text[]) OR team = ANY($6::text[])) AND ($7::timestamptz IS NULL OR "
    "(recorded_at, event_id, measure, part) > ($7::timestamptz, $8::text::uuid, $9::text, "
    "$10::bigint)) ORDER BY recorded_at, event_id, measure, part LIMIT $11::bigint"};

#define STEWARD_READ_FACTS(name, subject)                                                       \
  {                                                                                             \
    name,                                                                                       \
        "SELECT event_id, part, aggregate, version, occurred_at, recorded_at, measure, "        \
        "day::text, qualifier, currency, member, team, region, customer, value FROM fact "      \
        "WHERE " subject                                                                        \
        " = $1::text AND measure = $2::text AND day BETWEEN $3::text::date AND $4::text::date " \
        "AND ($5::text = '' OR qualifier = $5::text OR starts_with(qualifier, $5::text || "     \
        "'/')) AND ($6::text IS NULL OR (day, event_id, part) > ($6::text::date, "              \
        "$7::text::uuid, $8::bigint)) AND ($10::timestamptz IS NULL OR recorded_at <= "         \
        "$10::timestamptz) ORDER BY day, event_id, part LIMIT $9::bigint"                       \
  }
constexpr pg::Statement kOfMember STEWARD_READ_FACTS("fact_of_member", "member <> '' AND member");
constexpr pg::Statement kOfTeam STEWARD_READ_FACTS("fact_of_team", "team <> '' AND team");
constexpr pg::Statement kOfRegion STEWARD_READ_FACTS("fact_of_region", "region <> '' AND region");
constexpr pg::Statement kOfCustomer STEWARD_READ_FACTS("fact_of_customer",
                                                       "customer <> '' AND customer");
constexpr pg::Statement kOfCompany STEWARD_READ_FACTS("fact_of_company", "'company'");
#undef STEWARD_READ_FACTS

const pg::Statement& StatementFor(std::string_view subject) {
  return subject.starts_with("members/")   ? kOfMember
         : subject.starts_with("teams/")   ? kOfTeam
         : subject.starts_with("regions/") ? kOfRegion
         : subject == "company"            ? kOfCompany
                                           : kOfCustomer;
}

pg::Params ParamsOf(const FactQuery& query) {
  pg::Params params;
  params.Add(query.subject).Add(query.measure);
  params.Add(FormatDay(query.days.first)).Add(FormatDay(query.days.last)).Add(query.qualifier);
  return params;
}

pg::Params PageOf(const FactQuery& query, const std::optional<FactCursor>& after, int limit,
                  std::optional<Time> until) {
  pg::Params params = ParamsOf(query);
  params.AddOptional(after ? std::optional(after->day) : std::nullopt);
  params.AddOptional(after ? std::optional(after->event_id) : std::nullopt);
  params.AddOptional(after ? std::optional(after->part) : std::nullopt);
  params.Add(static_cast<int64_t>(limit)).AddOptional(until);
  return params;
}

absl::StatusOr<StoredFact> ReadFact(const pg::Result& rows, int i) {
  StoredFact fact;
  fact.event_id = rows.Uuid(i, 0);
  fact.part = static_cast<int>(rows.Int(i, 1));
  fact.aggregate = rows.Text(i, 2);
  fact.version = rows.Int(i, 3);
  fact.occurred_at = rows.Timestamp(i, 4);
  fact.recorded_at = rows.Timestamp(i, 5);
  fact.fact.measure = rows.Text(i, 6);
  ASSIGN_OR_RETURN(fact.fact.day, ParseDay("day", rows.Text(i, 7)));
  fact.fact.qualifier = rows.Text(i, 8);
  fact.fact.currency = rows.Text(i, 9);
  fact.fact.of = {rows.Text(i, 10), rows.Text(i, 11), rows.Text(i, 12), rows.Text(i, 13)};
  fact.fact.value = rows.Int(i, 14);
  return fact;
}

}  // namespace

absl::StatusOr<std::vector<DaySum>> ReadDays(pg::Connection& db, const FactQuery& query,
                                             Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kDays, ParamsOf(query), timeout));
  std::vector<DaySum> sums;
  for (int i = 0; i < rows.rows(); ++i) {
    DaySum sum{query.measure, rows.Text(i, 0), rows.Text(i, 1), {}, rows.Int(i, 3), rows.Int(i, 4)};
    ASSIGN_OR_RETURN(sum.day, ParseDay("day", rows.Text(i, 2)));
    sums.push_back(std::move(sum));
  }
  return sums;
}

absl::StatusOr<std::vector<StoredFact>> ReadFacts(const pg::Result& rows) {
  std::vector<StoredFact> facts;
  for (int i = 0; i < rows.rows(); ++i) {
    ASSIGN_OR_RETURN(StoredFact fact, ReadFact(rows, i));
    facts.push_back(std::move(fact));
  }
  return facts;
}

absl::StatusOr<std::vector<StoredFact>> ReadFacts(pg::Connection& db, const FactQuery& query,
                                                  const std::optional<FactCursor>& after, int limit,
                                                  Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   db.Run(StatementFor(query.subject), PageOf(query, after, limit, {}), timeout));
  return ReadFacts(rows);
}

pg::Pending QueueFacts(pg::Tx& tx, const FactQuery& query, int limit, std::optional<Time> until) {
  return tx.Queue(StatementFor(query.subject), PageOf(query, {}, limit, until));
}

absl::StatusOr<std::vector<StoredFact>> ReadLateFacts(pg::Connection& db, const Days& days,
                                                      Time since, bool everyone,
                                                      const std::vector<std::string>& members,
                                                      const std::vector<std::string>& teams,
                                                      const std::optional<LateCursor>& after,
                                                      int limit, Duration timeout) {
  pg::Params params;
  params.Add(FormatDay(days.first)).Add(FormatDay(days.last)).Add(since).Add(everyone);
  params.AddTexts(members).AddTexts(teams);
  params.AddOptional(after ? std::optional(after->recorded_at) : std::nullopt);
  params.AddOptional(after ? std::optional(after->event_id) : std::nullopt);
  params.AddOptional(after ? std::optional(after->measure) : std::nullopt);
  params.AddOptional(after ? std::optional(after->part) : std::nullopt);
  params.Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kLate, params, timeout));
  std::vector<StoredFact> facts;
  for (int i = 0; i < rows.rows(); ++i) {
    ASSIGN_OR_RETURN(StoredFact fact, ReadFact(rows, i));
    facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace steward::scoring
