#include "services/complaints/storage/ticket_store.h"

#include "libs/base/status.h"
#include "libs/service/list_sql.h"

namespace steward::complaints {
namespace {

#define TICKET_COLUMNS                                                                   \
  "t.id, t.version, t.kind, t.severity, t.state, t.channel, t.external_id, t.customer, " \
  "t.customer_tiers, t.partner, "                                                        \
  "t.product, t.order_name, t.serial_number, t.topic, t.owner, t.team, t.region, "       \
  "t.registered_by, t.occurred_at, "                                                     \
  "t.recorded_at, t.update_time, t.state_time, t.cycle, t.cycle_time, t.hold_causes, "   \
  "t.hold_times, "                                                                       \
  "t.milestone_types, t.milestone_times, t.milestone_cycles, t.milestone_actors, "       \
  "t.cancel_reason, "                                                                    \
  "x.summary, x.description, r.first_ticket, r.first_occurred_at, r.rule"
#define TICKET_TABLES                                                                       \
  " FROM ticket t LEFT JOIN ticket_text x ON x.ticket = t.id LEFT JOIN ticket_repeat r ON " \
  "r.ticket = t.id "
// Parameters 1 to 3 of every statement that loads for a caller.
#define WITHIN_REACH                                                      \
  "($1::boolean OR t.owner = ANY($2::text[]) OR t.team = ANY($3::text[])" \
  " OR (t.owner = '' AND t.registered_by = ANY($2::text[])))"

constexpr pg::Statement kLoad{"ticket_load", "SELECT " TICKET_COLUMNS ", true" TICKET_TABLES
                                             "WHERE t.id = $4::uuid AND " WITHIN_REACH};
constexpr pg::Statement kLoadMany{"ticket_load_many",
                                  "SELECT " TICKET_COLUMNS ", true" TICKET_TABLES
                                  "WHERE t.id = ANY($4::uuid[]) AND " WITHIN_REACH};
// `external_id <> ''` lets the planner use the partial index.
constexpr pg::Statement kFindExternal{
    "ticket_find_external",
    "SELECT " TICKET_COLUMNS ", " WITHIN_REACH TICKET_TABLES
    "WHERE t.channel = $4::text AND t.external_id = $5::text AND t.external_id <> ''"};
constexpr pg::Statement kInsert{"ticket_insert",
                                "INSERT INTO ticket (id, version, kind, severity, state, owner, "
                                "team, region, cycle, update_time, state_time, cycle_time, "
                                "hold_causes, hold_times, milestone_types, milestone_times, "
                                "milestone_cycles, milestone_actors, cancel_reason, "
                                "channel, external_id, customer, customer_tiers, partner, product, "
                                "order_name, serial_number, topic, registered_by, "
                                "occurred_at, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
                                "$9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
                                "$20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)"};
constexpr pg::Statement kUpdate{"ticket_update",
                                "UPDATE ticket SET version = $2, kind = $3, severity = $4, state = "
                                "$5, owner = $6, team = $7, region = $8, cycle = $9, "
                                "update_time = $10, state_time = $11, cycle_time = $12, "
                                "hold_causes = $13, hold_times = $14, milestone_types = $15, "
                                "milestone_times = $16, milestone_cycles = $17, milestone_actors = "
                                "$18, cancel_reason = $19 WHERE id = $1"};
constexpr pg::Statement kUpdateTiers{"ticket_update_tiers",
                                     "UPDATE ticket SET customer_tiers = $2 WHERE id = $1"};
constexpr pg::Statement kInsertText{
    "ticket_text_insert",
    "INSERT INTO ticket_text (ticket, summary, description) VALUES ($1, $2, $3)"};
constexpr pg::Statement kInsertReason{
    "ticket_reason_insert",
    "INSERT INTO ticket_reason (ticket, version, reason) VALUES ($1, $2, $3)"};
constexpr pg::Statement kReasons{
    "ticket_reasons",
    "SELECT version, reason FROM ticket_reason WHERE ticket = $1::uuid AND version BETWEEN "
    "$2::bigint AND $3::bigint"};
constexpr pg::Statement kCountOpen{
    "ticket_count_open",
    "SELECT kind, severity, count(*) FROM ticket WHERE state < 6 GROUP BY kind, severity"};

// What a command may change: parameters 1 to 19 of insert and update.
pg::Params MutableParams(const TicketData& t) {
  std::vector<std::string> hold_causes, milestone_types, milestone_actors;
  std::vector<int64_t> hold_times, milestone_times;
  std::vector<int32_t> milestone_cycles;
  for (const Hold& hold : t.holds) {
    hold_causes.push_back(hold.cause);
    hold_times.push_back(hold.occurred_at.micros);
  }
  for (const Milestone& milestone : t.milestones) {
    milestone_types.push_back(milestone.type);
    milestone_times.push_back(milestone.occurred_at.micros);
    milestone_cycles.push_back(milestone.cycle);
    milestone_actors.push_back(milestone.actor);
  }
  pg::Params params;
  params.Add(t.id).Add(t.version).Add(t.kind).Add(t.severity).Add(static_cast<int16_t>(t.state));
  params.Add(t.owner).Add(t.team).Add(t.region).Add(static_cast<int32_t>(t.cycle));
  params.Add(t.update_time).Add(t.state_time).Add(t.cycle_time);
  params.AddTexts(hold_causes).AddInts(hold_times);
  params.AddTexts(milestone_types)
      .AddInts(milestone_times)
      .AddInt32s(milestone_cycles)
      .AddTexts(milestone_actors);
  params.Add(t.cancel_reason);
  return params;
}

std::string ListText(bool by_occurred_at, bool ascending) {
  service::ListSql sql("SELECT " TICKET_COLUMNS ", true" TICKET_TABLES "WHERE " WITHIN_REACH);
  sql.OneOf("t.", kFilterColumns).OneOf("t.state", "smallint");
  sql.Between("t.occurred_at").Between("t.recorded_at");
  return sql.OrderBy(by_occurred_at ? "t.occurred_at" : "t.recorded_at", "t.id", "uuid", ascending);
}

}  // namespace

pg::Pending QueueLoad(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach) {
  return tx.Queue(kLoad, service::ReachParams(reach).Add(id));
}

pg::Pending QueueFindExternal(pg::Tx& tx, std::string_view channel, std::string_view external_id,
                              const rpc::Reach& reach) {
  return tx.Queue(kFindExternal, service::ReachParams(reach).Add(channel).Add(external_id));
}

StoredTicket ReadTicket(const pg::Result& result, int row) {
  StoredTicket stored;
  TicketData& t = stored.data;
  int column = 0;
  const auto text = [&] { return result.Text(row, column++); };
  const auto time = [&] { return result.Timestamp(row, column++); };
  t.id = result.Uuid(row, column++);
  t.version = result.Int(row, column++);
  t.kind = text();
  t.severity = text();
  t.state = static_cast<State>(result.Int(row, column++));
  t.channel = text();
  t.external_id = text();
  t.customer = text();
  t.customer_tiers = result.Texts(row, column++);
  t.partner = text();
  t.product = text();
  t.order = text();
  t.serial_number = text();
  t.topic = text();
  t.owner = text();
  t.team = text();
  t.region = text();
  t.registered_by = text();
  t.occurred_at = time();
  t.recorded_at = time();
  t.update_time = time();
  t.state_time = time();
  t.cycle = static_cast<int>(result.Int(row, column++));
  t.cycle_time = time();
  const std::vector<std::string> hold_causes = result.Texts(row, column++);
  const std::vector<int64_t> hold_times = result.Ints(row, column++);
  for (size_t i = 0; i < hold_causes.size(); ++i) {
    t.holds.push_back({hold_causes[i], Time{hold_times[i]}});
  }
  const std::vector<std::string> types = result.Texts(row, column++);
  const std::vector<int64_t> times = result.Ints(row, column++);
  const std::vector<int64_t> cycles = result.Ints(row, column++);
  const std::vector<std::string> actors = result.Texts(row, column++);
  for (size_t i = 0; i < types.size(); ++i) {
    t.milestones.push_back({types[i], Time{times[i]}, static_cast<int>(cycles[i]), actors[i]});
  }
  t.cancel_reason = text();
  stored.text.summary = result.OptionalText(row, column++).value_or("");
  stored.text.description = result.OptionalText(row, column++).value_or("");
  if (!result.IsNull(row, column)) {
    stored.repeat = RepeatLink{result.Uuid(row, column), result.Timestamp(row, column + 1),
                               result.Text(row, column + 2)};
  }
  stored.within_reach = result.Bool(row, column + 3);
  return stored;
}

void QueueInsert(pg::Tx& tx, const TicketData& t, const TicketText& text) {
  pg::Params params = MutableParams(t);
  params.Add(t.channel)
      .Add(t.external_id)
      .Add(t.customer)
      .AddTexts(t.customer_tiers)
      .Add(t.partner)
      .Add(t.product);
  params.Add(t.order)
      .Add(t.serial_number)
      .Add(t.topic)
      .Add(t.registered_by)
      .Add(t.occurred_at)
      .Add(t.recorded_at);
  tx.Queue(kInsert, params);
  if (!text.summary.empty() || !text.description.empty()) {
    tx.Queue(kInsertText, pg::Params().Add(t.id).Add(text.summary).Add(text.description));
  }
}

void QueueUpdate(pg::Tx& tx, const TicketData& ticket) { tx.Queue(kUpdate, MutableParams(ticket)); }

void QueueTiers(pg::Tx& tx, const Uuid& ticket, const std::vector<std::string>& tiers) {
  tx.Queue(kUpdateTiers, pg::Params().Add(ticket).AddTexts(tiers));
}

void QueueReason(pg::Tx& tx, const Uuid& ticket, int64_t version, std::string_view reason) {
  tx.Queue(kInsertReason, pg::Params().Add(ticket).Add(version).Add(reason));
}

absl::StatusOr<std::optional<StoredTicket>> GetTicket(pg::Connection& db, const Uuid& id,
                                                      const rpc::Reach& reach, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoad, service::ReachParams(reach).Add(id), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadTicket(result, 0));
}

