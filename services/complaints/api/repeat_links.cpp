#include "services/complaints/api/repeat_links.h"

#include "services/complaints/domain/milestones.h"
#include "services/complaints/events/complaints_events.h"
#include "services/complaints/storage/repeat_store.h"

namespace steward::complaints {
namespace {

// A reopened ticket repeats itself, or what it repeats anyway.
FoundRepeat Reopening(const TicketData& ticket, Time at, const std::optional<RepeatLink>& link) {
  FoundRepeat found{ticket.id, at, link.value_or(RepeatLink{ticket.id, ticket.occurred_at, ""})};
  found.link.rule = kRepeatReopened;
  return found;
}

}  // namespace

std::vector<FoundRepeat> RepeatsOf(const TicketData& ticket, std::vector<RepeatCandidate> known,
                                   Duration window) {
  known.push_back({ticket.id, ticket.occurred_at, ticket.topic, ticket.product, {}});
  std::vector<FoundRepeat> repeats = FindRepeats(std::move(known), ticket.id, window);
  const std::optional<RepeatLink> link = LinkOf(ticket.id, repeats);
  for (const Milestone& milestone : ticket.milestones) {
    if (milestone.type == kReopened) {
      repeats.push_back(Reopening(ticket, milestone.occurred_at, link));
    }
  }
  return repeats;
}

FoundRepeat ReopeningOf(const TicketData& ticket, const std::optional<RepeatLink>& link) {
  return Reopening(ticket, ticket.cycle_time, link);
}

void QueueRepeats(pg::Tx& tx, IdGenerator& ids, Time now, std::string_view customer,
                  int64_t chain_version, const std::vector<FoundRepeat>& repeats,
                  std::vector<eventing::NewEvent>& rows) {
  if (repeats.empty()) {
    return;
  }
  for (const FoundRepeat& repeat : repeats) {
    if (repeat.link.rule != kRepeatReopened) {
      QueueLink(tx, repeat);
    }
    rows.push_back(ToJournal(ids, now, customer, ++chain_version, repeat));
  }
  QueueChain(tx, customer, chain_version);
}

std::optional<RepeatLink> LinkOf(const Uuid& ticket, const std::vector<FoundRepeat>& repeats) {
  for (const FoundRepeat& repeat : repeats) {
    if (repeat.ticket == ticket && repeat.link.rule != kRepeatReopened) {
      return repeat.link;
    }
  }
  return std::nullopt;
}

}  // namespace steward::complaints
