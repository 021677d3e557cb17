#include "services/scoring/api/definitions.h"

#include "libs/base/status.h"
#include "libs/rpc/faults.h"

namespace steward::scoring {
namespace {

constexpr int kMaxItems = 100;

// Takes the value, or the fault.
template <class T>
std::optional<T> Take(rpc::Faults& faults, absl::StatusOr<T> value) {
  if (!value.ok()) {
    faults.Add(value.status());
    return std::nullopt;
  }
  return *std::move(value);
}

std::optional<Decimal> Number(rpc::Faults& faults, const std::string& field,
                              const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const absl::StatusOr<Decimal> number = ParseDecimal(field, text);
  if (absl::IsOutOfRange(number.status())) {
    faults.Add(field, "is beyond every value that a KPI can have");
  }
  return Take(faults, number);
}

Term ReadTerm(rpc::Faults& faults, const std::string& path, const v1::Term& from) {
  Term term;
  term.kind = Take(faults, ParseTermKind(path + ".of", from.of())).value_or(TermKind::kSum);
  term.measure = Take(faults, ParseMeasure(path + ".measure", from.measure())).value_or(nullptr);
  term.qualifier = from.qualifier();
  if (!from.less().empty()) {
    term.less = Take(faults, ParseMeasure(path + ".less", from.less())).value_or(nullptr);
    if (term.less != nullptr && term.measure != nullptr &&
        (term.kind != TermKind::kSum || term.less->unit != term.measure->unit)) {
      faults.Add(path + ".less", "is taken off a sum of the same unit");
    }
  }
  return term;
}

std::variant<Term, TermRatio, ClockTerm, ExternalValue> ReadForm(rpc::Faults& faults,
                                                                 const std::string& path,
                                                                 const v1::Formula& from) {
  switch (from.formula_case()) {
    case v1::Formula::kValue:
      return ReadTerm(faults, path + ".value", from.value());
    case v1::Formula::kRatio:
      return TermRatio{ReadTerm(faults, path + ".ratio.numerator", from.ratio().numerator()),
                       ReadTerm(faults, path + ".ratio.denominator", from.ratio().denominator())};
    case v1::Formula::kClock: {
      ClockTerm term{
          Take(faults, ParseAggregation(path + ".clock.aggregation", from.clock().aggregation()))
              .value_or(Aggregation::kMean),
          from.clock().policy(), from.clock().percentile()};
      faults.Add(CheckName(path + ".clock.policy", "policies", "policies/" + term.policy));
      const bool percentile = term.aggregation == Aggregation::kPercentile;
      if (percentile ? term.percentile < 1 || term.percentile > 100 : term.percentile != 0) {
        faults.Add(path + ".clock.percentile", "is 1 to 100 of `percentile`, and 0 otherwise");
      }
      return term;
    }
    case v1::Formula::kExternal: {
      ExternalValue external{from.external().waits_for(), Combine::kLast};
      const std::string& combine = from.external().combine();
      if (external.waits_for.empty()) {
        faults.Add(path + ".external.waits_for", "says who gives the value");
      }
      if (combine == "sum" || combine == "mean") {
        external.combine = combine == "sum" ? Combine::kSum : Combine::kMean;
      } else if (!combine.empty() && combine != "last") {
        faults.Add(path + ".external.combine", "is one of last, sum, mean");
      }
      return external;
    }
    case v1::Formula::FORMULA_NOT_SET:
      break;
  }
  faults.Add(path, "is one of value, ratio, clock, external");
  return ExternalValue{};
}

void ReadLimits(rpc::Faults& faults, const std::string& path, const v1::Kpi& from,
                KpiDefinition& kpi) {
  kpi.worst = Number(faults, path + "worst", from.worst());
  kpi.best = Number(faults, path + "best", from.best());
  kpi.baseline = Number(faults, path + "baseline", from.baseline());
  kpi.full_marks = Number(faults, path + "full_marks", from.full_marks());
  kpi.per_occurrence = Number(faults, path + "per_occurrence", from.per_occurrence());
  kpi.threshold = Number(faults, path + "threshold", from.threshold());
  kpi.floor = Number(faults, path + "floor", from.floor()).value_or(Decimal{});
  kpi.cap = Number(faults, path + "cap", from.cap()).value_or(Whole(100));
  for (int i = 0; i < from.bands_size(); ++i) {
    const std::string at = path + "bands[" + std::to_string(i) + "].";
    const v1::KpiBand& band = from.bands(i);
    kpi.bands.push_back({Number(faults, at + "from", band.from()),
                         Number(faults, at + "to", band.to()),
                         Number(faults, at + "percent", band.percent()).value_or(Decimal{})});
  }
}

void ReadKinds(rpc::Faults& faults, const std::string& path, const v1::Kpi& from,
               KpiDefinition& kpi) {
  kpi.kind = Take(faults, ParseKind(path + "kind", from.kind())).value_or(Kind::kHigher);
  kpi.direction = Take(faults, ParseDirection(path + "direction", from.direction()))
                      .value_or(Direction::kHigherIsBetter);
  if (!from.method().empty()) {
    kpi.method = Take(faults, ParseMethod(path + "method", from.method())).value_or(Method::kNone);
  }
  if (!from.veto_scope().empty()) {
    kpi.veto_scope = Take(faults, ParseVetoScope(path + "veto_scope", from.veto_scope()))
                         .value_or(VetoScope::kItem);
  }
  if (!from.missing().empty()) {
    kpi.missing = Take(faults, ParseMissingPolicy(path + "missing", from.missing()))
                      .value_or(MissingPolicy::kBlockClose);
  }
}

}  // namespace

absl::StatusOr<Target> ParseTarget(const std::string& path, const v1::KpiTarget& from) {
  Target target;
  ASSIGN_OR_RETURN(target.value, ParseDecimal(path + ".value", from.value()));
  if (!from.upper().empty()) {
    ASSIGN_OR_RETURN(target.upper, ParseDecimal(path + ".upper", from.upper()));
  }
  return target;
}

void ToProto(const Target& target, v1::KpiTarget* out) {
  out->set_value(FormatDecimal(target.value));
  out->set_upper(target.upper ? FormatDecimal(*target.upper) : "");
}

absl::StatusOr<CompiledKpi> Compile(const std::string& path, const v1::Kpi& from) {
  rpc::Faults faults;
  const std::string below = path + ".";
  CompiledKpi compiled;
  KpiDefinition& kpi = compiled.definition;
  faults.Add(CheckName(below + "name", "kpis", from.name()));
  faults.Add(ParseSubjectKind(below + "subject_kind", from.subject_kind()).status());
  for (const char* language : {"en", "zh-Hans"}) {
    if (!from.display_names().contains(language)) {
      faults.Add(below + "display_names", std::string("has no `") + language + "`");
    }
  }
  faults.Line(below + "unit", from.unit());
  if (from.unit().empty()) {
    faults.Add(below + "unit", "is needed");
  }
  if (!from.period().empty()) {
    compiled.period = Take(faults, ParsePeriodKind(below + "period", from.period()));
  }
  if (!from.roll_up().empty()) {
    compiled.roll_up = Take(faults, ParseRollUp(below + "roll_up", from.roll_up()));
  }
  kpi.id = from.name();
  kpi.version = std::max<int64_t>(from.version(), 1);
  kpi.rate = from.rate();
  ReadKinds(faults, below, from, kpi);
  ReadLimits(faults, below, from, kpi);
  if (from.has_target()) {
    kpi.target = Take(faults, ParseTarget(below + "target", from.target()));
  }
  compiled.formula.form = ReadForm(faults, below + "formula", from.formula());
  RETURN_IF_ERROR(faults.status());
  RETURN_IF_ERROR(CheckDefinition(path, kpi));
  if (compiled.roll_up == RollUp::kRatioOfSums && HasCurve(kpi) && !Summable(kpi)) {
    return FieldInvalid(
        below + "roll_up",
        "the values of a rate, or of a kind or method that does not measure against "
        "a target by ratio, do not add up; it can be mean_of_ratios");
  }
  return compiled;
}

absl::StatusOr<std::optional<int64_t>> ParseWeight(const std::string& path,
                                                   const std::string& text) {
  if (text.empty()) {
    return std::optional<int64_t>();
  }
  ASSIGN_OR_RETURN(const Decimal percent, ParseDecimal(path, text));
  if (percent.scaled % (kDecimalScale / 100) != 0) {
    return FieldInvalid(path, "is per cent with at most two places");
  }
  return std::optional<int64_t>(percent.scaled / (kDecimalScale / 100));
}

absl::StatusOr<Scorecard> CompileCard(const std::string& path, const v1::Scorecard& from,
                                      const std::vector<CompiledKpi>& kpis) {
  rpc::Faults faults(path);
  Scorecard card;
  card.id = from.name();
  card.version = std::max<int64_t>(from.version(), 1);
  faults.Add(CheckName(path + ".name", "scorecards", from.name()));
  faults.Add(ParseSubjectKind(path + ".subject_kind", from.subject_kind()).status());
  if (!from.mode().empty()) {
    card.mode = Take(faults, ParseMode(path + ".mode", from.mode())).value_or(Mode::kNormalise);
  }
  if (from.items_size() > kMaxItems) {
    faults.Add("items", "are at most " + std::to_string(kMaxItems));
  }
  for (int i = 0; i < from.items_size() && static_cast<size_t>(i) < kpis.size(); ++i) {
    const std::string at = path + ".items[" + std::to_string(i) + "].weight";
    const auto weight = Take(faults, ParseWeight(at, from.items(i).weight()));
    card.items.push_back({kpis[static_cast<size_t>(i)].definition, weight.value_or(std::nullopt),
                          from.items(i).bonus()});
  }
  RETURN_IF_ERROR(faults.status());
  return card;
}

}  // namespace steward::scoring
