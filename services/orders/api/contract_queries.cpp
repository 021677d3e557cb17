// Reads: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "services/orders/api/approvers.h"
#include "services/orders/api/contract_history.h"
#include "services/orders/api/contracts_api.h"
#include "services/orders/api/flow_mapping.h"
#include "services/orders/storage/approval_codec.h"
#include "services/orders/storage/contract_store.h"

namespace steward::orders {
namespace {

struct ListQuery {
  ContractFilter filter;
  bool nothing = false;  // two values asked of one field
  ContractOrder order;
};

absl::Status ApplyState(const rpc::FilterTerm& term, ListQuery& query) {
  const std::optional<ContractState> state = ContractStateFromName(term.value);
  if (!state) {
    std::vector<std::string_view> names;
    for (const ContractState each : kContractStates) {
      names.push_back(NameOf(each));
    }
    return FieldInvalid("filter", "`" + term.value + "` is no state: " + Join(names));
  }
  if (term.op == "!=") {
    query.filter.not_states.push_back(*state);
    return absl::OkStatus();
  }
  query.nothing = query.nothing || (query.filter.state && query.filter.state != state);
  query.filter.state = state;
  return absl::OkStatus();
}

absl::Status ApplyTerm(const rpc::FilterTerm& term, ListQuery& query) {
  ContractFilter& filter = query.filter;
  if (term.field == "draft_time") {
    return rpc::NarrowTime(term, filter.drafted_from, filter.drafted_to);
  }
  if (term.field == "update_time") {
    return rpc::NarrowTime(term, filter.updated_from, filter.updated_to);
  }
  if (term.field == "state") {
    return ApplyState(term, query);
  }
  if (term.field == "waiting_for") {
    filter.waiting_for.push_back(term.value);
  } else if (term.op == "!=") {
    filter.not_equal[term.field].push_back(term.value);
  } else {
    const auto [known, added] = filter.equal.emplace(term.field, term.value);
    query.nothing = query.nothing || (!added && known->second != term.value);
  }
  return absl::OkStatus();
}

const std::map<std::string, std::string>& FilterFields() {
  static const std::map<std::string, std::string> fields = [] {
    std::map<std::string, std::string> made{{"state", "= !="},
                                            {"waiting_for", "="},
                                            {"draft_time", "< <= > >="},
                                            {"update_time", "< <= > >="}};
    for (const std::string_view column : kContractFilterColumns) {
      made.emplace(column, "= !=");
    }
    return made;
  }();
  return fields;
}

absl::StatusOr<ListQuery> ParseListQuery(std::string_view filter, std::string_view order_by) {
  ListQuery query;
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms,
                   rpc::ParseFilter(filter, FilterFields()));
  for (const rpc::FilterTerm& term : terms) {
    RETURN_IF_ERROR(ApplyTerm(term, query));
  }
  if (order_by.empty() || order_by == "draft_time desc") {
    query.order = {false, false};
  } else if (order_by == "draft_time") {
    query.order = {false, true};
  } else if (order_by == "update_time desc") {
    query.order = {true, false};
  } else if (order_by == "update_time") {
    query.order = {true, true};
  } else {
    return FieldInvalid(
        "order_by", "is not `draft_time desc`, `draft_time`, `update_time desc` or `update_time`");
  }
  return query;
}

absl::StatusOr<std::optional<ContractCursor>> ReadCursor(const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<ContractCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(cursor[0]));
  const absl::StatusOr<Uuid> id = Uuid::Parse(cursor[1]);
  return id.ok() ? absl::StatusOr<std::optional<ContractCursor>>({{Time{micros}, *id}})
                 : rpc::BadPageToken();
}

}  // namespace

