#include "services/leads/storage/opportunity_store.h"

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "libs/service/list_sql.h"
#include "services/leads/domain/funnel.h"

namespace steward::leads {
namespace {

#define OPPORTUNITY_COLUMNS                                                                  \
  "o.id, o.version, o.pipeline, o.pipeline_version, o.stage, o.stage_time, o.last_open, "    \
  "o.customer, o.lead, o.campaign, o.owner, o.team, o.region, o.opened_by, o.amount_minor, " \
  "o.currency, o.expected_close::text, o.proof_codes, o.proof_references, o.lost_reason, "   \
  "COALESCE(o.lost_note::text, ''), o.close_time, o.cycle, o.occurred_at, o.recorded_at, "   \
  "o.update_time, o.contract, o.contract_state, o.contract_cancel_reason, "                  \
  "COALESCE(n.lost_note, '')"
#define OPPORTUNITY_TABLES                                                                     \
  " FROM opportunity o LEFT JOIN opportunity_note n ON n.opportunity = o.id AND n.event_id = " \
  "o.lost_note "
// Parameters 1 to 3 of every statement that loads for a caller.
#define WITHIN_REACH                                                      \
  "($1::boolean OR o.owner = ANY($2::text[]) OR o.team = ANY($3::text[])" \
  " OR (o.owner = '' AND o.opened_by = ANY($2::text[])))"

constexpr pg::Statement kLoad{"opportunity_load", "SELECT " OPPORTUNITY_COLUMNS OPPORTUNITY_TABLES
                                                  "WHERE o.id = $4::uuid AND " WITHIN_REACH};
constexpr pg::Statement kTaken{"opportunity_taken",
                               "SELECT id FROM opportunity WHERE id = ANY($1::uuid[]) ORDER BY id"};
constexpr pg::Statement kKnownCustomers{"opportunity_known_customers",
                                        "SELECT id FROM customer WHERE id = ANY($1::text[])"};
constexpr pg::Statement kInsert{
    "opportunity_insert",
    "INSERT INTO opportunity (id, version, stage, state, stage_time, last_open, owner, team, "
    "region, amount_minor, currency, expected_close, proof_codes, proof_references, lost_reason, "
    "lost_note, close_time, cycle, update_time, pipeline, pipeline_version, customer, lead, "
    "campaign, opened_by, occurred_at, recorded_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::date, $13, $14, $15, "
    "$16::text::uuid, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)"};
constexpr pg::Statement kUpdate{
    "opportunity_update",
    "UPDATE opportunity SET version = $2, stage = $3, state = $4, stage_time = $5, last_open = $6, "
    "owner = $7, team = $8, region = $9, amount_minor = $10, currency = $11, "
    "expected_close = $12::text::date, proof_codes = $13, proof_references = $14, "
    "lost_reason = $15, lost_note = $16::text::uuid, close_time = $17, cycle = $18, "
    "update_time = $19 WHERE id = $1"};
constexpr pg::Statement kInsertEntries{
    "opportunity_entries_insert",
    "INSERT INTO opportunity_entry (opportunity, version, event_id, from_stage, to_stage, "
    "occurred_at, recorded_at, owner, team, region) "
    "SELECT $1::uuid, version, event_id, from_stage, to_stage, occurred_at, $7::timestamptz, "
    "$8::text, $9::text, $10::text FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], "
    "$6::timestamptz[]) AS e (version, event_id, from_stage, to_stage, occurred_at)"};
constexpr pg::Statement kInsertNote{
    "opportunity_note_insert",
    "INSERT INTO opportunity_note (opportunity, event_id, lost_note, reason) "
    "VALUES ($1, $2, $3, $4)"};
constexpr pg::Statement kNotes{"opportunity_notes",
                               "SELECT event_id, lost_note, reason FROM opportunity_note "
                               "WHERE opportunity = $1::uuid AND event_id = ANY($2::uuid[])"};
constexpr pg::Statement kContractDrafted{
    "opportunity_contract_drafted",
    "UPDATE opportunity SET contract = $2::text, contract_since = $3::timestamptz, "
    "contract_state = $4::text, contract_cancel_reason = '' WHERE id = $1::uuid AND "
    "(contract <> $2::text AND contract_since <= $3::timestamptz OR contract = $2::text AND "
    "contract_state = '')"};
constexpr pg::Statement kContractMoved{
    "opportunity_contract_moved",
    "UPDATE opportunity SET contract_state = $2::text WHERE contract = $1::text AND contract <> '' "
    "AND contract_state <> 'CANCELLED'"};
constexpr pg::Statement kContractCancelled{
    "opportunity_contract_cancelled",
    "UPDATE opportunity SET contract = $2::text, contract_state = $3::text, "
    "contract_cancel_reason = $4::text WHERE id = $1::uuid"};

// What a command may change: parameters 1 to 19 of insert and update.
pg::Params MutableParams(const Opportunity& opportunity) {
  const OpportunityData& o = opportunity.data();
  std::vector<std::string> codes, references;
  for (const Proof& proof : o.proofs) {
    codes.push_back(proof.code);
    references.push_back(proof.reference);
  }
  pg::Params params;
  params.Add(o.id).Add(o.version).Add(o.stage).Add(static_cast<int16_t>(opportunity.kind()));
  params.Add(o.stage_time).Add(o.last_open).Add(o.owner).Add(o.team).Add(o.region);
  params.AddOptional(o.amount ? std::optional(o.amount->minor) : std::nullopt);
  params.Add(o.amount ? o.amount->currency : "");
  params.AddOptional(o.expected_close ? std::optional(FormatDay(*o.expected_close)) : std::nullopt);
  params.AddTexts(codes).AddTexts(references).Add(o.lost_reason);
  params.AddOptional(o.lost_note.empty() ? std::nullopt : std::optional(o.lost_note));
  params.AddOptional(o.close_time).Add(static_cast<int32_t>(o.cycle)).Add(o.update_time);
  return params;
}

void QueueEntries(pg::Tx& tx, const Opportunity& opportunity) {
  const OpportunityData& data = opportunity.data();
  std::vector<int64_t> versions;
  std::vector<Uuid> event_ids;
  std::vector<std::string> from, to;
  std::vector<Time> times;
  for (const OpportunityEvent& event : opportunity.events()) {
    const auto entry = FunnelEntryOf(event, data, data.update_time, event.version);
    if (!entry) {
      continue;
    }
    const Transition* transition = TransitionOf(event);
    versions.push_back(event.version);
    event_ids.push_back(event.event_id);
    from.push_back(transition == nullptr ? "" : transition->from);
    to.push_back(entry->to);
    times.push_back(entry->occurred_at);
  }
  if (versions.empty()) {
    return;
  }
  pg::Params params;
  params.Add(data.id).AddInts(versions).AddUuids(event_ids).AddTexts(from).AddTexts(to);
  params.AddTimes(times).Add(data.update_time).Add(data.owner).Add(data.team).Add(data.region);
  tx.Queue(kInsertEntries, params);
}

std::string ListText(bool by_update_time, bool ascending) {
  service::ListSql sql("SELECT " OPPORTUNITY_COLUMNS OPPORTUNITY_TABLES "WHERE " WITHIN_REACH);
  sql.OneOf("o.", kOpportunityColumns).Where("o.state", "= ANY", "integer[]");
  sql.Between("o.recorded_at").Between("o.update_time");
  sql.Where("o.close_time", ">=", "timestamptz").Where("o.close_time", "<=", "timestamptz");
  return sql.OrderBy(by_update_time ? "o.update_time" : "o.recorded_at", "o.id", "uuid", ascending);
}

}  // namespace

pg::Pending QueueLoad(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach) {
  return tx.Queue(kLoad, service::ReachParams(reach).Add(id));
}

StoredOpportunity ReadOpportunity(const pg::Result& result, int row) {
  StoredOpportunity stored;
  OpportunityData& o = stored.data;
  int column = 0;
  o.id = result.Uuid(row, column++);
  o.version = result.Int(row, column++);
  o.pipeline = result.Text(row, column++);
  o.pipeline_version = static_cast<int>(result.Int(row, column++));
  o.stage = result.Text(row, column++);
  o.stage_time = result.Timestamp(row, column++);
  for (std::string* each : {&o.last_open, &o.customer, &o.lead, &o.campaign, &o.owner, &o.team,
                            &o.region, &o.opened_by}) {
    *each = result.Text(row, column++);
  }
  if (const std::optional<int64_t> minor = result.OptionalInt(row, column++); minor) {
    o.amount = Money{result.Text(row, column), *minor};
  }
  ++column;
  if (const auto day = result.OptionalText(row, column++); day) {
    if (const auto parsed = ParseDay("expected_close", *day); parsed.ok()) {
      o.expected_close = *parsed;
    }
  }
  const std::vector<std::string> codes = result.Texts(row, column++);
  const std::vector<std::string> references = result.Texts(row, column++);
  for (size_t i = 0; i < codes.size(); ++i) {
    o.proofs.push_back({codes[i], references[i]});
  }
  o.lost_reason = result.Text(row, column++);
  o.lost_note = result.Text(row, column++);
  o.close_time = result.OptionalTimestamp(row, column++);
  o.cycle = static_cast<int>(result.Int(row, column++));
  o.occurred_at = result.Timestamp(row, column++);
  o.recorded_at = result.Timestamp(row, column++);
  o.update_time = result.Timestamp(row, column++);
  for (std::string* each : {&o.contract, &o.contract_state, &o.contract_cancel_reason}) {
    *each = result.Text(row, column++);
  }
  stored.lost_note = result.Text(row, column++);
  return stored;
}

pg::Pending QueueTaken(pg::Tx& tx, const std::vector<Uuid>& ids) {
  return tx.Queue(kTaken, pg::Params().AddUuids(ids));
}

pg::Pending QueueKnownCustomers(pg::Tx& tx, const std::vector<std::string>& ids) {
  return tx.Queue(kKnownCustomers, pg::Params().AddTexts(ids));
}

void QueueInsert(pg::Tx& tx, const Opportunity& opened) {
  const OpportunityData& o = opened.data();
  pg::Params params = MutableParams(opened);
  params.Add(o.pipeline).Add(static_cast<int32_t>(o.pipeline_version)).Add(o.customer);
  params.Add(o.lead).Add(o.campaign).Add(o.opened_by).Add(o.occurred_at).Add(o.recorded_at);
  tx.Queue(kInsert, params);
  QueueEntries(tx, opened);
}

void QueueUpdate(pg::Tx& tx, const Opportunity& changed) {
  tx.Queue(kUpdate, MutableParams(changed));
  QueueEntries(tx, changed);
}

void QueueContractDrafted(pg::Tx& tx, const Uuid& opportunity, const std::string& contract,
                          Time recorded_at, const std::string& state) {
  tx.Queue(kContractDrafted,
           pg::Params().Add(opportunity).Add(contract).Add(recorded_at).Add(state));
}

void QueueContractMoved(pg::Tx& tx, const std::string& contract, const std::string& state) {
  tx.Queue(kContractMoved, pg::Params().Add(contract).Add(state));
}

void QueueContractCancelled(pg::Tx& tx, const Opportunity& changed) {
  const OpportunityData& o = changed.data();
  pg::Params params;
  params.Add(o.id).Add(o.contract).Add(o.contract_state).Add(o.contract_cancel_reason);
  tx.Queue(kContractCancelled, params);
  QueueUpdate(tx, changed);
}

void QueueNote(pg::Tx& tx, const Uuid& opportunity, const OpportunityNote& note) {
  if (note.lost_note.empty() && note.reason.empty()) {
    return;
  }
  pg::Params params;
  params.Add(opportunity).Add(note.event_id).Add(note.lost_note).Add(note.reason);
  tx.Queue(kInsertNote, params);
}

absl::StatusOr<std::optional<StoredOpportunity>> GetOpportunity(pg::Connection& db, const Uuid& id,
                                                                const rpc::Reach& reach,
                                                                Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoad, service::ReachParams(reach).Add(id), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadOpportunity(result, 0));
}

