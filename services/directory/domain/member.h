#pragma once
// A member: a person or a service account, and where it stands in the organisation,
// effective-dated. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/directory/domain/names.h"
#include "services/directory/domain/period.h"

namespace steward::directory {

enum class MemberKind { kPerson, kSystem };
enum class MemberEvent { kAdded, kUpdated, kDeactivated, kReactivated };
enum class MemberAction { kUpdate, kDeactivate, kReactivate };

struct RoleHeld {
  RoleName role;
  Period period;
  friend bool operator==(const RoleHeld&, const RoleHeld&) = default;
};
struct TeamHeld {
  TeamName team;
  Period period;
  bool lead = false;
  friend bool operator==(const TeamHeld&, const TeamHeld&) = default;
};
struct SuperiorHeld {
  MemberName member;
  Period period;
  friend bool operator==(const SuperiorHeld&, const SuperiorHeld&) = default;
};

// Personal data: shown to callers, never written into an event.
struct Profile {
  std::string display_name;
  std::string display_name_zh;
  std::string email;
  std::string mobile;
  std::string external_subject;  // its digest may be published
  friend bool operator==(const Profile&, const Profile&) = default;
};

// What the rest of the organisation, and every event, knows of a member.
struct Placement {
  MemberKind kind = MemberKind::kPerson;
  std::vector<RoleHeld> roles;
  std::vector<TeamHeld> teams;
  std::vector<SuperiorHeld> superiors;
  std::vector<Period> leaves;
  friend bool operator==(const Placement&, const Placement&) = default;
};

struct Member {
  MemberName name;
  Profile profile;
  Placement placement;
  bool active = true;
  int64_t version = 0;
  Time create_time;
  Time update_time;

  // What is wrong with this row on its own: names, texts, periods, overlapping superiors.
  Violations Check() const;

  // Each changes the row and counts the version up, or refuses and leaves it as it was.
  void Add(Time now);
  // False: nothing differs, and nothing was changed.
  absl::StatusOr<bool> Update(const Profile& new_profile, const Placement& new_placement, Time now);
  // ILLEGAL_TRANSITION for one who is not active (or, to reactivate, who is); the table is in
  // member.cpp.
  [[nodiscard]] absl::Status Deactivate(Time now);
  [[nodiscard]] absl::Status Reactivate(Time now);
};

}  // namespace steward::directory
