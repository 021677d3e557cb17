#include "services/directory/domain/team.h"

#include <algorithm>

namespace steward::directory {
namespace {

bool IsRegionCode(std::string_view code) {
  return code.size() <= 32 && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

Violations Team::Check() const {
  Violations violations;
  Collect(CheckName("name", "teams", name.value), &violations);
  CheckDisplayNames(display_names, &violations);
  if (!parent.empty()) {
    Collect(CheckName("parent", "teams", parent.value), &violations);
  }
  if (!IsRegionCode(region)) {
    violations.push_back({"region", "is no region code: at most 32 letters, digits, `-` and `_`"});
  }
  return violations;
}

bool Team::Update(const Team& wanted) {
  if (wanted.display_names == display_names && wanted.parent == parent && wanted.region == region) {
    return false;
  }
  display_names = wanted.display_names;
  parent = wanted.parent;
  region = wanted.region;
  ++version;
  return true;
}

}  // namespace steward::directory