absl::StatusOr<std::vector<StoredTicket>> GetTickets(pg::Connection& db,
                                                     const std::vector<Uuid>& ids,
                                                     const rpc::Reach& reach, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoadMany, service::ReachParams(reach).AddUuids(ids), timeout));
  return service::ReadRows(result, ReadTicket);
}

absl::StatusOr<std::vector<StoredTicket>> ListTickets(pg::Connection& db,
                                                      const TicketFilter& filter, TicketOrder order,
                                                      const std::optional<TicketCursor>& after,
                                                      const rpc::Reach& reach, int limit,
                                                      Duration timeout) {
  static const service::ListStatements list("ticket_list_recorded", "ticket_list_occurred",
                                            ListText);
  pg::Params params = service::ReachParams(reach);
  service::AddOneOf(params, kFilterColumns, filter.equal, filter.not_equal);
  service::AddStates(params, filter.state, filter.not_states);
  params.Add(filter.occurred_from).Add(filter.occurred_to);
  params.Add(filter.recorded_from).Add(filter.recorded_to);
  service::AddPlace(params, after, limit);
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      service::ReadPlanned(db, list.Of(order.by_occurred_at, order.ascending), params, timeout));
  return service::ReadRows(rows, ReadTicket);
}

absl::StatusOr<std::map<int64_t, std::string>> GetReasons(pg::Connection& db, const Uuid& ticket,
                                                          int64_t from_version, int64_t to_version,
                                                          Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result result,
      db.Run(kReasons, pg::Params().Add(ticket).Add(from_version).Add(to_version), timeout));
  std::map<int64_t, std::string> reasons;
  for (int row = 0; row < result.rows(); ++row) {
    reasons.emplace(result.Int(row, 0), result.Text(row, 1));
  }
  return reasons;
}

absl::StatusOr<std::vector<OpenCount>> CountOpen(pg::Connection& db) {
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kCountOpen));
  std::vector<OpenCount> counts;
  for (int row = 0; row < result.rows(); ++row) {
    counts.push_back({result.Text(row, 0), result.Text(row, 1), result.Int(row, 2)});
  }
  return counts;
}

}  // namespace steward::complaints
