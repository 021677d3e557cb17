#include "services/leads/domain/lead_score.h"

#include <algorithm>

namespace steward::leads {
namespace {

bool AreDigits(std::string_view text, size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool IsScore(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  const size_t point = text.find('.');
  return AreDigits(text.substr(0, point), 13) &&
         (point == std::string_view::npos || AreDigits(text.substr(point + 1), 6));
}

}  // namespace steward::leads
