#include "services/leads/storage/touch_store.h"

#include "libs/base/status.h"

namespace steward::leads {
namespace {

#define TOUCH_COLUMNS                                                            \
  "t.id, t.kind, t.outcome, t.effective, t.member, t.team, t.customer, t.lead, " \
  "t.opportunity, t.recorded_by, t.occurred_at, t.recorded_at, coalesce(n.note, '')"
#define TOUCH_TABLES " FROM touch t LEFT JOIN touch_note n ON n.touch = t.id "
#define WITHIN_REACH                                                       \
  "($1::boolean OR t.member = ANY($2::text[]) OR t.team = ANY($3::text[])" \
  " OR t.recorded_by = ANY($2::text[]))"

constexpr pg::Statement kInsert{
    "touch_insert",
    "INSERT INTO touch (id, kind, outcome, effective, member, team, customer, lead, opportunity, "
    "recorded_by, occurred_at, recorded_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
constexpr pg::Statement kInsertNote{"touch_note_insert",
                                    "INSERT INTO touch_note (touch, note) VALUES ($1, $2)"};
// A plan for any filter at all would use no index: with the values known the planner drops the
// terms that are absent.
constexpr pg::Statement kPlanEachTime{
    "touch_plan_each_time", "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"};

std::string ListSql() {
  std::string sql = "SELECT " TOUCH_COLUMNS TOUCH_TABLES "WHERE " WITHIN_REACH;
  int next = 4;
  const auto parameter = [&next](const char* type) {
    return "$" + std::to_string(next++) + "::" + type;
  };
  for (const std::string_view name : kTouchFilterColumns) {
    const std::string filtered = "t." + std::string(name);
    const std::string value = parameter("text");
    sql += " AND (" + value + " IS NULL OR " + filtered + " = " + value + ")";
    sql += " AND " + filtered + " <> ALL(" + parameter("text[]") + ")";
  }
  const std::string effective = parameter("boolean");
  sql += " AND (" + effective + " IS NULL OR t.effective = " + effective + ")";
  sql += " AND t.occurred_at >= " + parameter("timestamptz");
  sql += " AND t.occurred_at <= " + parameter("timestamptz");
  const std::string after = parameter("timestamptz");
  sql += " AND (" + after + " IS NULL OR (t.occurred_at, t.id) < (" + after + ", " +
         parameter("uuid") + "))";
  sql += " ORDER BY t.occurred_at DESC, t.id DESC LIMIT " + parameter("bigint");
  return sql;
}

const pg::Statement& ListStatement() {
  static const std::string sql = ListSql();
  static const pg::Statement statement{"touch_list", sql.c_str()};
  return statement;
}

StoredTouch ReadTouch(const pg::Result& result, int row) {
  StoredTouch stored;
  Touch& t = stored.touch;
  t.id = result.Uuid(row, 0);
  t.kind = result.Text(row, 1);
  t.outcome = result.Text(row, 2);
  t.effective = result.Bool(row, 3);
  t.member = result.Text(row, 4);
  stored.team = result.Text(row, 5);
  t.customer = result.Text(row, 6);
  t.lead = result.Text(row, 7);
  t.opportunity = result.Text(row, 8);
  stored.recorded_by = result.Text(row, 9);
  t.occurred_at = result.Timestamp(row, 10);
  t.recorded_at = result.Timestamp(row, 11);
  stored.note = result.Text(row, 12);
  return stored;
}

}  // namespace

void QueueInsert(pg::Tx& tx, const StoredTouch& stored) {
  const Touch& t = stored.touch;
  pg::Params params;
  params.Add(t.id).Add(t.kind).Add(t.outcome).Add(t.effective).Add(t.member).Add(stored.team);
  params.Add(t.customer).Add(t.lead).Add(t.opportunity).Add(stored.recorded_by);
  params.Add(t.occurred_at).Add(t.recorded_at);
  tx.Queue(kInsert, params);
  if (!stored.note.empty()) {
    tx.Queue(kInsertNote, pg::Params().Add(t.id).Add(stored.note));
  }
}

absl::StatusOr<std::vector<StoredTouch>> ListTouches(pg::Connection& db, const TouchFilter& filter,
                                                     const std::optional<TouchCursor>& after,
                                                     const rpc::Reach& reach, int limit,
                                                     Duration timeout) {
  pg::Params params;
  params.Add(reach.all).AddTexts(reach.members).AddTexts(reach.teams);
  for (const std::string_view name : kTouchFilterColumns) {
    const auto equal = filter.equal.find(std::string(name));
    const auto not_equal = filter.not_equal.find(std::string(name));
    params.AddOptional(equal == filter.equal.end() ? std::nullopt : std::optional(equal->second));
    params.AddTexts(not_equal == filter.not_equal.end() ? std::vector<std::string>{}
                                                        : not_equal->second);
  }
  params.AddOptional(filter.effective).Add(filter.from).Add(filter.to);
  params.AddOptional(after ? std::optional(after->first) : std::nullopt);
  params.AddOptional(after ? std::optional(after->second) : std::nullopt);
  params.Add(static_cast<int64_t>(limit));
  std::vector<StoredTouch> touches;
  RETURN_IF_ERROR(
      pg::RunInTx(db, {.budget = timeout, .name = "touch_list"}, [&](pg::Tx& tx) -> absl::Status {
        tx.Queue(kPlanEachTime);
        const pg::Pending rows = tx.Queue(ListStatement(), params);
        RETURN_IF_ERROR(tx.Flush());
        touches.clear();
        for (int row = 0; row < rows->rows(); ++row) {
          touches.push_back(ReadTouch(*rows, row));
        }
        return absl::OkStatus();
      }));
  return touches;
}

}  // namespace steward::leads
