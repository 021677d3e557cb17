#pragma once
// What can happen to a ticket: ids and facts. Personal text has no place in these types.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/complaints/domain/ticket_state.h"

namespace steward::complaints {

struct Hold {
  std::string cause;
  Time occurred_at;
  friend bool operator==(const Hold&, const Hold&) = default;
};

struct Milestone {
  std::string type;  // event name
  Time occurred_at;
  int cycle = 1;
  std::string actor;
  friend bool operator==(const Milestone&, const Milestone&) = default;
};

// The ticket as it is stored, without personal text.
struct TicketData {
  Uuid id;
  std::string kind, severity, channel, external_id, customer;
  std::vector<std::string> customer_tiers;
  int64_t customer_version =
      0;  // of which the tiers are, at registration; 0 = they are not the projection's
  std::string partner, product, order, serial_number, topic, owner, team, region;
  std::string registered_by;  // reaches the ticket while it has no owner
  Time occurred_at, recorded_at, update_time;
  State state = State::kRecorded;
  Time state_time;  // when it came to this state
  int cycle = 1;
  Time cycle_time;                    // when this cycle began
  std::vector<Hold> holds;            // by occurred_at
  std::vector<Milestone> milestones;  // by occurred_at
  std::string cancel_reason;
  int64_t version = 0;  // number of its events
  friend bool operator==(const TicketData&, const TicketData&) = default;
};

struct Registered {
  TicketData ticket;
  std::vector<std::string> kind_path;
};
struct Assigned {
  std::string from_owner, owner;
};
struct Transferred {
  std::string from_team, team, from_owner, owner, from_region, region;
};
struct Reached {
  std::string milestone;
  int cycle;
  State from, to;
  bool back_dated;
};
struct HoldChanged {
  bool held;  // false = resumed
  std::string cause;
  int cycle;
  bool back_dated;
};
struct Cancelled {
  std::string reason;
  State from;
};
struct SeverityChanged {
  std::string from_severity, severity;
};
struct KindChanged {
  std::string from_kind, kind;
  std::vector<std::string> kind_path;
  std::string from_severity, severity;
};
struct TiersLearnt {
  std::vector<std::string> from_tiers, tiers;
};
struct NoteAdded {
  std::string note;  // complaints/{uuid}/notes/{uuid}
};

struct TicketEvent {
  int64_t version = 0;
  Time occurred_at;
  std::variant<Registered, Assigned, Transferred, Reached, HoldChanged, Cancelled, SeverityChanged,
               KindChanged, TiersLearnt, NoteAdded>
      body;
};

// `complaints/{uuid}`.
inline std::string TicketName(const Uuid& id) { return "complaints/" + id.ToString(); }

}  // namespace steward::complaints
