#pragma once
// What happens to the ledger of a contract and to its instalments, as published on `steward.orders.v1`.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/eventing/journal.h"
#include "services/orders/domain/contract_ledger.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::orders {

std::string ReceivableName(const Uuid& contract);  // contracts/{uuid}/receivable
std::string InstalmentName(const Uuid& contract,
                           int64_t number);  // contracts/{uuid}/instalments/{number}
std::string PaymentName(const Uuid& contract,
                        const Uuid& entry);  // contracts/{uuid}/payments/{uuid}

// 00:00 of the day in the zone.
Time StartOf(absl::CivilDay day, const absl::TimeZone& zone);
absl::CivilDay DayOf(Time time, const absl::TimeZone& zone);

events::v1::OrdersEvent ToProto(const ContractLedger& ledger, const LedgerEvent& event);
// Journal rows of all that the ledger says.
std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const absl::TimeZone& zone,
                                          const ContractLedger& ledger);

// How many of these say that a due date passed.
int64_t CountPassed(const std::vector<eventing::NewEvent>& events);

}  // namespace steward::orders
