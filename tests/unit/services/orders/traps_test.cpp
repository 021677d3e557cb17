// Known mistakes in programs for receivables, each as something that cannot happen here. The
// seventh is in order_test.cpp; the eighth is about forecasts, which orders has not.

#include <gtest/gtest.h>

#include <type_traits>

#include "services/orders/domain/ageing.h"
#include "services/orders/domain/collection.h"
#include "tests/unit/services/orders/ledgers.h"

namespace steward::orders {
namespace {

using Standings = std::vector<Standing>;

// There is nothing by which an invoice could be written into the ledger, so that 500 invoiced
// without cash leaves the first instalment overdue.
TEST(Trap1, InvoicedIsNotPaid) {
  for (int kind = 1; kind <= 5; ++kind) {
    EXPECT_EQ(NameOf(static_cast<EntryKind>(kind)).find("INVOICE"), std::string_view::npos);
  }
  EXPECT_EQ(StandingsOf(Computed(ThreeAndSeven(), {}, "2026-02-10")),
            (Standings{Standing::kOverdue, Standing::kPlanned}));
}

// Whether a debt is settled follows from all of its rows, not from the last one: a paid last
// instalment hides no open first one, and a credit note counts as the cash does.
TEST(Trap2, EveryInstalmentDecidesNotTheLast) {
  const std::vector<CashEntry> last_paid = {Receipt(1, "2026-02-28", 70'000, {{2, Cny(70'000)}})};
  const LedgerState state = Computed(ThreeAndSeven(), last_paid, "2026-03-05");
  EXPECT_EQ(StandingsOf(state), (Standings{Standing::kOverdue, Standing::kPaid}));
  EXPECT_EQ(state.open, 30'000);
  EXPECT_EQ(Escalations(state, OverdueAt::kInclusive, Day("2026-03-05")).size(), 1u);
  auto credited = last_paid;
  credited.push_back(Entry(2, EntryKind::kCreditNote, "2026-02-20", 30'000, {{1, Cny(30'000)}}));
  const LedgerState settled = Computed(ThreeAndSeven(), credited, "2026-03-05");
  EXPECT_EQ(StandingsOf(settled), (Standings{Standing::kPaid, Standing::kPaid}));
  EXPECT_TRUE(Escalations(settled, OverdueAt::kInclusive, Day("2026-03-05")).empty());
}

// Each instalment is overdue by its own date, also when the plan is not in the order of its dates.
TEST(Trap3, TheFirstMissedInstalmentIsOverdue) {
  Receivable receivable = ThreeAndSeven();
  std::swap(receivable.plan[0], receivable.plan[1]);
  const LedgerState state = Computed(receivable, {}, "2026-02-10");
  EXPECT_EQ(StandingsOf(state), (Standings{Standing::kPlanned, Standing::kOverdue}));
  EXPECT_EQ(state.instalments[1].overdue_days, 10);
  const auto aged = *AgeOpen({}, "CNY", {state});
  EXPECT_EQ(aged[0].open, Cny(70'000));
  EXPECT_EQ(aged[1].open, Cny(30'000));
}

// What is above the contract is neither lost nor hidden, over however many receipts; and no more
// goes out than came in.
TEST(Trap4, MoreThanIsOwedIsSeen) {
  std::vector<CashEntry> entries;
  for (uint8_t i = 1; i <= 5; ++i) {
    entries.push_back(Receipt(i, "2026-01-10", 30'000));
  }
  const LedgerState state = Computed(ThreeAndSeven(), entries, "2026-01-10");
  EXPECT_EQ(state.cash, 150'000);
  EXPECT_EQ(state.credit, 50'000);
  EXPECT_EQ(state.open, 0);
  EXPECT_EQ(
      ReasonOf(CheckEntry(ThreeAndSeven(), entries,
                          Entry(6, EntryKind::kRefund, "2026-01-11", 150'001), Day("2026-01-11"))),
      "REFUND_ABOVE_CASH");
}

// A standing is an answer; a plan has no place to write one into, and receipts change it.
TEST(Trap5, StandingIsComputedNotTyped) {
  static_assert(std::is_same_v<decltype(Receivable::plan), std::vector<Instalment>>);
  const Receivable receivable = ThreeAndSeven();
  EXPECT_EQ(Computed(receivable, {}, "2026-01-31").instalments[0].standing, Standing::kDue);
  EXPECT_EQ(Computed(receivable, {Receipt(1, "2026-01-31", 30'000)}, "2026-01-31")
                .instalments[0]
                .standing,
            Standing::kPaid);
  EXPECT_EQ(Computed(receivable, {}, "2026-02-01").instalments[0].standing, Standing::kOverdue)
      << "the day alone does it";
}

// Escalations are everything whose day has come and that is not settled: a run that was missed
// loses none, each has its true date, a second run says the same, and what is paid is not chased.
TEST(Trap6, AMissedDayLosesNothing) {
  const std::vector<CashEntry> paid_second = {Receipt(1, "2026-02-27", 70'000, {{2, Cny(70'000)}})};
  const std::vector<Escalation> expected = {{1, Day("2026-03-02")}};
  EXPECT_TRUE(Escalations(Computed(ThreeAndSeven(), paid_second, "2026-03-01"),
                          OverdueAt::kInclusive, Day("2026-03-01"))
                  .empty());
  for (const char* day : {"2026-03-02", "2026-03-05", "2026-03-05", "2027-01-01"}) {
    EXPECT_EQ(
        Escalations(Computed(ThreeAndSeven(), paid_second, day), OverdueAt::kInclusive, Day(day)),
        expected)
        << day;
  }
}

}  // namespace
}  // namespace steward::orders
