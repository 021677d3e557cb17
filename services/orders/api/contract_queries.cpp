// Reads: what the caller reaches, on the worker's connection.

#include <map>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/service/pages.h"
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
  ASSIGN_OR_RETURN(const ListQuery query, ParseListQuery(request.filter(), request.order_by()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens,
                        "ListContracts\n" + request.filter() + "\n" + request.order_by(), request));
  ASSIGN_OR_RETURN(const std::optional<ContractCursor> after, service::ReadTimePlace(page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<ContractData> contracts,
                   orders::ListContracts(*db, query.filter, query.order, after, call.reach,
                                         page.limit(), call.TimeLeft()));
  if (page.Cut(contracts)) {
    const ContractData& last = contracts.back();
    const Time time = query.order.by_update_time ? last.update_time : last.draft_time;
    page.Continue(service::PlaceOf(time, last.id), response);
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
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListContractHistory\n" + request.parent(), request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  RETURN_IF_ERROR(Visible(call, *db, "parent", request.parent()).status());
  ASSIGN_OR_RETURN(const service::History history,
                   service::ReadHistory(*db, page, request.parent()));
  return service::ShowHistory(page, history, ContractChangesOf, response);
}

}  // namespace steward::orders