absl::StatusOr<ContractData> ContractsApi::Visible(const rpc::Call& call, pg::Connection& db,
                                                   std::string_view field,
                                                   const std::string& name) {
  ASSIGN_OR_RETURN(const Uuid id, ParseContractName(field, name));
  ASSIGN_OR_RETURN(std::optional<ContractData> found,
                   orders::GetContract(db, id, call.reach, call.TimeLeft()));
  if (!found) {
    return NotFound(name);
  }
  return *std::move(found);
}

absl::Status ContractsApi::GetContract(const rpc::Call& call, const pb::GetContractRequest& request,
                                       pb::Contract* response) {
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const ContractData contract, Visible(call, *db, "name", request.name()));
  ToProto(contract, response);
  return absl::OkStatus();
}

absl::Status ContractsApi::ListContracts(const rpc::Call& call,
                                         const pb::ListContractsRequest& request,
                                         pb::ListContractsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const ListQuery query, ParseListQuery(request.filter(), request.order_by()));
  const std::string bound = "ListContracts\n" + request.filter() + "\n" + request.order_by();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<ContractCursor> after, ReadCursor(cursor));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<ContractData> contracts,
                   orders::ListContracts(*db, query.filter, query.order, after, call.reach,
                                         page_size + 1, call.TimeLeft()));
  if (contracts.size() > static_cast<size_t>(page_size)) {
    contracts.resize(static_cast<size_t>(page_size));
    const ContractData& last = contracts.back();
    const Time time = query.order.by_update_time ? last.update_time : last.draft_time;
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(time.micros), last.id.ToString()}));
  }
  for (const ContractData& contract : contracts) {
    ToProto(contract, response->add_contracts());
  }
  return absl::OkStatus();
}

absl::Status ContractsApi::PreviewContractApproval(
    const rpc::Call& call, const pb::PreviewContractApprovalRequest& request,
    pb::Approval* response) {
  ASSIGN_OR_RETURN(const std::string flow_id, ParseFlowName("flow", request.flow()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const ContractData contract, Visible(call, *db, "name", request.name()));
  ASSIGN_OR_RETURN(const std::optional<StoredFlow> stored,
                   GetFlow(*db, flow_id, 0, call.TimeLeft()));
  if (!stored) {
    return FieldInvalid("flow", "`approvalFlows/" + flow_id + "` is no approval flow");
  }
  ASSIGN_OR_RETURN(const ApprovalFlow flow, FlowOf(*stored));
  const Time now = deps_.env.clock->Now();
  ASSIGN_OR_RETURN(const Approval approval,
                   Approval::Submit(flow, FindApprovers(*deps_.org(), flow, call.caller, now),
                                    contract.terms.amount, now));
  ToProto(approval.data(), response);
  return absl::OkStatus();
}

absl::Status ContractsApi::ListContractHistory(const rpc::Call& call,
                                               const pb::ListContractHistoryRequest& request,
                                               pb::ListContractHistoryResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const std::string bound = "ListContractHistory\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const rpc::HistoryCursor shown, rpc::ReadHistoryCursor(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  RETURN_IF_ERROR(Visible(call, *db, "parent", request.parent()).status());
  ASSIGN_OR_RETURN(const std::vector<eventing::JournalRow> rows,
                   eventing::ReadAggregate(*db, request.parent(),
                                           std::max<int64_t>(shown.version - 1, 0), page_size + 2));
  rpc::HistoryCursor reached = shown;
  for (const eventing::JournalRow& row : rows) {
    ASSIGN_OR_RETURN(const std::vector<pb::ContractChange> changes, ContractChangesOf(row));
    const int64_t skip = row.aggregate_version == shown.version ? shown.part : 0;
    for (int64_t part = skip; part < static_cast<int64_t>(changes.size()); ++part) {
      if (response->changes_size() == page_size) {
        response->set_next_page_token(deps_.tokens->Make(
            bound, {std::to_string(reached.version), std::to_string(reached.part)}));
        return absl::OkStatus();
      }
      *response->add_changes() = changes[static_cast<size_t>(part)];
      reached = {row.aggregate_version, part + 1};
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::orders
