#include "services/leads/domain/forecast.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

using nlohmann::json;

constexpr int64_t kFen = 100;  // in a yuan

Money Yuan(int64_t units) { return {"CNY", units * kFen}; }

StageKind KindOf(const std::string& name) {
  for (const StageKind kind : kStageKinds) {
    if (NameOf(kind) == name) {
      return kind;
    }
  }
  ADD_FAILURE() << name;
  return StageKind::kOpen;
}

TEST(ForecastVectors, AllHold) {
  std::ifstream in(std::string(STEWARD_VECTORS) + "/forecast_vectors.json");
  ASSERT_TRUE(in.good());
  int forecasts = 0;
  int deviations = 0;
  for (const json& vector : json::parse(in)) {
    const std::string id = vector["id"];
    if (vector.contains("deals")) {
      ++forecasts;
      std::vector<ForecastDeal> deals;
      for (const json& deal : vector["deals"]) {
        deals.push_back({deal["period"], KindOf(deal["kind"]), Yuan(deal["value"]),
                         deal["percent"].get<int>() * 100});
      }
      const auto lines = Forecast(deals);
      ASSERT_TRUE(lines.ok()) << id;
      ASSERT_EQ(lines->size(), vector["expect"].size()) << id;
      for (const ForecastLine& line : *lines) {
        EXPECT_EQ(line.weighted, Yuan(vector["expect"][line.period])) << id << " " << line.period;
      }
      continue;
    }
    ++deviations;
    // THR-001 in whole units and in the currency's smallest.
    const auto deviation =
        DeviationOf({"CNY", vector["snapshot"]}, {"CNY", vector["actual"]}, DeviationRule{});
    ASSERT_TRUE(deviation.ok()) << id;
    EXPECT_EQ(deviation->warns, vector["warn"].get<bool>()) << id;
    EXPECT_EQ(deviation->reason == kNoBaseline, vector.contains("reason")) << id;
    EXPECT_EQ(DeviationOf(Yuan(vector["snapshot"]), Yuan(vector["actual"]), {})->warns,
              vector["warn"].get<bool>())
        << id;
  }
  EXPECT_EQ(forecasts, 2);
  EXPECT_EQ(deviations, 5);
}

