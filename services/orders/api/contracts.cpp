// Drafting and reading contracts.

#include <utility>

#include "libs/base/status.h"
#include "services/orders/api/contracts_api.h"
#include "services/orders/domain/contract.h"
#include "services/orders/events/orders_events.h"
#include "services/orders/storage/contract_store.h"

namespace steward::orders {
namespace {

absl::Status ContractExists(const std::string& opportunity, const Uuid& contract) {
  const std::string name = ContractName(contract);
  return Refuse(absl::StatusCode::kAlreadyExists,
                name + " is the contract of " + opportunity + "; cancel it first",
                {"CONTRACT_EXISTS", {{"opportunity", opportunity}, {"contract", name}}});
}

}  // namespace

absl::Status ContractsApi::CreateContract(const rpc::Call& call,
                                          const pb::CreateContractRequest& request,
                                          pb::Contract* response) {
  ContractData draft;
  ASSIGN_OR_RETURN(draft.terms, TermsFrom(request.contract()));
  RETURN_IF_ERROR(CheckName("contract.owner", "members", request.contract().owner()));
  draft.owner = request.contract().owner();
  draft.id = deps_.env.ids->NewId(deps_.env.clock->Now());
  draft.team = TeamOf(*deps_.org(), draft.owner, deps_.env.clock->Now());
  const std::string& opportunity = draft.terms.opportunity;
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        if (!opportunity.empty()) {
          tx.Lock({pg::LockKey::Exclusive(opportunity)});
          command.Find();
          const pg::Pending live = QueueContractOf(tx, opportunity);
          RETURN_IF_ERROR(tx.Flush());
          if (command.Answered()) {
            return absl::OkStatus();
          }
          if (live->rows() > 0) {
            return ContractExists(opportunity, live->Uuid(0, 0));
          }
        }
        ASSIGN_OR_RETURN(const Contract contract,
                         Contract::Draft(draft, {.actor = call.caller, .now = command.now()}));
        ToProto(contract.data(), response);
        command.Claim(response->name());
        QueueInsertContract(tx, contract.data());
        tx.AfterCommit([this] {
          if (deps_.metrics != nullptr) {
            deps_.metrics->Drafted();
          }
        });
        return command.Append(
            ToJournal(*deps_.env.ids, command.now(), draft.id, contract.events()));
      });
}

absl::Status ContractsApi::GetContract(const rpc::Call& call, const pb::GetContractRequest& request,
                                       pb::Contract* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseContractName("name", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<ContractData> contract,
                   orders::GetContract(*db, id, call.reach, call.TimeLeft()));
  if (!contract) {
    return NotFound(request.name());
  }
  ToProto(*contract, response);
  return absl::OkStatus();
}

}  // namespace steward::orders
