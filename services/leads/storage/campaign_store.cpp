#include "services/leads/storage/campaign_store.h"

#include "libs/base/status.h"
#include "libs/service/list_sql.h"

namespace steward::leads {
namespace {

#define CAMPAIGN_COLUMNS                                                                         \
  "c.id, c.version, c.kind, c.owner, c.team, c.region, c.budget_currency, c.budget, "            \
  "c.planned_start, c.planned_end, c.approved_at, c.rehearsed_at, c.started_at, c.ended_at, "    \
  "c.recap_at, c.approved_by, c.recap, c.cost_currency, c.cost, c.revenue_currency, c.revenue, " \
  "c.leads, c.converted_leads, c.new_customers, c.state, c.state_time, c.update_time, "          \
  "c.planned_by, c.occurred_at, c.create_time, x.title, x.title_zh, x.goal, x.description"
#define CAMPAIGN_TABLES " FROM campaign c JOIN campaign_text x ON x.campaign = c.id "
// Parameters 1 to 3 of every statement that loads for a caller.
#define WITHIN_REACH                                                      \
  "($1::boolean OR c.owner = ANY($2::text[]) OR c.team = ANY($3::text[])" \
  " OR (c.owner = '' AND c.planned_by = ANY($2::text[])))"

constexpr pg::Statement kLoad{"campaign_load", "SELECT " CAMPAIGN_COLUMNS CAMPAIGN_TABLES
                                               "WHERE c.id = $4::uuid AND " WITHIN_REACH};
constexpr pg::Statement kInsert{
    "campaign_insert",
    "INSERT INTO campaign (id, version, kind, owner, team, region, budget_currency, budget, "
    "planned_start, planned_end, approved_at, rehearsed_at, started_at, ended_at, recap_at, "
    "approved_by, recap, cost_currency, cost, revenue_currency, revenue, leads, converted_leads, "
    "new_customers, state, state_time, update_time, planned_by, occurred_at, create_time) VALUES "
    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "
    "$21, $22, $23, $24, $25, $26, $27, $28, $29, $30)"};
constexpr pg::Statement kUpdate{
    "campaign_update",
    "UPDATE campaign SET version = $2, kind = $3, owner = $4, team = $5, region = $6, "
    "budget_currency = $7, budget = $8, planned_start = $9, planned_end = $10, approved_at = $11, "
    "rehearsed_at = $12, started_at = $13, ended_at = $14, recap_at = $15, approved_by = $16, "
    "recap = $17, cost_currency = $18, cost = $19, revenue_currency = $20, revenue = $21, "
    "leads = $22, converted_leads = $23, new_customers = $24, state = $25, state_time = $26, "
    "update_time = $27 WHERE id = $1"};
constexpr pg::Statement kPutText{
    "campaign_text_put",
    "INSERT INTO campaign_text (campaign, title, title_zh, goal, description) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (campaign) DO UPDATE SET (title, title_zh, goal, "
    "description) = (EXCLUDED.title, EXCLUDED.title_zh, EXCLUDED.goal, EXCLUDED.description)"};
constexpr pg::Statement kInsertReason{
    "campaign_reason_insert",
    "INSERT INTO campaign_reason (campaign, version, reason) VALUES ($1, $2, $3)"};
constexpr pg::Statement kReasons{
    "campaign_reasons",
    "SELECT version, reason FROM campaign_reason WHERE campaign = $1::uuid AND version BETWEEN "
    "$2::bigint AND $3::bigint"};
// `<> ''` is what the partial indexes ask for. A sum beyond 64 bits is shown as the largest number.
constexpr pg::Statement kCount{
    "campaign_count",
    "WITH l AS (SELECT count(*) AS n, count(*) FILTER (WHERE opportunity <> '') AS converted "
    "FROM lead WHERE campaign = $1::text AND campaign <> ''), "
    "o AS (SELECT currency, count(*) AS n, LEAST(sum(amount_minor), 9223372036854775807)::bigint "
    "AS minor FROM opportunity WHERE campaign = $1::text AND campaign <> '' AND state = 2 "
    "GROUP BY currency) "
    "SELECT l.n, l.converted, o.currency, o.n, o.minor FROM l LEFT JOIN o ON true "
    "ORDER BY o.currency"};

void AddMoney(pg::Params& params, const std::optional<Money>& money) {
  params.AddOptional(money ? std::optional(money->currency) : std::nullopt);
  params.AddOptional(money ? std::optional(money->minor) : std::nullopt);
}

// What a command may change: parameters 1 to 27 of insert and update.
pg::Params MutableParams(const CampaignData& c) {
  pg::Params params;
  params.Add(c.id).Add(c.version).Add(c.kind).Add(c.owner).Add(c.team).Add(c.region);
  params.Add(c.budget.currency).Add(c.budget.minor).Add(c.planned_start).Add(c.planned_end);
  for (const std::optional<Time>* time :
       {&c.approved_at, &c.rehearsed_at, &c.started_at, &c.ended_at, &c.recap_at}) {
    params.AddOptional(*time);
  }
  params.Add(c.approved_by).Add(c.recap);
  AddMoney(params, c.results.cost);
  AddMoney(params, c.results.revenue);
  params.AddOptional(c.results.leads).AddOptional(c.results.converted_leads);
  params.AddOptional(c.results.new_customers);
  params.Add(static_cast<int16_t>(c.state)).Add(c.state_time).Add(c.update_time);
  return params;
}

std::optional<Money> ReadMoney(const pg::Result& result, int row, int column) {
  if (result.IsNull(row, column)) {
    return std::nullopt;
  }
  return Money{result.Text(row, column), result.Int(row, column + 1)};
}

std::vector<int16_t> NumbersOf(const std::vector<CampaignState>& states) {
  std::vector<int16_t> numbers;
  for (const CampaignState state : states) {
    numbers.push_back(static_cast<int16_t>(state));
  }
  return numbers;
}

// Four statements, one an order, with every filter a parameter that may be absent.
std::string ListText(bool by_planned_start, bool ascending) {
  service::ListSql sql("SELECT " CAMPAIGN_COLUMNS CAMPAIGN_TABLES "WHERE " WITHIN_REACH);
  for (const std::string_view name : kCampaignFilterColumns) {
    sql.AnyOf("c." + std::string(name));
  }
  sql.AnyOf("c.state", "smallint");
  for (const std::string_view name : kCampaignTimeColumns) {
    sql.Between("c." + std::string(name));
  }
  return sql.OrderBy(by_planned_start ? "c.planned_start" : "c.create_time", "c.id", "uuid",
                     ascending);
}

pg::Params ListParams(const CampaignFilter& filter, const std::optional<CampaignCursor>& after,
                      const rpc::Reach& reach, int limit) {
  pg::Params params = service::ReachParams(reach);
  for (const std::string_view name : kCampaignFilterColumns) {
    const auto any_of = filter.any_of.find(std::string(name));
    const auto none_of = filter.none_of.find(std::string(name));
    any_of == filter.any_of.end() ? params.AddNull() : params.AddTexts(any_of->second);
    params.AddTexts(none_of == filter.none_of.end() ? std::vector<std::string>{} : none_of->second);
  }
  filter.states ? params.AddInt16s(NumbersOf(*filter.states)) : params.AddNull();
  params.AddInt16s(NumbersOf(filter.not_states));
  for (const std::string_view name : kCampaignTimeColumns) {
    const auto range = filter.times.find(std::string(name));
    params.Add(range == filter.times.end() ? kEpoch : range->second.first);
    params.Add(range == filter.times.end() ? kClientTimeEnd : range->second.second);
  }
  service::AddPlace(params, after, limit);
  return params;
}

}  // namespace

pg::Pending QueueLoadCampaign(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach) {
  return tx.Queue(kLoad, service::ReachParams(reach).Add(id));
}

StoredCampaign ReadCampaign(const pg::Result& result, int row) {
  StoredCampaign stored;
  CampaignData& data = stored.data;
  int column = 0;
  data.id = result.Uuid(row, column++);
  data.version = result.Int(row, column++);
  for (std::string* each : {&data.kind, &data.owner, &data.team, &data.region}) {
    *each = result.Text(row, column++);
  }
  data.budget = *ReadMoney(result, row, column);
  column += 2;
  data.planned_start = result.Timestamp(row, column++);
  data.planned_end = result.Timestamp(row, column++);
  for (std::optional<Time>* each :
       {&data.approved_at, &data.rehearsed_at, &data.started_at, &data.ended_at, &data.recap_at}) {
    *each = result.OptionalTimestamp(row, column++);
  }
  data.approved_by = result.Text(row, column++);
  data.recap = result.Text(row, column++);
  for (std::optional<Money>* each : {&data.results.cost, &data.results.revenue}) {
    *each = ReadMoney(result, row, column);
    column += 2;
  }
  for (std::optional<int64_t>* each :
       {&data.results.leads, &data.results.converted_leads, &data.results.new_customers}) {
    *each = result.OptionalInt(row, column++);
  }
  data.state = static_cast<CampaignState>(result.Int(row, column++));
  data.state_time = result.Timestamp(row, column++);
  data.update_time = result.Timestamp(row, column++);
  stored.planned_by = result.Text(row, column++);
  data.occurred_at = result.Timestamp(row, column++);
  data.recorded_at = result.Timestamp(row, column++);
  CampaignText& text = stored.text;
  for (std::string* each : {&text.title, &text.title_zh, &text.goal, &text.description}) {
    *each = result.Text(row, column++);
  }
  return stored;
}

void QueueInsertCampaign(pg::Tx& tx, const StoredCampaign& campaign) {
  const CampaignData& data = campaign.data;
  pg::Params params = MutableParams(data);
  tx.Queue(kInsert, params.Add(campaign.planned_by).Add(data.occurred_at).Add(data.recorded_at));
  QueuePutCampaignText(tx, data.id, campaign.text);
}

void QueueUpdateCampaign(pg::Tx& tx, const CampaignData& campaign) {
  tx.Queue(kUpdate, MutableParams(campaign));
}

void QueuePutCampaignText(pg::Tx& tx, const Uuid& id, const CampaignText& text) {
  pg::Params params;
  params.Add(id).Add(text.title).Add(text.title_zh).Add(text.goal).Add(text.description);
  tx.Queue(kPutText, params);
}

void QueueCampaignReason(pg::Tx& tx, const Uuid& id, int64_t version, std::string_view reason) {
  tx.Queue(kInsertReason, pg::Params().Add(id).Add(version).Add(reason));
}

absl::StatusOr<std::optional<StoredCampaign>> GetCampaign(pg::Connection& db, const Uuid& id,
                                                          const rpc::Reach& reach,
                                                          Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoad, service::ReachParams(reach).Add(id), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadCampaign(result, 0));
}

