#pragma once
// What can happen to a lead: ids and facts. Who the person is stays with the customer.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/leads/domain/assignment.h"
#include "services/leads/domain/lead_state.h"

namespace steward::leads {

// Where a click came from, as the link said (seed 004).
struct Utm {
  std::string source, medium, campaign, term, content;
  friend bool operator==(const Utm&, const Utm&) = default;
};

// The lead as it is stored. (channel, external_id) is unique; storage sees to it.
struct LeadData {
  Uuid id;
  std::string channel, external_id;
  std::string source;    // code: phone, cold_visit, trade_fair, ... (seeds 000, 001, 002, 004)
  std::string campaign;  // campaigns/{uuid}; empty = none
  Utm utm;
  std::string customer, contact;  // names; empty = not known yet
  std::string territory, industry;
  std::vector<std::string> skills;  // that its owner needs
  std::string owner, team;
  LeadState state = LeadState::kCaptured;
  Time state_time;                    // when it came to this state
  std::optional<Time> assigned_time;  // of its present owner
  std::optional<Time> last_touch;     // the latest, whoever made it
  std::string disqualify_reason;      // while disqualified
  std::string opportunity;            // opportunities/{uuid}; once converted
  std::string captured_by;            // members/{id}
  Time occurred_at, recorded_at, update_time;
  int64_t version = 0;  // number of its events
  friend bool operator==(const LeadData&, const LeadData&) = default;
};

struct LeadCaptured {
  LeadData lead;
};
struct LeadAssigned {
  std::string from_owner, owner, from_team, team;
  std::optional<Choice> choice;  // by which rule, and why each other lost; unset = by hand
};
struct LeadTouched {
  std::string touch;  // touches/{uuid}
  bool effective;
  LeadState from, to;
};
struct LeadConverted {
  std::string opportunity, customer, owner;
};
struct LeadDisqualified {
  std::string reason;
  LeadState from;
};
// `untouched` or `released`.
struct LeadRecycled {
  std::string cause, from_owner;
};
struct LeadRestored {
  std::string reason;  // that was taken back
};

struct LeadEvent {
  int64_t version = 0;
  Uuid event_id;
  Time occurred_at;
  std::variant<LeadCaptured, LeadAssigned, LeadTouched, LeadConverted, LeadDisqualified,
               LeadRecycled, LeadRestored>
      body;
};

// `leads/{uuid}`.
inline std::string LeadName(const Uuid& id) { return "leads/" + id.ToString(); }

}  // namespace steward::leads
