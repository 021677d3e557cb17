#pragma once
// Gives leads to members inside one transaction: it holds the locks of the rules and members that it asked for, so that what it
// counts holds until the commit, and nobody gets more than their cap.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/identity/org.h"
#include "services/leads/domain/lead.h"
#include "services/leads/storage/assignment_store.h"

namespace steward::leads {

class AssignmentDesk {
 public:
  // `rules`: those that choose; `owners`: members named by hand.
  AssignmentDesk(std::set<std::string> rules, std::set<std::string> owners)
      : rule_names_(std::move(rules)), owners_(std::move(owners)) {}
  // Nobody is to get anything: the rest does nothing.
  bool idle() const { return rule_names_.empty() && owners_.empty(); }
  // For pg::Tx::Lock.
  std::vector<pg::LockKey> Locks() const;
  // `leads`: those that may change hands, under their locks.
  void Queue(pg::Tx& tx, const std::vector<Uuid>& leads = {});
  // After the Flush.
  [[nodiscard]] absl::Status Read(Time now);

  // INVALID_ARGUMENT naming `field`: no such rule, or it is off.
  [[nodiscard]] absl::Status CheckRule(const std::string& field, const std::string& rule) const;
  // Gives `lead` to whom the rule chooses. When nobody can have it, the lead stays as it is and the choice names nobody.
  absl::StatusOr<Choice> AssignByRule(const std::string& rule, Lead& lead,
                                      const Occasion& occasion);
  // Gives it to `owner` (named by `field`). INVALID_ARGUMENT: not known. FAILED_PRECONDITION: MEMBER_INACTIVE, AT_CAPACITY.
  // An empty team is the owner's.
  [[nodiscard]] absl::Status AssignByHand(const std::string& field, const std::string& owner,
                                          const std::string& team, Lead& lead,
                                          const Occasion& occasion);
  // Among the writes: the turns that were taken.
  void QueueTurns(pg::Tx& tx) const;

 private:
  struct State {
    std::optional<int64_t> capacity;
    int64_t load = 0;
  };
  std::vector<Candidate> CandidatesOf(const ActiveRule& active) const;
  std::string TeamOf(const std::string& member) const;
  void Moved(const std::string& from, const std::string& to);

  std::set<std::string> rule_names_, owners_;
  AssignmentRows rows_;
  Time now_;
  std::map<std::string, ActiveRule> rules_;
  std::map<std::string, State> members_;
  identity::Org org_;                                            // of these members
  std::map<std::string, std::map<std::string, int64_t>> turns_;  // taken: by rule and member
};

}  // namespace steward::leads
