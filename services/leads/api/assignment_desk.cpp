#include "services/leads/api/assignment_desk.h"

#include <algorithm>

#include "libs/base/refusals.h"
#include "libs/base/status.h"

namespace steward::leads {

std::vector<pg::LockKey> AssignmentDesk::Locks() const {
  std::vector<pg::LockKey> locks;
  if (!idle()) {
    locks.push_back(pg::LockKey::Shared(kRulesLock));
  }
  for (const std::string& rule : rule_names_) {
    locks.push_back(pg::LockKey::Exclusive(rule));
  }
  return locks;
}

void AssignmentDesk::Queue(pg::Tx& tx, const std::vector<Uuid>& leads) {
  const std::vector<std::string> rules(rule_names_.begin(), rule_names_.end());
  const std::vector<std::string> owners(owners_.begin(), owners_.end());
  if (!idle() || !leads.empty()) {
    QueueMemberLocks(tx, rules, owners, leads);
  }
  if (!idle()) {
    rows_ = QueueAssignmentRows(tx, rules, owners);
  }
}

absl::Status AssignmentDesk::Read(Time now) {
  rules_.clear();
  members_.clear();
  turns_.clear();
  org_ = {};
  now_ = now;
  if (idle()) {
    return absl::OkStatus();
  }
  for (ActiveRule& active : ReadActiveRules(rows_)) {
    const std::string name = active.rule.id;
    rules_.emplace(name, std::move(active));
  }
  for (const MemberRow& row : ReadMembers(rows_)) {
    members_[row.member] = {row.capacity, row.load};
    if (row.state && !org_.members[row.member].ParseFromString(*row.state)) {
      return absl::InternalError("org_entry of " + row.member + " does not parse");
    }
  }
  // Of seats in several rules the lowest capacity holds.
  for (auto& [name, active] : rules_) {
    for (Seat& seat : active.rule.seats) {
      const std::optional<int64_t>& cap = members_[seat.member].capacity;
      seat.capacity = std::min(seat.capacity, cap.value_or(seat.capacity));
    }
  }
  return absl::OkStatus();
}

absl::Status AssignmentDesk::CheckRule(const std::string& field, const std::string& rule) const {
  return rules_.contains(rule) ? absl::OkStatus()
                               : FieldInvalid(field,
                                              "is no active assignment rule; see "
                                              "ListAssignmentRules");
}

std::vector<Candidate> AssignmentDesk::CandidatesOf(const ActiveRule& active) const {
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < active.rule.seats.size(); ++i) {
    const std::string& member = active.rule.seats[i].member;
    if (!org_.members.contains(member)) {
      continue;
    }
    Candidate candidate{
        member, org_.Active(member), members_.at(member).load, {}, active.last_turns[i]};
    if (org_.OnLeave(member, now_)) {
      candidate.leave = {{now_, kMaxTime}};  // asked at this instant alone
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

std::string AssignmentDesk::TeamOf(const std::string& member) const {
  return org_.TeamOf(member, now_).value_or("");
}

void AssignmentDesk::Moved(const std::string& from, const std::string& to) {
  if (const auto before = members_.find(from);
      before != members_.end() && before->second.load > 0) {
    before->second.load -= 1;
  }
  members_[to].load += 1;
}

absl::StatusOr<Choice> AssignmentDesk::AssignByRule(const std::string& rule, Lead& lead,
                                                    const Occasion& occasion) {
  ActiveRule& active = rules_.at(rule);
  const LeadData& data = lead.data();
  const Choice choice =
      Choose(active.rule, {data.territory, data.industry, data.skills}, CandidatesOf(active), now_);
  if (choice.member.empty()) {
    return choice;
  }
  const std::string from = data.owner;
  RETURN_IF_ERROR(lead.Assign(choice.member, TeamOf(choice.member), choice, occasion));
  if (from != choice.member) {
    Moved(from, choice.member);
  }
  active.turn += 1;
  turns_[rule][choice.member] = active.turn;
  for (size_t i = 0; i < active.rule.seats.size(); ++i) {
    if (active.rule.seats[i].member == choice.member) {
      active.last_turns[i] = active.turn;
    }
  }
  return choice;
}

absl::Status AssignmentDesk::AssignByHand(const std::string& field, const std::string& owner,
                                          const std::string& team, Lead& lead,
                                          const Occasion& occasion) {
  if (!org_.members.contains(owner)) {
    return FieldInvalid(field, "is no member that the directory has told of");
  }
  if (!org_.Active(owner)) {
    return Precondition("MEMBER_INACTIVE", owner + " does not work here now", {{"member", owner}});
  }
  const std::string from = lead.data().owner;
  const State& state = members_[owner];
  if (from != owner && state.capacity && state.load >= *state.capacity) {
    return Precondition("AT_CAPACITY",
                        owner + " has " + std::to_string(state.load) + " open leads of at most " +
                            std::to_string(*state.capacity),
                        {{"member", owner},
                         {"load", std::to_string(state.load)},
                         {"capacity", std::to_string(*state.capacity)}});
  }
  RETURN_IF_ERROR(lead.Assign(owner, team.empty() ? TeamOf(owner) : team, {}, occasion));
  if (from != owner) {
    Moved(from, owner);
  }
  return absl::OkStatus();
}

void AssignmentDesk::QueueTurns(pg::Tx& tx) const {
  for (const auto& [rule, turns] : turns_) {
    leads::QueueTurns(tx, rule, rules_.at(rule).turn, {turns.begin(), turns.end()});
  }
}

}  // namespace steward::leads
