#pragma once
// Repeat complaints. A ticket repeats an earlier one of the same customer when both have the same
// topic or the same product and lie at most `window` apart; it is linked to the first of the
// chain. The links are a function of the set of tickets: the order in which they arrived does not
// matter.

#include <optional>
#include <string>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace steward::complaints {

inline constexpr char kSameTopic[] = "same_topic";
inline constexpr char kSameProduct[] = "same_product";
inline constexpr char kRepeatReopened[] = "reopened";

struct RepeatLink {
  Uuid first;
  Time first_occurred_at;
  std::string rule;
  friend bool operator==(const RepeatLink&, const RepeatLink&) = default;
};

struct RepeatCandidate {
  Uuid id;
  Time occurred_at;
  std::string topic, product;
  std::optional<RepeatLink> link;  // as known so far
};

struct FoundRepeat {
  Uuid ticket;
  Time occurred_at;
  RepeatLink link;
};

// `tickets` are those of one customer from `arrived` minus the window on, in any order, `arrived`
// among them; the links of those before it stand for what lies further back. The links that are
// new or changed, in order of the tickets' time.
std::vector<FoundRepeat> FindRepeats(std::vector<RepeatCandidate> tickets, const Uuid& arrived,
                                     Duration window);

}  // namespace steward::complaints