absl::StatusOr<std::vector<OpportunityNote>> GetNotes(pg::Connection& db, const Uuid& opportunity,
                                                      const std::vector<Uuid>& event_ids,
                                                      Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kNotes, pg::Params().Add(opportunity).AddUuids(event_ids), timeout));
  std::vector<OpportunityNote> notes;
  for (int row = 0; row < result.rows(); ++row) {
    notes.push_back({result.Uuid(row, 0), result.Text(row, 1), result.Text(row, 2)});
  }
  return notes;
}

absl::StatusOr<std::vector<StoredOpportunity>> ListOpportunities(
    pg::Connection& db, const OpportunityFilter& filter, OpportunityOrder order,
    const std::optional<OpportunityCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout) {
  static const service::ListStatements list("opportunity_list_created", "opportunity_list_updated",
                                            ListText);
  pg::Params params = service::ReachParams(reach);
  service::AddOneOf(params, kOpportunityColumns, filter.equal, filter.not_equal);
  filter.states.empty() ? params.AddNull() : params.AddInt32s(filter.states);
  params.Add(filter.created_from).Add(filter.created_to);
  params.Add(filter.updated_from).Add(filter.updated_to);
  params.AddOptional(filter.closed_from).AddOptional(filter.closed_to);
  service::AddPlace(params, after, limit);
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      service::ReadPlanned(db, list.Of(order.by_update_time, order.ascending), params, timeout));
  return service::ReadRows(rows, ReadOpportunity);
}

}  // namespace steward::leads
