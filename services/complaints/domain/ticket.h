#pragma once
// The ticket: every change is a method that adds its events or says why not. Nothing is ignored.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/occasion.h"
#include "services/complaints/domain/kind_tree.h"
#include "services/complaints/domain/milestones.h"
#include "services/complaints/domain/ticket_event.h"

namespace steward::complaints {

// One fact of a ticket's past, given at import (ruling H15).
struct PastFact {
  std::string type;  // event name
  Time occurred_at;
  std::string cause, owner, team;
};

// Refusals: ILLEGAL_TRANSITION (table, or closing without the needed verification),
// MILESTONE_ALREADY_RECORDED, MILESTONE_NOT_OF_KIND, HOLD_ALREADY_OPEN, HOLD_NOT_OPEN,
// NOTHING_TO_CHANGE (FAILED_PRECONDITION), and FIELD_INVALID.
class Ticket {
 public:
  // A new ticket from what the intake gave: `draft.occurred_at` is set, an empty severity becomes
  // the kind's default.
  static absl::StatusOr<Ticket> Register(const KindTree& kinds, TicketData draft,
                                         const std::string& actor, Time now);
  // A stored one.
  Ticket(const KindTree& kinds, TicketData stored) : kinds_(&kinds), data_(std::move(stored)) {}

  const TicketData& data() const { return data_; }
  // Events since registration or loading, in version order.
  const std::vector<TicketEvent>& events() const { return events_; }
  // What may be done now, comma separated.
  std::string Allowed() const;

  // Any milestone but reopening: each once a cycle. Closing ends the open holds first, by events
  // of their own.
  [[nodiscard]] absl::Status Reach(std::string_view milestone, const Occasion& occasion);
  // The next cycle; what was reached before stays.
  [[nodiscard]] absl::Status Reopen(const Occasion& occasion);
  [[nodiscard]] absl::Status Cancel(std::string_view reason, const Occasion& occasion);
  [[nodiscard]] absl::Status BeginHold(std::string_view cause, const Occasion& occasion);
  [[nodiscard]] absl::Status EndHold(std::string_view cause, const Occasion& occasion);
  [[nodiscard]] absl::Status Assign(std::string_view owner, const Occasion& occasion);
  // An empty region stays as it is; an empty owner means that the team finds one.
  [[nodiscard]] absl::Status Transfer(std::string_view team, std::string_view owner,
                                      std::string_view region, const Occasion& occasion);
  [[nodiscard]] absl::Status ChangeSeverity(std::string_view severity, const Occasion& occasion);
  // An empty severity is the new kind's default.
  [[nodiscard]] absl::Status ChangeKind(std::string_view kind, std::string_view severity,
                                        const Occasion& occasion);
  // The tiers of its customer became known; it happened no earlier than the ticket. Not of one that is closed or cancelled.
  [[nodiscard]] absl::Status LearnTiers(const std::vector<std::string>& tiers, Time at, Time now);
  [[nodiscard]] absl::Status AddNote(std::string_view note, const Occasion& occasion);
  // Past facts in order of time, by the same rules; a refusal names `past_facts[i]`.
  [[nodiscard]] absl::Status Import(const std::vector<PastFact>& facts, const std::string& actor,
                                    Time now, const TimeRules& rules);

 private:
  const Kind& kind() const;
  bool May(Action action) const;
  [[nodiscard]] absl::Status Check(Action action) const;
  // When it happened: as given, not before `earliest`; by default now.
  absl::StatusOr<Time> At(const Occasion& occasion, Time earliest) const;
  bool Has(std::string_view milestone) const;
  void Move(State to, Time at);
  void AddMilestone(std::string_view type, Time at, const std::string& actor);
  void EndAllHolds(Time at, const Occasion& occasion);
  [[nodiscard]] absl::Status ImportOne(const PastFact& fact, const Occasion& occasion);
  template <class Body>
  void Add(Time occurred_at, Time now, Body body);

  const KindTree* kinds_;
  TicketData data_;
  std::vector<TicketEvent> events_;
};

// Codes of holds and cancellations.
inline constexpr std::array<std::string_view, 4> kHoldCauses = {"waiting_customer", "waiting_parts",
                                                                "waiting_third_party", "other"};
inline constexpr std::array<std::string_view, 3> kCancelReasons = {"duplicate", "spam", "mistake"};

}  // namespace steward::complaints
