#pragma once
// Whom a lead goes to. A rule is versioned data; the choice is a function of the rule, the lead,
// what is known of each candidate and the instant: the same input, the same answer, and for each
// candidate why not them. Who runs it holds the rule's row locked until the choice is written;
// then nobody is over their cap at any instant.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/time.h"

namespace steward::leads {

enum class AssignmentMethod : int {
  kRoundRobin = 1,   // the one who waits longest for a turn
  kLeastLoaded = 2,  // the one with the fewest open leads; among equals as round robin
};

// A member's place in a rule. The order of the seats breaks every tie.
struct Seat {
  std::string member;                                // members/{id}
  std::vector<std::string> territories, industries;  // pools served; empty = all
  std::vector<std::string> skills;
  int64_t capacity = 0;  // open leads at most
  friend bool operator==(const Seat&, const Seat&) = default;
};

struct AssignmentRule {
  std::string id;
  int version = 0;  // from 1 on
  AssignmentMethod method = AssignmentMethod::kRoundRobin;
  std::vector<Seat> seats;
  friend bool operator==(const AssignmentRule&, const AssignmentRule&) = default;
};

// Each fault with its path: no id or version, no seats, a member without name or listed twice, a
// negative capacity.
std::vector<FieldViolation> FaultsOf(const AssignmentRule& rule);

// [begin, end).
struct Leave {
  Time begin, end;
  friend bool operator==(const Leave&, const Leave&) = default;
};

// What is known of a member at the instant of choosing.
struct Candidate {
  std::string member;
  bool active = true;
  int64_t load = 0;  // open leads that they own
  std::vector<Leave> leave;
  int64_t last_turn = 0;  // number of their latest turn under this rule; 0 = none yet
};

struct LeadNeeds {
  std::string territory, industry;  // empty = unknown: only those who serve all
  std::vector<std::string> skills;  // all of them
};

// Why a candidate was not chosen, in the order in which it is asked.
inline constexpr std::string_view kUnknownMember = "UNKNOWN_MEMBER";  // has a seat, is no candidate
inline constexpr std::string_view kInactive = "INACTIVE";
inline constexpr std::string_view kOnLeave = "ON_LEAVE";
inline constexpr std::string_view kOtherTerritory = "OTHER_TERRITORY";
inline constexpr std::string_view kOtherIndustry = "OTHER_INDUSTRY";
inline constexpr std::string_view kSkillMissing = "SKILL_MISSING";
inline constexpr std::string_view kAtCapacity = "AT_CAPACITY";
inline constexpr std::string_view kMoreLoaded = "MORE_LOADED";
inline constexpr std::string_view kHadTurnLater = "HAD_TURN_LATER";
inline constexpr std::string_view kLaterInOrder = "LATER_IN_ORDER";

struct Verdict {
  std::string member;
  std::string reason;  // empty for the chosen one
  int64_t load = 0, capacity = 0, last_turn = 0;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

struct Choice {
  std::string rule;
  int rule_version = 0;
  std::string member;             // empty = nobody may have it
  std::vector<Verdict> verdicts;  // one for each seat, in their order
  friend bool operator==(const Choice&, const Choice&) = default;
};

// `rule` is without faults; candidates without a seat are not asked. The order of `candidates`
// does not matter.
Choice Choose(const AssignmentRule& rule, const LeadNeeds& needs,
              const std::vector<Candidate>& candidates, Time now);

}  // namespace steward::leads
