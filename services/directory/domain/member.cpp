#include "services/directory/domain/member.h"

#include <algorithm>

#include "libs/base/text.h"

namespace steward::directory {
namespace {

constexpr size_t kMaxEntries = 100;  // of one list

struct Move {
  bool active;
  MemberAction action;
  bool active_after;
};
constexpr Move kMoves[] = {
    {true, MemberAction::kUpdate, true},
    {false, MemberAction::kUpdate, false},
    {true, MemberAction::kDeactivate, false},
    {false, MemberAction::kReactivate, true},
};

std::string At(std::string_view list, size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

void CheckPeriod(const std::string& field, const Period& period, Violations* violations) {
  if (!period.Valid()) {
    violations->push_back({field, "ends at or before its start"});
  }
}

// Two entries of a list may not hold at once when `same` says that they are about the same thing.
template <class Entry, class Same>
void CheckOverlaps(std::string_view list, const std::vector<Entry>& entries, Same same,
                   Violations* violations) {
  for (size_t later = 1; later < entries.size(); ++later) {
    for (size_t earlier = 0; earlier < later; ++earlier) {
      if (same(entries[earlier], entries[later]) &&
          entries[earlier].period.Overlaps(entries[later].period)) {
        violations->push_back({At(list, later) + ".period", "overlaps " + At(list, earlier)});
      }
    }
  }
}

// At most so many, each with a period that has a length and a name in its collection.
template <class Entry, class NameOf>
void CheckList(std::string_view list, std::string_view key, std::string_view collection,
               const std::vector<Entry>& entries, NameOf name_of, Violations* violations) {
  if (entries.size() > kMaxEntries) {
    violations->push_back({std::string(list), "has more than 100 entries"});
    return;
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string name_field = At(list, i) + "." + std::string(key);
    Collect(CheckName(name_field, collection, name_of(entries[i])), violations);
    CheckPeriod(At(list, i) + ".period", entries[i].period, violations);
  }
}

bool IsE164(std::string_view number) {
  return number.size() >= 7 && number.size() <= 16 && number[0] == '+' && number[1] != '0' &&
         std::all_of(number.begin() + 1, number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool LooksLikeEmail(std::string_view address) {
  const size_t at = address.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
         address.find('@', at + 1) == std::string_view::npos &&
         address.find_first_of(" \t\r\n<>") == std::string_view::npos;
}

void CheckProfile(const Profile& profile, Violations* violations) {
  Collect(CheckText("display_name", profile.display_name, 100), violations);
  Collect(CheckText("display_name_zh", profile.display_name_zh, 100), violations);
  Collect(CheckText("email", profile.email, 254), violations);
  if (!profile.email.empty() && !LooksLikeEmail(profile.email)) {
    violations->push_back({"email", "is no e-mail address"});
  }
  if (!profile.mobile.empty() && !IsE164(profile.mobile)) {
    violations->push_back({"mobile", "is no E.164 number, for example +8613800000000"});
  }
  Collect(CheckText("external_subject", profile.external_subject, 255), violations);
  if (profile.external_subject.starts_with("members/")) {
    violations->push_back({"external_subject", "may not look like the name of a member"});
  }
}

void CheckPlacement(const Placement& placement, Violations* violations) {
  CheckList(
      "roles", "role", "roles", placement.roles, [](const RoleHeld& r) { return r.role.value; },
      violations);
  CheckList(
      "teams", "team", "teams", placement.teams, [](const TeamHeld& t) { return t.team.value; },
      violations);
  CheckList(
      "superiors", "member", "members", placement.superiors,
      [](const SuperiorHeld& s) { return s.member.value; }, violations);
  if (placement.leaves.size() > kMaxEntries) {
    violations->push_back({"leaves", "has more than 100 entries"});
  }
  for (size_t i = 0; i < placement.leaves.size(); ++i) {
    CheckPeriod(At("leaves", i), placement.leaves[i], violations);
  }
  if (placement.kind == MemberKind::kSystem && !placement.superiors.empty()) {
    violations->push_back({"superiors", "a service account is outside reporting lines"});
  }
}

constexpr std::string_view Word(MemberAction action) {
  switch (action) {
    case MemberAction::kUpdate:
      return "update";
    case MemberAction::kDeactivate:
      return "deactivate";
    case MemberAction::kReactivate:
      return "reactivate";
  }
  return "";
}

// Moves the member along the table, or says what the table allows here.
absl::Status MakeMove(MemberAction action, Time now, Member* member) {
  std::string allowed;
  for (const Move& move : kMoves) {
    if (move.active != member->active) {
      continue;
    }
    if (move.action == action) {
      member->active = move.active_after;
      member->update_time = now;
      ++member->version;
      return absl::OkStatus();
    }
    allowed += (allowed.empty() ? "" : ",") + std::string(Word(move.action));
  }
  return IllegalTransition(member->active ? "active" : "inactive", Word(action), allowed);
}

}  // namespace

Violations Member::Check() const {
  Violations violations;
  Collect(CheckName("name", "members", name.value), &violations);
  CheckProfile(profile, &violations);
  CheckPlacement(placement, &violations);
  if (!violations.empty()) {
    return violations;  // overlaps of periods that have no length say nothing more
  }
  CheckOverlaps(
      "roles", placement.roles,
      [](const RoleHeld& a, const RoleHeld& b) { return a.role == b.role; }, &violations);
  CheckOverlaps(
      "teams", placement.teams,
      [](const TeamHeld& a, const TeamHeld& b) { return a.team == b.team; }, &violations);
  CheckOverlaps(
      "superiors", placement.superiors,
      [](const SuperiorHeld&, const SuperiorHeld&) { return true; }, &violations);
  return violations;
}

void Member::Add(Time now) {
  active = true;
  version = 1;
  create_time = now;
  update_time = now;
}

absl::StatusOr<bool> Member::Update(const Profile& new_profile, const Placement& new_placement,
                                    Time now) {
  if (new_profile == profile && new_placement == placement) {
    return false;
  }
  RETURN_IF_ERROR(MakeMove(MemberAction::kUpdate, now, this));
  profile = new_profile;
  placement = new_placement;
  return true;
}

absl::Status Member::Deactivate(Time now) { return MakeMove(MemberAction::kDeactivate, now, this); }

absl::Status Member::Reactivate(Time now) { return MakeMove(MemberAction::kReactivate, now, this); }

}  // namespace steward::directory
