#include "services/leads/domain/funnel.h"

#include <gtest/gtest.h>

#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

constexpr Time kStart = kNow;

Time Day(int n) { return kStart + Hours(24 * n); }

// Typed when it happened, unless said otherwise.
FunnelEntry Entry(uint64_t deal, int64_t sequence, std::string to, int day, int recorded = -1) {
  return {Id(deal),     sequence,     std::move(to), Day(day), Day(recorded < 0 ? day : recorded),
          "members/li", "teams/east", "east"};
}

std::vector<FunnelEntry> Sample() {
  return {
      Entry(1, 1, "lead_acquired", 0),  Entry(1, 2, "needs_analysis", 2),
      Entry(1, 3, "proposal", 5),       Entry(2, 4, "lead_acquired", 1),
      Entry(2, 5, "lost", 4),           Entry(3, 6, "lead_acquired", 2),
      Entry(3, 7, "needs_analysis", 6), Entry(4, 8, "lead_acquired", 3),
  };
}

StageFigures Figures(const std::vector<FunnelEntry>& entries, const std::string& stage,
                     AsOf as_of) {
  const auto groups = FunnelOf(Shipped(), entries, as_of, FunnelGrouping::kNone);
  EXPECT_TRUE(groups.ok()) << groups.status();
  for (const FunnelGroup& group : *groups) {
    for (const StageFigures& figures : group.stages) {
      if (figures.stage == stage) {
        return figures;
      }
    }
  }
  return {};
}