absl::StatusOr<std::map<int64_t, std::string>> GetCampaignReasons(pg::Connection& db,
                                                                  const Uuid& id,
                                                                  int64_t from_version,
                                                                  int64_t to_version,
                                                                  Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result result,
      db.Run(kReasons, pg::Params().Add(id).Add(from_version).Add(to_version), timeout));
  std::map<int64_t, std::string> reasons;
  for (int row = 0; row < result.rows(); ++row) {
    reasons.emplace(result.Int(row, 0), result.Text(row, 1));
  }
  return reasons;
}

pg::Pending QueueCount(pg::Tx& tx, const Uuid& campaign) {
  return tx.Queue(kCount, pg::Params().Add(CampaignName(campaign)));
}

CampaignCounts ReadCounts(const pg::Result& result) {
  CampaignCounts counts;
  for (int row = 0; row < result.rows(); ++row) {
    counts.leads = result.Int(row, 0);
    counts.converted_leads = result.Int(row, 1);
    if (!result.IsNull(row, 2)) {
      counts.won += result.Int(row, 3);
      counts.revenue.push_back({result.Text(row, 2), result.Int(row, 4)});
    }
  }
  return counts;
}

absl::StatusOr<CampaignCounts> CountOf(pg::Connection& db, const Uuid& campaign, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kCount, pg::Params().Add(CampaignName(campaign)), timeout));
  return ReadCounts(result);
}

absl::StatusOr<std::vector<StoredCampaign>> ListCampaigns(
    pg::Connection& db, const CampaignFilter& filter, CampaignOrder order,
    const std::optional<CampaignCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout) {
  static const service::ListStatements list("campaign_list_created", "campaign_list_start",
                                            ListText);
  ASSIGN_OR_RETURN(const pg::Result rows,
                   service::ReadPlanned(db, list.Of(order.by_planned_start, order.ascending),
                                        ListParams(filter, after, reach, limit), timeout));
  return service::ReadRows(rows, ReadCampaign);
}

}  // namespace steward::leads
