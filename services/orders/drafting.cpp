#include "services/orders/drafting.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/runtime/failpoint.h"
#include "services/orders/domain/contract.h"
#include "services/orders/events/orders_events.h"
#include "services/orders/storage/contract_store.h"

namespace steward::orders {
namespace {

constexpr int kRound = 100;
constexpr int kMaxDoublings = 9;
constexpr Duration kFirstWait = Seconds(1);
constexpr Duration kLongestWait = Minutes(5);
constexpr char kLeads[] = "leads";
constexpr char kOpportunity[] = "opportunity";

Time NextAttempt(Time now, int32_t attempts) {
  const int64_t wait = kFirstWait.micros << std::min(attempts, kMaxDoublings);
  return now + Microseconds(std::min(wait, kLongestWait.micros));
}

// The field of the opportunity that a draft needs and does not find.
std::string MissingField(const absl::Status& status) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields.front().field : "contract";
}

absl::StatusOr<ContractData> DraftOf(const leads::v1::Opportunity& from) {
  ContractData draft;
  draft.owner = from.owner();
  draft.team = from.team();
  draft.terms.customer = from.customer();
  draft.terms.opportunity = from.name();
  draft.terms.region = from.region();
  if (from.has_amount()) {
    ASSIGN_OR_RETURN(draft.terms.amount, rpc::FromProto("contract.amount", from.amount()));
  }
  return draft;
}

}  // namespace

void Drafting::Run() {
  if (db_ == nullptr || !db_->healthy()) {
    auto opened = pg::Connection::Open(deps_.pg);
    if (!opened.ok()) {
      log::Warning("no database for contract drafts", {{"error", opened.status().ToString()}});
      return;
    }
    db_ = *std::move(opened);
  }
  if (const absl::Status status = Round(); !status.ok()) {
    log::Warning("contract drafts wait", {{"error", status.ToString()}});
  }
  if (const auto waiting = CountWaiting(*db_); waiting.ok() && deps_.metrics != nullptr) {
    deps_.metrics->DraftsWait(*waiting);
  }
}

absl::Status Drafting::Round() {
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<WonOpportunity> due,
                     FindDue(*db_, deps_.env.clock->Now(), kRound));
    for (const WonOpportunity& won : due) {
      ASSIGN_OR_RETURN(const bool answered, Try(won));
      if (!answered) {
        return absl::OkStatus();
      }
    }
    if (due.size() < kRound) {
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<bool> Drafting::Try(const WonOpportunity& won) {
  const absl::StatusOr<leads::v1::Opportunity> from = deps_.read(won.opportunity);
  if (absl::IsNotFound(from.status())) {
    RETURN_IF_ERROR(NotFoundThere(won, from.status()));
    return true;
  }
  if (!from.ok()) {
    RETURN_IF_ERROR(Wait(won, kLeads, from.status()));
    return !absl::IsUnavailable(from.status()) && !absl::IsDeadlineExceeded(from.status());
  }
  const absl::Status drafted = Draft(won, *from);
  if (absl::IsInvalidArgument(drafted)) {
    RETURN_IF_ERROR(Wait(won, MissingField(drafted), drafted));
    return true;
  }
  RETURN_IF_ERROR(drafted);
  return true;
}

absl::Status Drafting::NotFoundThere(const WonOpportunity& won, const absl::Status& why) {
  const int32_t before = won.waits_for == kOpportunity ? won.attempts : 0;
  if (before + 1 < kMaxNotFound) {
    return Wait(won, kOpportunity, why);
  }
  std::string reason("OPPORTUNITY_NOT_FOUND: leads has answered ");
  reason += std::to_string(kMaxNotFound);
  reason +=
      " times that it does not know the opportunity, or that the member of "
      "leads_token_file does not reach it; mend that, then release it";
  log::Error("the contract draft of a won opportunity is parked",
             {{"opportunity", won.opportunity}, {"error", why.ToString()}});
  RETURN_IF_ERROR(Park(*db_, won, deps_.env.clock->Now(), kOpportunity, reason));
  if (deps_.metrics != nullptr) {
    deps_.metrics->Drafted(DraftResult::kParked);
  }
  return absl::OkStatus();
}

absl::Status Drafting::Wait(const WonOpportunity& won, const std::string& waits_for,
                            const absl::Status& why) {
  const int32_t before = won.waits_for == waits_for ? won.attempts : 0;
  if (before == 0) {
    log::Warning(
        "a won opportunity has no contract draft yet",
        {{"opportunity", won.opportunity}, {"waits_for", waits_for}, {"error", why.ToString()}});
  }
  return Postpone(*db_, won, NextAttempt(deps_.env.clock->Now(), before), waits_for);
}

void Drafting::Count(pg::Tx& tx, DraftResult result) const {
  if (deps_.metrics != nullptr) {
    tx.AfterCommit([metrics = deps_.metrics, result] { metrics->Drafted(result); });
  }
}

absl::Status Drafting::Draft(const WonOpportunity& won, const leads::v1::Opportunity& from) {
  const bool still_won = from.state() == leads::v1::PipelineStage::WON;
  ContractData draft;
  std::optional<Time> won_at;  // an imported win lies back: what follows it may too
  if (still_won) {
    ASSIGN_OR_RETURN(draft, DraftOf(from));
    if (from.has_close_time()) {
      won_at = rpc::FromProto(from.close_time());
    }
    draft.terms.opportunity = won.opportunity;
    const Time now = deps_.env.clock->Now();
    draft.team = deps_.org()->TeamOf(draft.owner, now).value_or(draft.team);
    draft.id = deps_.env.ids->NewId(now);
  }
  const eventing::Origin origin{"system:orders", won.correlation, won.event_id.ToString(),
                                won.traceparent};
  return pg::RunInTx(*db_, {.name = "contract_draft"}, [&](pg::Tx& tx) -> absl::Status {
    tx.Lock({pg::LockKey::Exclusive(won.opportunity)});
    const pg::Pending waiting = QueueStillWaiting(tx, won);
    const pg::Pending live = QueueContractOf(tx, won.opportunity);
    RETURN_IF_ERROR(tx.Flush());
    if (waiting->rows() == 0) {
      return absl::OkStatus();  // another replica was first, or it was won once more
    }
    if (!still_won) {
      QueueSettle(tx, won, WonState::kNotWon, std::nullopt);
      Count(tx, DraftResult::kNotWon);
      return absl::OkStatus();
    }
    if (live->rows() > 0) {
      QueueSettle(tx, won, WonState::kHasContract, live->Uuid(0, 0));
      Count(tx, DraftResult::kHadContract);
      return absl::OkStatus();
    }
    const Time now = deps_.env.clock->Now();
    ASSIGN_OR_RETURN(const Contract contract,
                     Contract::Draft(draft, {.actor = origin.actor, .now = now, .given = won_at}));
    QueueInsertContract(tx, contract.data());
    QueueSettle(tx, won, WonState::kHasContract, draft.id);
    RETURN_IF_ERROR(runtime::Failpoint("drafting.before_commit"));
    tx.AfterCommit([this] {
      if (deps_.metrics != nullptr) {
        deps_.metrics->Reached(ContractState::kDraft);
        deps_.metrics->Drafted(DraftResult::kDrafted);
      }
      if (deps_.env.relay != nullptr) {
        deps_.env.relay->Poke();
      }
    });
    return eventing::Append(tx, origin, ToJournal(*deps_.env.ids, now, draft.id, contract.events()),
                            *deps_.env.topic_message);
  });
}

}  // namespace steward::orders
