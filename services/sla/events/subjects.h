#pragma once
// Subjects as a transaction has them: what is stored is read, facts are added, clocks follow.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/sla/events/facts.h"
#include "services/sla/events/sla_events.h"
#include "services/sla/storage/customers.h"
#include "services/sla/watcher/metrics.h"

namespace steward::sla {

struct Subject {
  std::vector<Fact> facts;
  std::vector<Clock> clocks;
  std::map<std::string, std::vector<Escalation>> open;  // by clock
  FactNumber fresh_from = kNoFreshFact;  // first new fact that starts or matches again
  int64_t customer_version = 0;          // whose tiers are among the facts now
};
using Subjects = std::map<std::string, Subject>;

// What a transaction reads of its subjects, the clock and the rules besides; one round trip with whatever else is queued.
struct SubjectRows {
  pg::Pending revision, now, facts, clocks, escalations;
};
SubjectRows QueueSubjects(pg::Tx& tx, const std::vector<std::string>& names);
absl::StatusOr<Subjects> ReadSubjects(const SubjectRows& rows);

// The new fact may give a policy its clock.
void MarkFresh(const Fact& fact, const RuleSet& rules, Subject& subject);

// Adds the tiers that the ticket has not seen to its facts: those of its customer after the version that its registration names, or
// that were added before (`seen`). Of several that were told before the ticket was raised, the last counts; none where
// whoever registered it gave the tiers. What is to be stored is appended to `stored`.
absl::Status AddTiers(const std::string& name, const std::vector<CustomerTiers>& told, int64_t seen,
                      const RuleSet& rules, Subject& subject, std::vector<StoredFact>* stored);

// What happened to which policy's clock; counted after the commit.
using Decided = std::vector<std::pair<std::string, ClockEvent>>;
void Count(const Decided& decided, SlaMetrics& metrics);

// Brings the clocks of a subject to what its facts say. The batch's origin must be set.
void Replan(const std::string& name, const Subject& subject, const ChangeContext& context,
            Batch& batch, Decided& decided);

}  // namespace steward::sla
