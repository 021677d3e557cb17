#pragma once
// A role: what escalations name, and what rights hang on. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "services/directory/domain/names.h"

namespace steward::directory {

enum class RoleEvent { kAdded, kUpdated };

struct Role {
  RoleName name;
  DisplayNames display_names;
  std::vector<std::string> grants;  // of KnownGrants()
  std::string source;               // where the role is named, for example `seed 003`
  int64_t version = 0;

  // What is wrong with this row on its own.
  Violations Check() const;
  bool Grants(std::string_view grant) const;
  void Add() { version = 1; }
  // Takes what a client may set of `wanted`. False: nothing differs, and nothing was changed.
  bool Update(const Role& wanted);
};

// Rights that method policies name. A grant outside this list is a typing error, and refused.
const std::vector<std::string>& KnownGrants();

}  // namespace steward::directory
