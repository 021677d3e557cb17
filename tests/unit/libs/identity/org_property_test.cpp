// Org against an oracle that knows, for each of a few instants, who is what: no periods.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "libs/identity/org.h"

namespace steward::identity {
namespace {

using directory::v1::Member;
using directory::v1::Period;

constexpr int kInstants = 4;
constexpr int kRoles = 2;
constexpr int kNobody = -1;

struct Person {
  bool system = false;
  bool active = true;
  int superior[kInstants];
  bool away[kInstants];
  bool holds[kRoles][kInstants];
  bool leads[kInstants];  // the one team
};

std::string Name(int member) {
  return "members/" + std::string(1, static_cast<char>('a' + member));
}
std::string RoleName(int role) { return "roles/" + std::to_string(role); }
Time At(int instant) { return Time{int64_t{instant} * 1'000'000}; }

Period MakePeriod(int from, int to) {
  Period period;
  if (from > 0) {  // the first instant stands for all time before it
    period.mutable_start_time()->set_seconds(from);
  }
  if (to < kInstants) {
    period.mutable_end_time()->set_seconds(to);
  }
  return period;
}

// Calls `run(value, period)` for every stretch of equal values.
template <class T, class Run>
void Stretches(const T (&values)[kInstants], Run run) {
  for (int from = 0; from < kInstants;) {
    int to = from + 1;
    while (to < kInstants && values[to] == values[from]) {
      ++to;
    }
    run(values[from], MakePeriod(from, to));
    from = to;
  }
}

Org MakeOrg(const std::vector<Person>& people) {
  Org org;
  for (size_t i = 0; i < people.size(); ++i) {
    const Person& person = people[i];
    auto& state = org.members[Name(static_cast<int>(i))];
    state.set_kind(person.system ? Member::SYSTEM : Member::PERSON);
    state.set_active(person.active);
    Stretches(person.superior, [&](int superior, const Period& period) {
      if (superior != kNobody) {
        auto* added = state.add_superiors();
        added->set_member(Name(superior));
        *added->mutable_period() = period;
      }
    });
    Stretches(person.away, [&](bool away, const Period& period) {
      if (away) {
        *state.add_leaves() = period;
      }
    });
    for (int role = 0; role < kRoles; ++role) {
      Stretches(person.holds[role], [&](bool holds, const Period& period) {
        if (holds) {
          auto* added = state.add_roles();
          added->set_role(RoleName(role));
          *added->mutable_period() = period;
        }
      });
    }
    Stretches(person.leads, [&](bool leads, const Period& period) {
      if (leads) {
        auto* added = state.add_teams();
        added->set_team("teams/t");
        added->set_lead(true);
        *added->mutable_period() = period;
      }
    });
  }
  return org;
}

// Any of [from, to), also in the first cases, which RapidCheck keeps small.
rc::Gen<int> Between(int from, int to) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, to));
}

rc::Gen<bool> OneIn(int n) {
  return rc::gen::map(Between(0, n), [n](int v) { return v == n - 1; });
}

// Values stay for a while: real assignments do not flicker.
template <class T>
void Fill(T (&values)[kInstants], const rc::Gen<T>& gen) {
  for (int i = 0; i < kInstants; ++i) {
    values[i] = i > 0 && *Between(0, 2) == 0 ? values[i - 1] : *gen;
  }
}

// `upwards`: superiors have lower numbers, so there is no cycle.
std::vector<Person> AnyPeople(bool upwards) {
  const int count = *Between(1, 7);
  std::vector<Person> people(count);
  for (int i = 0; i < count; ++i) {
    people[i].system = *OneIn(8);
    people[i].active = !*OneIn(5);
    Fill(people[i].superior,
         upwards ? Between(std::max(kNobody, i - 3), i) : Between(kNobody, count));
    Fill(people[i].away, OneIn(2));
    Fill(people[i].leads, OneIn(4));
    for (auto& holds : people[i].holds) {
      Fill(holds, OneIn(3));
    }
  }
  return people;
}

// --- the oracle ---

int SuperiorOf(const std::vector<Person>& people, int member, int at) {
  const int superior = people[member].superior[at];
  return people[member].system || superior == kNobody || people[superior].system ? kNobody
                                                                                 : superior;
}

bool Present(const Person& person, int at) {
  return person.active && !person.system && !person.away[at];
}

bool CycleAt(const std::vector<Person>& people, int at) {
  for (size_t i = 0; i < people.size(); ++i) {
    int member = static_cast<int>(i);
    for (size_t steps = 0; steps < people.size(); ++steps) {
      member = member == kNobody ? kNobody : SuperiorOf(people, member, at);
      if (member == static_cast<int>(i)) {
        return true;
      }
    }
  }
  return false;
}

