#include "services/scoring/domain/kpi.h"

#include <gtest/gtest.h>

#include "tests/unit/services/scoring/cards.h"

namespace steward::scoring::testing {
namespace {

std::string Faults(const KpiDefinition& kpi) { return FieldsOf(CheckDefinition("kpi", kpi)); }

KpiDefinition Banded(std::vector<Band> bands) {
  KpiDefinition kpi = Kpi(Kind::kBand);
  kpi.bands = std::move(bands);
  return kpi;
}

TEST(Kpi, NamesAreReadBackAndUnknownOnesRefused) {
  for (const Method method :
       {Method::kNone, Method::kRatio, Method::kWorstBest, Method::kTwoMinusRatio,
        Method::kAllOrNothing, Method::kTargetOverActual, Method::kBaselineProgress}) {
    EXPECT_EQ(ParseMethod("method", NameOf(method)).value(), method);
  }
  for (const Kind kind :
       {Kind::kHigher, Kind::kLower, Kind::kBand, Kind::kDeduct, Kind::kVeto, Kind::kManual}) {
    EXPECT_EQ(ParseKind("kind", NameOf(kind)).value(), kind);
  }
  const absl::Status unknown = ParseMethod("kpi.method", "logistic").status();
  EXPECT_EQ(FieldsOf(unknown), "kpi.method");
  EXPECT_NE(unknown.message().find("target_over_actual"), absl::string_view::npos);
  EXPECT_FALSE(ParseKind("kind", "HIGHER").ok());
  EXPECT_FALSE(ParseMissingPolicy("missing", "").ok());
  EXPECT_EQ(ParseMissingPolicy("missing", "zero").value(), MissingPolicy::kZero);
  EXPECT_EQ(ParseDirection("direction", "within_band").value(), Direction::kWithinBand);
  EXPECT_EQ(ParseVetoScope("scope", "card").value(), VetoScope::kCard);
}

TEST(Kpi, ADefinitionThatWorksPasses) {
  EXPECT_EQ(Faults(Kpi(Kind::kHigher)), "") << "no curve and no target (K2)";
  EXPECT_EQ(Faults(Kpi(Kind::kLower, Method::kTwoMinusRatio)), "");
  EXPECT_EQ(Faults(WorstBest(Kind::kLower, "96", "24")), "");
  EXPECT_EQ(Faults(Baseline(Kind::kHigher, "0")), "");
  EXPECT_EQ(Faults(Rated("5")), "");
  EXPECT_EQ(Faults(Kpi(Kind::kVeto)), "");
  EXPECT_EQ(
      Faults(Banded(
          {{{}, Of("60"), Of("0")}, {Of("60"), Of("85"), Of("70")}, {Of("85"), {}, Of("100")}})),
      "");
}

TEST(Kpi, AMethodMustGoWithItsKind) {
  EXPECT_EQ(Faults(Kpi(Kind::kHigher, Method::kTwoMinusRatio)), "kpi.method");
  EXPECT_EQ(Faults(Kpi(Kind::kLower, Method::kRatio)), "kpi.method");
  EXPECT_EQ(Faults(Kpi(Kind::kBand, Method::kRatio)), "kpi.method");
  KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  kpi.direction = Direction::kLowerIsBetter;
  EXPECT_EQ(Faults(kpi), "kpi.direction");
}

TEST(Kpi, WorstAndBestMustLeaveRoomAndPointTheRightWay) {
  EXPECT_EQ(Faults(WorstBest(Kind::kLower, "24", "24")), "kpi.worst");
  EXPECT_EQ(Faults(WorstBest(Kind::kLower, "24", "96")), "kpi.worst");
  EXPECT_EQ(Faults(WorstBest(Kind::kHigher, "96", "24")), "kpi.worst");
  EXPECT_EQ(Faults(Kpi(Kind::kLower, Method::kWorstBest)), "kpi.worst,kpi.best");
  KpiDefinition stray = Kpi(Kind::kHigher, Method::kRatio);
  stray.worst = Of("1");
  stray.baseline = Of("1");
  EXPECT_EQ(Faults(stray), "kpi.worst,kpi.baseline");
}

TEST(Kpi, BandsHaveNeitherGapNorOverlapNorEnd) {
  EXPECT_EQ(Faults(Banded({{{}, Of("60"), Of("0")}, {Of("61"), {}, Of("100")}})),
            "kpi.bands[1].from");
  EXPECT_EQ(Faults(Banded({{{}, Of("60"), Of("0")}, {Of("59"), {}, Of("100")}})),
            "kpi.bands[1].from");
  EXPECT_EQ(Faults(Banded({{Of("0"), {}, Of("100")}})), "kpi.bands[0].from");
  EXPECT_EQ(Faults(Banded({{{}, Of("60"), Of("0")}, {Of("60"), Of("85"), Of("100")}})),
            "kpi.bands[1].to");
  EXPECT_EQ(Faults(Banded({{{}, {}, Of("0")}, {Of("60"), {}, Of("100")}})), "kpi.bands[0].to");
  EXPECT_EQ(Faults(Banded(
                {{{}, Of("60"), Of("0")}, {Of("60"), Of("60"), Of("1")}, {Of("60"), {}, Of("2")}})),
            "kpi.bands[1].to");
  EXPECT_EQ(Faults(Banded({{{}, {}, Of("101")}})), "kpi.bands[0].percent");
  KpiDefinition stray = Kpi(Kind::kHigher, Method::kRatio);
  stray.bands = {{{}, {}, Of("100")}};
  EXPECT_EQ(Faults(stray), "kpi.bands");
}

TEST(Kpi, MarksAndLimitsMustMakeSense) {
  EXPECT_EQ(Faults(Kpi(Kind::kDeduct)), "kpi.full_marks,kpi.per_occurrence");
  EXPECT_EQ(Faults(Rated("0")), "kpi.full_marks");
  KpiDefinition kpi = Kpi(Kind::kHigher, Method::kRatio);
  kpi.floor = Of("-1");
  EXPECT_EQ(Faults(kpi), "kpi.floor");
  kpi.floor = Of("120");
  EXPECT_EQ(Faults(kpi), "kpi.floor");
  kpi.floor = Of("10");
  kpi.threshold = Of("50");
  EXPECT_EQ(Faults(kpi), "kpi.threshold")
      << "below it nothing is earned, so a floor contradicts it";
  kpi.floor = Of("0");
  EXPECT_EQ(Faults(kpi), "");
  kpi.cap = Of("0");
  EXPECT_EQ(Faults(kpi), "kpi.cap,kpi.threshold");
  kpi = Kpi(Kind::kHigher);
  kpi.veto_scope = VetoScope::kCard;
  kpi.id = "";
  kpi.version = 0;
  EXPECT_EQ(Faults(kpi), "kpi.id,kpi.version,kpi.veto_scope") << "all faults at once";
}

TEST(Kpi, ATargetMustServeItsMethod) {
  KpiDefinition kpi = Baseline(Kind::kLower, "96");
  kpi.target = At("96");
  EXPECT_EQ(Faults(kpi), "kpi.target");
  kpi.target = At("100");
  EXPECT_EQ(Faults(kpi), "kpi.target");
  kpi.target = At("48");
  EXPECT_EQ(Faults(kpi), "");
  kpi = Kpi(Kind::kHigher, Method::kRatio);
  kpi.target = At("-1");
  EXPECT_EQ(Faults(kpi), "kpi.target");
  kpi.target = Target{Of("1"), Of("2")};
  EXPECT_EQ(Faults(kpi), "kpi.target");
  kpi = Kpi(Kind::kBand);
  kpi.direction = Direction::kWithinBand;
  kpi.target = At("5");
  EXPECT_EQ(Faults(kpi), "kpi.target");
  kpi.target = Target{Of("5"), Of("-5")};
  EXPECT_EQ(Faults(kpi), "kpi.target");
  kpi.target = Target{Of("-5"), Of("5")};
  EXPECT_EQ(Faults(kpi), "");
}

}  // namespace
}  // namespace steward::scoring::testing
