#pragma once
// From the events of other services to the facts that clocks know, one mapping a topic. Subjects are tickets `complaints/{uuid}`,
// campaigns `campaigns/{uuid}` and instalments `contracts/{uuid}/instalments/{n}`; a customer's tiers are facts of its tickets.

#include <optional>
#include <vector>

#include "libs/eventing/consumer.h"
#include "services/sla/storage/clocks.h"

namespace steward::sla {

inline constexpr char kComplaintsTopic[] = "steward.complaints.v1";
inline constexpr char kLeadsTopic[] = "steward.leads.v1";
inline constexpr char kOrdersTopic[] = "steward.orders.v1";
// Each of them, and the directory's. `partitions`: of each of the three.
std::vector<eventing::Input> Inputs(int partitions);

// What an event says to the clocks of its own aggregate; nullopt = nothing (notes, repeats, other aggregates).
std::optional<Fact> ToFact(const eventing::Event& event);
absl::StatusOr<Fact> ToFact(const StoredFact& stored);
// The event of such a fact, as it is stored.
StoredFact ToStored(const eventing::Event& event);
// A customer's event that says which tiers it has.
bool TellsTiers(const eventing::Event& event);
bool IsTicket(std::string_view subject);

}  // namespace steward::sla
