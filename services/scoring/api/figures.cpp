#include "services/scoring/api/figures.h"

#include <set>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr int kPlaces = 6;

bool Below(const std::string& qualifier, const std::string& wanted) {
  return wanted.empty() || qualifier == wanted || qualifier.starts_with(wanted + "/");
}

Term ClockSum(const char* measure, const std::string& policy) {
  return {TermKind::kSum, FindMeasure(measure), policy, nullptr};
}

// The nth of some results; AggregateClocks wants to tell them apart.
Uuid Numbered(size_t n) {
  Uuid id;
  for (size_t i = 0; i < sizeof n; ++i) {
    id.bytes[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  }
  return id;
}

absl::StatusOr<Decimal> Combined(Combine combine, const std::vector<Given>& given) {
  if (combine == Combine::kLast) {
    return given.back().value;
  }
  Decimal sum;
  for (const Given& each : given) {
    ASSIGN_OR_RETURN(sum, Add(sum, each.value));
  }
  if (combine == Combine::kSum) {
    return sum;
  }
  ASSIGN_OR_RETURN(const Ratio mean,
                   MakeRatio(sum.scaled, static_cast<__int128>(given.size()) * kDecimalScale));
  return Round(mean, kPlaces);
}

}  // namespace

absl::Status FigureReader::Load() {
  ASSIGN_OR_RETURN(sums_, ReadSums(db_, subject_, {period_.first, period_.last}, timeout_));
  return absl::OkStatus();
}

FactQuery FigureReader::QueryOf(const Term& term) const {
  return {subject_, std::string(term.measure->id), term.qualifier, {period_.first, period_.last}};
}

std::optional<TermValue> FigureReader::SumOf(const Term& term, const Measure& measure,
                                             Reading& figure) const {
  TermValue value{0, term.kind == TermKind::kCount ? Unit::kCount : measure.unit, ""};
  std::set<std::string> currencies;
  for (const DaySum& sum : sums_) {
    if (sum.measure != measure.id || !Below(sum.qualifier, term.qualifier)) {
      continue;
    }
    const int64_t more = term.kind == TermKind::kCount ? sum.facts : sum.total;
    if (more != 0 && !sum.currency.empty()) {
      currencies.insert(sum.currency);
    }
    if (__builtin_add_overflow(value.total, more, &value.total)) {
      figure.detail = std::string(measure.id) + " is beyond every number";
      return std::nullopt;
    }
  }
  if (currencies.size() > 1 && value.unit == Unit::kMoney) {
    figure.detail = std::string(measure.id) + " is in several currencies";
    return std::nullopt;
  }
  value.currency = currencies.empty() ? "" : *currencies.begin();
  return value;
}

absl::StatusOr<std::optional<TermValue>> FigureReader::Total(const Term& term, Reading& figure) {
  if (!Covers(*term.measure, kind_)) {
    figure.detail =
        "no event names a " + std::string(NameOf(kind_)) + " for " + std::string(term.measure->id);
    return std::optional<TermValue>();
  }
  std::optional<TermValue> value;
  if (term.kind == TermKind::kSum || term.kind == TermKind::kCount) {
    value = SumOf(term, *term.measure, figure);
    if (value && term.less != nullptr) {
      const std::optional<TermValue> less = SumOf(term, *term.less, figure);
      if (!less || (!less->currency.empty() && !value->currency.empty() &&
                    less->currency != value->currency)) {
        figure.detail = "amounts are in several currencies";
        return std::optional<TermValue>();
      }
      value->total -= less->total;
    }
  } else {
    ASSIGN_OR_RETURN(const CustomerCount count, CountCustomers(db_, QueryOf(term), timeout_));
    value = TermValue{term.kind == TermKind::kCustomers        ? count.all
                      : term.kind == TermKind::kFirstCustomers ? count.first
                                                               : count.all - count.first,
                      Unit::kCount, ""};
  }
  if (value) {
    figure.parts.emplace_back(Describe(term), *value);
  }
  return value;
}

absl::StatusOr<FigureReader::Outcome> FigureReader::Reckon(const Term& term,
                                                           const std::string& unit,
                                                           Reading& figure) {
  ASSIGN_OR_RETURN(const std::optional<TermValue> total, Total(term, figure));
  if (!total) {
    return Outcome{};
  }
  figure.currency = total->currency;
  ASSIGN_OR_RETURN(const Ratio exact, scoring::ToRatio(*total, unit));
  ASSIGN_OR_RETURN(const Decimal value, Round(exact, kPlaces));
  return Outcome{value, State::kScored};
}

