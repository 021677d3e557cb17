#include "services/scoring/storage/definition_store.h"

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr pg::Statement kList{
    "definition_list",
    "SELECT DISTINCT ON (name) name, version, body, digest, creator, create_time FROM definition "
    "WHERE starts_with(name, $1::text) AND name > $2::text ORDER BY name, version DESC "
    "LIMIT $3::bigint"};
constexpr pg::Statement kGet{
    "definition_get",
    "SELECT name, version, body, digest, creator, create_time FROM definition WHERE name = "
    "$1::text AND ($2::bigint = 0 OR version = $2::bigint) ORDER BY version DESC LIMIT 1"};
constexpr pg::Statement kLatestOf{
    "definition_latest_of",
    "SELECT name, version, body, digest, creator, create_time FROM definition WHERE name = "
    "$1::text AND creator = $2::text ORDER BY version DESC LIMIT 1"};
constexpr pg::Statement kInsert{
    "definition_insert",
    "INSERT INTO definition (name, version, body, digest, creator, create_time) VALUES ($1, $2, "
    "$3, $4, $5, $6)"};
#define STEWARD_TARGET \
  "SELECT kpi, subject, period, version, value, upper, set_time, set_by FROM target "
constexpr pg::Statement kTarget{
    "target_get",
    STEWARD_TARGET "WHERE kpi = $1::text AND subject = $2::text AND period = $3::text"};
constexpr pg::Statement kTargets{
    "target_list", STEWARD_TARGET
    "WHERE ($1::text = '' OR period = $1::text) AND ($2::text = '' OR subject = $2::text) AND "
    "(kpi, subject, period) > ($3::text, $4::text, $5::text) ORDER BY kpi, subject, period "
    "LIMIT $6::bigint"};
#undef STEWARD_TARGET
constexpr pg::Statement kSetTarget{
    "target_set",
    "INSERT INTO target (kpi, subject, period, version, value, upper, set_time, set_by) VALUES "
    "($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kpi, subject, period) DO UPDATE SET version = "
    "excluded.version, value = excluded.value, upper = excluded.upper, set_time = "
    "excluded.set_time, set_by = excluded.set_by"};

}  // namespace

StoredDefinition ReadDefinition(const pg::Result& rows, int row) {
  return {rows.Text(row, 0),  rows.Int(row, 1),  rows.Bytes(row, 2),
          rows.Bytes(row, 3), rows.Text(row, 4), rows.Timestamp(row, 5)};
}

absl::StatusOr<std::vector<StoredDefinition>> ListDefinitions(pg::Connection& db,
                                                              const std::string& prefix,
                                                              const std::string& after, int limit,
                                                              Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      db.Run(kList, pg::Params().Add(prefix).Add(after).Add(static_cast<int64_t>(limit)), timeout));
  std::vector<StoredDefinition> definitions;
  for (int row = 0; row < rows.rows(); ++row) {
    definitions.push_back(ReadDefinition(rows, row));
  }
  return definitions;
}

pg::Pending QueueDefinition(pg::Tx& tx, const std::string& name, int64_t version) {
  return tx.Queue(kGet, pg::Params().Add(name).Add(version));
}

pg::Pending QueueLatest(pg::Tx& tx, const std::string& name) {
  return QueueDefinition(tx, name, 0);
}

pg::Pending QueueLatestOf(pg::Tx& tx, const std::string& name, const std::string& creator) {
  return tx.Queue(kLatestOf, pg::Params().Add(name).Add(creator));
}

void QueueInsert(pg::Tx& tx, const StoredDefinition& d) {
  pg::Params params;
  params.Add(d.name).Add(d.version).AddBytes(d.body).AddBytes(d.digest).Add(d.creator);
  params.Add(d.create_time);
  tx.Queue(kInsert, params);
}

pg::Pending QueueTarget(pg::Tx& tx, const std::string& kpi, const std::string& subject,
                        const std::string& period) {
  return tx.Queue(kTarget, pg::Params().Add(kpi).Add(subject).Add(period));
}

void QueueSetTarget(pg::Tx& tx, const StoredTarget& t) {
  pg::Params params;
  params.Add(t.kpi).Add(t.subject).Add(t.period).Add(t.version).Add(t.target.value.scaled);
  params.AddOptional(t.target.upper ? std::optional(t.target.upper->scaled) : std::nullopt);
  params.Add(t.set_time).Add(t.set_by);
  tx.Queue(kSetTarget, params);
}

StoredTarget ReadTarget(const pg::Result& rows, int row) {
  StoredTarget target{rows.Text(row, 0), rows.Text(row, 1),        rows.Text(row, 2),
                      rows.Int(row, 3),  {{rows.Int(row, 4)}, {}}, rows.Timestamp(row, 6),
                      rows.Text(row, 7)};
  if (const auto upper = rows.OptionalInt(row, 5)) {
    target.target.upper = Decimal{*upper};
  }
  return target;
}

absl::StatusOr<std::vector<StoredTarget>> ListTargets(pg::Connection& db, const std::string& period,
                                                      const std::string& subject,
                                                      const TargetCursor& after, int limit,
                                                      Duration timeout) {
  pg::Params params;
  params.Add(period).Add(subject).Add(after.kpi).Add(after.subject).Add(after.period);
  params.Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kTargets, params, timeout));
  std::vector<StoredTarget> targets;
  for (int row = 0; row < rows.rows(); ++row) {
    targets.push_back(ReadTarget(rows, row));
  }
  return targets;
}

}  // namespace steward::scoring
