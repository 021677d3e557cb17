// What starts and stops REC-001: every due date that is over and not settled, whenever one looks, and once.

#include <gmock/gmock.h>

#include "services/orders/events/ledger_events.h"
#include "tests/component/services/orders/cash_fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;

using DueDatesTest = CashTest;

TEST_F(DueDatesTest, PassAtMidnightOfTheCompanyAfterTheDueDate) {
  const Uuid contract = SignThreeAndSeven();
  clock.Set(Midnight("2026-06-02") - Microseconds(1));
  EXPECT_EQ(PassDueDates(), 0) << "on the due date nothing is late";
  clock.Set(Midnight("2026-06-02"));
  EXPECT_EQ(PassDueDates(), 1);
  const auto passed = RowsOf("instalment.due_date_passed");
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0].aggregate, InstalmentName(contract, 1));
  EXPECT_EQ(passed[0].occurred_at, Midnight("2026-06-01"));
  EXPECT_EQ(passed[0].actor, "system:orders");
  const auto& event = passed[0].event.instalment_due_date_passed();
  EXPECT_EQ(event.cycle(), 1);
  EXPECT_EQ(Minor(event.open()), 30'000);
  EXPECT_THAT(event.kind_path(), ElementsAre("sale"));
  EXPECT_EQ(event.owner(), kLi);
  EXPECT_EQ(event.team(), "teams/east");
}

