#pragma once
// Domain events to the topic message, one case a kind; and the one place where a change of a clock becomes rows and events.

#include <string>

#include "libs/base/ids.h"
#include "libs/identity/org.h"
#include "services/sla/storage/batch.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::sla {

events::v1::SlaEvent ToEvent(const Clock& clock, const ClockEvent& event);
events::v1::SlaEvent RaisedEvent(const Escalation& escalation, std::string_view mark);
// Withdrawn or ended, by the escalation's state.
events::v1::SlaEvent ClosedEvent(const Escalation& escalation, std::string_view reason);
events::v1::SlaEvent ReassignedEvent(const std::string& from, const Escalation& escalation);

// Finds who is told. An owner that the directory does not know yet makes the recipient pending (ruling H14).
void FindRecipient(const identity::Org& org, Time at, Escalation& escalation);

struct ChangeContext {
  const RuleSet& rules;
  const identity::Org& org;
  IdGenerator& ids;
  Time now;  // PostgreSQL's clock
};
// Puts a change's rows, firings, escalations, timer and events into the batch. `open`: open escalations of the clock.
void Put(const ClockChange& change, const Policy& policy, const std::vector<Escalation>& open,
         const ChangeContext& context, Batch& batch);
// The same for changes of one clock that follow each other.
void Put(const std::vector<ClockChange>& changes, const Policy& policy,
         std::vector<Escalation> open, const ChangeContext& context, Batch& batch);

}  // namespace steward::sla
