#pragma once
// SQL of tickets. Whatever loads a ticket for a caller takes the caller's reach: out of reach is
// not there. A ticket without an owner is reached like one owned by whoever registered it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/complaints/domain/repeats.h"
#include "services/complaints/domain/ticket_event.h"

namespace steward::complaints {

// Personal text of a ticket; kept apart from TicketData, of which events are made.
struct TicketText {
  std::string summary, description;
};

struct StoredTicket {
  TicketData data;
  TicketText text;
  std::optional<RepeatLink> repeat;  // set when it repeats an earlier one
  bool within_reach = true;          // false only from QueueFindExternal
};

// In a command, under the ticket's lock. One row or none.
pg::Pending QueueLoad(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach);
// The ticket of an intake, out of reach too.
pg::Pending QueueFindExternal(pg::Tx& tx, std::string_view channel, std::string_view external_id,
                              const rpc::Reach& reach);
StoredTicket ReadTicket(const pg::Result& result, int row);
void QueueInsert(pg::Tx& tx, const TicketData& ticket, const TicketText& text);
void QueueUpdate(pg::Tx& tx, const TicketData& ticket);
// The tiers alone; the rest of the change goes by QueueUpdate.
void QueueTiers(pg::Tx& tx, const Uuid& ticket, const std::vector<std::string>& tiers);
void QueueReason(pg::Tx& tx, const Uuid& ticket, int64_t version, std::string_view reason);

absl::StatusOr<std::optional<StoredTicket>> GetTicket(pg::Connection& db, const Uuid& id,
                                                      const rpc::Reach& reach, Duration timeout);
// In any order; what is missing or out of reach is left out.
absl::StatusOr<std::vector<StoredTicket>> GetTickets(pg::Connection& db,
                                                     const std::vector<Uuid>& ids,
                                                     const rpc::Reach& reach, Duration timeout);

struct TicketFilter {
  std::map<std::string, std::string> equal;  // by column of kFilterColumns
  std::map<std::string, std::vector<std::string>> not_equal;
  std::optional<State> state;
  std::vector<State> not_states;
  Time occurred_from = kEpoch, occurred_to = kClientTimeEnd;  // both inclusive
  Time recorded_from = kEpoch, recorded_to = kClientTimeEnd;
};
inline constexpr std::string_view kFilterColumns[] = {"kind",    "severity", "channel", "customer",
                                                      "partner", "product",  "owner",   "team",
                                                      "region",  "topic"};
struct TicketOrder {
  bool by_occurred_at = false;  // else by recorded_at
  bool ascending = false;
};
// The last ticket of the page before: its time by the order, and its id.
using TicketCursor = std::pair<Time, Uuid>;
absl::StatusOr<std::vector<StoredTicket>> ListTickets(pg::Connection& db,
                                                      const TicketFilter& filter, TicketOrder order,
                                                      const std::optional<TicketCursor>& after,
                                                      const rpc::Reach& reach, int limit,
                                                      Duration timeout);

// Reasons by version.
absl::StatusOr<std::map<int64_t, std::string>> GetReasons(pg::Connection& db, const Uuid& ticket,
                                                          int64_t from_version, int64_t to_version,
                                                          Duration timeout);
struct OpenCount {
  std::string kind, severity;
  int64_t count;
};
absl::StatusOr<std::vector<OpenCount>> CountOpen(pg::Connection& db);

}  // namespace steward::complaints
