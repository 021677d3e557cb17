#pragma once
// Names of the three aggregates, as types that cannot be mistaken for each other.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace steward::directory {

struct MemberTag {};
struct TeamTag {};
struct RoleTag {};
using MemberName = TypedName<MemberTag>;  // members/{id}
using TeamName = TypedName<TeamTag>;      // teams/{id}
using RoleName = TypedName<RoleTag>;      // roles/{id}

// Faults of one row, by path below the row (`superiors[0].member`).
using Violations = std::vector<FieldViolation>;

// Adds what a check of libs/base found, if it found something.
void Collect(const absl::Status& check, Violations* violations);
// `member` and `superiors[0].member` give `member.superiors[0].member`.
void Prefix(std::string_view row, Violations* violations);

// Names by language: `en`, `zh-Hans` or both, each of 1 to 100 characters.
using DisplayNames = std::map<std::string, std::string>;
void CheckDisplayNames(const DisplayNames& names, Violations* violations);

}  // namespace steward::directory
