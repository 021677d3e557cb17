#pragma once
// Ledgers of contracts: receivable, instalment and cash_entry. SQL only; what may be written is the domain's decision.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/orders/domain/contract_ledger.h"

namespace steward::orders {

// An entry with what the ledger does not reckon with.
struct StoredEntry {
  Uuid contract;
  CashEntry entry;
  std::string source, external_id;
  std::string recorded_by;
  Time record_time;
};

// Ledgers that are being loaded; Read after the Flush.
class LedgerLoad {
 public:
  // Those of `contracts` that are there and within reach, with all entries. Hold each contract's lock.
  static LedgerLoad Queue(pg::Tx& tx, const std::vector<Uuid>& contracts, const rpc::Reach& reach);
  std::map<Uuid, LedgerData> Read() const;

 private:
  LedgerLoad(pg::Pending ledgers, pg::Pending instalments, pg::Pending entries)
      : ledgers_(std::move(ledgers)),
        instalments_(std::move(instalments)),
        entries_(std::move(entries)) {}
  pg::Pending ledgers_, instalments_, entries_;
};
// The same without a transaction: several statements, each consistent by itself; used for reports.
absl::StatusOr<std::map<Uuid, LedgerData>> GetLedgers(pg::Connection& db,
                                                      const std::vector<Uuid>& contracts,
                                                      const rpc::Reach& reach, Duration timeout);

void QueueInsertLedger(pg::Tx& tx, const ContractLedger& ledger);
// What a loaded ledger holds now: its own row, and the computed figures of all its instalments.
void QueueSaveLedger(pg::Tx& tx, const ContractLedger& ledger);
void QueueInsertEntries(pg::Tx& tx, const std::vector<StoredEntry>& entries);

struct ExternalId {
  std::string source, id;
  friend auto operator<=>(const ExternalId&, const ExternalId&) = default;
};
pg::Pending QueueFindExternal(pg::Tx& tx, const std::vector<ExternalId>& ids);
// Rows of QueueFindExternal and of ListEntries.
std::vector<StoredEntry> ReadEntries(const pg::Result& result);

// Contracts with an instalment whose due date is before `today`, with something open, of which nothing was said; oldest first.
absl::StatusOr<std::vector<Uuid>> FindUnsaid(pg::Connection& db, absl::CivilDay today, int limit,
                                             Duration timeout);

}  // namespace steward::orders
