#include "services/scoring/domain/attain.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/scoring/domain/part.h"
#include "services/scoring/domain/roll_up.h"
#include "tests/unit/services/scoring/cards.h"

namespace steward::scoring::testing {
namespace {

TEST(Attain, MissingStaysAState) {
  const KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  for (const State state : {State::kNotMeasured, State::kNotApplicable, State::kPending}) {
    const Attainment attainment = Attain(kpi, Absent(state), At("10")).value();
    EXPECT_EQ(attainment.state, state);
    EXPECT_FALSE(attainment.percent || attainment.exact || attainment.met);
  }
  EXPECT_EQ(Shown(Attain(kpi, Absent(State::kScored), At("10"))), "FIELD_INVALID");
  EXPECT_EQ(Shown(Attain(kpi, Value("5"), {})), "NO_TARGET");
}

TEST(Attain, WithoutACurveShowsMetOrNotAndNoPoints) {
  KpiDefinition kpi = Kpi(Kind::kLower);
  kpi.target = At("24");
  const Attainment met = Attain(kpi, Value("24"), {}).value();
  EXPECT_EQ(met.state, State::kNoCurve);
  EXPECT_EQ(met.met, true);
  EXPECT_FALSE(met.percent);
  EXPECT_EQ(Attain(kpi, Value("24.000001"), {})->met, false);
  EXPECT_EQ(Attain(kpi, Value("24.000001"), At("25"))->met, true) << "the subject's own target";
  EXPECT_EQ(Attain(Kpi(Kind::kLower), Value("1"), {})->met, std::nullopt);
  KpiDefinition within = Kpi(Kind::kBand);
  within.direction = Direction::kWithinBand;
  within.target = Target{Of("-5"), Of("5")};
  EXPECT_EQ(Attain(within, Value("5"), {})->met, true);
  EXPECT_EQ(Attain(within, Value("-5.000001"), {})->met, false);
}

TEST(Attain, ThresholdFloorAndCapComeBeforeWeighting) {
  KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  EXPECT_EQ(Shown(Attain(kpi, Value("150"), At("100"))), "100.00");
  EXPECT_TRUE(Attain(kpi, Value("150"), At("100"))->capped);
  kpi.cap = Of("120");
  EXPECT_EQ(Shown(Attain(kpi, Value("150"), At("100"))), "120.00");
  kpi.threshold = Of("60");
  EXPECT_EQ(Shown(Attain(kpi, Value("60"), At("100"))), "60.00");
  const Attainment below = Attain(kpi, Value("59.999999"), At("100")).value();
  EXPECT_EQ(Shown(below), "0.00");
  EXPECT_TRUE(below.below_threshold);
  kpi.threshold.reset();
  kpi.floor = Of("40");
  EXPECT_EQ(Shown(Attain(kpi, Value("-20"), At("100"))), "40.00");
}

TEST(Attain, BandsTakeTheirLowerEnd) {
  KpiDefinition kpi = Kpi(Kind::kBand);
  kpi.bands = {{{}, Of("60"), Of("0")}, {Of("60"), Of("85"), Of("70")}, {Of("85"), {}, Of("100")}};
  EXPECT_EQ(Shown(Attain(kpi, Value("-9000000000000"), {})), "0.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("59.999999"), {})), "0.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("60"), {})), "70.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("85"), {})), "100.00");
  EXPECT_EQ(LowestPercent(kpi), Of("0"));
  EXPECT_EQ(HighestPercent(kpi), Of("100"));
}

TEST(Attain, DeductionsStopAtZero) {
  KpiDefinition kpi = Kpi(Kind::kDeduct);
  kpi.full_marks = Of("10");
  kpi.per_occurrence = Of("3");
  EXPECT_EQ(Shown(Attain(kpi, Value("0"), {})), "100.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("3"), {})), "10.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("4"), {})), "0.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("-1"), {})), "FIELD_INVALID");
}