TEST_F(DueDatesTest, WhatPassedAndWhatIsOverdueIsMeasured) {
  const Uuid contract = SignThreeAndSeven();
  SignThreeAndSeven();
  clock.Set(Midnight("2026-07-01"));
  EXPECT_EQ(PassDueDates(), 2);
  EXPECT_TRUE(Shows("steward_due_dates_passed_total 4"));
  ASSERT_TRUE(due_dates->Count().ok());
  EXPECT_TRUE(Shows("steward_receivables_overdue{age=\"1_14\",currency=\"CNY\"} 2"));
  EXPECT_TRUE(Shows("steward_receivables_overdue{age=\"30_plus\",currency=\"CNY\"} 2"));
  Record(Pay(contract, 100'000, "2026-07-01"));
  Record(Pay(contract, 5'000, "2026-07-01", "REFUND"));
  EXPECT_TRUE(Shows("steward_payments_recorded_total{kind=\"receipt\"} 1"));
  EXPECT_TRUE(Shows("steward_payments_recorded_total{kind=\"refund\"} 1"));
  EXPECT_TRUE(Shows("steward_payments_recorded_total{kind=\"write_off\"} 0"));
  clock.Set(Midnight("2026-07-15"));
  ASSERT_TRUE(due_dates->Count().ok());
  EXPECT_TRUE(Shows("steward_receivables_overdue{age=\"1_14\",currency=\"CNY\"} 0"));
  EXPECT_TRUE(Shows("steward_receivables_overdue{age=\"15_29\",currency=\"CNY\"} 2"))
      << "the other one's, and what was refunded";
}

// Trap 6: a run that was missed loses none, and each has its true instant.
TEST_F(DueDatesTest, MissedRunsLoseNothing) {
  for (int i = 0; i < 5; ++i) {
    SignThreeAndSeven();
  }
  GoTo("2026-08-15");
  EXPECT_EQ(PassDueDates(), 5) << "three batches of two";
  const auto passed = RowsOf("instalment.due_date_passed");
  ASSERT_EQ(passed.size(), 10u);
  for (const Row& row : passed) {
    EXPECT_EQ(row.occurred_at,
              Midnight(row.aggregate.ends_with("/1") ? "2026-06-01" : "2026-06-30"));
  }
}

// Trap 6: a second run says the same to nobody.
TEST_F(DueDatesTest, RunTwiceIsOnce) {
  SignThreeAndSeven();
  GoTo("2026-06-10");
  EXPECT_EQ(PassDueDates(), 1);
  EXPECT_EQ(PassDueDates(), 0);
  DueDates other(env, options, zone);  // another replica
  EXPECT_EQ(*other.RunBatch(), 0);
  EXPECT_EQ(RowsOf("instalment.due_date_passed").size(), 1u);
}

// Trap 6: what is paid is not chased.
TEST_F(DueDatesTest, PaidInBetweenIsNotChased) {
  const Uuid contract = SignThreeAndSeven();
  GoTo("2026-06-10");
  Record(Pay(contract, 30'000, "2026-06-01"));
  EXPECT_EQ(PassDueDates(), 0);
  EXPECT_THAT(TypesOf(InstalmentName(contract, 1)),
              ElementsAre("instalment.scheduled", "instalment.paid"));
  const auto paid = RowsOf("instalment.paid");
  EXPECT_EQ(paid[0].occurred_at, Midnight("2026-06-02")) << "the end of the day that settled it";
  EXPECT_EQ(paid[0].event.instalment_paid().cycle(), 0);
}

// Nobody had said that it was late when it was paid late: it is said with the payment.
TEST_F(DueDatesTest, PaidLateAfterAMissedRunWasLate) {
  const Uuid contract = SignThreeAndSeven();
  GoTo("2026-07-20");
  Record(Pay(contract, 30'000, "2026-07-10"));
  EXPECT_THAT(TypesOf(InstalmentName(contract, 1)),
              ElementsAre("instalment.scheduled", "instalment.due_date_passed", "instalment.paid"));
  const auto passed = RowsOf("instalment.due_date_passed");
  EXPECT_EQ(passed[0].occurred_at, Midnight("2026-06-01"));
  EXPECT_EQ(Minor(passed[0].event.instalment_due_date_passed().open()), 30'000);
  const auto paid = RowsOf("instalment.paid");
  EXPECT_EQ(paid[0].event.instalment_paid().cycle(), 1);
  EXPECT_EQ(paid[0].occurred_at, Midnight("2026-07-11"));
}

// Trap 2 and 3: each instalment by itself; a paid last one hides no open first one, a partly paid one is late.
TEST_F(DueDatesTest, EveryInstalmentDecidesForItself) {
  const Uuid contract = SignThreeAndSeven();
  auto last = Pay(contract, 70'000);
  v1::PaymentPart& part = *last.mutable_payment()->add_parts();
  part.set_instalment(2);
  SetMoney(part.mutable_amount(), 70'000);
  Record(last);
  Record(Pay(contract, 29'999));
  GoTo("2026-07-15");
  EXPECT_EQ(PassDueDates(), 1);
  const auto passed = RowsOf("instalment.due_date_passed");
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(Minor(passed[0].event.instalment_due_date_passed().open()), 1);
  EXPECT_EQ(Get(contract).instalments(0).overdue_days(), 44);
}

TEST_F(DueDatesTest, AReversalBeginsTheNextCycle) {
  const Uuid contract = SignThreeAndSeven();
  GoTo("2026-06-05");
  EXPECT_EQ(PassDueDates(), 1);
  const v1::Payment receipt = Record(Pay(contract, 30'000)).payment();
  GoTo("2026-06-08");
  auto reversal = Pay(contract, 30'000, "", "REVERSAL");
  reversal.mutable_payment()->set_reverses(receipt.name());
  Record(reversal);
  EXPECT_THAT(TypesOf(InstalmentName(contract, 1)),
              ElementsAre("instalment.scheduled", "instalment.due_date_passed", "instalment.paid",
                          "instalment.reopened", "instalment.due_date_passed"));
  EXPECT_EQ(RowsOf("instalment.due_date_passed")[1].event.instalment_due_date_passed().cycle(), 2);
  EXPECT_EQ(PassDueDates(), 0);
  GoTo("2026-06-09");
  Record(Pay(contract, 30'000));
  EXPECT_EQ(RowsOf("instalment.paid")[1].event.instalment_paid().cycle(), 2);
  ExpectProjectionEqualsLedger();
}

TEST_F(DueDatesTest, CreditNotesAndWriteOffsSettleToo) {
  const Uuid contract = SignThreeAndSeven();
  GoTo("2026-07-15");
  EXPECT_EQ(PassDueDates(), 1);
  Record(Pay(contract, 30'000, "", "CREDIT_NOTE"));
  auto given_up = Pay(contract, 70'000, "", "WRITE_OFF");
  v1::PaymentPart& part = *given_up.mutable_payment()->add_parts();
  part.set_instalment(2);
  SetMoney(part.mutable_amount(), 70'000);
  Record(given_up);
  const auto paid = RowsOf("instalment.paid");
  ASSERT_EQ(paid.size(), 2u);
  EXPECT_FALSE(paid[0].event.instalment_paid().written_off());
  EXPECT_TRUE(paid[1].event.instalment_paid().written_off());
  EXPECT_EQ(Get(contract).instalments(1).standing(), "WRITTEN_OFF");
}

TEST_F(DueDatesTest, AnotherOwnerIsToldOfWhatIsOverdueAndOpen) {
  const Uuid contract = SignThreeAndSeven();
  AssignOwner(contract, kZhao, "teams/west");
  EXPECT_EQ(RowsOf("instalment.assigned").size(), 0u) << "nothing has passed";
  GoTo("2026-06-05");
  EXPECT_EQ(PassDueDates(), 1);
  EXPECT_EQ(RowsOf("instalment.due_date_passed")[0].event.instalment_due_date_passed().owner(),
            kZhao);
  AssignOwner(contract, kWang, "teams/east");
  const auto assigned = RowsOf("instalment.assigned");
  ASSERT_EQ(assigned.size(), 1u);
  EXPECT_EQ(assigned[0].aggregate, InstalmentName(contract, 1));
  EXPECT_EQ(assigned[0].event.instalment_assigned().from_owner(), kZhao);
  EXPECT_EQ(assigned[0].event.instalment_assigned().owner(), kWang);
  EXPECT_EQ(Get(contract).owner(), kWang);
  EXPECT_EQ(Count("SELECT count(*) FROM instalment WHERE owner = 'members/wang'"), 2);
}

TEST_F(DueDatesTest, TheLoopSaysItByItself) {
  SignThreeAndSeven();
  GoTo("2026-06-05");
  DueDates loop(env, options, zone, {.batch = 10, .interval = Hours(1)});
  loop.Start();
  EXPECT_TRUE(testing::Eventually(Seconds(10), [&] {
    return Count(
               "SELECT count(*) FROM journal WHERE type = "
               "'instalment.due_date_passed'") == 1;
  }));
  GoTo("2026-07-05");
  loop.Poke();
  EXPECT_TRUE(testing::Eventually(Seconds(10), [&] {
    return Count(
               "SELECT count(*) FROM journal WHERE type = "
               "'instalment.due_date_passed'") == 2;
  }));
  loop.Stop();
}

}  // namespace
}  // namespace steward::orders
