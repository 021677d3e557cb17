// Random logs with late entries: the funnel against a recount that asks of every opportunity and
// stage anew.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "services/leads/domain/funnel.h"
#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

// From all of the range in every test, not only in the later ones.
template <class T>
T Pick(T from, T to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(from, to));
}

constexpr int kHours = 60;

std::vector<FunnelEntry> SomeLog() {
  std::vector<FunnelEntry> log;
  const int count = Pick(0, 40);
  for (int i = 0; i < count; ++i) {
    FunnelEntry entry;
    entry.opportunity = Id(static_cast<uint64_t>(Pick(1, 7)));
    entry.sequence = i + 1;
    const auto stage = Pick<size_t>(0, Shipped().spec().stages.size() + 1);
    entry.to = stage < Shipped().spec().stages.size() ? Shipped().spec().stages[stage].id : "";
    // Recorded in order of the journal; it happened some time before.
    entry.recorded_at = kNow + Hours(i);
    entry.occurred_at = entry.recorded_at - Hours(Pick(0, 12));
    entry.owner = *rc::gen::element<std::string>("members/a", "members/b");
    log.push_back(std::move(entry));
  }
  return log;
}

using Log = std::vector<FunnelEntry>;

// One opportunity's entries that are taken, in order.
Log Taken(const Log& log, const Uuid& deal, AsOf as_of) {
  Log taken;
  for (const FunnelEntry& entry : log) {
    const Time at = as_of.clock == FunnelClock::kOccurred ? entry.occurred_at : entry.recorded_at;
    if (entry.opportunity == deal && at <= as_of.at) {
      taken.push_back(entry);
    }
  }
  std::sort(taken.begin(), taken.end(), [](const FunnelEntry& a, const FunnelEntry& b) {
    return std::pair(a.occurred_at, a.sequence) < std::pair(b.occurred_at, b.sequence);
  });
  return taken;
}

struct Naive {
  int64_t now = 0, entered = 0, converted = 0;
  __int128 finished = 0, running = 0;
  int64_t stays = 0;
};

// One opportunity and one stage, straight from the words of the header.
void Add(const Log& taken, const std::string& stage, Time at, Naive& naive) {
  std::string stands;
  Time since{};
  bool entered = false;
  bool converted = false;
  for (const FunnelEntry& entry : taken) {
    if (entry.to.empty() || entry.to == stands) {
      continue;
    }
    if (stands == stage) {
      naive.finished += (entry.occurred_at - since).micros;
      ++naive.stays;
    }
    const int rank = Shipped().Rank(stage);
    converted |= entered && rank >= 0 && Shipped().Rank(entry.to) > rank;
    entered |= entry.to == stage;
    stands = entry.to;
    since = entry.occurred_at;
  }
  naive.entered += entered ? 1 : 0;
  naive.converted += converted ? 1 : 0;
  if (stands == stage) {
    ++naive.now;
    naive.running += std::max<int64_t>(0, (at - since).micros);
  }
}

AsOf SomeInstant() {
  return {kNow + Minutes(Pick(-15 * 60, kHours * 60)),
          *rc::gen::element(FunnelClock::kRecorded, FunnelClock::kOccurred)};
}

TEST(FunnelProperty, EqualsARecount) {
  EXPECT_TRUE(rc::check([] {
    const Log log = SomeLog();
    const AsOf as_of = SomeInstant();
    const auto grouping = *rc::gen::element(FunnelGrouping::kNone, FunnelGrouping::kOwner);
    const auto groups = FunnelOf(Shipped(), log, as_of, grouping);
    RC_ASSERT(groups.ok());
    std::map<std::string, std::map<std::string, Naive>> expected;
    for (uint64_t deal = 1; deal < 7; ++deal) {
      const Log taken = Taken(log, Id(deal), as_of);
      if (taken.empty()) {
        continue;
      }
      const std::string key = grouping == FunnelGrouping::kNone ? "" : taken.back().owner;
      for (const Stage& stage : Shipped().spec().stages) {
        Add(taken, stage.id, as_of.at, expected[key][stage.id]);
      }
    }
    RC_ASSERT(groups->size() == expected.size());
    for (const FunnelGroup& group : *groups) {
      for (const StageFigures& figures : group.stages) {
        const Naive& naive = expected[group.key][figures.stage];
        RC_ASSERT(figures.now == naive.now);
        RC_ASSERT(figures.entered == naive.entered);
        RC_ASSERT(figures.converted == naive.converted);
        RC_ASSERT(figures.finished.count == naive.stays);
        RC_ASSERT(figures.finished.sum_seconds == static_cast<int64_t>(naive.finished / 1'000'000));
        RC_ASSERT(figures.running.count == naive.now);
        RC_ASSERT(figures.running.sum_seconds == static_cast<int64_t>(naive.running / 1'000'000));
        RC_ASSERT(figures.finished.median.has_value() == (naive.stays > 0));
      }
    }
  }));
}

TEST(FunnelProperty, LaterEntriesNeverChangeWhatWasKnown) {
  EXPECT_TRUE(rc::check([] {
    Log log = SomeLog();
    const AsOf as_of{kNow + Minutes(Pick(0, kHours * 60)), FunnelClock::kRecorded};
    const auto before = FunnelOf(Shipped(), log, as_of, FunnelGrouping::kOwner);
    Log more = SomeLog();
    for (FunnelEntry& entry : more) {
      entry.sequence += 1'000;
      entry.recorded_at = as_of.at + Microseconds(1) + Hours(Pick(0, 9));
      log.push_back(entry);
    }
    std::reverse(log.begin(), log.end());
    const auto after = FunnelOf(Shipped(), log, as_of, FunnelGrouping::kOwner);
    RC_ASSERT(before.ok() && after.ok());
    RC_ASSERT(*before == *after);
  }));
}

}  // namespace
}  // namespace steward::leads
