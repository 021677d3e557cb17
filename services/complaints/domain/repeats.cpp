#include "services/complaints/domain/repeats.h"

#include <algorithm>
#include <tuple>

namespace steward::complaints {
namespace {

bool Same(const std::string& a, const std::string& b) { return !a.empty() && a == b; }

// The link of `tickets[index]`, from what lies before it.
std::optional<RepeatLink> LinkOf(const std::vector<RepeatCandidate>& tickets, size_t index,
                                 Duration window) {
  const RepeatCandidate& ticket = tickets[index];
  std::optional<RepeatLink> best;
  bool topic = false;
  for (size_t i = index; i-- > 0 && ticket.occurred_at - tickets[i].occurred_at <= window;) {
    const RepeatCandidate& earlier = tickets[i];
    const bool same_topic = Same(ticket.topic, earlier.topic);
    if (!same_topic && !Same(ticket.product, earlier.product)) {
      continue;
    }
    topic = topic || same_topic;
    const RepeatLink link = earlier.link.value_or(RepeatLink{earlier.id, earlier.occurred_at, ""});
    if (!best || std::tie(link.first_occurred_at, link.first) <
                     std::tie(best->first_occurred_at, best->first)) {
      best = link;
    }
  }
  if (best) {
    best->rule = topic ? kSameTopic : kSameProduct;
  }
  return best;
}

}  // namespace

std::vector<FoundRepeat> FindRepeats(std::vector<RepeatCandidate> tickets, const Uuid& arrived,
                                     Duration window) {
  std::sort(tickets.begin(), tickets.end(), [](const RepeatCandidate& a, const RepeatCandidate& b) {
    return std::tie(a.occurred_at, a.id) < std::tie(b.occurred_at, b.id);
  });
  const auto from = std::find_if(tickets.begin(), tickets.end(),
                                 [&](const RepeatCandidate& t) { return t.id == arrived; });
  std::vector<FoundRepeat> found;
  for (size_t i = static_cast<size_t>(from - tickets.begin()); i < tickets.size(); ++i) {
    const std::optional<RepeatLink> link = LinkOf(tickets, i, window);
    if (link && link != tickets[i].link) {
      tickets[i].link = link;
      found.push_back({tickets[i].id, tickets[i].occurred_at, *link});
    }
  }
  return found;
}

}  // namespace steward::complaints
