#pragma once
// A KPI of a subject over a period: the value that its formula gives now, and what that attains. Everything that the KPIs of a card
// are reckoned from is read in one round trip.

#include <map>
#include <string>
#include <vector>

#include "services/scoring/api/definitions.h"
#include "services/scoring/domain/roll_up.h"
#include "services/scoring/storage/definition_store.h"
#include "services/scoring/storage/eligibility_store.h"
#include "services/scoring/storage/figure_reads.h"

namespace steward::scoring {

struct Asked {
  std::string subject;
  SubjectKind kind = SubjectKind::kMember;
  Period period;
  std::string state = "OPEN";  // of the period
  // By period: what part of it the subject was eligible for in the card's role (K8).
  std::map<std::string, StoredEligibility> parts = {};
};

struct Reading {
  Attainment attainment;
  std::string detail;    // why there is no value, or no target
  std::string currency;  // of an amount
  std::vector<std::pair<std::string, TermValue>> parts;
  std::vector<Given> given;
  std::optional<Target> whole_target;  // before it was prorated
  // Rolled up from these (K10), by period.
  std::vector<std::pair<std::string, Reading>> periods;
};

// Figures of one span of days. Queue what is asked of it, flush, then Read. Not thread-safe.
class SpanReader {
 public:
  struct Span {
    Period period;  // whose own targets hold
    Days days;
    std::optional<StoredEligibility> part;  // by which targets are prorated
    // Why there is nothing to reckon: the span lies outside the days of the subject, or nobody said how much of it lies inside.
    std::optional<State> absent;
    std::string detail;
  };
  // `ended`: the period is frozen, so a value that is not there will not come by itself.
  SpanReader(std::string subject, SubjectKind kind, Span span, bool ended)
      : subject_(std::move(subject)), kind_(kind), span_(std::move(span)), ended_(ended) {}
  void Queue(pg::Tx& tx, const CompiledKpi& kpi);
  // After the flush.
  absl::StatusOr<Reading> Read(const CompiledKpi& kpi, const std::string& unit) const;
  bool HasOwnTarget(const CompiledKpi& kpi) const;
  // The facts behind a term.
  FactQuery QueryOf(const Term& term) const;
  const Span& span() const { return span_; }

 private:
  // What came of a formula: a value, or why there is none.
  struct Outcome {
    std::optional<Decimal> value;
    State absent = State::kNotMeasured;
  };
  absl::StatusOr<Outcome> Reckon(const CompiledKpi& kpi, const std::string& unit,
                                 Reading& figure) const;
  absl::StatusOr<std::optional<TermValue>> Total(const Term& term, Reading& figure) const;
  absl::StatusOr<Outcome> OfTerm(const Term& term, const std::string& unit, Reading& figure) const;
  absl::StatusOr<Outcome> OfRatio(const TermRatio& ratio, const std::string& unit,
                                  Reading& figure) const;
  absl::StatusOr<Outcome> OfClocks(const ClockTerm& clock, const std::string& unit,
                                   Reading& figure) const;
  absl::StatusOr<Outcome> Outside(const ExternalValue& external, const std::string& kpi,
                                  Reading& figure) const;
  std::optional<TermValue> SumOf(const Term& term, const Measure& measure, Reading& figure) const;
  absl::StatusOr<Outcome> ShareWithin(const ClockTerm& clock, Reading& figure) const;
  // The target that holds in this span, prorated; says in `figure` why there is none.
  absl::StatusOr<std::optional<Target>> TargetOf(const CompiledKpi& kpi, Reading& figure) const;

  std::string subject_;
  SubjectKind kind_;
  Span span_;
  bool ended_;
  std::optional<pg::Pending> sums_;
  std::map<std::string, pg::Pending> targets_, given_;  // by KPI
  std::map<std::string, pg::Pending> customers_;        // by term
  std::map<std::string, pg::Pending> values_;           // by policy
};

// Figures of a subject over a period, those of its months where a KPI is rolled up.
class FigureReader {
 public:
  explicit FigureReader(Asked asked);
  void Queue(pg::Tx& tx, const CompiledKpi& kpi);
  absl::StatusOr<Reading> Read(const CompiledKpi& kpi, const std::string& unit) const;
  const SpanReader& whole() const { return spans_.at(asked_.period.name); }

 private:
  // The periods that a KPI is rolled up from; none = it is measured over the whole.
  std::vector<Period> PeriodsOf(const CompiledKpi& kpi) const;
  SpanReader::Span SpanOf(const Period& period) const;
  SpanReader& At(const Period& period);
  Asked asked_;
  std::map<std::string, SpanReader> spans_;  // by period
};

}  // namespace steward::scoring
