#include "services/scoring/domain/formula.h"

#include <utility>

#include "libs/base/money.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr std::pair<TermKind, std::string_view> kTerms[] = {
    {TermKind::kSum, "sum"},
    {TermKind::kCount, "count"},
    {TermKind::kCustomers, "customers"},
    {TermKind::kFirstCustomers, "first_customers"},
    {TermKind::kReturningCustomers, "returning_customers"},
};
constexpr __int128 kSecond = 1'000'000;

__int128 MicrosOf(std::string_view unit) {
  return unit == "hours" ? 3600 * kSecond : unit == "days" ? 86'400 * kSecond : kSecond;
}

}  // namespace

std::string_view NameOf(TermKind kind) {
  for (const auto& [each, name] : kTerms) {
    if (each == kind) {
      return name;
    }
  }
  return "";
}

absl::StatusOr<TermKind> ParseTermKind(std::string_view field, std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& [kind, each] : kTerms) {
    if (each == name) {
      return kind;
    }
    known.push_back(each);
  }
  return FieldInvalid(field, "is one of " + Join(known));
}

std::string Describe(const Term& term) {
  std::string text = std::string(NameOf(term.kind)) + "(" + std::string(term.measure->id);
  text += term.qualifier.empty() ? ")" : "[" + term.qualifier + "])";
  return term.less == nullptr ? text : text + " - sum(" + std::string(term.less->id) + ")";
}

std::string Describe(const Formula& formula) {
  if (const auto* term = std::get_if<Term>(&formula.form)) {
    return Describe(*term);
  }
  if (const auto* ratio = std::get_if<TermRatio>(&formula.form)) {
    return Describe(ratio->numerator) + " / " + Describe(ratio->denominator);
  }
  if (const auto* clock = std::get_if<ClockTerm>(&formula.form)) {
    return std::string(NameOf(clock->aggregation)) +
           (clock->aggregation == Aggregation::kPercentile ? " " + std::to_string(clock->percentile)
                                                           : "") +
           " of clocks of " + clock->policy;
  }
  return "external: " + std::get<ExternalValue>(formula.form).waits_for;
}

absl::StatusOr<Ratio> ToRatio(const TermValue& value, std::string_view unit) {
  switch (value.unit) {
    case Unit::kCount:
      return MakeRatio(value.total, 1);
    case Unit::kDuration:
      return MakeRatio(value.total, MicrosOf(unit));
    case Unit::kMoney: {
      if (value.currency.empty()) {
        return MakeRatio(value.total, 1);  // nothing: 0 in any currency
      }
      ASSIGN_OR_RETURN(const int exponent, ExponentOf(value.currency));
      __int128 scale = 1;
      for (int i = 0; i < exponent; ++i) {
        scale *= 10;
      }
      return MakeRatio(value.total, scale);
    }
  }
  return Ratio{};
}

}  // namespace steward::scoring
