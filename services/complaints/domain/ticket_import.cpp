// A ticket's past, told at once by an importer.

#include <utility>

#include "libs/base/status.h"
#include "services/complaints/domain/ticket.h"

namespace steward::complaints {
namespace {

// The same refusal, saying which past fact it is about.
absl::Status InPastFact(const absl::Status& status, size_t index) {
  const std::string path = "past_facts[" + std::to_string(index) + "]";
  Refusal refusal = RefusalOf(status).value_or(Refusal{"FIELD_INVALID", {}, {}, {}});
  for (FieldViolation& violation : refusal.fields) {
    violation.field = path + "." + violation.field;
  }
  refusal.metadata.emplace_back("fact", path);
  return Refuse(status.code(), path + ": " + std::string(FromAbsl(status.message())),
                std::move(refusal));
}

}  // namespace

absl::Status Ticket::ImportOne(const PastFact& fact, const Occasion& occasion) {
  if (fact.type == "ticket.held") {
    return BeginHold(fact.cause, occasion);
  }
  if (fact.type == "ticket.resumed") {
    return EndHold(fact.cause, occasion);
  }
  if (fact.type == "ticket.assigned") {
    return fact.owner.empty() ? FieldInvalid("owner", "is required") : Assign(fact.owner, occasion);
  }
  if (fact.type == "ticket.transferred") {
    return fact.team.empty() ? FieldInvalid("team", "is required")
                             : Transfer(fact.team, fact.owner, "", occasion);
  }
  if (fact.type == kReopened) {
    return Reopen(occasion);
  }
  return Reach(fact.type, occasion);
}

absl::Status Ticket::Import(const std::vector<PastFact>& facts, const std::string& actor, Time now,
                            const TimeRules& rules) {
  Time previous = data_.occurred_at;
  for (size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].occurred_at < previous) {
      return InPastFact(
          FieldInvalid("occurred_at",
                       "lies before the ticket or the fact before it, " + FormatTime(previous)),
          i);
    }
    if (facts[i].occurred_at > now + rules.ahead) {
      return InPastFact(FieldInvalid("occurred_at", "lies ahead of " + FormatTime(now)), i);
    }
    const Occasion occasion{actor, now, facts[i].occurred_at,
                            facts[i].occurred_at < now - rules.fact_back};
    if (absl::Status status = ImportOne(facts[i], occasion); !status.ok()) {
      return InPastFact(status, i);
    }
    previous = facts[i].occurred_at;
  }
  return absl::OkStatus();
}

}  // namespace steward::complaints
