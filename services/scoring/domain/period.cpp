#include "services/scoring/domain/period.h"

#include <algorithm>
#include <utility>

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr std::pair<PeriodKind, std::string_view> kKinds[] = {
    {PeriodKind::kMonth, "month"}, {PeriodKind::kQuarter, "quarter"}, {PeriodKind::kYear, "year"}};
constexpr std::string_view kCollection = "periods/";

int MonthsOf(PeriodKind kind) {
  return kind == PeriodKind::kMonth ? 1 : kind == PeriodKind::kQuarter ? 3 : 12;
}

std::string NameFor(PeriodKind kind, absl::CivilDay first) {
  const std::string year = FormatDay(first).substr(0, 4);
  switch (kind) {
    case PeriodKind::kMonth:
      return std::string(kCollection) + FormatDay(first).substr(0, 7);
    case PeriodKind::kQuarter:
      return std::string(kCollection) + year + "-q" + std::to_string((first.month() + 2) / 3);
    case PeriodKind::kYear:
      break;
  }
  return std::string(kCollection) + year;
}

}  // namespace

std::string_view NameOf(PeriodKind kind) {
  for (const auto& [each, name] : kKinds) {
    if (each == kind) {
      return name;
    }
  }
  return "";
}

absl::StatusOr<PeriodKind> ParsePeriodKind(std::string_view field, std::string_view name) {
  for (const auto& [kind, each] : kKinds) {
    if (each == name) {
      return kind;
    }
  }
  return FieldInvalid(field, "is one of month, quarter, year");
}

Period PeriodOf(PeriodKind kind, absl::CivilDay day) {
  const int months = MonthsOf(kind);
  const absl::CivilMonth first(day.year(), (day.month() - 1) / months * months + 1);
  Period period;
  period.kind = kind;
  period.first = absl::CivilDay(first);
  period.last = absl::CivilDay(first + months) - 1;
  period.name = NameFor(kind, period.first);
  return period;
}

std::vector<Period> PartsOf(const Period& period, PeriodKind kind) {
  if (kind >= period.kind) {
    return {period};
  }
  std::vector<Period> parts;
  for (absl::CivilDay day = period.first; day <= period.last; day = parts.back().last + 1) {
    parts.push_back(PeriodOf(kind, day));
  }
  return parts;
}

absl::StatusOr<Period> ParsePeriod(std::string_view field, std::string_view name) {
  // The names of the periods of some day are the only ones; a name tells that day.
  std::string day;
  if (name.starts_with(kCollection)) {
    const std::string_view id = name.substr(kCollection.size());
    if (id.size() == 4) {
      day = std::string(id) + "-01-01";
    } else if (id.size() == 7 && id[5] == 'q' && id[6] >= '1' && id[6] <= '4') {
      const int month = (id[6] - '1') * 3 + 1;
      day = std::string(id.substr(0, 5)) + (month < 10 ? "0" : "") + std::to_string(month) + "-01";
    } else if (id.size() == 7) {
      day = std::string(id) + "-01";
    }
  }
  const absl::StatusOr<absl::CivilDay> first = ParseDay(field, day);
  if (first.ok()) {
    for (const auto& [kind, kind_name] : kKinds) {
      if (Period period = PeriodOf(kind, *first); period.name == name) {
        return period;
      }
    }
  }
  return FieldInvalid(field, "is `periods/2026-07`, `periods/2026-q3` or `periods/2026`");
}

}  // namespace steward::scoring
