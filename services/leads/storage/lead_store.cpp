#include "services/leads/storage/lead_store.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/service/list_sql.h"
#include "services/leads/domain/lead.h"

namespace steward::leads {
namespace {

// Parameters 1 to 3 of every statement that loads for a caller.
#define WITHIN_REACH                                                      \
  "($1::boolean OR l.owner = ANY($2::text[]) OR l.team = ANY($3::text[])" \
  " OR (l.owner = '' AND l.captured_by = ANY($2::text[])))"
#define LEAD_COLUMNS                                                                          \
  "l.id, l.version, l.channel, l.external_id, l.source, l.campaign, l.utm, l.customer, "      \
  "l.contact, l.territory, l.industry, l.skills, l.owner, l.team, l.state, l.state_time, "    \
  "l.assigned_time, l.last_touch, l.disqualify_reason, l.opportunity, l.captured_by, "        \
  "l.occurred_at, l.recorded_at, l.update_time, p.display_name, p.company_name, p.phone, "    \
  "p.phone_e164, p.email, p.body, s.version, s.score::text, s.band, s.win_percent, s.model, " \
  "s.model_version, s.as_of"
#define LEAD_TABLES \
  " FROM lead l JOIN lead_person p ON p.lead = l.id JOIN lead_score s ON s.lead = l.id "

constexpr pg::Statement kLoad{"lead_load", "SELECT " LEAD_COLUMNS ", true" LEAD_TABLES
                                           "WHERE l.id = $4::uuid AND " WITHIN_REACH};
constexpr pg::Statement kLoadMany{"lead_load_many",
                                  "SELECT " LEAD_COLUMNS ", true" LEAD_TABLES
                                  "WHERE l.id = ANY($4::uuid[]) AND " WITHIN_REACH};
constexpr pg::Statement kFindIntakes{
    "lead_find_intakes",
    "SELECT " LEAD_COLUMNS ", " WITHIN_REACH LEAD_TABLES
    "WHERE (l.channel, l.external_id) IN (SELECT * FROM unnest($4::text[], $5::text[]))"};
constexpr pg::Statement kInsert{
    "lead_insert",
    "WITH person AS (INSERT INTO lead_person (lead, display_name, company_name, phone, "
    "phone_e164, email, body) VALUES ($1, $20, $21, $22, $23, $24, $25)), "
    "score AS (INSERT INTO lead_score (lead) VALUES ($1)) "
    "INSERT INTO lead (id, version, customer, owner, team, state, state_time, assigned_time, "
    "last_touch, idle_since, disqualify_reason, opportunity, update_time, channel, external_id, "
    "source, campaign, utm, contact, territory, industry, skills, captured_by, occurred_at, "
    "recorded_at) VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
    "$15, $16, $17, $18, $19, $26, $27, $28, $29, $30, $31)"};
constexpr pg::Statement kUpdate{
    "lead_update",
    "UPDATE lead SET version = $2, customer = $3, owner = $4, team = $5, state = $6, "
    "state_time = $7, assigned_time = $8, last_touch = $9, idle_since = $10, "
    "disqualify_reason = $11, opportunity = $12, update_time = $13 WHERE id = $1"};
constexpr pg::Statement kInsertReason{
    "lead_reason_insert", "INSERT INTO lead_reason (lead, version, reason) VALUES ($1, $2, $3)"};
constexpr pg::Statement kInsertChoice{
    "lead_choice_insert",
    "INSERT INTO lead_choice (lead, version, rule, rule_version, member, members, reasons, "
    "loads, capacities, turns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr pg::Statement kReasons{
    "lead_reasons",
    "SELECT version, reason FROM lead_reason WHERE lead = $1::uuid AND version BETWEEN "
    "$2::bigint AND $3::bigint"};
constexpr pg::Statement kChoices{
    "lead_choices",
    "SELECT version, rule, rule_version, member, members, reasons, loads, capacities, turns "
    "FROM lead_choice WHERE lead = $1::uuid AND version BETWEEN $2::bigint AND $3::bigint"};
constexpr pg::Statement kIdle{"lead_idle",
                              "SELECT id FROM lead WHERE idle_since <= $1::timestamptz "
                              "ORDER BY idle_since, id LIMIT $2::bigint"};

// What a command may change: parameters 1 to 13 of insert and update.
pg::Params MutableParams(const LeadData& l) {
  pg::Params params;
  params.Add(l.id).Add(l.version).Add(l.customer).Add(l.owner).Add(l.team);
  params.Add(static_cast<int16_t>(l.state)).Add(l.state_time).AddOptional(l.assigned_time);
  params.AddOptional(l.last_touch).AddOptional(IdleSince(l));
  params.Add(l.disqualify_reason).Add(l.opportunity).Add(l.update_time);
  return params;
}

std::string ListText(bool by_score, bool ascending) {
  service::ListSql sql("SELECT " LEAD_COLUMNS ", true" LEAD_TABLES "WHERE " WITHIN_REACH);
  for (const std::string_view name : kLeadFilterColumns) {
    sql.OneOf((name == "band" ? "s." : "l.") + std::string(name));
  }
  sql.OneOf("l.state", "smallint").Between("l.occurred_at").Between("l.recorded_at");
  sql.Where("l.last_touch", ">=", "timestamptz").Where("l.last_touch", "<=", "timestamptz");
  return by_score ? sql.OrderBy("s.score", "s.lead", "uuid", ascending, "text::numeric")
                  : sql.OrderBy("l.recorded_at", "l.id", "uuid", ascending);
}

void AddPlace(pg::Params& params, LeadOrder order, const std::optional<LeadCursor>& after,
              int limit) {
  if (!after) {
    params.AddNull().AddNull();
  } else {
    order.by_score ? params.Add(after->score) : params.Add(after->recorded_at);
    params.Add(after->id);
  }
  params.Add(static_cast<int64_t>(limit));
}

Choice ReadChoice(const pg::Result& result, int row) {
  Choice choice{result.Text(row, 1), static_cast<int>(result.Int(row, 2)), result.Text(row, 3), {}};
  const std::vector<std::string> members = result.Texts(row, 4);
  const std::vector<std::string> reasons = result.Texts(row, 5);
  const std::vector<int64_t> loads = result.Ints(row, 6);
  const std::vector<int64_t> capacities = result.Ints(row, 7);
  const std::vector<int64_t> turns = result.Ints(row, 8);
  for (size_t i = 0; i < members.size(); ++i) {
    choice.verdicts.push_back({members[i], reasons[i], loads[i], capacities[i], turns[i]});
  }
  return choice;
}

}  // namespace

pg::Pending QueueLoadLead(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach) {
  return tx.Queue(kLoad, service::ReachParams(reach).Add(id));
}

pg::Pending QueueLoadLeads(pg::Tx& tx, const std::vector<Uuid>& ids) {
  return tx.Queue(kLoadMany,
                  service::ReachParams({.all = true, .members = {}, .teams = {}}).AddUuids(ids));
}

StoredLead ReadLead(const pg::Result& result, int row) {
  StoredLead stored;
  LeadData& l = stored.data;
  int column = 0;
  const auto text = [&] { return result.Text(row, column++); };
  l.id = result.Uuid(row, column++);
  l.version = result.Int(row, column++);
  l.channel = text();
  l.external_id = text();
  l.source = text();
  l.campaign = text();
  const std::vector<std::string> utm = result.Texts(row, column++);
  l.utm = {utm[0], utm[1], utm[2], utm[3], utm[4]};
  l.customer = text();
  l.contact = text();
  l.territory = text();
  l.industry = text();
  l.skills = result.Texts(row, column++);
  l.owner = text();
  l.team = text();
  l.state = static_cast<LeadState>(result.Int(row, column++));
  l.state_time = result.Timestamp(row, column++);
  l.assigned_time = result.OptionalTimestamp(row, column++);
  l.last_touch = result.OptionalTimestamp(row, column++);
  l.disqualify_reason = text();
  l.opportunity = text();
  l.captured_by = text();
  l.occurred_at = result.Timestamp(row, column++);
  l.recorded_at = result.Timestamp(row, column++);
  l.update_time = result.Timestamp(row, column++);
  LeadPerson& p = stored.person;
  for (std::string* field :
       {&p.display_name, &p.company_name, &p.phone, &p.phone_e164, &p.email, &p.text}) {
    *field = text();
  }
  if (result.Int(row, column++) > 0) {
    LeadScore& score = stored.score.emplace();
    for (std::string* field : {&score.score, &score.band, &score.win_percent, &score.model}) {
      *field = text();
    }
    score.model_version = static_cast<int32_t>(result.Int(row, column++));
    score.as_of = result.Timestamp(row, column++);
  } else {
    column += 6;
  }
  stored.within_reach = result.Bool(row, column);
  return stored;
}

std::vector<StoredLead> ReadLeads(const pg::Result& result) {
  return service::ReadRows(result, ReadLead);
}

pg::Pending QueueFindIntakes(pg::Tx& tx, const std::vector<IntakeKey>& keys,
                             const rpc::Reach& reach) {
  std::vector<std::string> channels, external_ids;
  for (const IntakeKey& key : keys) {
    channels.push_back(key.channel);
    external_ids.push_back(key.external_id);
  }
  return tx.Queue(kFindIntakes,
                  service::ReachParams(reach).AddTexts(channels).AddTexts(external_ids));
}

void QueueInsert(pg::Tx& tx, const StoredLead& lead) {
  const LeadData& l = lead.data;
  const LeadPerson& p = lead.person;
  pg::Params params = MutableParams(l);
  params.Add(l.channel).Add(l.external_id).Add(l.source).Add(l.campaign);
  params.AddTexts({l.utm.source, l.utm.medium, l.utm.campaign, l.utm.term, l.utm.content});
  params.Add(l.contact).Add(p.display_name).Add(p.company_name).Add(p.phone).Add(p.phone_e164);
  params.Add(p.email).Add(p.text).Add(l.territory).Add(l.industry).AddTexts(l.skills);
  params.Add(l.captured_by).Add(l.occurred_at).Add(l.recorded_at);
  tx.Queue(kInsert, params);
}

void QueueUpdate(pg::Tx& tx, const LeadData& lead) { tx.Queue(kUpdate, MutableParams(lead)); }

void QueueReason(pg::Tx& tx, const Uuid& id, int64_t version, const std::string& reason) {
  tx.Queue(kInsertReason, pg::Params().Add(id).Add(version).Add(reason));
}

void QueueChoice(pg::Tx& tx, const Uuid& id, int64_t version, const Choice& choice) {
  std::vector<std::string> members, reasons;
  std::vector<int64_t> loads, capacities, turns;
  for (const Verdict& verdict : choice.verdicts) {
    members.push_back(verdict.member);
    reasons.push_back(verdict.reason);
    loads.push_back(verdict.load);
    capacities.push_back(verdict.capacity);
    turns.push_back(verdict.last_turn);
  }
  pg::Params params;
  params.Add(id).Add(version).Add(choice.rule).Add(static_cast<int32_t>(choice.rule_version));
  params.Add(choice.member).AddTexts(members).AddTexts(reasons);
  params.AddInts(loads).AddInts(capacities).AddInts(turns);
  tx.Queue(kInsertChoice, params);
}

absl::StatusOr<std::optional<StoredLead>> GetLead(pg::Connection& db, const Uuid& id,
                                                  const rpc::Reach& reach, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoad, service::ReachParams(reach).Add(id), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadLead(result, 0));
}

