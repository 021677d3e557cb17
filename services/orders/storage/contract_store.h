#pragma once
// SQL of contracts. Whatever loads a contract for a caller takes the caller's reach: out of reach is
// not there. Whoever was asked to approve a contract reaches it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/orders/domain/contract_event.h"

namespace steward::orders {

// In a command, under the contract's lock. One row or none.
pg::Pending QueueLoadContract(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach);
absl::StatusOr<ContractData> ReadContract(const pg::Result& result, int row);
// The contract of an opportunity that is not cancelled: its id. Under the opportunity's lock.
pg::Pending QueueContractOf(pg::Tx& tx, const std::string& opportunity);
void QueueInsertContract(pg::Tx& tx, const ContractData& contract);
void QueueUpdateContract(pg::Tx& tx, const ContractData& contract);

absl::StatusOr<std::optional<ContractData>> GetContract(pg::Connection& db, const Uuid& id,
                                                        const rpc::Reach& reach, Duration timeout);

struct ContractFilter {
  std::map<std::string, std::string> equal;  // by column of kContractFilterColumns
  std::map<std::string, std::vector<std::string>> not_equal;
  std::optional<ContractState> state;
  std::vector<ContractState> not_states;
  std::vector<std::string> waiting_for;                     // members, all of them
  Time drafted_from = kEpoch, drafted_to = kClientTimeEnd;  // both inclusive
  Time updated_from = kEpoch, updated_to = kClientTimeEnd;
};
inline constexpr std::string_view kContractFilterColumns[] = {"owner",       "team", "customer",
                                                              "opportunity", "kind", "region"};
struct ContractOrder {
  bool by_update_time = false;  // else by draft_time
  bool ascending = false;
};
// The last contract of the page before: its time by the order, and its id.
using ContractCursor = std::pair<Time, Uuid>;
absl::StatusOr<std::vector<ContractData>> ListContracts(pg::Connection& db,
                                                        const ContractFilter& filter,
                                                        ContractOrder order,
                                                        const std::optional<ContractCursor>& after,
                                                        const rpc::Reach& reach, int limit,
                                                        Duration timeout);

}  // namespace steward::orders