TEST(FunnelTest, CountsStagesConversionsAndStays) {
  const AsOf as_of{Day(10), FunnelClock::kRecorded};
  const StageFigures acquired = Figures(Sample(), "lead_acquired", as_of);
  EXPECT_EQ(acquired.now, 1);
  EXPECT_EQ(acquired.entered, 4);
  EXPECT_EQ(acquired.converted, 2) << "lost is not a conversion";
  EXPECT_EQ(acquired.conversion_basis_points, 5'000);
  EXPECT_EQ(acquired.finished.count, 3);
  EXPECT_EQ(acquired.finished.sum_seconds, (2 + 3 + 4) * 86'400);
  EXPECT_EQ(acquired.finished.median, Hours(24 * 3));
  EXPECT_EQ(acquired.running, (Stays{1, 7 * 86'400, Hours(24 * 7)}));
  const StageFigures needs = Figures(Sample(), "needs_analysis", as_of);
  EXPECT_EQ(needs.now, 1);
  EXPECT_EQ(needs.entered, 2);
  EXPECT_EQ(needs.conversion_basis_points, 5'000);
  const StageFigures lost = Figures(Sample(), "lost", as_of);
  EXPECT_EQ(lost.now, 1);
  EXPECT_EQ(lost.conversion_basis_points, std::nullopt);
  EXPECT_EQ(Figures(Sample(), "negotiation", as_of).conversion_basis_points, std::nullopt)
      << "nobody came there: no rate, not zero";
}

TEST(FunnelTest, TheMedianOfAnEvenCountIsTheMeanOfTheMiddle) {
  const auto entries = Sample();
  const StageFigures acquired = Figures(entries, "lead_acquired", {Day(5), FunnelClock::kRecorded});
  EXPECT_EQ(acquired.finished.count, 2);
  EXPECT_EQ(acquired.finished.median, Hours(60));
  EXPECT_EQ(acquired.running.median, Hours(60));
}

TEST(FunnelTest, TheMedianIsOfTheMiddleHoweverManyThereAre) {
  std::vector<FunnelEntry> entries;
  int64_t sequence = 0;
  for (const int days : {7, 1, 4, 2}) {
    const auto deal = static_cast<uint64_t>(days);
    entries.push_back(Entry(deal, ++sequence, "lead_acquired", 0));
    entries.push_back(Entry(deal, ++sequence, "lost", days));
  }
  const AsOf as_of{Day(9), FunnelClock::kRecorded};
  EXPECT_EQ(Figures(entries, "lead_acquired", as_of).finished.median, Hours(24 * 3));
  entries.push_back(Entry(9, ++sequence, "lead_acquired", 0));
  entries.push_back(Entry(9, ++sequence, "lost", 8));
  EXPECT_EQ(Figures(entries, "lead_acquired", as_of).finished.median, Hours(24 * 4));
}

// A clock that runs ahead may be let pass by seconds.
TEST(FunnelTest, NoStayIsBelowZero) {
  std::vector<FunnelEntry> entries = {Entry(1, 1, "lead_acquired", 1)};
  entries[0].occurred_at = Day(1) + Seconds(30);
  const AsOf as_of{Day(1), FunnelClock::kRecorded};
  EXPECT_EQ(Figures(entries, "lead_acquired", as_of).running, (Stays{1, 0, Seconds(0)}));
}

TEST(FunnelTest, TheSameStageTwiceInARowIsOneStay) {
  const std::vector<FunnelEntry> entries = {
      Entry(1, 1, "lead_acquired", 0), Entry(1, 2, "lead_acquired", 2), Entry(1, 3, "lost", 5)};
  EXPECT_EQ(Figures(entries, "lead_acquired", {Day(9), FunnelClock::kRecorded}).finished,
            (Stays{1, 5 * 86'400, Hours(24 * 5)}));
}

TEST(FunnelTest, ASkippedStageWasNotEntered) {
  const std::vector<FunnelEntry> entries = {Entry(1, 1, "lead_acquired", 0),
                                            Entry(1, 2, "contract_signed", 3)};
  const AsOf as_of{Day(4), FunnelClock::kRecorded};
  EXPECT_EQ(Figures(entries, "lead_acquired", as_of).converted, 1);
  EXPECT_EQ(Figures(entries, "proposal", as_of).entered, 0);
  const StageFigures won = Figures(entries, "contract_signed", as_of);
  EXPECT_EQ(won.now, 1);
  EXPECT_EQ(won.conversion_basis_points, std::nullopt);
}

TEST(FunnelTest, GoingBackAndComingAgainCountsAnOpportunityOnce) {
  const std::vector<FunnelEntry> entries = {
      Entry(1, 1, "lead_acquired", 0), Entry(1, 2, "needs_analysis", 1),
      Entry(1, 3, "lead_acquired", 2), Entry(1, 4, "needs_analysis", 4), Entry(1, 5, "lost", 5)};
  const AsOf as_of{Day(9), FunnelClock::kRecorded};
  const StageFigures needs = Figures(entries, "needs_analysis", as_of);
  EXPECT_EQ(needs.entered, 1);
  EXPECT_EQ(needs.converted, 0) << "back is not on";
  EXPECT_EQ(needs.finished, (Stays{2, 2 * 86'400, Hours(24)}));
  EXPECT_EQ(Figures(entries, "lead_acquired", as_of).converted, 1);
}

// The two clocks: typed on day 8, said to have happened on day 3.
TEST(FunnelTest, ALateEntryChangesWhatWasTrueNotWhatWasKnown) {
  std::vector<FunnelEntry> entries = Sample();
  const AsOf known{Day(5), FunnelClock::kRecorded};
  const AsOf true_then{Day(5), FunnelClock::kOccurred};
  const auto known_before = FunnelOf(Shipped(), entries, known, FunnelGrouping::kNone);
  EXPECT_EQ(Figures(entries, "needs_analysis", true_then).now, 0);
  entries.push_back(Entry(4, 9, "needs_analysis", 3, 8));
  EXPECT_EQ(*FunnelOf(Shipped(), entries, known, FunnelGrouping::kNone), *known_before);
  EXPECT_EQ(Figures(entries, "needs_analysis", true_then).now, 1);
  EXPECT_EQ(Figures(entries, "needs_analysis", true_then).running.sum_seconds, 2 * 86'400)
      << "by when it happened";
  // Once known, it lies where it happened.
  EXPECT_EQ(Figures(entries, "needs_analysis", {Day(8), FunnelClock::kRecorded}).now, 2);
}

TEST(FunnelTest, GroupsByThoseResponsibleThen) {
  std::vector<FunnelEntry> entries = Sample();
  FunnelEntry handed = Entry(1, 9, "", 7);
  handed.owner = "members/zhao";
  handed.team = "teams/west";
  entries.push_back(handed);
  const auto keys = [&](int day, FunnelGrouping grouping) {
    std::vector<std::string> keys;
    const auto groups = FunnelOf(Shipped(), entries, {Day(day), FunnelClock::kRecorded}, grouping);
    for (const FunnelGroup& group : *groups) {
      keys.push_back(group.key);
    }
    return keys;
  };
  EXPECT_EQ(keys(6, FunnelGrouping::kOwner), (std::vector<std::string>{"members/li"}));
  EXPECT_EQ(keys(7, FunnelGrouping::kOwner),
            (std::vector<std::string>{"members/li", "members/zhao"}));
  EXPECT_EQ(keys(7, FunnelGrouping::kTeam), (std::vector<std::string>{"teams/east", "teams/west"}));
  EXPECT_EQ(keys(7, FunnelGrouping::kRegion), (std::vector<std::string>{"east"}));
  EXPECT_EQ(keys(7, FunnelGrouping::kNone), (std::vector<std::string>{""}));
  EXPECT_TRUE(keys(-1, FunnelGrouping::kOwner).empty());
  const auto groups =
      FunnelOf(Shipped(), entries, {Day(7), FunnelClock::kRecorded}, FunnelGrouping::kOwner);
  EXPECT_EQ(groups->back().stages[0].entered, 1) << "its whole past goes along";
}

TEST(FunnelTest, RefusesAStageThatThePipelineDoesNotKnow) {
  const auto refused = FunnelOf(Shipped(), {Entry(1, 1, "heaven", 0)}, {Day(9)}, {});
  EXPECT_EQ(FieldOf(refused.status()), "entries.to");
}

}  // namespace
}  // namespace steward::leads
