#pragma once
// A KPI of a subject over a period: the value that its formula gives now, and what that attains.

#include <map>
#include <string>
#include <vector>

#include "services/scoring/api/definitions.h"
#include "services/scoring/domain/attain.h"
#include "services/scoring/storage/figure_reads.h"

namespace steward::scoring {

struct Reading {
  Attainment attainment;
  std::string detail;    // why there is no value, or no target
  std::string currency;  // of an amount
  std::vector<std::pair<std::string, TermValue>> parts;
  std::vector<Given> given;
};

// Reads on one connection; sums are read once. Not thread-safe.
class FigureReader {
 public:
  // `ended`: the period is frozen, so a value that is not there will not come by itself.
  FigureReader(pg::Connection& db, std::string subject, SubjectKind kind, Period period, bool ended,
               Duration timeout)
      : db_(db),
        subject_(std::move(subject)),
        kind_(kind),
        period_(std::move(period)),
        ended_(ended),
        timeout_(timeout) {}
  [[nodiscard]] absl::Status Load();  // before the first Read
  // `own` is the subject's target for this period.
  absl::StatusOr<Reading> Read(const CompiledKpi& kpi, const std::string& unit,
                               const std::optional<Target>& own);
  // The facts behind a term of this period.
  FactQuery QueryOf(const Term& term) const;

 private:
  // What came of a formula: a value, or why there is none.
  struct Outcome {
    std::optional<Decimal> value;
    State absent = State::kNotMeasured;
  };
  absl::StatusOr<std::optional<TermValue>> Total(const Term& term, Reading& figure);
  absl::StatusOr<Outcome> Reckon(const Term& term, const std::string& unit, Reading& figure);
  absl::StatusOr<Outcome> Reckon(const TermRatio& ratio, const std::string& unit, Reading& figure);
  absl::StatusOr<Outcome> Reckon(const ClockTerm& clock, const std::string& unit, Reading& figure);
  absl::StatusOr<Outcome> Reckon(const ExternalValue& external, const std::string& kpi,
                                 Reading& figure);
  std::optional<TermValue> SumOf(const Term& term, const Measure& measure, Reading& figure) const;
  absl::StatusOr<Outcome> ShareWithin(const ClockTerm& clock, Reading& figure);

  pg::Connection& db_;
  std::string subject_;
  SubjectKind kind_;
  Period period_;
  bool ended_;
  Duration timeout_;
  std::vector<DaySum> sums_;
};

}  // namespace steward::scoring
