#include <string>
#include <vector>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/orders/api/contract_drafts_api.h"
#include "services/orders/storage/won_store.h"

namespace steward::orders {
namespace {

void ToProto(const UnsettledDraft& from, v1::ContractDraft* to) {
  to->Clear();
  to->set_opportunity(from.won.opportunity);
  to->set_cycle(from.won.cycle);
  to->set_state(from.state == WonState::kParked ? v1::ContractDraft::PARKED
                                                : v1::ContractDraft::WAITING);
  to->set_attempts(from.won.attempts);
  to->set_waits_for(from.won.waits_for);
  to->set_reason(from.reason);
  if (from.park_time) {
    *to->mutable_park_time() = rpc::ToProto(*from.park_time);
  } else {
    *to->mutable_next_attempt_time() = rpc::ToProto(from.next_attempt);
  }
}

}  // namespace

void ContractDraftsApi::AddTo(rpc::Server& server) {
  server.Add<v1::ListContractDraftsRequest, v1::ListContractDraftsResponse>(
      "/steward.orders.v1.ContractDraftsService/ListContractDrafts",
      [this](rpc::Call& call, const auto& request, auto* response) {
        return ListContractDrafts(call, request, response);
      });
  server.Add<v1::ReleaseContractDraftRequest, v1::ContractDraft>(
      "/steward.orders.v1.ContractDraftsService/ReleaseContractDraft",
      [this](rpc::Call& call, const auto& request, auto* response) {
        return ReleaseContractDraft(call, request, response);
      });
}

absl::Status ContractDraftsApi::ListContractDrafts(const rpc::Call& call,
                                                   const v1::ListContractDraftsRequest& request,
                                                   v1::ListContractDraftsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  std::vector<int16_t> states;
  for (const auto& [state, shown] : {std::pair(WonState::kWaiting, v1::ContractDraft::WAITING),
                                     std::pair(WonState::kParked, v1::ContractDraft::PARKED)}) {
    if (request.state() == v1::ContractDraft::STATE_UNSPECIFIED || request.state() == shown) {
      states.push_back(static_cast<int16_t>(state));
    }
  }
  const std::string bound = "ListContractDrafts\n" + std::to_string(request.state());
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   tokens_->Read(bound, request.page_token()));
  if (cursor.size() > 1) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<UnsettledDraft> drafts,
                   ListUnsettled(*db, states, cursor.empty() ? "" : cursor.front(), page_size + 1,
                                 call.TimeLeft()));
  if (drafts.size() > static_cast<size_t>(page_size)) {
    drafts.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(tokens_->Make(bound, {drafts.back().won.opportunity}));
  }
  for (const UnsettledDraft& draft : drafts) {
    ToProto(draft, response->add_drafts());
  }
  return absl::OkStatus();
}

absl::Status ContractDraftsApi::ReleaseContractDraft(const rpc::Call& call,
                                                     const v1::ReleaseContractDraftRequest& request,
                                                     v1::ContractDraft* response) {
  const std::string& name = request.opportunity();
  RETURN_IF_ERROR(CheckName("opportunity", "opportunities", name));
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending row = QueueUnsettled(tx, name);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() == 0) {
          return NotFound(name);
        }
        UnsettledDraft draft = ReadUnsettled(*row, 0);
        if (draft.state != WonState::kParked) {
          return Precondition("NOT_PARKED", "the draft of " + name + " is tried again by itself",
                              {{"waits_for", draft.won.waits_for}});
        }
        draft.state = WonState::kWaiting;
        draft.won.attempts = 0;
        draft.won.waits_for = draft.reason = "";
        draft.next_attempt = command.now();
        draft.park_time.reset();
        ToProto(draft, response);
        command.Claim(name);
        QueueRelease(tx, draft.won, command.now());
        tx.AfterCommit([this] { released_(); });
        return absl::OkStatus();
      });
}

}  // namespace steward::orders