Recipient OracleForRole(const std::vector<Person>& people, int role, const std::vector<int>& line,
                        int at) {
  int last_absent = -1;
  for (size_t i = 0; i < line.size(); ++i) {
    if (people[line[i]].holds[role][at]) {
      if (Present(people[line[i]], at)) {
        return {Name(line[i]), "holder"};
      }
      last_absent = static_cast<int>(i);
    }
  }
  if (last_absent >= 0) {
    for (size_t i = last_absent + 1; i < line.size(); ++i) {
      if (Present(people[line[i]], at)) {
        return {Name(line[i]), "above"};
      }
    }
  }
  for (size_t i = 0; i < people.size(); ++i) {
    if (people[i].holds[role][at] && Present(people[i], at)) {
      return {Name(static_cast<int>(i)), "anywhere"};
    }
  }
  return {"", "none"};
}

Recipient Oracle(const std::vector<Person>& people, int first, bool include_first, int at) {
  std::vector<int> line;
  for (int member = first; member != kNobody; member = SuperiorOf(people, member, at)) {
    if (member != first || include_first) {
      line.push_back(member);
    }
  }
  Recipient found = OracleForRole(people, 0, line, at);
  if (found.basis == "none") {
    found = OracleForRole(people, 1, line, at);
    found.basis = found.basis == "none" ? "none" : "fallback";
  }
  return found;
}

bool Same(const Recipient& a, const Recipient& b) {
  return a.member == b.member && a.basis == b.basis;
}

// --- the properties ---

TEST(OrgPropertyTest, CyclesAreFoundAtAnyInstant) {
  EXPECT_TRUE(rc::check([] {
    const std::vector<Person> people = AnyPeople(/*upwards=*/false);
    bool cycle = false;
    for (int at = 0; at < kInstants; ++at) {
      cycle = cycle || CycleAt(people, at);
    }
    const absl::Status status = MakeOrg(people).CheckAcyclic();
    RC_CLASSIFY(cycle);
    RC_ASSERT(status.ok() == !cycle);
    if (cycle) {  // the text begins and ends with the same member
      const std::string text = RefusalOf(status)->metadata[0].second;
      RC_ASSERT(text.substr(0, text.find(' ')) == text.substr(text.rfind(' ') + 1));
    }
  }));
}

TEST(OrgPropertyTest, WhoIsToldAboveAMember) {
  std::set<std::string> bases;
  EXPECT_TRUE(rc::check([&] {
    const std::vector<Person> people = AnyPeople(/*upwards=*/true);
    const Org org = MakeOrg(people);
    for (int at = 0; at < kInstants; ++at) {
      for (int member = 0; member < static_cast<int>(people.size()); ++member) {
        const Recipient found = org.Resolve(RoleName(0), Name(member), "", RoleName(1), At(at));
        bases.insert(found.basis);
        RC_ASSERT(Same(found, Oracle(people, member, false, at)));
      }
    }
  }));
  EXPECT_EQ(bases, (std::set<std::string>{"above", "anywhere", "fallback", "holder", "none"}));
}

TEST(OrgPropertyTest, WhoIsToldAboveATeam) {
  EXPECT_TRUE(rc::check([] {
    const std::vector<Person> people = AnyPeople(/*upwards=*/true);
    const Org org = MakeOrg(people);
    for (int at = 0; at < kInstants; ++at) {
      int lead = kNobody;
      for (int i = static_cast<int>(people.size()) - 1; i >= 0; --i) {
        lead = people[i].leads[at] && people[i].active && !people[i].system ? i : lead;
      }
      const Recipient found = org.Resolve(RoleName(0), "", "teams/t", RoleName(1), At(at));
      RC_ASSERT(Same(found, Oracle(people, lead, true, at)));
    }
  }));
}

TEST(OrgPropertyTest, BelowIsTheConverseOfAbove) {
  EXPECT_TRUE(rc::check([] {
    const std::vector<Person> people = AnyPeople(*rc::gen::arbitrary<bool>());
    const Org org = MakeOrg(people);
    const int at = *Between(0, kInstants);
    for (const auto& [superior, unused] : org.members) {
      const std::vector<std::string> below = org.Below(superior, At(at));
      const std::set<std::string> set(below.begin(), below.end());
      RC_ASSERT(set.size() == below.size());
      for (const auto& [member, also_unused] : org.members) {
        RC_ASSERT(set.contains(member) == org.IsAbove(superior, member, At(at)));
      }
    }
  }));
}

}  // namespace
}  // namespace steward::identity
