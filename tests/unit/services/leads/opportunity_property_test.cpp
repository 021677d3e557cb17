// Random commands: the log of moves is the stage; won and lost come from their commands alone.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/leads/domain/funnel.h"
#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

// From all of the range in every test, not only in the later ones.
template <class T>
T Pick(T from, T to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(from, to));
}

enum class Command { kAdvance, kWin, kLose, kHibernate, kWake, kReopen, kAmount, kAssign };

// One step forward every other time, so that the far end is reached.
std::string SomeStage(const Opportunity& deal) {
  const auto& stages = Shipped().spec().stages;
  const int rank = Shipped().Rank(deal.data().stage);
  const size_t next = static_cast<size_t>(rank + 1) % stages.size();
  return Pick(0, 2) == 0 ? stages[next].id : stages[Pick<size_t>(0, stages.size())].id;
}

absl::Status Do(Opportunity& deal, Command command, Time now) {
  switch (command) {
    case Command::kAdvance:
      return deal.Advance(SomeStage(deal), {}, Now(now));
    case Command::kWin:
      return deal.Win({}, {}, Now(now));
    case Command::kLose:
      return deal.Lose("price", "", Now(now));
    case Command::kHibernate:
      return deal.Hibernate(Now(now));
    case Command::kWake:
      return deal.Wake(Now(now));
    case Command::kReopen:
      return deal.Reopen(Now(now));
    case Command::kAmount:
      return deal.ChangeAmount({"CNY", Pick<int64_t>(0, 3)}, Now(now));
    case Command::kAssign:
      return deal.Assign({.owner = *rc::gen::element<std::string>("members/a", "members/b"),
                          .team = {},
                          .region = {}},
                         Now(now));
  }
  return absl::InternalError("no such command");
}

std::vector<Transition> LogOf(const Opportunity& deal) {
  std::vector<Transition> log;
  for (const OpportunityEvent& event : deal.events()) {
    if (const Transition* transition = TransitionOf(event)) {
      log.push_back(*transition);
    }
  }
  return log;
}

TEST(OpportunityProperty, TheLogIsTheStage) {
  int won = 0;
  int lost = 0;
  EXPECT_TRUE(rc::check([&] {
    Opportunity deal = NewDeal();
    Time now = kNow;
    std::string last_open = deal.data().stage;
    const auto commands = *rc::gen::container<std::vector<int>>(
        rc::gen::weightedOneOf<int>({{4, rc::gen::just(0)}, {5, rc::gen::inRange(0, 8)}}));
    for (const int each : commands) {
      now = now + Minutes(Pick(0, 90));
      const auto command = static_cast<Command>(each);
      const OpportunityData before = deal.data();
      const size_t events = deal.events().size();
      const absl::Status status = Do(deal, command, now);
      const StageKind was = Shipped().Find(before.stage)->kind;
      const StageKind is = Shipped().Find(deal.data().stage)->kind;
      RC_ASSERT(deal.events().size() == events + (status.ok() ? 1 : 0));
      if (!status.ok()) {
        RC_ASSERT(deal.data() == before);
        RC_ASSERT(!ReasonOf(status).empty());
      }
      won += is == StageKind::kWon && is != was ? 1 : 0;
      lost += is == StageKind::kLost && is != was ? 1 : 0;
      if (is != was) {
        RC_ASSERT(is != StageKind::kWon || command == Command::kWin);
        RC_ASSERT(is != StageKind::kLost || command == Command::kLose);
        RC_ASSERT(was != StageKind::kWon || command == Command::kReopen);
        RC_ASSERT(was != StageKind::kLost || command == Command::kReopen);
      }
      if (is == StageKind::kOpen) {
        RC_ASSERT(was == StageKind::kOpen || deal.data().stage == last_open);
        last_open = deal.data().stage;
      }
      RC_ASSERT(StageOf(LogOf(deal)) == deal.data().stage);
      if (is == StageKind::kWon) {
        RC_ASSERT(deal.data().amount->minor > 0);
      }
      RC_ASSERT((is == StageKind::kLost) == !deal.data().lost_reason.empty());
      RC_ASSERT((is == StageKind::kLost || is == StageKind::kWon) ==
                deal.data().close_time.has_value());
    }
    const std::vector<Transition> log = LogOf(deal);
    for (size_t i = 1; i < log.size(); ++i) {
      RC_ASSERT(log[i].from == log[i - 1].to);
      RC_ASSERT(log[i].from != log[i].to);
      RC_ASSERT(log[i].at >= log[i - 1].at);
    }
    RC_ASSERT(log.back().at == deal.data().stage_time);
    RC_ASSERT(deal.events().back().version == deal.data().version);
  }));
  EXPECT_GT(won, 0);
  EXPECT_GT(lost, 0);
}

// The funnel of one deal's events stands where the deal stands, with its owner.
TEST(OpportunityProperty, TheFunnelOfItsEventsIsTheStage) {
  EXPECT_TRUE(rc::check([] {
    Opportunity deal = NewDeal();
    Time now = kNow;
    std::vector<FunnelEntry> entries;
    const auto add = [&](size_t from) {
      for (size_t i = from; i < deal.events().size(); ++i) {
        const OpportunityEvent& event = deal.events()[i];
        if (auto entry = FunnelEntryOf(event, deal.data(), now, event.version)) {
          entries.push_back(*entry);
        }
      }
    };
    add(0);
    for (const int each : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8))) {
      now = now + Minutes(Pick(0, 90));
      const size_t events = deal.events().size();
      (void)Do(deal, static_cast<Command>(each), now).ok();
      add(events);
      const auto funnel =
          FunnelOf(Shipped(), entries, {now, FunnelClock::kRecorded}, FunnelGrouping::kOwner);
      RC_ASSERT(funnel.ok() && funnel->size() == 1);
      RC_ASSERT(funnel->front().key == deal.data().owner);
      for (const StageFigures& figures : funnel->front().stages) {
        RC_ASSERT(figures.now == (figures.stage == deal.data().stage ? 1 : 0));
        RC_ASSERT(figures.now == 0 || figures.running.median == now - deal.data().stage_time);
      }
    }
  }));
}

}  // namespace
}  // namespace steward::leads
