#include "services/directory/domain/role.h"

#include <algorithm>

#include "libs/base/text.h"

namespace steward::directory {

const std::vector<std::string>& KnownGrants() {
  static const auto& grants = *new std::vector<std::string>{"agent",   "supervisor", "operator",
                                                            "auditor", "importer",   "admin"};
  return grants;
}

Violations Role::Check() const {
  Violations violations;
  Collect(CheckName("name", "roles", name.value), &violations);
  CheckDisplayNames(display_names, &violations);
  for (size_t i = 0; i < grants.size(); ++i) {
    const std::string field = "grants[" + std::to_string(i) + "]";
    const auto& known = KnownGrants();
    if (std::find(known.begin(), known.end(), grants[i]) == known.end()) {
      violations.push_back(
          {field,
           "`" + grants[i] +
               "` is no grant; there are agent, supervisor, operator, auditor, importer, admin"});
    } else if (std::find(grants.begin(), grants.begin() + static_cast<ptrdiff_t>(i), grants[i]) !=
               grants.begin() + static_cast<ptrdiff_t>(i)) {
      violations.push_back({field, "`" + grants[i] + "` is given twice"});
    }
  }
  Collect(CheckText("source", source, 200), &violations);
  return violations;
}

bool Role::Grants(std::string_view grant) const {
  return std::find(grants.begin(), grants.end(), grant) != grants.end();
}

bool Role::Update(const Role& wanted) {
  if (wanted.display_names == display_names && wanted.grants == grants && wanted.source == source) {
    return false;
  }
  display_names = wanted.display_names;
  grants = wanted.grants;
  source = wanted.source;
  ++version;
  return true;
}

}  // namespace steward::directory
