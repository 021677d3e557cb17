#include "services/leads/domain/contact.h"

namespace steward::leads {

std::vector<std::string> ChangedFields(const CustomerText& before, const CustomerText& after) {
  std::vector<std::string> changed;
  const auto compare = [&](const char* field, const auto& a, const auto& b) {
    if (a != b) {
      changed.emplace_back(field);
    }
  };
  compare("display_name", before.display_name, after.display_name);
  compare("display_name_zh", before.display_name_zh, after.display_name_zh);
  compare("company_name", before.company_name, after.company_name);
  compare("credit_code", before.credit_code, after.credit_code);
  compare("website", before.website, after.website);
  compare("needs", before.needs, after.needs);
  compare("preferences", before.preferences, after.preferences);
  compare("contacts", before.contacts, after.contacts);
  return changed;
}

}  // namespace steward::leads
