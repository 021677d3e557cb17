#pragma once
// Periods: months, quarters and years of the company's calendar.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace steward::scoring {

enum class PeriodKind { kMonth, kQuarter, kYear };
std::string_view NameOf(PeriodKind kind);  // `month`
absl::StatusOr<PeriodKind> ParsePeriodKind(std::string_view field, std::string_view name);

struct Period {
  std::string name;  // `periods/2026-07`, `periods/2026-q3`, `periods/2026`
  PeriodKind kind = PeriodKind::kMonth;
  absl::CivilDay first, last;  // both included
};

// INVALID_ARGUMENT naming `field`.
absl::StatusOr<Period> ParsePeriod(std::string_view field, std::string_view name);
// The months, quarter and year that this day lies in.
Period PeriodOf(PeriodKind kind, absl::CivilDay day);
// The periods of a kind that a period is made of, in order: itself where it is no longer than one.
std::vector<Period> PartsOf(const Period& period, PeriodKind kind);

}  // namespace steward::scoring
