#pragma once
// SQL of opportunities. Whatever loads one for a caller takes the caller's reach: out of reach is not there. An opportunity without
// an owner is reached like one owned by whoever opened it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/leads/domain/opportunity.h"

namespace steward::leads {

struct StoredOpportunity {
  OpportunityData data;
  std::string lost_note;  // the words; `data.lost_note` is their name
};

// Words to one change. They never reach an event.
struct OpportunityNote {
  Uuid event_id;
  std::string lost_note, reason;
};

// In a command, under the opportunity's lock. One row or none.
pg::Pending QueueLoad(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach);
StoredOpportunity ReadOpportunity(const pg::Result& result, int row);
// Which of these ids are taken, within reach or not: one uuid column.
pg::Pending QueueTaken(pg::Tx& tx, const std::vector<Uuid>& ids);
// Which of these customers, by id, are there, within reach or not: one text column.
pg::Pending QueueKnownCustomers(pg::Tx& tx, const std::vector<std::string>& ids);

// One that was opened just now, with what its events add to the funnel's log.
void QueueInsert(pg::Tx& tx, const Opportunity& opened);
// One that was loaded, with what its events add to the funnel's log.
void QueueUpdate(pg::Tx& tx, const Opportunity& changed);
// What the orders service says of contracts. A draft becomes the opportunity's contract unless a later one did; a move is of the
// contract that is shown somewhere, else nothing. No version and no update_time: these are the contract's changes.
void QueueContractDrafted(pg::Tx& tx, const Uuid& opportunity, const std::string& contract,
                          Time recorded_at, const std::string& state);
void QueueContractMoved(pg::Tx& tx, const std::string& contract, const std::string& state);
// Opportunity::CancelContract, with its event's version.
void QueueContractCancelled(pg::Tx& tx, const Opportunity& changed);
// Nothing is stored for a note without words.
void QueueNote(pg::Tx& tx, const Uuid& opportunity, const OpportunityNote& note);

absl::StatusOr<std::optional<StoredOpportunity>> GetOpportunity(pg::Connection& db, const Uuid& id,
                                                                const rpc::Reach& reach,
                                                                Duration timeout);
absl::StatusOr<std::vector<OpportunityNote>> GetNotes(pg::Connection& db, const Uuid& opportunity,
                                                      const std::vector<Uuid>& event_ids,
                                                      Duration timeout);

struct OpportunityFilter {
  std::map<std::string, std::string> equal;  // by column of kOpportunityColumns
  std::map<std::string, std::vector<std::string>> not_equal;
  std::vector<int32_t> states;                              // none = any
  Time created_from = kEpoch, created_to = kClientTimeEnd;  // both inclusive
  Time updated_from = kEpoch, updated_to = kClientTimeEnd;
  std::optional<Time> closed_from, closed_to;  // given = closed ones only
};
inline constexpr std::string_view kOpportunityColumns[] = {
    "stage", "owner", "team", "region", "customer", "lead", "campaign", "pipeline"};
struct OpportunityOrder {
  bool by_update_time = false;  // else by recorded_at
  bool ascending = false;
};
// The last opportunity of the page before: its time by the order, and its id.
using OpportunityCursor = std::pair<Time, Uuid>;
absl::StatusOr<std::vector<StoredOpportunity>> ListOpportunities(
    pg::Connection& db, const OpportunityFilter& filter, OpportunityOrder order,
    const std::optional<OpportunityCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout);

}  // namespace steward::leads