TEST(ForecastTest, LostAndDormantCountNothingWhateverTheyAreWorth) {
  const auto lines = Forecast({{"q3", StageKind::kLost, Yuan(900), 10'000},
                               {"q3", StageKind::kDormant, Yuan(900), 10'000}});
  ASSERT_TRUE(lines.ok());
  EXPECT_TRUE(lines->empty());
}

TEST(ForecastTest, AWonDealCountsInFull) {
  const auto lines = Forecast(
      {{"q3", StageKind::kWon, Yuan(900), 0}, {"q3", StageKind::kOpen, Yuan(900), 10'000}});
  ASSERT_EQ(lines->size(), 1u);
  EXPECT_EQ(lines->front(), (ForecastLine{"q3", Yuan(1'800), Yuan(900), 2}));
}

TEST(ForecastTest, RoundsOnceALineAndKeepsCurrenciesApart) {
  const std::vector<ForecastDeal> deals = {{"q3", StageKind::kOpen, {"CNY", 1}, 5'000},
                                           {"q3", StageKind::kOpen, {"CNY", 1}, 5'000},
                                           {"q3", StageKind::kOpen, {"CNY", 1}, 5'000},
                                           {"q3", StageKind::kOpen, {"USD", 1}, 4'999}};
  const auto lines = Forecast(deals);
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ((*lines)[0].weighted, (Money{"CNY", 2})) << "1.5, not three times 1";
  EXPECT_EQ((*lines)[1].weighted, (Money{"USD", 0}));
}

TEST(ForecastTest, RefusesWhatCannotBe) {
  EXPECT_EQ(FieldOf(Forecast({{"q3", StageKind::kLost, Yuan(-1), 0}}).status()), "deals[0].value");
  EXPECT_EQ(FieldOf(Forecast({{"q3", StageKind::kOpen, Yuan(1), 10'001}}).status()),
            "deals[0].win_basis_points");
  const Money most{"CNY", std::numeric_limits<int64_t>::max()};
  EXPECT_TRUE(Forecast({{"q3", StageKind::kWon, most, 0}}).ok());
  EXPECT_EQ(ReasonOf(Forecast({{"q3", StageKind::kWon, most, 0},
                               {"q3", StageKind::kOpen, {"CNY", 1}, 10'000}})
                         .status()),
            "AMOUNT_OVERFLOW");
}

TEST(DeviationTest, IsStrictExactAndBySide) {
  const auto warns = [](int64_t actual, DeviationSide side) {
    return DeviationOf({"CNY", 1'000'000}, {"CNY", actual}, {1'000, side})->warns;
  };
  EXPECT_FALSE(warns(1'100'000, DeviationSide::kBoth)) << "10 % is not over 10 %";
  EXPECT_TRUE(warns(1'100'001, DeviationSide::kAbove));
  EXPECT_FALSE(warns(1'100'001, DeviationSide::kBelow));
  EXPECT_TRUE(warns(899'999, DeviationSide::kBelow));
  EXPECT_FALSE(warns(899'999, DeviationSide::kAbove));
  const auto shown = DeviationOf({"CNY", 1'000'000}, {"CNY", 899'999}, {});
  EXPECT_EQ(shown->basis_points, -1'000) << "towards zero, and still it warns";
  EXPECT_EQ(shown->reason, kAboveThreshold);
  EXPECT_FALSE(DeviationOf({"CNY", 0}, {"CNY", 5}, {1'000, DeviationSide::kBelow})->warns);
  EXPECT_FALSE(DeviationOf({"CNY", 0}, {"CNY", 5}, {})->basis_points.has_value());
}

TEST(DeviationTest, RefusesWhatCannotBe) {
  EXPECT_EQ(ReasonOf(DeviationOf({"CNY", 1}, {"USD", 1}, {}).status()), "CURRENCY_MISMATCH");
  EXPECT_EQ(FieldOf(DeviationOf({"CNY", -1}, {"CNY", 1}, {}).status()), "baseline");
  EXPECT_EQ(FieldOf(DeviationOf({"CNY", 1}, {"CNY", 1}, {-1, DeviationSide::kBoth}).status()),
            "threshold_basis_points");
  const Money most{"CNY", std::numeric_limits<int64_t>::max()};
  const Money least{"CNY", std::numeric_limits<int64_t>::min()};
  EXPECT_TRUE(DeviationOf(most, least, {})->warns);
  EXPECT_TRUE(DeviationOf({"CNY", 1}, most, {})->warns);
}

// What is expected is never less than what is won, never more than all that is open or won.
TEST(ForecastProperty, LiesBetweenWonAndAll) {
  EXPECT_TRUE(rc::check([] {
    std::vector<ForecastDeal> deals;
    __int128 all = 0;
    const int count = *rc::gen::inRange(0, 30);
    for (int i = 0; i < count; ++i) {
      const auto kind = *rc::gen::elementOf(std::vector(kStageKinds.begin(), kStageKinds.end()));
      const auto value = *rc::gen::inRange<int64_t>(0, 1'000'000'000);
      deals.push_back({"q", kind, {"CNY", value}, *rc::gen::inRange(0, 10'001)});
      all += kind == StageKind::kOpen || kind == StageKind::kWon ? value : 0;
    }
    const auto lines = Forecast(deals);
    RC_ASSERT(lines.ok());
    RC_ASSERT(lines->size() <= 1u);
    for (const ForecastLine& line : *lines) {
      RC_ASSERT(line.won.minor <= line.weighted.minor);
      RC_ASSERT(line.weighted.minor <= all);
    }
  }));
}

}  // namespace
}  // namespace steward::leads