absl::StatusOr<std::vector<StoredLead>> GetLeads(pg::Connection& db, const std::vector<Uuid>& ids,
                                                 const rpc::Reach& reach, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoadMany, service::ReachParams(reach).AddUuids(ids), timeout));
  return ReadLeads(result);
}

absl::StatusOr<LeadNotes> GetLeadNotes(pg::Connection& db, const Uuid& id, int64_t from_version,
                                       int64_t to_version, Duration timeout) {
  LeadNotes notes;
  const pg::Params params = pg::Params().Add(id).Add(from_version).Add(to_version);
  ASSIGN_OR_RETURN(const pg::Result reasons, db.Run(kReasons, params, timeout));
  for (int row = 0; row < reasons.rows(); ++row) {
    notes.reasons[reasons.Int(row, 0)] = reasons.Text(row, 1);
  }
  ASSIGN_OR_RETURN(const pg::Result choices, db.Run(kChoices, params, timeout));
  for (int row = 0; row < choices.rows(); ++row) {
    notes.choices[choices.Int(row, 0)] = ReadChoice(choices, row);
  }
  return notes;
}

absl::StatusOr<std::vector<StoredLead>> ListLeads(pg::Connection& db, const LeadFilter& filter,
                                                  LeadOrder order,
                                                  const std::optional<LeadCursor>& after,
                                                  const rpc::Reach& reach, int limit,
                                                  Duration timeout) {
  static const service::ListStatements list("lead_list", "lead_list_score", ListText);
  pg::Params params = service::ReachParams(reach);
  service::AddOneOf(params, kLeadFilterColumns, filter.equal, filter.not_equal);
  service::AddStates(params, filter.state, filter.not_states);
  params.Add(filter.occurred_from).Add(filter.occurred_to);
  params.Add(filter.recorded_from).Add(filter.recorded_to);
  params.AddOptional(filter.touched_from).AddOptional(filter.touched_to);
  AddPlace(params, order, after, limit);
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      service::ReadPlanned(db, list.Of(order.by_score, order.ascending), params, timeout));
  return ReadLeads(rows);
}

absl::StatusOr<std::vector<Uuid>> FindIdle(pg::Connection& db, Time before, int limit) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kIdle, pg::Params().Add(before).Add(static_cast<int64_t>(limit))));
  std::vector<Uuid> ids;
  for (int row = 0; row < result.rows(); ++row) {
    ids.push_back(result.Uuid(row, 0));
  }
  return ids;
}

}  // namespace steward::leads
