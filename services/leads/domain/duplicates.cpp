#include "services/leads/domain/duplicates.h"

#include <algorithm>
#include <map>
#include <set>

namespace steward::leads {
namespace {

// Independent reasons: what is left of the doubt is the product of what each leaves.
int ScoreOf(const std::vector<MatchKind>& reasons) {
  double doubt = 100;
  for (const MatchKind kind : reasons) {
    doubt *= (100 - WeightOf(kind)) / 100.0;
  }
  return std::max(1, static_cast<int>(100 - doubt + 1e-9));
}

}  // namespace

std::string_view NameOf(MatchKind kind) {
  switch (kind) {
    case MatchKind::kCreditCode:
      return "credit_code";
    case MatchKind::kPhone:
      return "phone";
    case MatchKind::kEmail:
      return "email";
    case MatchKind::kCompanyName:
      return "company_name";
  }
  return "";
}

int WeightOf(MatchKind kind) {
  switch (kind) {
    case MatchKind::kCreditCode:
      return 95;
    case MatchKind::kPhone:
    case MatchKind::kEmail:
      return 70;
    case MatchKind::kCompanyName:
      return 60;
  }
  return 0;
}

std::vector<Duplicate> RankDuplicates(std::string_view self, const std::vector<KeyHolder>& holders,
                                      size_t limit) {
  std::map<MatchKey, std::set<std::string>> by_key;
  for (const KeyHolder& holder : holders) {
    if (holder.customer != self) {
      by_key[holder.key].insert(holder.customer);
    }
  }
  std::map<std::string, std::set<MatchKind>> reasons;
  for (const auto& [key, customers] : by_key) {
    if (customers.size() <= kMaxHolders) {
      for (const std::string& customer : customers) {
        reasons[customer].insert(key.kind);
      }
    }
  }
  std::vector<Duplicate> found;
  for (const auto& [customer, kinds] : reasons) {
    Duplicate duplicate{customer, 0, {kinds.begin(), kinds.end()}};
    duplicate.score = ScoreOf(duplicate.reasons);
    std::stable_sort(duplicate.reasons.begin(), duplicate.reasons.end(),
                     [](MatchKind a, MatchKind b) { return WeightOf(a) > WeightOf(b); });
    found.push_back(std::move(duplicate));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Duplicate& a, const Duplicate& b) { return a.score > b.score; });
  found.resize(std::min(found.size(), limit));
  return found;
}

}  // namespace steward::leads
