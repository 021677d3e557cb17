#pragma once
// Which customers may be the same: keys in their common form, and how much an equal one is worth.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace steward::leads {

enum class MatchKind : int16_t { kCreditCode = 1, kPhone = 2, kEmail = 3, kCompanyName = 4 };
std::string_view NameOf(MatchKind kind);
// 1 to 100. Ours: no source document gives one.
int WeightOf(MatchKind kind);

struct MatchKey {
  MatchKind kind;
  std::string value;  // in its form (libs/contact)
  friend auto operator<=>(const MatchKey&, const MatchKey&) = default;
};
// A customer that has the key.
struct KeyHolder {
  MatchKey key;
  std::string customer;
};
// A key that more customers than this share says nothing: a switchboard, an address of an agency.
inline constexpr size_t kMaxHolders = 20;

struct Duplicate {
  std::string customer;
  int score = 0;                   // 1 to 100
  std::vector<MatchKind> reasons;  // strongest first, each once
};
// Likeliest first, then by id. `self` is left out.
std::vector<Duplicate> RankDuplicates(std::string_view self, const std::vector<KeyHolder>& holders,
                                      size_t limit);

}  // namespace steward::leads
