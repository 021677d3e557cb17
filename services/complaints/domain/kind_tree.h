#pragma once
// Ticket kinds as data: a tree (a product-quality complaint is a complaint), each with its
// severities and milestones.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace steward::complaints {

struct Kind {
  std::string id;
  std::string parent;  // empty at the top
  std::map<std::string, std::string> display_names;
  std::vector<std::string> severities;  // mildest first; the first is the default
  bool needs_verification = false;
  std::vector<std::string> milestones;  // besides the common ones
  std::string source;
};

// Immutable.
class KindTree {
 public:
  // INVALID_ARGUMENT names the kind at fault: no id, listed twice, parent not listed before it,
  // no severity, a severity or milestone listed twice, a milestone that no event exists for, no
  // English or Chinese name.
  static absl::StatusOr<KindTree> Create(std::vector<Kind> kinds);

  const std::vector<Kind>& kinds() const { return kinds_; }
  const Kind* Find(std::string_view id) const;
  // The kind and its ancestors, nearest first.
  std::vector<std::string> Path(std::string_view id) const;

 private:
  std::vector<Kind> kinds_;
  std::map<std::string, size_t, std::less<>> index_;
};

}  // namespace steward::complaints