TEST(Attain, AVetoIsAllOrNothingAndMayTakeTheCard) {
  KpiDefinition kpi = Kpi(Kind::kVeto);
  EXPECT_EQ(Shown(Attain(kpi, Value("0"), {})), "100.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("1"), {})), "0.00");
  EXPECT_FALSE(Attain(kpi, Value("1"), {})->vetoes_card);
  kpi.veto_scope = VetoScope::kCard;
  EXPECT_TRUE(Attain(kpi, Value("1"), {})->vetoes_card);
  kpi.target = At("1");
  EXPECT_FALSE(Attain(kpi, Value("1"), {})->vetoes_card) << "one is let pass";
}

TEST(Attain, AManualValueNeedsItsRater) {
  const KpiDefinition kpi = Rated("5");
  EXPECT_EQ(Shown(Attain(kpi, ByHand("3"), {})), "60.00");
  EXPECT_EQ(FieldsOf(Attain(kpi, Value("3"), {}).status()), "rating");
  Actual unsaid = ByHand("3");
  unsaid.rating->evidence = "";
  EXPECT_EQ(FieldsOf(Attain(kpi, unsaid, {}).status()), "rating");
  EXPECT_EQ(FieldsOf(Attain(kpi, ByHand("5.1"), {}).status()), "actual");
}

TEST(Attain, LowerByRatioAtZero) {
  for (const Method method :
       {Method::kTwoMinusRatio, Method::kTargetOverActual, Method::kAllOrNothing}) {
    EXPECT_EQ(Shown(Attain(Kpi(Kind::kLower, method), Value("0"), At("0"))), "100.00");
    EXPECT_EQ(Shown(Attain(Kpi(Kind::kLower, method), Value("0.000001"), At("0"))), "0.00");
    EXPECT_EQ(Shown(Attain(Kpi(Kind::kLower, method), Value("0"), At("48"))), "100.00");
  }
  EXPECT_EQ(Shown(Attain(Kpi(Kind::kHigher, Method::kAllOrNothing), Value("5"), At("0"))),
            "NO_TARGET");
}

TEST(Attain, HugeValuesAreExactOrRefused) {
  const KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  EXPECT_EQ(Shown(Attain(kpi, Value("9000000000000"), At("9000000000001"))), "100.00");
  EXPECT_EQ(Shown(Attain(kpi, Value("9223372036854.775807"), At("0.000001"))), "100.00");
  EXPECT_EQ(
      Shown(Attain(WorstBest(Kind::kHigher, "-9000000000000", "9000000000000"), Value("0"), {})),
      "50.00");
}

TEST(RollUp, TheTwoWaysDiffer) {
  const KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  const std::vector<PeriodFigure> months = {{Value("100"), At("200")}, {Value("100"), At("100")}};
  EXPECT_EQ(Shown(AttainOver(kpi, RollUp::kRatioOfSums, months)), "66.67");
  EXPECT_EQ(Shown(AttainOver(kpi, RollUp::kMeanOfRatios, months)), "75.00");
  EXPECT_EQ(ParseRollUp("roll_up", "mean_of_ratios").value(), RollUp::kMeanOfRatios);
  EXPECT_FALSE(ParseRollUp("roll_up", "sum").ok());
}

TEST(RollUp, BearsTheEventsOfAllPeriods) {
  const KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  std::vector<PeriodFigure> months = {{Value("100"), At("200")}, {Value("100"), At("100")}};
  months[0].actual.events.resize(2);
  months[1].actual.events.resize(1);
  for (const RollUp way : {RollUp::kRatioOfSums, RollUp::kMeanOfRatios}) {
    EXPECT_EQ(AttainOver(kpi, way, months)->actual.events.size(), 3u);
  }
  EXPECT_EQ(Attain(kpi, months[0].actual, At("200"))->actual.events.size(), 2u);
}

TEST(RollUp, AMissingMonthMakesTheQuarterMissing) {
  const KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  std::vector<PeriodFigure> months = {{Value("100"), At("200")},
                                      {Absent(State::kPending), At("100")}};
  for (const RollUp way : {RollUp::kRatioOfSums, RollUp::kMeanOfRatios}) {
    EXPECT_EQ(Shown(AttainOver(kpi, way, months)), "PENDING");
    EXPECT_EQ(Shown(AttainOver(kpi, way, {})), "NOT_MEASURED");
    EXPECT_EQ(Shown(AttainOver(kpi, way, {{Absent(State::kNotApplicable), {}}})), "NOT_APPLICABLE");
    EXPECT_EQ(Shown(AttainOver(kpi, way, {{Value("1"), {}}})), "NO_TARGET");
  }
  months[1].actual = Absent(State::kNotApplicable);
  EXPECT_EQ(Shown(AttainOver(kpi, RollUp::kRatioOfSums, months)), "50.00");
  months[1] = {Value("40"), At("0")};
  EXPECT_EQ(Shown(AttainOver(kpi, RollUp::kRatioOfSums, months)), "70.00");
  EXPECT_EQ(Shown(AttainOver(kpi, RollUp::kMeanOfRatios, months)), "NO_TARGET");
}

TEST(RollUp, WhatDoesNotAddUpIsRefused) {
  KpiDefinition rate = Kpi(Kind::kHigher, Method::kRatio);
  rate.rate = true;
  EXPECT_EQ(Shown(AttainOver(rate, RollUp::kRatioOfSums, {})), "NOT_SUMMABLE");
  EXPECT_EQ(Shown(AttainOver(WorstBest(Kind::kLower, "96", "24"), RollUp::kRatioOfSums, {})),
            "NOT_SUMMABLE");
  EXPECT_EQ(Shown(AttainOver(Rated("5"), RollUp::kRatioOfSums, {})), "NOT_SUMMABLE");
}

TEST(Part, TargetsProrateByEligibleDaysAndRatesDoNot) {
  KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  EXPECT_EQ(Prorate(kpi, At("8"), {13, 22})->value, Of("4.727273"));
  EXPECT_EQ(Prorate(kpi, At("80"), {22, 22})->value, Of("80"));
  for (const Eligibility& wrong :
       {Eligibility{0, 22}, Eligibility{23, 22}, Eligibility{-1, 22}, Eligibility{1, 0}}) {
    EXPECT_EQ(FieldsOf(Prorate(kpi, At("8"), wrong).status()), "eligibility");
  }
  kpi.rate = true;
  EXPECT_EQ(Prorate(kpi, At("98"), {13, 22})->value, Of("98"));
  EXPECT_EQ(Prorate(Baseline(Kind::kHigher, "1"), At("98"), {13, 22})->value, Of("98"));
}

TEST(Part, TwoRolesGiveTwoPartCards) {
  EXPECT_TRUE(CheckParts({{"sales", 10}, {"support", 12}}, 22).ok());
  EXPECT_TRUE(CheckParts({{"sales", 10}}, 22).ok()) << "a joiner";
  EXPECT_EQ(FieldsOf(CheckParts({{"sales", 10}, {"support", 13}}, 22)), "parts[1].days");
  EXPECT_EQ(FieldsOf(CheckParts({{"sales", 10}, {"sales", 1}}, 22)), "parts[1].scorecard");
  EXPECT_EQ(FieldsOf(CheckParts({{"sales", 0}}, 22)), "parts[0].days");
}

TEST(Part, CreditSharesSumToTheWhole) {
  const std::vector<CreditShare> shares = {
      {"members/a", 3'333}, {"members/b", 3'333}, {"members/c", 3'334}};
  const std::vector<Money> credited = Credit({"CNY", 10'000}, shares).value();
  EXPECT_EQ(credited, (std::vector<Money>{{"CNY", 3'333}, {"CNY", 3'333}, {"CNY", 3'334}}));
  EXPECT_EQ(FieldsOf(CheckShares({{"members/a", 10'000}, {"members/b", 10'000}})), "credits");
  EXPECT_EQ(FieldsOf(CheckShares({{"members/a", 9'999}})), "credits");
  EXPECT_EQ(FieldsOf(CheckShares({})), "credits");
  EXPECT_EQ(FieldsOf(CheckShares({{"members/a", 5'000}, {"members/a", 5'000}})),
            "credits[1].member");
  EXPECT_EQ(FieldsOf(CheckShares({{"members/a", 10'001}, {"members/b", -1}})),
            "credits[0].basis_points");
}

RC_GTEST_PROP(AttainProperty, MoreIsNeverWorseAndStaysWithinTheBounds, ()) {
  const Kind kind = *rc::gen::element(Kind::kHigher, Kind::kLower);
  const Method method =
      kind == Kind::kHigher
          ? *rc::gen::element(Method::kRatio, Method::kAllOrNothing, Method::kWorstBest)
          : *rc::gen::element(Method::kTwoMinusRatio, Method::kTargetOverActual,
                              Method::kAllOrNothing, Method::kWorstBest);
  const auto any = [](int64_t least) {
    return Decimal{*rc::gen::inRange<int64_t>(least, 1'000'000'000)};
  };
  KpiDefinition kpi = Kpi(kind, method);
  if (method == Method::kWorstBest) {
    kpi.worst = any(0);
    kpi.best =
        kind == Kind::kHigher ? Decimal{kpi.worst->scaled + 7} : Decimal{kpi.worst->scaled - 7};
  }
  kpi.cap = Decimal{*rc::gen::inRange<int64_t>(50'000'000, 200'000'000)};
  kpi.floor = Decimal{*rc::gen::inRange<int64_t>(0, 50'000'000)};
  RC_ASSERT(CheckDefinition("kpi", kpi).ok());
  const Target target{any(1), {}};
  const Decimal less = any(-1'000'000'000);
  const Decimal more{less.scaled + *rc::gen::inRange<int64_t>(0, 1'000'000'000)};
  const Decimal low = *Attain(kpi, Value(kind == Kind::kHigher ? less : more), target)->percent;
  const Decimal high = *Attain(kpi, Value(kind == Kind::kHigher ? more : less), target)->percent;
  RC_ASSERT(low <= high);
  const auto figure = [](Decimal value) { return Figure(ToRatio(value)).value(); };
  RC_ASSERT(low >= figure(LowestPercent(kpi)));
  RC_ASSERT(high <= figure(HighestPercent(kpi)));
}

}  // namespace
}  // namespace steward::scoring::testing
