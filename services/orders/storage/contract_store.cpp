#include "services/orders/storage/contract_store.h"

#include <set>

#include "libs/base/status.h"
#include "libs/service/list_sql.h"
#include "services/orders/storage/approval_codec.h"

namespace steward::orders {
namespace {

#define CONTRACT_COLUMNS                                                                        \
  "id, version, owner, team, customer, opportunity, kind, region, currency, amount_minor, "     \
  "plan_events, plan_days, plan_minor, state, state_time, draft_time, update_time, "            \
  "approve_time, sign_time, start_time, complete_time, archive_time, cancel_time, signed_day, " \
  "cancel_reason, approvals"
// Parameters 1 to 3 of every statement that loads for a caller.
#define WITHIN_REACH                                                  \
  "($1::boolean OR owner = ANY($2::text[]) OR team = ANY($3::text[])" \
  " OR asked && $2::text[])"

constexpr pg::Statement kLoad{"contract_load", "SELECT " CONTRACT_COLUMNS
                                               " FROM contract WHERE id = $4::uuid "
                                               "AND " WITHIN_REACH};
constexpr pg::Statement kOfOpportunity{
    "contract_of_opportunity",
    "SELECT id FROM contract WHERE opportunity = $1::text AND opportunity <> '' AND state <> 8"};
constexpr pg::Statement kInsert{"contract_insert",
                                "INSERT INTO contract (" CONTRACT_COLUMNS
                                ", waiting_for, asked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                                "$10, $11, $12, $13, $14, $15, "
                                "$16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)"};
constexpr pg::Statement kUpdate{
    "contract_update", "UPDATE contract SET (" CONTRACT_COLUMNS
                       ", waiting_for, asked) = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
                       "$12, $13, $14, $15, $16, "
                       "$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28) WHERE id = $1"};

constexpr absl::CivilDay kDayZero(1970, 1, 1);

void AddPlan(const InstalmentPlan& plan, pg::Params& params) {
  std::vector<int16_t> events;
  std::vector<int64_t> days;
  std::vector<int64_t> minor;
  for (const Instalment& instalment : plan) {
    const auto* after = std::get_if<DueAfter>(&instalment.due);
    events.push_back(after == nullptr ? int16_t{0} : static_cast<int16_t>(after->event));
    days.push_back(after == nullptr ? std::get<absl::CivilDay>(instalment.due) - kDayZero
                                    : after->days);
    minor.push_back(instalment.amount.minor);
  }
  params.AddInt16s(events).AddInts(days).AddInts(minor);
}

InstalmentPlan ReadPlan(const pg::Result& result, int row, int column,
                        const std::string& currency) {
  const std::vector<int64_t> events = result.Ints(row, column);
  const std::vector<int64_t> days = result.Ints(row, column + 1);
  const std::vector<int64_t> minor = result.Ints(row, column + 2);
  InstalmentPlan plan;
  for (size_t i = 0; i < events.size(); ++i) {
    DueCondition due = kDayZero + days[i];
    if (events[i] != 0) {
      due = DueAfter{static_cast<DueEvent>(events[i]), static_cast<int32_t>(days[i])};
    }
    plan.push_back({due, {currency, minor[i]}});
  }
  return plan;
}

// Everybody whom a run asked: they reach the contract.
std::vector<std::string> Asked(const std::vector<ApprovalData>& approvals) {
  std::set<std::string> asked;
  for (const ApprovalData& run : approvals) {
    for (const ApprovalNode& node : run.nodes) {
      asked.insert(node.approvers.begin(), node.approvers.end());
    }
  }
  return {asked.begin(), asked.end()};
}

pg::Params RowParams(const ContractData& c) {
  pg::Params params;
  params.Add(c.id).Add(c.version).Add(c.owner).Add(c.team).Add(c.terms.customer);
  params.Add(c.terms.opportunity).Add(c.terms.kind).Add(c.terms.region);
  params.Add(c.terms.amount.currency).Add(c.terms.amount.minor);
  AddPlan(c.terms.plan, params);
  params.Add(static_cast<int16_t>(c.state)).Add(c.state_time).Add(c.draft_time).Add(c.update_time);
  params.AddOptional(c.approve_time).AddOptional(c.sign_time).AddOptional(c.start_time);
  params.AddOptional(c.complete_time).AddOptional(c.archive_time).AddOptional(c.cancel_time);
  params.AddOptional(c.signed_on ? std::optional<int64_t>(*c.signed_on - kDayZero) : std::nullopt);
  params.Add(c.cancel_reason).AddBytes(EncodeApprovals(c.approvals));
  params.AddTexts(c.approvals.empty() ? std::vector<std::string>{}
                                      : Approval(c.approvals.back()).WaitingFor());
  params.AddTexts(Asked(c.approvals));
  return params;
}

absl::StatusOr<std::vector<ContractData>> ReadContracts(const pg::Result& result) {
  std::vector<ContractData> contracts;
  for (int row = 0; row < result.rows(); ++row) {
    ASSIGN_OR_RETURN(ContractData contract, ReadContract(result, row));
    contracts.push_back(std::move(contract));
  }
  return contracts;
}

std::string ListText(bool by_update_time, bool ascending) {
  service::ListSql sql("SELECT " CONTRACT_COLUMNS " FROM contract WHERE " WITHIN_REACH);
  sql.OneOf("", kContractFilterColumns).OneOf("state", "smallint");
  sql.Where("waiting_for", "@>", "text[]").Between("draft_time").Between("update_time");
  return sql.OrderBy(by_update_time ? "update_time" : "draft_time", "id", "uuid", ascending);
}

}  // namespace

pg::Pending QueueLoadContract(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach) {
  return tx.Queue(kLoad, service::ReachParams(reach).Add(id));
}

absl::StatusOr<ContractData> ReadContract(const pg::Result& result, int row) {
  ContractData data;
  data.id = result.Uuid(row, 0);
  data.version = result.Int(row, 1);
  data.owner = result.Text(row, 2);
  data.team = result.Text(row, 3);
  data.terms.customer = result.Text(row, 4);
  data.terms.opportunity = result.Text(row, 5);
  data.terms.kind = result.Text(row, 6);
  data.terms.region = result.Text(row, 7);
  data.terms.amount = {result.Text(row, 8), result.Int(row, 9)};
  data.terms.plan = ReadPlan(result, row, 10, data.terms.amount.currency);
  data.state = static_cast<ContractState>(result.Int(row, 13));
  data.state_time = result.Timestamp(row, 14);
  data.draft_time = result.Timestamp(row, 15);
  data.update_time = result.Timestamp(row, 16);
  int column = 17;
  for (std::optional<Time>* each : {&data.approve_time, &data.sign_time, &data.start_time,
                                    &data.complete_time, &data.archive_time, &data.cancel_time}) {
    *each = result.OptionalTimestamp(row, column++);
  }
  if (const std::optional<int64_t> day = result.OptionalInt(row, 23)) {
    data.signed_on = kDayZero + *day;
  }
  data.cancel_reason = result.Text(row, 24);
  ASSIGN_OR_RETURN(data.approvals, DecodeApprovals(result.Bytes(row, 25)));
  return data;
}

pg::Pending QueueContractOf(pg::Tx& tx, const std::string& opportunity) {
  return tx.Queue(kOfOpportunity, pg::Params().Add(opportunity));
}

void QueueInsertContract(pg::Tx& tx, const ContractData& contract) {
  tx.Queue(kInsert, RowParams(contract));
}

void QueueUpdateContract(pg::Tx& tx, const ContractData& contract) {
  tx.Queue(kUpdate, RowParams(contract));
}

absl::StatusOr<std::optional<ContractData>> GetContract(pg::Connection& db, const Uuid& id,
                                                        const rpc::Reach& reach, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoad, service::ReachParams(reach).Add(id), timeout));
  if (result.rows() == 0) {
    return std::optional<ContractData>();
  }
  ASSIGN_OR_RETURN(ContractData contract, ReadContract(result, 0));
  return std::optional(std::move(contract));
}

absl::StatusOr<std::vector<ContractData>> ListContracts(pg::Connection& db,
                                                        const ContractFilter& filter,
                                                        ContractOrder order,
                                                        const std::optional<ContractCursor>& after,
                                                        const rpc::Reach& reach, int limit,
                                                        Duration timeout) {
  static const service::ListStatements list("contract_list_drafted", "contract_list_updated",
                                            ListText);
  pg::Params params = service::ReachParams(reach);
  service::AddOneOf(params, kContractFilterColumns, filter.equal, filter.not_equal);
  service::AddStates(params, filter.state, filter.not_states);
  filter.waiting_for.empty() ? params.AddNull() : params.AddTexts(filter.waiting_for);
  params.Add(filter.drafted_from).Add(filter.drafted_to);
  params.Add(filter.updated_from).Add(filter.updated_to);
  service::AddPlace(params, after, limit);
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      service::ReadPlanned(db, list.Of(order.by_update_time, order.ascending), params, timeout));
  return ReadContracts(rows);
}

}  // namespace steward::orders
