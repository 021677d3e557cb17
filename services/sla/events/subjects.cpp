#include "services/sla/events/subjects.h"

#include <algorithm>

#include "libs/base/status.h"
#include "services/sla/storage/rules.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kNow{"sla_now", "SELECT clock_timestamp()"};

void CountFiring(const std::string& policy, const event::Fired& fired, SlaMetrics& metrics) {
  switch (fired.kind) {
    case PlannedRung::Kind::kWarning:
      return metrics.Warned(policy);
    case PlannedRung::Kind::kBreach:
      return metrics.Breached(policy);
    case PlannedRung::Kind::kLevel:
      return metrics.Raised(policy, fired.number);
  }
}

void CountOne(const std::string& policy, const ClockEvent& event, SlaMetrics& metrics) {
  if (const auto* stopped = std::get_if<event::Stopped>(&event)) {
    if (stopped->met) {
      metrics.Met(policy);
    }
  } else if (std::holds_alternative<event::Retracted>(event)) {
    metrics.Retracted(policy);
  } else if (const auto* fired = std::get_if<event::Fired>(&event)) {
    CountFiring(policy, *fired, metrics);
  }
}

const Fact* Registration(const Subject& subject) {
  const auto found = std::find_if(subject.facts.begin(), subject.facts.end(),
                                  [](const Fact& f) { return !f.customer.empty(); });
  return found == subject.facts.end() ? nullptr : &*found;
}

std::string CustomerOf(const Subject& subject) {
  const Fact* registration = Registration(subject);
  return registration == nullptr ? "" : registration->customer;
}

// What a ticket has yet to learn, each at the instant from which it holds for the ticket.
std::vector<StoredFact> Unseen(const std::vector<CustomerTiers>& told, int64_t seen,
                               const Fact& registration) {
  const bool given = registration.customer_version == 0 && registration.tiers.has_value() &&
                     !registration.tiers->empty();
  std::vector<StoredFact> out;
  for (const CustomerTiers& tiers : told) {
    const bool before = tiers.occurred_at <= registration.occurred_at;
    if (tiers.version <= seen || (before && given)) {
      continue;
    }
    const Time at = std::max(tiers.occurred_at, registration.occurred_at);
    if (before && !out.empty()) {
      out.pop_back();
    }
    out.push_back({"", {}, tiers.event_id, tiers.type, at, FactSource::kLeads, tiers.payload});
  }
  return out;
}

}  // namespace

SubjectRows QueueSubjects(pg::Tx& tx, const std::vector<std::string>& names) {
  return {.revision = QueueRevision(tx),
          .now = tx.Queue(kNow),
          .facts = QueueFactsOf(tx, names),
          .clocks = QueueClocksOf(tx, names),
          .escalations = QueueOpenEscalationsOf(tx, names)};
}

absl::StatusOr<Subjects> ReadSubjects(const SubjectRows& rows) {
  Subjects subjects;
  for (int i = 0; i < rows.facts->rows(); ++i) {
    const StoredFact stored = ReadFact(*rows.facts, i);
    ASSIGN_OR_RETURN(Fact fact, ToFact(stored));
    subjects[stored.subject].facts.push_back(std::move(fact));
  }
  for (int i = 0; i < rows.clocks->rows(); ++i) {
    ASSIGN_OR_RETURN(Clock clock, ReadClock(*rows.clocks, i));
    subjects[clock.subject].clocks.push_back(std::move(clock));
  }
  for (int i = 0; i < rows.escalations->rows(); ++i) {
    Escalation escalation = ReadEscalation(*rows.escalations, i);
    subjects[escalation.subject].open[escalation.clock].push_back(std::move(escalation));
  }
  return subjects;
}

void MarkFresh(const Fact& fact, const RuleSet& rules, Subject& subject) {
  if (CanStart(fact.type, rules)) {
    subject.fresh_from = std::min(subject.fresh_from, fact.number);
  }
}

absl::Status AddTiers(const std::string& name, const std::vector<CustomerTiers>& told, int64_t seen,
                      const RuleSet& rules, Subject& subject, std::vector<StoredFact>* stored) {
  const Fact* registration = Registration(subject);
  if (registration == nullptr) {
    return absl::OkStatus();
  }
  seen = std::max(seen, registration->customer_version);
  subject.customer_version = told.empty() ? seen : std::max(seen, told.back().version);
  for (StoredFact& row : Unseen(told, seen, *registration)) {
    row.subject = name;
    row.number = subject.facts.back().number;
    row.number.step += 1;
    ASSIGN_OR_RETURN(Fact fact, ToFact(row));
    MarkFresh(fact, rules, subject);
    subject.facts.push_back(std::move(fact));
    stored->push_back(std::move(row));
  }
  return absl::OkStatus();
}

void Count(const Decided& decided, SlaMetrics& metrics) {
  for (const auto& [policy, event] : decided) {
    CountOne(policy, event, metrics);
  }
}

void Replan(const std::string& name, const Subject& subject, const ChangeContext& context,
            Batch& batch, Decided& decided) {
  std::map<std::string, Pin> pins;
  for (const Clock& clock : subject.clocks) {
    pins[clock.policy] = PinOf(clock);
  }
  const SubjectPlan plan = PlanSubject(subject.facts, context.rules, pins, subject.fresh_from);
  batch.PutSubject({.name = name,
                    .version = subject.facts.back().number.version,
                    .owner = plan.attributes.owner,
                    .team = plan.attributes.team,
                    .unmatched = IsTicket(name) && plan.clocks.empty(),
                    .customer = CustomerOf(subject),
                    .customer_version = subject.customer_version,
                    .ended = plan.ended});
  for (const ClockPlan& planned : plan.clocks) {
    const Policy* policy = context.rules.Find(planned.policy, planned.policy_version);
    const auto stored = std::find_if(subject.clocks.begin(), subject.clocks.end(),
                                     [&](const Clock& c) { return c.policy == planned.policy; });
    const std::vector<ClockChange> changes =
        ReconcileCycles(stored == subject.clocks.end() ? nullptr : &*stored, name, planned, *policy,
                        context.rules, plan.attributes, context.now);
    for (const ClockChange& change : changes) {
      for (const auto& [event, at] : change.events) {
        decided.emplace_back(planned.policy, event);
      }
    }
    if (!changes.empty()) {
      const auto open = subject.open.find(changes.back().clock.name);
      Put(changes, *policy, open == subject.open.end() ? std::vector<Escalation>{} : open->second,
          context, batch);
    }
  }
}

}  // namespace steward::sla
