// Commands on one contract: each RPC names one method of Contract; Change is the frame around all of
// them.

#include <utility>

#include "libs/base/status.h"
#include "libs/rpc/field_mask.h"
#include "services/orders/api/approvers.h"
#include "services/orders/api/contracts_api.h"
#include "services/orders/api/flow_mapping.h"
#include "services/orders/api/open_receivable.h"
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

template <class Request>
ContractsApi::Target ContractsApi::TargetOf(const Request& request) {
  return {request.name(), request.etag(),
          OptionalTime(request.has_occurred_at(), request.occurred_at())};
}

absl::Status ContractsApi::Change(const rpc::Call& call, const Target& target, const Steps& steps,
                                  pb::Contract* response) {
  ASSIGN_OR_RETURN(const Uuid id, ParseContractName("name", target.name));
  const Speaker speaker{call.caller, call.HasGrant("importer"), call.HasGrant("supervisor")};
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(target.name)});
        command.Find();
        const pg::Pending row = QueueLoadContract(tx, id, call.reach);
        if (steps.prepare) {
          steps.prepare(tx);
        }
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(target.name);
        }
        ASSIGN_OR_RETURN(ContractData stored, ReadContract(*row, 0));
        const std::string etag = EtagOf(stored.version);
        if (!target.etag.empty() && target.etag != etag) {
          return EtagMismatch(target.name, etag);
        }
        ASSIGN_OR_RETURN(const Occasion occasion, CheckOccasion(deps_.time_rules, speaker, {},
                                                                command.now(), target.occurred_at));
        const ContractState before = stored.state;
        Contract contract(std::move(stored));
        RETURN_IF_ERROR(steps.apply(contract, occasion));
        ToProto(contract.data(), response);
        command.Claim(target.name);
        QueueUpdateContract(tx, contract.data());
        std::vector<eventing::NewEvent> rows =
            ToJournal(*deps_.env.ids, command.now(), id, contract.events());
        if (steps.also) {
          RETURN_IF_ERROR(steps.also(tx, contract.data(), command.now(), rows));
        }
        if (contract.data().state != before && deps_.metrics != nullptr) {
          tx.AfterCommit([metrics = deps_.metrics, state = contract.data().state] {
            metrics->Reached(state);
          });
        }
        return command.Append(rows);
      });
}

absl::Status ContractsApi::Do(const rpc::Call& call, const Target& target, Move move,
                              pb::Contract* response) {
  return Change(call, target,
                {.apply = [move](Contract& contract,
                                 const Occasion& occasion) { return (contract.*move)(occasion); }},
                response);
}

absl::Status ContractsApi::CreateContract(const rpc::Call& call,
                                          const pb::CreateContractRequest& request,
                                          pb::Contract* response) {
  RETURN_IF_ERROR(CheckName("contract.owner", "members", request.contract().owner()));
  ContractData draft;
  ASSIGN_OR_RETURN(draft.terms, TermsFrom(request.contract()));
  draft.owner = request.contract().owner();
  draft.id = deps_.env.ids->NewId(deps_.env.clock->Now());
  draft.team = deps_.org()->TeamOf(draft.owner, deps_.env.clock->Now()).value_or("");
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
        if (deps_.metrics != nullptr) {
          tx.AfterCommit([metrics = deps_.metrics] { metrics->Reached(ContractState::kDraft); });
        }
        return command.Append(
            ToJournal(*deps_.env.ids, command.now(), draft.id, contract.events()));
      });
}

absl::Status ContractsApi::UpdateContract(const rpc::Call& call,
                                          const pb::UpdateContractRequest& request,
                                          pb::Contract* response) {
  const pb::Contract& given = request.contract();
  return Change(call, {given.name(), given.etag(), std::nullopt},
                {.apply = [&](Contract& contract, const Occasion& occasion) -> absl::Status {
                  pb::Contract wanted;
                  ToProto(contract.data(), &wanted);
                  RETURN_IF_ERROR(rpc::ApplyMask(given, request.update_mask(), &wanted));
                  ASSIGN_OR_RETURN(ContractTerms terms, TermsFrom(wanted));
                  return contract.Change(std::move(terms), occasion);
                }},
                response);
}

absl::Status ContractsApi::AssignContract(const rpc::Call& call,
                                          const pb::AssignContractRequest& request,
                                          pb::Contract* response) {
  const std::shared_ptr<const identity::Org> org = deps_.org();
  ASSIGN_OR_RETURN(const Uuid id, ParseContractName("name", request.name()));
  std::optional<LedgerLoad> ledger;
  return Change(call, TargetOf(request),
                {.prepare =
                     [&](pg::Tx& tx) {
                       ledger = LedgerLoad::Queue(tx, {id}, {true, {}, {}});
                     },
                 .apply =
                     [&](Contract& contract, const Occasion& occasion) {
                       return contract.Assign(
                           request.owner(), org->TeamOf(request.owner(), occasion.now).value_or(""),
                           occasion);
                     },
                 .also = [&](pg::Tx& tx, const ContractData& data, Time now,
                             std::vector<eventing::NewEvent>& rows) -> absl::Status {
                   ASSIGN_OR_RETURN(const std::vector<eventing::NewEvent> told,
                                    QueueAssignReceivable(tx, *deps_.env.ids, now, deps_.zone,
                                                          *ledger, data.owner, data.team));
                   rows.insert(rows.end(), told.begin(), told.end());
                   return absl::OkStatus();
                 }},
                response);
}

