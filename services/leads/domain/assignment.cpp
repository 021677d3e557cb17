#include "services/leads/domain/assignment.h"

#include <algorithm>
#include <set>

#include "libs/base/refusals.h"

namespace steward::leads {
namespace {

bool Serves(const std::vector<std::string>& pools, const std::string& wanted) {
  return pools.empty() || Contains(pools, wanted);
}

bool IsOnLeave(const Candidate& candidate, Time now) {
  return std::any_of(candidate.leave.begin(), candidate.leave.end(),
                     [&](const Leave& leave) { return leave.begin <= now && now < leave.end; });
}

// Why they cannot have it at all; empty = they can.
std::string_view Barred(const Seat& seat, const Candidate& candidate, const LeadNeeds& needs,
                        Time now) {
  if (!candidate.active) {
    return kInactive;
  }
  if (IsOnLeave(candidate, now)) {
    return kOnLeave;
  }
  if (!Serves(seat.territories, needs.territory)) {
    return kOtherTerritory;
  }
  if (!Serves(seat.industries, needs.industry)) {
    return kOtherIndustry;
  }
  if (!std::all_of(needs.skills.begin(), needs.skills.end(),
                   [&](const std::string& skill) { return Contains(seat.skills, skill); })) {
    return kSkillMissing;
  }
  return candidate.load >= seat.capacity ? kAtCapacity : std::string_view();
}

// Why `one` loses against `other`, which has an earlier seat; empty = it wins.
std::string_view Behind(AssignmentMethod method, const Verdict& one, const Verdict& other) {
  if (method == AssignmentMethod::kLeastLoaded && one.load != other.load) {
    return one.load > other.load ? kMoreLoaded : std::string_view();
  }
  if (one.last_turn != other.last_turn) {
    return one.last_turn > other.last_turn ? kHadTurnLater : std::string_view();
  }
  return kLaterInOrder;
}

const Candidate* FindMember(const std::vector<Candidate>& candidates, const std::string& member) {
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [&](const Candidate& each) { return each.member == member; });
  return found == candidates.end() ? nullptr : &*found;
}

}  // namespace

std::vector<FieldViolation> FaultsOf(const AssignmentRule& rule) {
  std::vector<FieldViolation> faults;
  if (rule.id.empty()) {
    faults.push_back({"rule.id", "is required"});
  }
  if (rule.version < 1) {
    faults.push_back({"rule.version", "counts from 1"});
  }
  if (rule.seats.empty()) {
    faults.push_back({"rule.seats", "needs at least one"});
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < rule.seats.size(); ++i) {
    const Seat& seat = rule.seats[i];
    const std::string field = "rule.seats[" + std::to_string(i) + "]";
    if (seat.member.empty()) {
      faults.push_back({field + ".member", "is required"});
    } else if (!seen.insert(seat.member).second) {
      faults.push_back({field + ".member", "`" + seat.member + "` is listed twice"});
    }
    if (seat.capacity < 0) {
      faults.push_back({field + ".capacity", "is negative"});
    }
  }
  return faults;
}

Choice Choose(const AssignmentRule& rule, const LeadNeeds& needs,
              const std::vector<Candidate>& candidates, Time now) {
  Choice choice{rule.id, rule.version, "", {}};
  std::optional<size_t> best;
  for (size_t i = 0; i < rule.seats.size(); ++i) {
    const Seat& seat = rule.seats[i];
    const Candidate* candidate = FindMember(candidates, seat.member);
    Verdict verdict{seat.member, std::string(kUnknownMember), 0, seat.capacity, 0};
    if (candidate != nullptr) {
      verdict.reason = Barred(seat, *candidate, needs, now);
      verdict.load = candidate->load;
      verdict.last_turn = candidate->last_turn;
    }
    choice.verdicts.push_back(std::move(verdict));
    if (choice.verdicts[i].reason.empty() &&
        (!best || Behind(rule.method, choice.verdicts[i], choice.verdicts[*best]).empty())) {
      best = i;
    }
  }
  if (!best) {
    return choice;
  }
  choice.member = choice.verdicts[*best].member;
  for (size_t i = 0; i < choice.verdicts.size(); ++i) {
    Verdict& verdict = choice.verdicts[i];
    if (i != *best && verdict.reason.empty()) {
      verdict.reason = Behind(rule.method, verdict, choice.verdicts[*best]);
    }
  }
  return choice;
}

}  // namespace steward::leads
