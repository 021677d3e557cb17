#include "services/scoring/storage/eligibility_store.h"

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

#define STEWARD_ELIGIBILITY                                                             \
  "SELECT subject, period, scorecard, version, first_day::text, last_day::text, days, " \
  "period_days, set_time, set_by FROM eligibility "
constexpr pg::Statement kOfCard{
    "eligibility_of_card", STEWARD_ELIGIBILITY "WHERE subject = $1::text AND scorecard = $2::text"};
constexpr pg::Statement kOfPeriod{"eligibility_of_period", STEWARD_ELIGIBILITY
                                  "WHERE subject = $1::text AND period = $2::text ORDER BY "
                                  "scorecard"};
constexpr pg::Statement kList{
    "eligibility_list", STEWARD_ELIGIBILITY
    "WHERE ($1::text = '' OR period = $1::text) AND ($2::text = '' OR subject = $2::text) AND "
    "(subject, period, scorecard) > ($3::text, $4::text, $5::text) ORDER BY subject, period, "
    "scorecard LIMIT $6::bigint"};
#undef STEWARD_ELIGIBILITY
constexpr pg::Statement kSet{
    "eligibility_set",
    "INSERT INTO eligibility (subject, period, scorecard, version, first_day, last_day, days, "
    "period_days, set_time, set_by) VALUES ($1, $2, $3, $4, $5::text::date, $6::text::date, $7, "
    "$8, $9, $10) ON CONFLICT (subject, period, scorecard) DO UPDATE SET version = "
    "excluded.version, first_day = excluded.first_day, last_day = excluded.last_day, days = "
    "excluded.days, period_days = excluded.period_days, set_time = excluded.set_time, set_by = "
    "excluded.set_by"};

}  // namespace

pg::Pending QueueEligibilities(pg::Tx& tx, const std::string& subject,
                               const std::string& scorecard) {
  return tx.Queue(kOfCard, pg::Params().Add(subject).Add(scorecard));
}

pg::Pending QueuePartsOf(pg::Tx& tx, const std::string& subject, const std::string& period) {
  return tx.Queue(kOfPeriod, pg::Params().Add(subject).Add(period));
}

absl::StatusOr<std::vector<StoredEligibility>> ReadEligibilities(const pg::Result& rows) {
  std::vector<StoredEligibility> all;
  for (int row = 0; row < rows.rows(); ++row) {
    StoredEligibility one;
    one.subject = rows.Text(row, 0);
    one.period = rows.Text(row, 1);
    one.scorecard = rows.Text(row, 2);
    one.version = rows.Int(row, 3);
    ASSIGN_OR_RETURN(one.days.first, ParseDay("first_day", rows.Text(row, 4)));
    ASSIGN_OR_RETURN(one.days.last, ParseDay("last_day", rows.Text(row, 5)));
    one.eligibility = {rows.Int(row, 6), rows.Int(row, 7)};
    one.set_time = rows.Timestamp(row, 8);
    one.set_by = rows.Text(row, 9);
    all.push_back(std::move(one));
  }
  return all;
}

absl::StatusOr<std::map<std::string, StoredEligibility>> PartsByPeriod(const pg::Result& rows) {
  ASSIGN_OR_RETURN(const std::vector<StoredEligibility> all, ReadEligibilities(rows));
  std::map<std::string, StoredEligibility> parts;
  for (const StoredEligibility& part : all) {
    parts.emplace(part.period, part);
  }
  return parts;
}

void QueueSetEligibility(pg::Tx& tx, const StoredEligibility& e) {
  pg::Params params;
  params.Add(e.subject).Add(e.period).Add(e.scorecard).Add(e.version);
  params.Add(FormatDay(e.days.first)).Add(FormatDay(e.days.last));
  params.Add(e.eligibility.days).Add(e.eligibility.of_period).Add(e.set_time).Add(e.set_by);
  tx.Queue(kSet, params);
}

absl::StatusOr<std::vector<StoredEligibility>> ListEligibilities(pg::Connection& db,
                                                                 const std::string& period,
                                                                 const std::string& subject,
                                                                 const EligibilityCursor& after,
                                                                 int limit, Duration timeout) {
  pg::Params params;
  params.Add(period).Add(subject).Add(after.subject).Add(after.period).Add(after.scorecard);
  params.Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kList, params, timeout));
  return ReadEligibilities(rows);
}

}  // namespace steward::scoring
