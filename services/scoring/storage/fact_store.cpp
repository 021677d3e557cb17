#include "services/scoring/storage/fact_store.h"

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

// The sums of `added`. Ordered by key, so that two transactions take their rows in one order.
#define STEWARD_ADD_DAYS                                                                        \
  "INSERT INTO measure_day (subject, measure, day, qualifier, currency, facts, total) "         \
  "SELECT s.subject, a.measure, a.day, a.qualifier, a.currency, "                               \
  "sum(CASE WHEN a.part < 0 THEN -1 ELSE 1 END), sum(a.value)::bigint FROM added a, "           \
  "LATERAL (VALUES (a.member), (a.team), (a.region), (a.customer), ('company')) AS s(subject) " \
  "WHERE s.subject <> '' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5 "                        \
  "ON CONFLICT (subject, measure, day, qualifier, currency) DO UPDATE SET "                     \
  "facts = measure_day.facts + excluded.facts, total = measure_day.total + excluded.total"

constexpr pg::Statement kAdd{
    "fact_add",
    "WITH added AS (INSERT INTO fact (event_id, measure, part, aggregate, version, occurred_at, "
    "day, qualifier, currency, member, team, region, customer, value) "
    "SELECT e, m, p, a, v, o, d::date, q, c, me, te, re, cu, va FROM unnest($1::uuid[], "
    "$2::text[], $3::integer[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[], "
    "$8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[]) "
    "AS u(e, m, p, a, v, o, d, q, c, me, te, re, cu, va) ON CONFLICT DO NOTHING RETURNING "
    "*) " STEWARD_ADD_DAYS};

// What the aggregate has of the measures from before this event, with the sign turned: one row for each day and dimensions.
constexpr pg::Statement kTakeBack{
    "fact_take_back",
    "WITH standing AS (SELECT measure, CASE WHEN $7::boolean THEN day ELSE $6::text::date END AS "
    "day, qualifier, currency, member, team, region, customer, sum(value)::bigint AS value FROM "
    "fact WHERE aggregate = $2::text AND measure = ANY($8::text[]) AND version < $3::bigint "
    "GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(value) <> 0), "
    "added AS (INSERT INTO fact (event_id, measure, part, aggregate, version, occurred_at, day, "
    "qualifier, currency, member, team, region, customer, value) "
    "SELECT $1::uuid, measure, -(row_number() OVER (PARTITION BY measure ORDER BY day, qualifier, "
    "currency, member, team, region, customer))::integer - $5::integer, $2::text, $3::bigint, "
    "$4::timestamptz, day, qualifier, currency, member, team, region, customer, -value "
    "FROM standing ON CONFLICT DO NOTHING RETURNING *) " STEWARD_ADD_DAYS};

constexpr pg::Statement kChanged{
    "measure_revision_add",
    "INSERT INTO measure_revision AS r (measure, revision) SELECT unnest($1::text[]), 1 "
    "ON CONFLICT (measure) DO UPDATE SET revision = r.revision + 1"};
constexpr pg::Statement kAllChanged{"measure_revision_add_all",
                                    "UPDATE measure_revision SET revision = revision + 1"};

// What takes long: no limit but the client's patience, and sums that are hashed in memory instead of sorted on disk.
constexpr pg::Statement kPatience{
    "sums_patience",
    "SELECT set_config('statement_timeout', '0', true), set_config('work_mem', '256MB', true)"};
#define STEWARD_SAME                                                                        \
  "(f.subject, f.measure, f.day, f.qualifier, f.currency) = (d.subject, d.measure, d.day, " \
  "d.qualifier, d.currency)"
constexpr pg::Statement kFresh{
    "sums_fresh",
    "CREATE TEMPORARY TABLE fresh_day ON COMMIT DROP AS SELECT s.subject, a.measure, a.day, "
    "a.qualifier, a.currency, sum(CASE WHEN a.part < 0 THEN -1 ELSE 1 END)::bigint AS facts, "
    "sum(a.value)::bigint AS total FROM fact a, LATERAL (VALUES (a.member), (a.team), (a.region), "
    "(a.customer), ('company')) AS s(subject) WHERE s.subject <> '' GROUP BY 1, 2, 3, 4, 5"};
constexpr pg::Statement kFreshKnown{"sums_fresh_known", "ANALYZE fresh_day"};
constexpr pg::Statement kRemove{
    "sums_remove",
    "DELETE FROM measure_day d WHERE NOT EXISTS (SELECT FROM fresh_day f WHERE " STEWARD_SAME ")"};
