// The shipped cards: all of them load, with the weights as printed; what cannot work is refused precisely.

#include "services/scoring/cards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "libs/base/status.h"
#include "services/scoring/api/definitions.h"

namespace steward::scoring {
namespace {

using ::testing::HasSubstr;

constexpr char kKpi[] = R"(
kpis {
  name: "kpis/k"
  display_names { key: "en" value: "K" } display_names { key: "zh-Hans" value: "K" }
  subject_kind: "member" unit: "count" kind: "higher" direction: "higher_is_better"
  formula { value { of: "sum" measure: "won_count" } }
}
)";
constexpr char kCard[] = R"(
scorecard {
  name: "scorecards/c" subject_kind: "member"
  display_names { key: "en" value: "C" } display_names { key: "zh-Hans" value: "C" }
  items { kpi: "kpis/k" weight: "40" }
}
)";

std::string FaultOf(const std::string& text) {
  const auto cards = ParseCards({{"c.textproto", text}});
  return cards.ok() ? "" : std::string(FromAbsl(cards.status().message()));
}
std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(Cards, FourteenWithEightyTwoKpis) {
  const auto cards = ShippedCards();
  ASSERT_TRUE(cards.ok()) << cards.status();
  EXPECT_EQ(cards->size(), 14u);
  size_t kpis = 0;
  for (const v1::CardFile& file : *cards) {
    kpis += static_cast<size_t>(file.kpis_size());
    EXPECT_EQ(file.kpis_size(), file.scorecard().items_size()) << file.scorecard().name();
    for (const v1::Kpi& kpi : file.kpis()) {
      EXPECT_FALSE(kpi.source().quote().empty()) << kpi.name();
      EXPECT_EQ(kpi.method(), "") << kpi.name() << ": no source gives a curve (K2)";
    }
  }
  EXPECT_EQ(kpis, 82u);
}

TEST(Cards, WeightsAsPrintedAndLintNamesThoseThatDoNotSum) {
  const auto cards = ShippedCards();
  ASSERT_TRUE(cards.ok()) << cards.status();
  std::map<std::string, std::string> sums;
  for (const v1::CardFile& file : *cards) {
    std::vector<CompiledKpi> kpis;
    for (const v1::Kpi& kpi : file.kpis()) {
      kpis.push_back(*Compile(kpi.name(), kpi));
    }
    const auto card = CompileCard("card", file.scorecard(), kpis);
    ASSERT_TRUE(card.ok()) << card.status();
    for (const Finding& finding : Lint(*card)) {
      if (finding.item.empty()) {
        sums[file.scorecard().name()] = finding.detail;
      }
    }
  }
  EXPECT_EQ(sums.at("scorecards/sc-002-head"), "the weights sum to 115 %");
  EXPECT_EQ(sums.at("scorecards/sc-002-mkt-research"), "the weights sum to 45 %");
  EXPECT_EQ(sums.at("scorecards/sc-002-mkt-brand"), "the weights sum to 55 %");
  EXPECT_EQ(sums.at("scorecards/sc-002-mkt-event"), "the weights sum to 75 %");
  EXPECT_EQ(sums.at("scorecards/sc-002-sales"), "the weights sum to 120 %");
  EXPECT_EQ(sums.at("scorecards/sc-002-cs"), "the weights sum to 120 %");
  EXPECT_THAT(sums.at("scorecards/sc-001-sales-rep"), HasSubstr("no total"));
  EXPECT_EQ(sums.size(), 14u);
}

TEST(Cards, OpenThresholdsAreNoTargets) {
  const auto cards = ShippedCards();
  ASSERT_TRUE(cards.ok()) << cards.status();
  int open = 0;
  for (const v1::CardFile& file : *cards) {
    for (const v1::Kpi& kpi : file.kpis()) {
      for (const char* name : {"kpis/k-001-sr-5", "kpis/k-001-ss-1", "kpis/k-001-ss-3"}) {
        if (kpi.name() == name) {
          EXPECT_FALSE(kpi.has_target()) << name;
          ++open;
        }
      }
    }
  }
  EXPECT_EQ(open, 3);
}

TEST(Cards, WhatCannotWorkIsRefused) {
  const std::string good = std::string(kKpi) + kCard;
  EXPECT_EQ(FaultOf(good), "");
  EXPECT_THAT(FaultOf(Replaced(good, "won_count", "luck")),
              HasSubstr("kpis/k.formula.value.measure: `luck` is no measure; there are"));
  EXPECT_THAT(FaultOf(Replaced(good, "\"40\"", "\"-1\"")), HasSubstr("items[0].weight"));
  EXPECT_THAT(FaultOf(Replaced(good, "\"40\"", "\"NaN\"")), HasSubstr("items[0].weight"));
  EXPECT_THAT(FaultOf(Replaced(good, "items { kpi: \"kpis/k\" weight: \"40\" }", "")),
              HasSubstr("no items"));
  EXPECT_THAT(FaultOf(Replaced(good, "kpi: \"kpis/k\"", "kpi: \"kpis/other\"")),
              HasSubstr("not defined"));
  EXPECT_THAT(FaultOf(Replaced(good, "of: \"sum\"", "of: \"median\"")),
              HasSubstr("formula.value.of"));
  EXPECT_THAT(FaultOf(Replaced(good, "value { of: \"sum\" measure: \"won_count\" }", "")),
              HasSubstr("kpis/k.formula"));
  EXPECT_THAT(FaultOf("kpis { nonsense: 1 }"), HasSubstr("c.textproto"));
}

}  // namespace
}  // namespace steward::scoring
