#pragma once
// A team in the tree of teams. Pure.

#include <cstdint>
#include <string>

#include "services/directory/domain/names.h"

namespace steward::directory {

enum class TeamEvent { kAdded, kUpdated };

struct Team {
  TeamName name;
  DisplayNames display_names;
  TeamName parent;     // empty at the top
  std::string region;  // a code such as `east`; empty = none
  int64_t version = 0;

  // What is wrong with this row on its own.
  Violations Check() const;
  void Add() { version = 1; }
  // Takes what a client may set of `wanted`. False: nothing differs, and nothing was changed.
  bool Update(const Team& wanted);
};

}  // namespace steward::directory
