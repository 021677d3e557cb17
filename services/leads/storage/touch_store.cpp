#include "services/leads/storage/touch_store.h"

#include "libs/base/status.h"
#include "libs/service/list_sql.h"

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

std::string ListText() {
  service::ListSql sql("SELECT " TOUCH_COLUMNS TOUCH_TABLES "WHERE " WITHIN_REACH);
  sql.OneOf("t.", kTouchFilterColumns)
      .Where("t.effective", "=", "boolean")
      .Between("t.occurred_at");
  return sql.OrderBy("t.occurred_at", "t.id", "uuid", false);
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
  static const std::string sql = ListText();
  static const pg::Statement list{"touch_list", sql.c_str()};
  pg::Params params = service::ReachParams(reach);
  service::AddOneOf(params, kTouchFilterColumns, filter.equal, filter.not_equal);
  params.AddOptional(filter.effective).Add(filter.from).Add(filter.to);
  service::AddPlace(params, after, limit);
  ASSIGN_OR_RETURN(const pg::Result rows, service::ReadPlanned(db, list, params, timeout));
  return service::ReadRows(rows, ReadTouch);
}

}  // namespace steward::leads
