#pragma once
// Instalments, payments and ages by SQL, over the figures that are stored beside the entries.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/orders/domain/contract_ledger.h"
#include "services/orders/storage/ledger_store.h"

namespace steward::orders {

// All bounds are included.
struct InstalmentFilter {
  std::optional<std::string> owner, team, region, customer;
  std::optional<Standing> standing;
  bool open_only = false;
  std::optional<absl::CivilDay> due_from, due_to;
  std::optional<int64_t> overdue_at_most;
};
struct InstalmentCursor {
  absl::CivilDay due;
  Uuid contract;
  int64_t number = 0;
};
struct ListedInstalment {
  Uuid contract;
  LedgerParty party;  // without kinds
  DueCondition condition;
  std::string currency;
  InstalmentStanding standing;  // as of `today`
  InstalmentCursor place;
};
absl::StatusOr<std::vector<ListedInstalment>> ListInstalments(
    pg::Connection& db, const InstalmentFilter& filter, absl::CivilDay today,
    const std::optional<InstalmentCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout);

struct EntryCursor {
  absl::CivilDay day;
  Uuid id;
};
// Newest first; of one contract or of all within reach.
absl::StatusOr<std::vector<StoredEntry>> ListEntries(pg::Connection& db,
                                                     const std::optional<Uuid>& contract,
                                                     const std::optional<EntryCursor>& after,
                                                     const rpc::Reach& reach, int limit,
                                                     Duration timeout);

// What a report is by; the names of columns.
enum class GroupBy { kNothing, kOwner, kTeam, kRegion, kCustomer };

struct AgedSum {
  std::string group, currency;
  int64_t bucket = 0;  // from 0
  int64_t instalments = 0, open = 0;
};
struct AgedLedgers {
  std::vector<AgedSum> sums;
  // Something happened in these after `as_of`: they are in no sum.
  std::vector<Uuid> moved;
};
// One snapshot. `bucket_ends` as in AgeingBuckets.
absl::StatusOr<AgedLedgers> SumByAge(pg::Connection& db, GroupBy group, absl::CivilDay as_of,
                                     const std::vector<int32_t>& bucket_ends,
                                     const rpc::Reach& reach, Duration timeout);
// What is overdue on a day: `1_14`, `15_29` or `30_plus` days.
struct OverdueCount {
  std::string age, currency;
  int64_t instalments = 0;
};
absl::StatusOr<std::vector<OverdueCount>> CountOverdue(pg::Connection& db, absl::CivilDay today,
                                                       Duration timeout);
// Contracts with an instalment due in the range, both ends included.
absl::StatusOr<std::vector<Uuid>> ContractsDue(pg::Connection& db, absl::CivilDay from,
                                               absl::CivilDay to, const rpc::Reach& reach,
                                               Duration timeout);

}  // namespace steward::orders
