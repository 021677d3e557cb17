#pragma once
// Receivables: protobuf to domain types and back. Faults answer INVALID_ARGUMENT naming the field.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/orders/storage/ledger_store.h"
#include "services/orders/storage/receivable_lists.h"
#include "steward/orders/v1/receivables_service.pb.h"

namespace steward::orders {

// The contract of `contracts/{uuid}/receivable`.
absl::StatusOr<Uuid> ParseReceivableName(std::string_view field, std::string_view name);

// A new entry; fields are named below `path`. `today` where no day is given.
absl::StatusOr<StoredEntry> EntryFrom(const std::string& path, const v1::Payment& from,
                                      const Uuid& contract, absl::CivilDay today);
void ToProto(const StoredEntry& from, v1::Payment* to);

// The ledger as of a day; `state` is that day's.
void ToProto(const LedgerData& data, const LedgerState& state, absl::CivilDay as_of,
             v1::Receivable* to);
void ToProto(const ListedInstalment& from, v1::InstalmentStanding* to);

struct InstalmentQuery {
  InstalmentFilter filter;
  bool nothing = false;  // two values asked of one field
};
absl::StatusOr<InstalmentQuery> ParseInstalmentFilter(std::string_view filter,
                                                      absl::CivilDay today);
absl::StatusOr<GroupBy> ParseGroupBy(std::string_view group);
const std::string& GroupOf(GroupBy group, const LedgerParty& party);

}  // namespace steward::orders
