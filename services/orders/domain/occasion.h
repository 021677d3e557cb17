#pragma once
// Who says that something happened, and when. How far from now it may lie is the command's to
// check (ruling C16).

#include <optional>
#include <string>

#include "libs/base/time.h"

namespace steward::orders {

struct Occasion {
  std::string actor;               // members/{id}
  Time now;                        // when it is said
  std::optional<Time> given = {};  // when it happened; nullopt = now
};

}  // namespace steward::orders
