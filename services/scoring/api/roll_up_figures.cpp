// Figures of a period: parts of it (K8), and months rolled up (K10).

#include <algorithm>

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "services/scoring/api/figures.h"

namespace steward::scoring {
namespace {

// A mean of months without currency of its own, or the one currency of all.
std::string CurrencyOf(const std::vector<std::pair<std::string, Reading>>& periods) {
  for (const auto& [period, reading] : periods) {
    if (!reading.currency.empty()) {
      return reading.currency;
    }
  }
  return "";
}

bool SeveralCurrencies(const std::vector<std::pair<std::string, Reading>>& periods) {
  const std::string one = CurrencyOf(periods);
  return std::any_of(periods.begin(), periods.end(), [&](const auto& period) {
    return !period.second.currency.empty() && period.second.currency != one;
  });
}

}  // namespace

FigureReader::FigureReader(Asked asked) : asked_(std::move(asked)) { At(asked_.period); }

SpanReader::Span FigureReader::SpanOf(const Period& period) const {
  SpanReader::Span span{period, {period.first, period.last}, {}, {}, ""};
  if (const auto own = asked_.parts.find(period.name); own != asked_.parts.end()) {
    span.part = own->second;
    span.days = own->second.days;
    return span;
  }
  const auto whole = asked_.parts.find(asked_.period.name);
  if (whole == asked_.parts.end()) {
    return span;
  }
  const Days& days = whole->second.days;
  if (period.last < days.first || period.first > days.last) {
    span.absent = State::kNotApplicable;
    span.detail = "outside the days from " + FormatDay(days.first) + " to " + FormatDay(days.last);
  } else if (period.first < days.first || period.last > days.last) {
    span.absent = State::kPending;
    span.detail = "waits for the eligible days of " + period.name;
  }
  return span;
}

SpanReader& FigureReader::At(const Period& period) {
  auto found = spans_.find(period.name);
  if (found == spans_.end()) {
    found = spans_
                .emplace(period.name, SpanReader(asked_.subject, asked_.kind, SpanOf(period),
                                                 asked_.state != "OPEN"))
                .first;
  }
  return found->second;
}

std::vector<Period> FigureReader::PeriodsOf(const CompiledKpi& kpi) const {
  const PeriodKind kind = kpi.period.value_or(PeriodKind::kMonth);
  return kpi.roll_up && HasCurve(kpi.definition) && kind < asked_.period.kind
             ? PartsOf(asked_.period, kind)
             : std::vector<Period>();
}

void FigureReader::Queue(pg::Tx& tx, const CompiledKpi& kpi) {
  At(asked_.period).Queue(tx, kpi);
  for (const Period& period : PeriodsOf(kpi)) {
    At(period).Queue(tx, kpi);
  }
}

absl::StatusOr<Reading> FigureReader::Read(const CompiledKpi& kpi, const std::string& unit) const {
  const std::vector<Period> periods = PeriodsOf(kpi);
  // An own target for the whole is measured against as it is.
  if (periods.empty() || whole().HasOwnTarget(kpi)) {
    return whole().Read(kpi, unit);
  }
  Reading rolled;
  std::vector<PeriodFigure> figures;
  KpiDefinition definition = kpi.definition;
  definition.target.reset();  // each period has its own, or none
  for (const Period& period : periods) {
    ASSIGN_OR_RETURN(Reading reading, spans_.at(period.name).Read(kpi, unit));
    figures.push_back({reading.attainment.actual, reading.attainment.target});
    if (!reading.detail.empty()) {
      rolled.detail += (rolled.detail.empty() ? "" : "; ") + period.name + ": " + reading.detail;
    }
    rolled.given.insert(rolled.given.end(), reading.given.begin(), reading.given.end());
    rolled.periods.emplace_back(period.name, std::move(reading));
  }
  if (*kpi.roll_up == RollUp::kRatioOfSums && SeveralCurrencies(rolled.periods)) {
    rolled.detail = "amounts are in several currencies";
    return rolled;
  }
  ASSIGN_OR_RETURN(rolled.attainment, AttainOver(definition, *kpi.roll_up, figures));
  rolled.currency = CurrencyOf(rolled.periods);
  ASSIGN_OR_RETURN(const Reading measured, whole().Read(kpi, unit));
  rolled.parts = measured.parts;
  return rolled;
}

}  // namespace steward::scoring
