#include "services/orders/api/open_receivable.h"

#include <utility>

#include "libs/base/status.h"
#include "services/orders/events/ledger_events.h"

namespace steward::orders {

absl::StatusOr<std::vector<eventing::NewEvent>> QueueOpenReceivable(
    pg::Tx& tx, IdGenerator& ids, Time now, const absl::TimeZone& zone, const Uuid& contract,
    const LedgerParty& party, const InstalmentPlan& plan, absl::CivilDay signed_on) {
  LedgerData data;
  data.contract = contract;
  data.party = party;
  data.receivable = {plan, {.signed_on = signed_on, .delivered_on = {}, .accepted_on = {}}};
  ASSIGN_OR_RETURN(const ContractLedger ledger,
                   ContractLedger::Open(std::move(data), DayOf(now, zone)));
  QueueInsertLedger(tx, ledger);
  return ToJournal(ids, now, zone, ledger);
}

absl::StatusOr<std::vector<eventing::NewEvent>> QueueAssignReceivable(
    pg::Tx& tx, IdGenerator& ids, Time now, const absl::TimeZone& zone, const LedgerLoad& load,
    const std::string& owner, const std::string& team) {
  std::vector<eventing::NewEvent> rows;
  for (auto& [contract, data] : load.Read()) {
    ASSIGN_OR_RETURN(ContractLedger ledger, ContractLedger::Load(data, DayOf(now, zone)));
    ledger.Assign(owner, team);
    QueueSaveLedger(tx, ledger);
    for (eventing::NewEvent& row : ToJournal(ids, now, zone, ledger)) {
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace steward::orders
