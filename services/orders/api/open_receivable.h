#pragma once
// What the commands of contracts do to the contract's ledger, inside their own transaction. They hold the exclusive lock of
// `contracts/{uuid}`.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/eventing/journal.h"
#include "libs/pg/tx.h"
#include "services/orders/domain/contract_ledger.h"
#include "services/orders/storage/ledger_store.h"

namespace steward::orders {

// SignContract: opens the ledger; after the claim. Answers the journal rows to append: `receivable.opened`, and
// `instalment.scheduled` where the due date is known (`instalment.due_date_passed` where it is over).
absl::StatusOr<std::vector<eventing::NewEvent>> QueueOpenReceivable(
    pg::Tx& tx, IdGenerator& ids, Time now, const absl::TimeZone& zone, const Uuid& contract,
    const LedgerParty& party, const InstalmentPlan& plan, absl::CivilDay signed_on);

// AssignContract: `load` was queued before the Flush (LedgerLoad::Queue with the contract and a reach of all). Answers the
// journal rows to append; none before the signature.
absl::StatusOr<std::vector<eventing::NewEvent>> QueueAssignReceivable(
    pg::Tx& tx, IdGenerator& ids, Time now, const absl::TimeZone& zone, const LedgerLoad& load,
    const std::string& owner, const std::string& team);

}  // namespace steward::orders