constexpr pg::Statement kCorrect{
    "sums_correct",
    "UPDATE measure_day d SET facts = f.facts, total = f.total FROM fresh_day f WHERE " STEWARD_SAME
    " AND (d.facts, d.total) <> (f.facts, f.total)"};
constexpr pg::Statement kComplete{
    "sums_complete",
    "INSERT INTO measure_day (subject, measure, day, qualifier, currency, facts, total) SELECT "
    "f.subject, f.measure, f.day, f.qualifier, f.currency, f.facts, f.total FROM fresh_day f WHERE "
    "NOT EXISTS (SELECT FROM measure_day d WHERE " STEWARD_SAME ") ORDER BY 1, 2, 3, 4, 5"};
#undef STEWARD_SAME

constexpr pg::Statement kLoadSources{
    "fact_source_load",
    "SELECT aggregate, qualifier, currency, member, team, region, customer, started_at, "
    "paused_since, paused, amount, flag FROM fact_source WHERE aggregate = ANY($1::text[])"};
constexpr pg::Statement kSaveSources{
    "fact_source_save",
    "INSERT INTO fact_source (aggregate, version, qualifier, currency, member, team, region, "
    "customer, started_at, paused_since, paused, amount, flag) SELECT * FROM unnest($1::text[], "
    "$2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], "
    "$9::timestamptz[], $10::timestamptz[], $11::bigint[], $12::bigint[], $13::boolean[]) "
    "ON CONFLICT (aggregate) DO UPDATE SET version = excluded.version, qualifier = "
    "excluded.qualifier, currency = excluded.currency, member = excluded.member, team = "
    "excluded.team, region = excluded.region, customer = excluded.customer, started_at = "
    "excluded.started_at, paused_since = excluded.paused_since, paused = excluded.paused, amount = "
    "excluded.amount, flag = excluded.flag WHERE fact_source.version < excluded.version"};

#undef STEWARD_ADD_DAYS

template <class T, class Rows, class Get>
std::vector<T> Column(const Rows& rows, Get get) {
  std::vector<T> column;
  column.reserve(rows.size());
  for (const auto& row : rows) {
    column.push_back(get(row));
  }
  return column;
}

template <class Rows, class Get>
std::vector<std::string> Texts(const Rows& rows, Get get) {
  return Column<std::string>(rows, get);
}

}  // namespace

void FactWriter::Add(const FactKey& key, const std::vector<Step>& steps) {
  int part = 0;
  int backs = 0;
  for (const Step& step : steps) {
    if (const auto* fact = std::get_if<Fact>(&step)) {
      rows_.push_back({key, *fact, part++});
      measures_.insert(fact->measure);
    } else {
      QueueRows();  // what it takes back may be among the gathered ones
      Queue(key, std::get<TakeBack>(step), 1000 * backs++);
    }
  }
}

void FactWriter::Queue(const FactKey& key, const TakeBack& back, int from_part) {
  pg::Params params;
  params.Add(key.event_id).Add(key.aggregate).Add(key.version).Add(key.occurred_at);
  params.Add(static_cast<int32_t>(from_part)).Add(FormatDay(key.day)).Add(back.on_its_days);
  params.AddTexts(back.measures);
  tx_.Queue(kTakeBack, params);
  measures_.insert(back.measures.begin(), back.measures.end());
}

void FactWriter::QueueRows() {
  if (rows_.empty()) {
    return;
  }
  pg::Params params;
  params.AddUuids(Column<Uuid>(rows_, [](const Row& r) { return r.key.event_id; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.fact.measure; }));
  params.AddInt32s(Column<int32_t>(rows_, [](const Row& r) { return r.part; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.key.aggregate; }));
  params.AddInts(Column<int64_t>(rows_, [](const Row& r) { return r.key.version; }));
  params.AddTimes(Column<Time>(rows_, [](const Row& r) { return r.key.occurred_at; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return FormatDay(r.fact.day); }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.fact.qualifier; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.fact.currency; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.fact.of.member; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.fact.of.team; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.fact.of.region; }));
  params.AddTexts(Texts(rows_, [](const Row& r) { return r.fact.of.customer; }));
  params.AddInts(Column<int64_t>(rows_, [](const Row& r) { return r.fact.value; }));
  tx_.Queue(kAdd, params);
  rows_.clear();
}

