#pragma once
// Where a KPI's value comes from: a small closed set of forms, as data.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "services/scoring/domain/aggregate.h"
#include "services/scoring/domain/decimal.h"
#include "services/scoring/domain/measures.h"

namespace steward::scoring {

enum class TermKind { kSum, kCount, kCustomers, kFirstCustomers, kReturningCustomers };
std::string_view NameOf(TermKind kind);  // `sum`
absl::StatusOr<TermKind> ParseTermKind(std::string_view field, std::string_view name);

struct Term {
  TermKind kind = TermKind::kSum;
  const Measure* measure = nullptr;
  std::string qualifier;          // '' = all
  const Measure* less = nullptr;  // its sum is taken off
};
struct TermRatio {
  Term numerator, denominator;
};
struct ClockTerm {
  Aggregation aggregation = Aggregation::kShareWithin;
  std::string policy;
  int percentile = 0;
};
enum class Combine { kLast, kSum, kMean };
struct ExternalValue {
  std::string waits_for;
  Combine combine = Combine::kLast;
};
struct Formula {
  std::variant<Term, TermRatio, ClockTerm, ExternalValue> form;
};

// `sum(sales_amount)`, `sum(won_count) / sum(opened_count)`, `mean of clocks of svc-001`, `external: ERP`.
std::string Describe(const Term& term);
std::string Describe(const Formula& formula);

// A number of a term, in the measure's own unit.
struct TermValue {
  int64_t total = 0;
  Unit unit = Unit::kCount;
  std::string currency;  // of an amount; '' = there was none
};
// In the KPI's unit: amounts in major units, time in `hours` or `days` (otherwise seconds).
absl::StatusOr<Ratio> ToRatio(const TermValue& value, std::string_view unit);

}  // namespace steward::scoring
