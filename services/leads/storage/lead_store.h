#pragma once
// SQL of leads. Whatever loads a lead for a caller takes the caller's reach: out of reach is not there. A lead without an owner is
// reached by its team and by whoever took it in.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"
#include "services/leads/domain/lead_event.h"
#include "services/leads/domain/lead_score.h"

namespace steward::leads {

// Personal: never in an event.
struct LeadPerson {
  std::string display_name, company_name, phone, phone_e164, email, text;
  friend bool operator==(const LeadPerson&, const LeadPerson&) = default;
};
struct StoredLead {
  LeadData data;
  LeadPerson person;
  std::optional<LeadScore> score;
  bool within_reach = true;
};

// In a command, under the lead's lock. One row or none.
pg::Pending QueueLoadLead(pg::Tx& tx, const Uuid& id, const rpc::Reach& reach);
StoredLead ReadLead(const pg::Result& result, int row);
std::vector<StoredLead> ReadLeads(const pg::Result& result);
// Of intakes that are leads already, within reach or not. `within_reach` says which.
struct IntakeKey {
  std::string channel, external_id;
  friend auto operator<=>(const IntakeKey&, const IntakeKey&) = default;
};
pg::Pending QueueFindIntakes(pg::Tx& tx, const std::vector<IntakeKey>& keys,
                             const rpc::Reach& reach);
void QueueInsert(pg::Tx& tx, const StoredLead& lead);
void QueueUpdate(pg::Tx& tx, const LeadData& lead);
void QueueReason(pg::Tx& tx, const Uuid& id, int64_t version, const std::string& reason);
void QueueChoice(pg::Tx& tx, const Uuid& id, int64_t version, const Choice& choice);

absl::StatusOr<std::optional<StoredLead>> GetLead(pg::Connection& db, const Uuid& id,
                                                  const rpc::Reach& reach, Duration timeout);
// In any order; what is missing or out of reach is left out.
absl::StatusOr<std::vector<StoredLead>> GetLeads(pg::Connection& db, const std::vector<Uuid>& ids,
                                                 const rpc::Reach& reach, Duration timeout);

// What was written and chosen at versions of a lead, both ends inclusive.
struct LeadNotes {
  std::map<int64_t, std::string> reasons;
  std::map<int64_t, Choice> choices;
};
absl::StatusOr<LeadNotes> GetLeadNotes(pg::Connection& db, const Uuid& id, int64_t from_version,
                                       int64_t to_version, Duration timeout);

struct LeadFilter {
  std::map<std::string, std::string> equal;  // by column of kLeadFilterColumns
  std::map<std::string, std::vector<std::string>> not_equal;
  std::optional<LeadState> state;
  std::vector<LeadState> not_states;
  Time occurred_from = kEpoch, occurred_to = kClientTimeEnd;  // all inclusive
  Time recorded_from = kEpoch, recorded_to = kClientTimeEnd;
  std::optional<Time> touched_from, touched_to;  // where one is set, leads without a touch are out
};
inline constexpr std::string_view kLeadFilterColumns[] = {
    "owner", "team", "channel", "source", "campaign", "territory", "industry", "customer", "band"};
struct LeadOrder {
  bool by_score = false;  // else by recorded_at; leads without a score are below all others
  bool ascending = false;
};
// The score of a lead that has none, where the order is by it.
inline constexpr char kNoScore[] = "-Infinity";
// The last lead of the page before.
struct LeadCursor {
  Time recorded_at;   // where the order is by it
  std::string score;  // likewise
  Uuid id;
};
absl::StatusOr<std::vector<StoredLead>> ListLeads(pg::Connection& db, const LeadFilter& filter,
                                                  LeadOrder order,
                                                  const std::optional<LeadCursor>& after,
                                                  const rpc::Reach& reach, int limit,
                                                  Duration timeout);

// Leads idle since `before` or longer, the longest idle first.
absl::StatusOr<std::vector<Uuid>> FindIdle(pg::Connection& db, Time before, int limit);
// Under their locks.
pg::Pending QueueLoadLeads(pg::Tx& tx, const std::vector<Uuid>& ids);

}  // namespace steward::leads