void FactWriter::Finish() {
  QueueRows();
  if (!measures_.empty()) {
    tx_.Queue(kChanged, pg::Params().AddTexts({measures_.begin(), measures_.end()}));
  }
}

pg::Pending QueueLoadSources(pg::Tx& tx, const std::vector<std::string>& aggregates) {
  return tx.Queue(kLoadSources, pg::Params().AddTexts(aggregates));
}

std::map<std::string, Source> ReadSources(const pg::Result& result) {
  std::map<std::string, Source> sources;
  for (int row = 0; row < result.rows(); ++row) {
    Source& source = sources[result.Text(row, 0)];
    source.qualifier = result.Text(row, 1);
    source.currency = result.Text(row, 2);
    source.of = {result.Text(row, 3), result.Text(row, 4), result.Text(row, 5),
                 result.Text(row, 6)};
    source.started_at = result.OptionalTimestamp(row, 7);
    source.paused_since = result.OptionalTimestamp(row, 8);
    source.paused = result.Int(row, 9);
    source.amount = result.Int(row, 10);
    source.flag = result.Bool(row, 11);
  }
  return sources;
}

void QueueSources(pg::Tx& tx, const std::map<std::string, VersionedSource>& sources) {
  if (sources.empty()) {
    return;
  }
  using Row = std::pair<const std::string, VersionedSource>;
  pg::Params params;
  params.AddTexts(Texts(sources, [](const Row& r) { return r.first; }));
  params.AddInts(Column<int64_t>(sources, [](const Row& r) { return r.second.version; }));
  params.AddTexts(Texts(sources, [](const Row& r) { return r.second.source.qualifier; }));
  params.AddTexts(Texts(sources, [](const Row& r) { return r.second.source.currency; }));
  params.AddTexts(Texts(sources, [](const Row& r) { return r.second.source.of.member; }));
  params.AddTexts(Texts(sources, [](const Row& r) { return r.second.source.of.team; }));
  params.AddTexts(Texts(sources, [](const Row& r) { return r.second.source.of.region; }));
  params.AddTexts(Texts(sources, [](const Row& r) { return r.second.source.of.customer; }));
  using MaybeTime = std::optional<Time>;
  params.AddOptionalTimes(
      Column<MaybeTime>(sources, [](const Row& r) { return r.second.source.started_at; }));
  params.AddOptionalTimes(
      Column<MaybeTime>(sources, [](const Row& r) { return r.second.source.paused_since; }));
  params.AddInts(Column<int64_t>(sources, [](const Row& r) { return r.second.source.paused; }));
  params.AddInts(Column<int64_t>(sources, [](const Row& r) { return r.second.source.amount; }));
  params.AddBools(Column<bool>(sources, [](const Row& r) { return r.second.source.flag; }));
  tx.Queue(kSaveSources, params);
}

absl::StatusOr<SumChanges> RebuildDays(pg::Tx& tx) {
  tx.Queue(kFresh);
  RETURN_IF_ERROR(tx.Flush());
  tx.Queue(kFreshKnown);
  RETURN_IF_ERROR(tx.Flush());
  const pg::Pending removed = tx.Queue(kRemove);
  const pg::Pending corrected = tx.Queue(kCorrect);
  const pg::Pending added = tx.Queue(kComplete);
  RETURN_IF_ERROR(tx.Flush());
  const SumChanges changes{removed->affected(), corrected->affected(), added->affected()};
  if (changes.removed + changes.corrected + changes.added > 0) {
    tx.Queue(kAllChanged);
    RETURN_IF_ERROR(tx.Flush());
  }
  return changes;
}

absl::StatusOr<SumChanges> RebuildSums(pg::Connection& db) {
  SumChanges changes;
  RETURN_IF_ERROR(pg::RunInTx(db, {.budget = Hours(6), .max_attempts = 1, .name = "rebuild_sums"},
                              [&](pg::Tx& tx) -> absl::Status {
                                tx.SetLockTimeout(Minutes(1));
                                tx.Lock({pg::LockKey::Exclusive(kSumsLock)});
                                tx.Queue(kPatience);
                                RETURN_IF_ERROR(tx.Flush());
                                ASSIGN_OR_RETURN(changes, RebuildDays(tx));
                                return absl::OkStatus();
                              }));
  return changes;
}

}  // namespace steward::scoring
