#include "services/scoring/api/figures.h"

#include <set>

#include "libs/base/status.h"
#include "services/scoring/domain/part.h"

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

// Which read of distinct customers, or of clock values, a term asks for.
std::string KeyOf(const Term& term) {
  return std::string(term.measure->id) + "\n" + term.qualifier;
}

bool Distinct(const Term& term) {
  return term.kind != TermKind::kSum && term.kind != TermKind::kCount;
}

}  // namespace

void SpanReader::Queue(pg::Tx& tx, const CompiledKpi& kpi) {
  const std::string& id = kpi.definition.id;
  if (span_.absent || targets_.contains(id)) {
    return;
  }
  if (!sums_) {
    sums_ = QueueSums(tx, subject_, span_.days);
  }
  targets_.emplace(id, QueueTarget(tx, id, subject_, span_.period.name));
  const auto customers = [&](const Term& term) {
    if (Distinct(term) && !customers_.contains(KeyOf(term))) {
      customers_.emplace(KeyOf(term), QueueCustomers(tx, QueryOf(term)));
    }
  };
  const auto& form = kpi.formula.form;
  if (const auto* term = std::get_if<Term>(&form)) {
    customers(*term);
  } else if (const auto* ratio = std::get_if<TermRatio>(&form)) {
    customers(ratio->numerator);
    customers(ratio->denominator);
  } else if (const auto* clock = std::get_if<ClockTerm>(&form)) {
    if (!values_.contains(clock->policy)) {
      values_.emplace(clock->policy,
                      QueueValues(tx, QueryOf(ClockSum("clock_elapsed", clock->policy))));
    }
  } else {
    given_.emplace(id, QueueGiven(tx, id, subject_, span_.days));
  }
}

bool SpanReader::HasOwnTarget(const CompiledKpi& kpi) const {
  const auto found = targets_.find(kpi.definition.id);
  return found != targets_.end() && found->second->rows() > 0;
}

FactQuery SpanReader::QueryOf(const Term& term) const {
  return {subject_, std::string(term.measure->id), term.qualifier, span_.days};
}

std::optional<TermValue> SpanReader::SumOf(const Term& term, const Measure& measure,
                                           Reading& figure) const {
  TermValue value{0, term.kind == TermKind::kCount ? Unit::kCount : measure.unit, ""};
  std::set<std::string> currencies;
  for (const DaySum& sum : ReadSums(**sums_)) {
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

absl::StatusOr<std::optional<TermValue>> SpanReader::Total(const Term& term,
                                                           Reading& figure) const {
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
    const CustomerCount count = ReadCustomers(*customers_.at(KeyOf(term)));
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

absl::StatusOr<SpanReader::Outcome> SpanReader::OfTerm(const Term& term, const std::string& unit,
                                                       Reading& figure) const {
  ASSIGN_OR_RETURN(const std::optional<TermValue> total, Total(term, figure));
  if (!total) {
    return Outcome{};
  }
  figure.currency = total->currency;
  ASSIGN_OR_RETURN(const Ratio exact, scoring::ToRatio(*total, unit));
  ASSIGN_OR_RETURN(const Decimal value, Round(exact, kPlaces));
  return Outcome{value, State::kScored};
}

absl::StatusOr<SpanReader::Outcome> SpanReader::OfRatio(const TermRatio& ratio,
                                                        const std::string& unit,
                                                        Reading& figure) const {
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

absl::StatusOr<SpanReader::Outcome> SpanReader::ShareWithin(const ClockTerm& clock,
                                                            Reading& figure) const {
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

absl::StatusOr<SpanReader::Outcome> SpanReader::OfClocks(const ClockTerm& clock,
                                                         const std::string& unit,
                                                         Reading& figure) const {
  Outcome outcome;
  if (clock.aggregation == Aggregation::kShareWithin) {
    ASSIGN_OR_RETURN(outcome, ShareWithin(clock, figure));
  } else {
    const Term term = ClockSum("clock_elapsed", clock.policy);
    ASSIGN_OR_RETURN(const auto total, Total(term, figure));
    if (total) {
      const std::vector<int64_t> values = ReadValues(*values_.at(clock.policy));
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

absl::StatusOr<SpanReader::Outcome> SpanReader::Outside(const ExternalValue& external,
                                                        const std::string& kpi,
                                                        Reading& figure) const {
  ASSIGN_OR_RETURN(figure.given, ReadGiven(*given_.at(kpi)));
  if (figure.given.empty()) {
    figure.detail = "waits for external values from " + external.waits_for;
    return Outcome{std::nullopt, ended_ ? State::kNotMeasured : State::kPending};
  }
  ASSIGN_OR_RETURN(const Decimal value, Combined(external.combine, figure.given));
  return Outcome{value, State::kScored};
}

absl::StatusOr<SpanReader::Outcome> SpanReader::Reckon(const CompiledKpi& kpi,
                                                       const std::string& unit,
                                                       Reading& figure) const {
  const auto& form = kpi.formula.form;
  if (const auto* term = std::get_if<Term>(&form)) {
    return OfTerm(*term, unit, figure);
  }
  if (const auto* ratio = std::get_if<TermRatio>(&form)) {
    return OfRatio(*ratio, unit, figure);
  }
  if (const auto* clock = std::get_if<ClockTerm>(&form)) {
    return OfClocks(*clock, unit, figure);
  }
  return Outside(std::get<ExternalValue>(form), kpi.definition.id, figure);
}

absl::StatusOr<std::optional<Target>> SpanReader::TargetOf(const CompiledKpi& kpi,
                                                           Reading& figure) const {
  std::optional<Target> target = kpi.definition.target;
  if (HasOwnTarget(kpi)) {
    target = ReadTarget(*targets_.at(kpi.definition.id), 0).target;
  } else if (target && kpi.period && *kpi.period != span_.period.kind) {
    target.reset();
    figure.detail += figure.detail.empty() ? "" : "; ";
    figure.detail += "the target is for a " + std::string(NameOf(*kpi.period));
  }
  if (!target || !span_.part) {
    return target;
  }
  ASSIGN_OR_RETURN(const Target part, Prorate(kpi.definition, *target, span_.part->eligibility));
  if (!(part == *target)) {
    figure.whole_target = target;
  }
  return std::optional(part);
}

absl::StatusOr<Reading> SpanReader::Read(const CompiledKpi& kpi, const std::string& unit) const {
  Reading figure;
  Actual actual;
  KpiDefinition definition = kpi.definition;
  if (span_.absent) {
    figure.detail = span_.detail;
    actual.absent = *span_.absent;
    ASSIGN_OR_RETURN(figure.attainment, Attain(definition, actual, {}));
    return figure;
  }
  ASSIGN_OR_RETURN(const Outcome outcome, Reckon(kpi, unit, figure));
  actual.value = outcome.value;
  actual.absent = outcome.absent;
  if (!figure.given.empty()) {
    const Given& last = figure.given.back();
    actual.rating = Rating{last.rater, last.record_time, last.evidence};
  }
  ASSIGN_OR_RETURN(definition.target, TargetOf(kpi, figure));
  ASSIGN_OR_RETURN(figure.attainment, Attain(definition, actual, {}));
  return figure;
}

}  // namespace steward::scoring