absl::StatusOr<FigureReader::Outcome> FigureReader::Reckon(const TermRatio& ratio,
                                                           const std::string& unit,
                                                           Reading& figure) {
  ASSIGN_OR_RETURN(const std::optional<TermValue> above, Total(ratio.numerator, figure));
  ASSIGN_OR_RETURN(const std::optional<TermValue> below, Total(ratio.denominator, figure));
  if (!above || !below) {
    return Outcome{};
  }
  if (below->total == 0) {
    figure.detail = Describe(ratio.denominator) + " is 0: there is nothing to measure against";
    return Outcome{};
  }
  if (!above->currency.empty() && !below->currency.empty() && above->currency != below->currency) {
    figure.detail = "amounts are in several currencies";
    return Outcome{};
  }
  ASSIGN_OR_RETURN(const Ratio a, scoring::ToRatio(*above, unit));
  ASSIGN_OR_RETURN(const Ratio b, scoring::ToRatio(*below, unit));
  ASSIGN_OR_RETURN(Ratio exact, Over(a, b));
  if (unit == "percent") {
    ASSIGN_OR_RETURN(exact, Times(exact, {100, 1}));
  }
  ASSIGN_OR_RETURN(const Decimal value, Round(exact, kPlaces));
  return Outcome{value, State::kScored};
}

absl::StatusOr<FigureReader::Outcome> FigureReader::ShareWithin(const ClockTerm& clock,
                                                                Reading& figure) {
  ASSIGN_OR_RETURN(const auto met, Total(ClockSum("clock_met", clock.policy), figure));
  ASSIGN_OR_RETURN(const auto missed, Total(ClockSum("clock_missed", clock.policy), figure));
  if (!met || !missed || met->total + missed->total == 0) {
    return Outcome{};
  }
  ASSIGN_OR_RETURN(const Ratio share,
                   MakeRatio(static_cast<__int128>(met->total) * 100, met->total + missed->total));
  ASSIGN_OR_RETURN(const Decimal value, Round(share, kPlaces));
  return Outcome{value, State::kScored};
}

absl::StatusOr<FigureReader::Outcome> FigureReader::Reckon(const ClockTerm& clock,
                                                           const std::string& unit,
                                                           Reading& figure) {
  Outcome outcome;
  if (clock.aggregation == Aggregation::kShareWithin) {
    ASSIGN_OR_RETURN(outcome, ShareWithin(clock, figure));
  } else {
    const Term term = ClockSum("clock_elapsed", clock.policy);
    ASSIGN_OR_RETURN(const auto total, Total(term, figure));
    if (total) {
      ASSIGN_OR_RETURN(const std::vector<int64_t> values, ReadValues(db_, QueryOf(term), timeout_));
      std::vector<ClockResult> results;
      for (size_t i = 0; i < values.size(); ++i) {
        results.push_back({Numbered(i), ClockResult::Verdict::kMet, {values[i]}});
      }
      ASSIGN_OR_RETURN(const Aggregate aggregate,
                       AggregateClocks(clock.aggregation, clock.percentile, std::move(results)));
      outcome.value = aggregate.value;
      if (outcome.value && unit == "days") {
        ASSIGN_OR_RETURN(const Ratio days, Over(ToRatio(*outcome.value), {24, 1}));
        ASSIGN_OR_RETURN(outcome.value, Round(days, kPlaces));
      }
    }
  }
  if (!outcome.value && figure.detail.empty()) {
    figure.detail = "no clock of " + clock.policy + " was decided";
  }
  return outcome;
}

absl::StatusOr<FigureReader::Outcome> FigureReader::Reckon(const ExternalValue& external,
                                                           const std::string& kpi,
                                                           Reading& figure) {
  ASSIGN_OR_RETURN(figure.given,
                   ReadGiven(db_, kpi, subject_, {period_.first, period_.last}, timeout_));
  if (figure.given.empty()) {
    figure.detail = "waits for external values from " + external.waits_for;
    return Outcome{std::nullopt, ended_ ? State::kNotMeasured : State::kPending};
  }
  ASSIGN_OR_RETURN(const Decimal value, Combined(external.combine, figure.given));
  return Outcome{value, State::kScored};
}

absl::StatusOr<Reading> FigureReader::Read(const CompiledKpi& kpi, const std::string& unit,
                                           const std::optional<Target>& own) {
  Reading figure;
  Outcome outcome;
  const auto& form = kpi.formula.form;
  if (const auto* term = std::get_if<Term>(&form)) {
    ASSIGN_OR_RETURN(outcome, Reckon(*term, unit, figure));
  } else if (const auto* ratio = std::get_if<TermRatio>(&form)) {
    ASSIGN_OR_RETURN(outcome, Reckon(*ratio, unit, figure));
  } else if (const auto* clock = std::get_if<ClockTerm>(&form)) {
    ASSIGN_OR_RETURN(outcome, Reckon(*clock, unit, figure));
  } else {
    ASSIGN_OR_RETURN(outcome, Reckon(std::get<ExternalValue>(form), kpi.definition.id, figure));
  }
  Actual actual;
  actual.value = outcome.value;
  actual.absent = outcome.absent;
  if (!figure.given.empty()) {
    const Given& last = figure.given.back();
    actual.rating = Rating{last.rater, last.record_time, last.evidence};
  }
  KpiDefinition definition = kpi.definition;
  if (!own && kpi.period && *kpi.period != period_.kind && definition.target) {
    definition.target.reset();
    figure.detail += figure.detail.empty() ? "" : "; ";
    figure.detail += "the target is for a " + std::string(NameOf(*kpi.period));
  }
  ASSIGN_OR_RETURN(figure.attainment, Attain(definition, actual, own));
  return figure;
}

}  // namespace steward::scoring
