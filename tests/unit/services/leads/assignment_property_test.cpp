// Random sequences of leads, ends of leads and leave.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "libs/base/refusals.h"
#include "services/leads/domain/assignment.h"
#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

// From all of the range in every test, not only in the later ones.
template <class T>
T Pick(T from, T to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(from, to));
}

const std::vector<std::string> kTerritories = {"east", "west"};

AssignmentRule SomeRule() {
  AssignmentRule rule{"r", 1, AssignmentMethod::kRoundRobin, {}};
  rule.method = *rc::gen::element(AssignmentMethod::kRoundRobin, AssignmentMethod::kLeastLoaded);
  const int count = Pick(1, 8);
  for (int i = 0; i < count; ++i) {
    Seat seat{"members/" + std::to_string(i), {}, {}, {}, Pick<int64_t>(0, 5)};
    if (Pick(0, 3) == 0) {
      seat.territories = {*rc::gen::elementOf(kTerritories)};
    }
    rule.seats.push_back(std::move(seat));
  }
  return rule;
}

std::vector<Candidate> CandidatesOf(const AssignmentRule& rule) {
  std::vector<Candidate> candidates;
  for (const Seat& seat : rule.seats) {
    candidates.push_back({seat.member, true, 0, {}, 0});
  }
  return candidates;
}

Candidate& Find(std::vector<Candidate>& candidates, const std::string& member) {
  return *std::find_if(candidates.begin(), candidates.end(),
                       [&](const Candidate& each) { return each.member == member; });
}

TEST(AssignmentProperty, NobodyIsOverTheirCapOrOnLeaveAndEachLoserHasAReason) {
  int chosen = 0;
  int refused = 0;
  EXPECT_TRUE(rc::check([&] {
    const AssignmentRule rule = SomeRule();
    std::vector<Candidate> candidates = CandidatesOf(rule);
    Time now = kNow;
    const int steps = Pick(0, 60);
    for (int turn = 1; turn <= steps; ++turn) {
      now = now + Hours(1);
      Candidate& some = candidates[Pick<size_t>(0, candidates.size())];
      if (Pick(0, 4) == 0) {
        some.leave.push_back({now, now + Hours(Pick(1, 6))});
      }
      if (Pick(0, 4) == 0 && some.load > 0) {
        --some.load;  // one of their leads ended
      }
      const LeadNeeds needs{*rc::gen::elementOf(kTerritories), "", {}};
      const Choice choice = Choose(rule, needs, candidates, now);
      std::vector<Candidate> backwards(candidates.rbegin(), candidates.rend());
      RC_ASSERT(Choose(rule, needs, backwards, now) == choice);

      RC_ASSERT(choice.verdicts.size() == rule.seats.size());
      int without_reason = 0;
      for (const Verdict& verdict : choice.verdicts) {
        without_reason += verdict.reason.empty() ? 1 : 0;
        RC_ASSERT(verdict.reason.empty() == (verdict.member == choice.member));
      }
      RC_ASSERT(without_reason == (choice.member.empty() ? 0 : 1));
      (choice.member.empty() ? refused : chosen) += 1;
      if (choice.member.empty()) {
        continue;
      }
      Candidate& winner = Find(candidates, choice.member);
      for (const Leave& leave : winner.leave) {
        RC_ASSERT(now < leave.begin || leave.end <= now);
      }
      winner.load += 1;
      winner.last_turn = turn;
      for (const Seat& seat : rule.seats) {
        RC_ASSERT(Find(candidates, seat.member).load <= seat.capacity);
        RC_ASSERT(seat.member != choice.member || seat.territories.empty() ||
                  Contains(seat.territories, needs.territory));
      }
    }
  }));
  EXPECT_GT(chosen, 0);
  EXPECT_GT(refused, 0);
}

// Equals serve the same, may hold the same and are there all the time; others come and go.
TEST(AssignmentProperty, TheSpreadAmongEqualsIsAtMostOne) {
  EXPECT_TRUE(rc::check([] {
    AssignmentRule rule = SomeRule();
    const size_t equals = Pick<size_t>(2, 6);
    const auto place = Pick<size_t>(0, rule.seats.size() + 1);
    const auto capacity = Pick<int64_t>(0, 12);
    for (size_t i = 0; i < equals; ++i) {
      rule.seats.insert(rule.seats.begin() + static_cast<long>(place),
                        Seat{"members/equal" + std::to_string(i), {}, {}, {}, capacity});
    }
    std::vector<Candidate> candidates = CandidatesOf(rule);
    std::map<std::string, int> given;
    for (size_t i = 0; i < equals; ++i) {
      given["members/equal" + std::to_string(i)] = 0;
    }
    const int steps = Pick(0, 80);
    Time now = kNow;
    for (int turn = 1; turn <= steps; ++turn) {
      now = now + Hours(1);
      Candidate& some = candidates[Pick<size_t>(0, candidates.size())];
      if (given.count(some.member) == 0 && Pick(0, 3) == 0) {
        some.leave.push_back({now, now + Hours(3)});
      }
      const Choice choice =
          Choose(rule, {*rc::gen::elementOf(kTerritories), "", {}}, candidates, now);
      if (choice.member.empty()) {
        continue;
      }
      Candidate& winner = Find(candidates, choice.member);
      winner.load += 1;
      winner.last_turn = turn;
      if (auto equal = given.find(choice.member); equal != given.end()) {
        ++equal->second;
      }
      const auto [least, most] =
          std::minmax_element(given.begin(), given.end(),
                              [](const auto& a, const auto& b) { return a.second < b.second; });
      RC_ASSERT(most->second - least->second <= 1);
    }
  }));
}

}  // namespace
}  // namespace steward::leads