absl::Status ContractsApi::SubmitContract(const rpc::Call& call,
                                          const pb::SubmitContractRequest& request,
                                          pb::Contract* response) {
  ASSIGN_OR_RETURN(const std::string flow_id, ParseFlowName("flow", request.flow()));
  const std::shared_ptr<const identity::Org> org = deps_.org();
  pg::Pending stored;
  return Change(call, TargetOf(request),
                {.prepare = [&](pg::Tx& tx) { stored = QueueFlow(tx, flow_id, 0); },
                 .apply = [&](Contract& contract, const Occasion& occasion) -> absl::Status {
                   if (stored->rows() == 0) {
                     return FieldInvalid("flow",
                                         "`approvalFlows/" + flow_id + "` is no approval flow");
                   }
                   ASSIGN_OR_RETURN(const ApprovalFlow flow, FlowOf(ReadFlow(*stored, 0)));
                   return contract.Submit(
                       flow, FindApprovers(*org, flow, occasion.actor, occasion.now), occasion);
                 }},
                response);
}

absl::Status ContractsApi::ApproveContract(const rpc::Call& call,
                                           const pb::ApproveContractRequest& request,
                                           pb::Contract* response) {
  return Do(call, TargetOf(request), &Contract::Approve, response);
}

absl::Status ContractsApi::SendBackContract(const rpc::Call& call,
                                            const pb::SendBackContractRequest& request,
                                            pb::Contract* response) {
  return Change(call, TargetOf(request),
                {.apply =
                     [&](Contract& contract, const Occasion& occasion) {
                       return contract.SendBack(request.reason(), occasion);
                     }},
                response);
}

absl::Status ContractsApi::WithdrawContract(const rpc::Call& call,
                                            const pb::WithdrawContractRequest& request,
                                            pb::Contract* response) {
  return Do(call, TargetOf(request), &Contract::Withdraw, response);
}

absl::Status ContractsApi::SignContract(const rpc::Call& call,
                                        const pb::SignContractRequest& request,
                                        pb::Contract* response) {
  return Change(call, TargetOf(request),
                {.apply =
                     [&](Contract& contract, const Occasion& occasion) {
                       const Time at = occasion.given.value_or(occasion.now);
                       return contract.Sign(
                           absl::ToCivilDay(absl::FromUnixMicros(at.micros), deps_.zone), occasion);
                     },
                 .also = [&](pg::Tx& tx, const ContractData& data, Time now,
                             std::vector<eventing::NewEvent>& rows) -> absl::Status {
                   const ContractTerms& terms = data.terms;
                   LedgerParty party{terms.customer, data.owner, data.team, terms.region, {}};
                   if (!terms.kind.empty()) {
                     party.kind_path.push_back(terms.kind);
                   }
                   ASSIGN_OR_RETURN(
                       const std::vector<eventing::NewEvent> told,
                       QueueOpenReceivable(tx, *deps_.env.ids, now, deps_.zone, data.id, party,
                                           terms.plan, *data.signed_on));
                   rows.insert(rows.end(), told.begin(), told.end());
                   return absl::OkStatus();
                 }},
                response);
}

absl::Status ContractsApi::StartContract(const rpc::Call& call,
                                         const pb::StartContractRequest& request,
                                         pb::Contract* response) {
  return Do(call, TargetOf(request), &Contract::Start, response);
}

absl::Status ContractsApi::CompleteContract(const rpc::Call& call,
                                            const pb::CompleteContractRequest& request,
                                            pb::Contract* response) {
  return Do(call, TargetOf(request), &Contract::Complete, response);
}

absl::Status ContractsApi::ArchiveContract(const rpc::Call& call,
                                           const pb::ArchiveContractRequest& request,
                                           pb::Contract* response) {
  return Do(call, TargetOf(request), &Contract::Archive, response);
}

absl::Status ContractsApi::CancelContract(const rpc::Call& call,
                                          const pb::CancelContractRequest& request,
                                          pb::Contract* response) {
  return Change(call, TargetOf(request),
                {.apply =
                     [&](Contract& contract, const Occasion& occasion) {
                       return contract.Cancel(request.reason(), occasion);
                     }},
                response);
}

}  // namespace steward::orders
