// What a contract's ledger says, when, and that it says it once.

#include "services/orders/domain/contract_ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/unit/services/orders/ledgers.h"

namespace steward::orders {
namespace {

LedgerData DataOf(Receivable receivable) {
  LedgerData data;
  data.contract = Id(9);
  data.party = {"customers/acme", kSeller, "teams/east", "east", {}};
  data.receivable = std::move(receivable);
  return data;
}
ContractLedger Opened(Receivable receivable, std::string_view today) {
  auto ledger = ContractLedger::Open(DataOf(std::move(receivable)), Day(today));
  EXPECT_TRUE(ledger.ok()) << ledger.status();
  return *std::move(ledger);
}
// As another command finds it later.
ContractLedger Later(const ContractLedger& ledger, std::string_view today) {
  return *ContractLedger::Load(ledger.data(), Day(today));
}

std::string Describe(const LedgerEvent& event) {
  struct Visitor {
    std::string operator()(const LedgerOpened&) const { return "opened"; }
    std::string operator()(const EntryWritten&) const { return "written"; }
    std::string operator()(const LedgerReallocated&) const { return "reallocated"; }
    std::string operator()(const DueDateKnown& e) const { return "due " + FormatDay(e.due); }
    std::string operator()(const DueDatePassed& e) const {
      return "passed#" + std::to_string(e.cycle);
    }
    std::string operator()(const InstalmentSettled& e) const {
      return "settled#" + std::to_string(e.cycle) + " " + FormatDay(e.settled_on);
    }
    std::string operator()(const InstalmentReopened& e) const {
      return "reopened#" + std::to_string(e.cycle);
    }
    std::string operator()(const InstalmentAssigned& e) const { return "assigned " + e.owner; }
  };
  return (event.instalment > 0 ? std::to_string(event.instalment) + " " : "") +
         std::visit(Visitor{}, event.body);
}
std::vector<std::string> Told(const ContractLedger& ledger) {
  std::vector<std::string> told;
  for (const LedgerEvent& event : ledger.events()) {
    told.push_back(Describe(event));
  }
  return told;
}
using Strings = std::vector<std::string>;

TEST(ContractLedger, OpensWithItsPlan) {
  EXPECT_EQ(Told(Opened(ThreeAndSeven(), "2026-01-10")),
            (Strings{"opened", "1 due 2026-01-31", "2 due 2026-02-28"}));
  EXPECT_EQ(Told(Opened(ThreeAndSeven(), "2026-02-01")),
            (Strings{"opened", "1 due 2026-01-31", "1 passed#1", "2 due 2026-02-28"}))
      << "signed after a due date";
}

TEST(ContractLedger, WhatPassedIsSaidOnceAndAtItsTrueInstant) {
  ContractLedger ledger = Later(Opened(ThreeAndSeven(), "2026-01-10"), "2026-01-31");
  EXPECT_FALSE(ledger.PassDueDates()) << "on the due date it is not late";
  ledger = Later(ledger, "2026-02-04");
  EXPECT_TRUE(ledger.PassDueDates());
  EXPECT_FALSE(ledger.PassDueDates());
  ASSERT_EQ(Told(ledger), Strings{"1 passed#1"});
  EXPECT_EQ(ledger.events()[0].instant, EventInstant::kStartOf);
  EXPECT_EQ(ledger.events()[0].day, Day("2026-01-31"));
  EXPECT_FALSE(Later(ledger, "2026-02-05").PassDueDates());
}

TEST(ContractLedger, APaymentInTimeThatIsTypedLateWasInTime) {
  ContractLedger ledger = Later(Opened(ThreeAndSeven(), "2026-01-10"), "2026-02-10");
  ASSERT_TRUE(ledger.Record(Receipt(1, "2026-01-31", 30'000)).ok());
  EXPECT_EQ(Told(ledger), (Strings{"written", "1 settled#0 2026-01-31"}));
  ledger = Later(Opened(ThreeAndSeven(), "2026-01-10"), "2026-02-10");
  ASSERT_TRUE(ledger.Record(Receipt(1, "2026-02-01", 30'000)).ok());
  EXPECT_EQ(Told(ledger), (Strings{"written", "1 passed#1", "1 settled#1 2026-02-01"}));
}

TEST(ContractLedger, WhatIsOpenedAgainAfterItsDueDateBeginsTheNextCycle) {
  ContractLedger ledger = Later(Opened(ThreeAndSeven(), "2026-01-10"), "2026-01-20");
  const CashEntry receipt = Receipt(1, "2026-01-20", 30'000);
  ASSERT_TRUE(ledger.Record(receipt).ok());
  ledger = Later(ledger, "2026-01-25");
  ASSERT_TRUE(ledger.Record(Reversal(2, "2026-01-25", receipt)).ok());
  EXPECT_EQ(Told(ledger), (Strings{"written", "1 reopened#0"}));
  ledger = Later(ledger, "2026-02-02");
  ASSERT_TRUE(ledger.Record(Receipt(3, "2026-02-02", 30'000)).ok());
  EXPECT_EQ(Told(ledger), (Strings{"written", "1 passed#1", "1 settled#1 2026-02-02"}));
  ledger = Later(ledger, "2026-02-03");
  ASSERT_TRUE(ledger.Record(Entry(4, EntryKind::kRefund, "2026-02-03", 1)).ok());
  EXPECT_EQ(Told(ledger), (Strings{"written", "1 reopened#1", "1 passed#2"}));
}

TEST(ContractLedger, ADayThatIsKnownStays) {
  Receivable receivable{
      {{DueAfter{DueEvent::kDelivered, 10}, Cny(60'000)}, {Day("2026-06-30"), Cny(40'000)}}, {}};
  ContractLedger ledger = Later(Opened(receivable, "2026-01-10"), "2026-02-10");
  ASSERT_TRUE(ledger.Record(Receipt(1, "2026-02-10", 50'000)).ok());
  ASSERT_TRUE(
      *ledger.Know({.signed_on = {}, .delivered_on = Day("2026-02-09"), .accepted_on = {}}));
  EXPECT_EQ(Told(ledger), (Strings{"written", "2 settled#0 2026-02-10", "reallocated",
                                   "1 due 2026-02-19", "2 reopened#0"}));
  EXPECT_FALSE(
      *ledger.Know({.signed_on = {}, .delivered_on = Day("2026-02-10"), .accepted_on = {}}));
  EXPECT_EQ(ledger.data().receivable.dates.delivered_on, Day("2026-02-09"));
}

TEST(ContractLedger, ARefusalChangesNothing) {
  ContractLedger ledger = Later(Opened(ThreeAndSeven(), "2026-01-10"), "2026-01-20");
  EXPECT_EQ(ReasonOf(ledger.Record(Entry(1, EntryKind::kRefund, "2026-01-20", 1))),
            "REFUND_ABOVE_CASH");
  EXPECT_TRUE(ledger.events().empty());
  EXPECT_TRUE(ledger.data().entries.empty());
}

TEST(ContractLedger, AnotherOwnerIsToldOfWhatIsOverdue) {
  ContractLedger ledger = Later(Opened(ThreeAndSeven(), "2026-02-01"), "2026-02-02");
  ledger.Assign(kBoss, "teams/west");
  EXPECT_EQ(Told(ledger), Strings{std::string("1 assigned ") + kBoss});
  EXPECT_EQ(ledger.data().party.owner, kBoss);
}

// A receipt that was told late frees one that had been taken for an instalment already overdue.
TEST(ContractLedger, ABackDatedReceiptMovesWhatWasInTime) {
  ContractLedger ledger = Later(Opened(ThreeAndSeven(), "2026-01-10"), "2026-06-01");
  const absl::CivilDay first = *ledger.state().instalments[0].due;
  ASSERT_TRUE(ledger.Record(Receipt(1, FormatDay(first + 1), 30'000)).ok());
  EXPECT_TRUE(std::get<EntryWritten>(ledger.events()[0].body).on_time.empty()) << "a day late";
  ledger = Later(ledger, "2026-06-01");
  ASSERT_TRUE(ledger.Record(Receipt(2, FormatDay(first), 30'000)).ok());
  const auto& written = std::get<EntryWritten>(ledger.events()[0].body);
  for (const AccountChange& change : written.changes) {
    EXPECT_NE(change.instalment, 1) << "what is paid of the first is as before";
  }
  ASSERT_FALSE(written.on_time.empty());
  EXPECT_EQ(written.on_time[0], (OnTimeChange{1, first, 30'000}));
}

// Whatever is written on whatever day: the differences that were told sum to what the ledger is, versions have no gap, what is
// said of an instalment is what it is, and cycles are counted.
TEST(ContractLedger, WhatIsToldSumsToWhatIs) {
  EXPECT_TRUE(rc::check([] {
    absl::CivilDay today = Day("2026-01-01");
    Receivable receivable = ThreeAndSeven();
    receivable.plan.push_back(
        {DueAfter{DueEvent::kDelivered, *rc::gen::inRange(0, 60)}, Cny(50'000)});
    ContractLedger ledger = *ContractLedger::Open(DataOf(receivable), today);
    std::map<std::pair<int64_t, Account>, int64_t> told;
    PaidInTime on_time;
    const auto hear_on_time = [&](const std::vector<OnTimeChange>& changes) {
      for (const OnTimeChange& change : changes) {
        RC_ASSERT(change.minor != 0);
        on_time[{change.instalment, change.due}] += change.minor;
      }
    };
    std::map<int64_t, int64_t> versions, cycles;
    std::map<int64_t, bool> settled;
    const auto hear = [&](const ContractLedger& from) {
      for (const LedgerEvent& event : from.events()) {
        RC_ASSERT(event.version == ++versions[event.instalment]);
        if (const auto* written = std::get_if<EntryWritten>(&event.body)) {
          for (const AccountChange& change : written->changes) {
            told[{change.instalment, change.account}] += change.minor;
          }
          hear_on_time(written->on_time);
        } else if (const auto* moved = std::get_if<LedgerReallocated>(&event.body)) {
          for (const AccountChange& change : moved->changes) {
            told[{change.instalment, change.account}] += change.minor;
          }
          hear_on_time(moved->on_time);
        } else if (const auto* passed = std::get_if<DueDatePassed>(&event.body)) {
          RC_ASSERT(passed->cycle == ++cycles[event.instalment]);
          RC_ASSERT(!settled[event.instalment]);
        } else if (std::holds_alternative<InstalmentSettled>(event.body)) {
          RC_ASSERT(!std::exchange(settled[event.instalment], true));
        } else if (std::holds_alternative<InstalmentReopened>(event.body)) {
          RC_ASSERT(std::exchange(settled[event.instalment], false));
        }
      }
    };
    hear(ledger);
    std::vector<CashEntry> receipts;
    const int steps = *rc::gen::inRange(0, 14);
    for (int i = 1; i <= steps; ++i) {
      today += *rc::gen::inRange(0, 20);
      ledger = *ContractLedger::Load(ledger.data(), today);
      CashEntry entry =
          Receipt(static_cast<uint8_t>(i), "2026-01-01", *rc::gen::inRange<int64_t>(1, 60'000));
      entry.occurred_on = today - *rc::gen::inRange(0, 30);
      switch (*rc::gen::inRange(0, 8)) {
        case 0:
          ledger.PassDueDates();
          break;
        case 1:
          (void)ledger.Know({.signed_on = {}, .delivered_on = today, .accepted_on = {}});
          break;
        case 2:
          if (!receipts.empty()) {
            (void)ledger.Record({entry.id,
                                 EntryKind::kReversal,
                                 today,
                                 receipts.back().amount,
                                 {},
                                 receipts.back().id});
          }
          break;
        case 3:
          entry.kind = EntryKind::kRefund;
          (void)ledger.Record(entry);
          break;
        case 4:
          entry.kind = EntryKind::kCreditNote;
          (void)ledger.Record(entry);
          break;
        default:
          if (ledger.Record(entry).ok()) {
            receipts.push_back(entry);
          }
      }
      hear(ledger);
      for (size_t n = 0; n < ledger.state().instalments.size(); ++n) {
        const InstalmentStanding& each = ledger.state().instalments[n];
        RC_ASSERT((told[{each.number, Account::kPaid}] == each.paid));
        RC_ASSERT((told[{each.number, Account::kCredited}] == each.credited));
        RC_ASSERT((told[{each.number, Account::kWrittenOff}] == each.written_off));
        RC_ASSERT(settled[each.number] == (each.open() == 0));
        RC_ASSERT(ledger.data().instalments[n].cycle == cycles[each.number]);
      }
      RC_ASSERT((told[{0, Account::kCredit}] == ledger.state().credit));
      std::erase_if(on_time, [](const auto& each) { return each.second == 0; });
      RC_ASSERT(on_time == *ComputePaidInTime(ledger.data().receivable, ledger.data().entries,
                                              ledger.state(), today));
      int64_t in_time = 0;
      for (const auto& [of, minor] : on_time) {
        in_time += of.second < today ? minor : 0;
      }
      RC_ASSERT(in_time == CollectionTimeliness(ledger.data().receivable, ledger.data().entries,
                                                Day("2026-01-01"), today, today)
                               ->on_time);
      RC_ASSERT((told[{0, Account::kOverdrawn}] == ledger.state().overdrawn));
    }
  }));
}

}  // namespace
}  // namespace steward::orders
