#include "services/directory/domain/names.h"

#include "libs/base/text.h"

namespace steward::directory {

void Collect(const absl::Status& check, Violations* violations) {
  if (check.ok()) {
    return;
  }
  for (FieldViolation& violation : RefusalOf(check).value_or(Refusal{}).fields) {
    violations->push_back(std::move(violation));
  }
}

void Prefix(std::string_view row, Violations* violations) {
  for (FieldViolation& violation : *violations) {
    violation.field = std::string(row) + "." + violation.field;
  }
}

void CheckDisplayNames(const DisplayNames& names, Violations* violations) {
  if (names.empty()) {
    violations->push_back({"display_names", "needs a name in `en`, `zh-Hans` or both"});
  }
  for (const auto& [language, name] : names) {
    const std::string field = "display_names[" + language + "]";
    if (language != "en" && language != "zh-Hans") {
      violations->push_back({field, "is no language of names; use `en` and `zh-Hans`"});
    } else if (name.empty()) {
      violations->push_back({field, "is empty"});
    } else {
      Collect(CheckText(field, name, 100), violations);
    }
  }
}

}  // namespace steward::directory
