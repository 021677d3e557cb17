#include <gtest/gtest.h>

#include "tests/unit/services/orders/ledgers.h"

namespace steward::orders {
namespace {

using Amounts = std::vector<int64_t>;
using Standings = std::vector<Standing>;

TEST(Standing, FollowsFromCashAndTheDay) {
  const Receivable receivable = ThreeAndSeven();
  const auto first = [&](std::vector<CashEntry> entries, std::string_view day) {
    return Computed(receivable, entries, day).instalments[0].standing;
  };
  const auto some = Receipt(1, "2026-01-10", 10'000);
  EXPECT_EQ(first({}, "2026-01-30"), Standing::kPlanned);
  EXPECT_EQ(first({}, "2026-01-31"), Standing::kDue);
  EXPECT_EQ(first({}, "2026-02-01"), Standing::kOverdue);
  EXPECT_EQ(first({some}, "2026-01-09"), Standing::kPlanned) << "not yet received";
  EXPECT_EQ(first({some}, "2026-01-10"), Standing::kPartlyPaid);
  EXPECT_EQ(first({some}, "2026-01-31"), Standing::kPartlyPaid);
  EXPECT_EQ(first({some}, "2026-02-01"), Standing::kOverdue) << "a part is not all";
  EXPECT_EQ(first({some, Receipt(2, "2026-02-05", 20'000)}, "2026-02-05"), Standing::kPaid);
  const auto given_up = Entry(2, EntryKind::kWriteOff, "2026-03-01", 20'000, {{1, Cny(20'000)}});
  EXPECT_EQ(first({some, given_up}, "2026-02-28"), Standing::kOverdue);
  EXPECT_EQ(first({some, given_up}, "2026-03-01"), Standing::kWrittenOff);
  const LedgerState late = Computed(receivable, {some}, "2026-03-02");
  EXPECT_EQ(late.instalments[0].overdue_days, 30);
  EXPECT_EQ(late.instalments[1].overdue_days, 2);
  EXPECT_EQ(Computed(receivable, {some}, "2026-02-28").instalments[1].overdue_days, 0);
}

TEST(Standing, OfWhatWaitsForAnEventIsPlanned) {
  Receivable receivable = ThreeAndSeven();
  receivable.plan[0].due = DueAfter{DueEvent::kAccepted, 10};
  EXPECT_EQ(OpenOf(Computed(receivable, {Receipt(1, "2026-02-01", 65'000)}, "2026-12-31")),
            (Amounts{30'000, 5'000}))
      << "what has no date yet comes last";
  receivable.dates.accepted_on = Day("2026-01-05");
  const LedgerState state = Computed(receivable, {Receipt(1, "2026-02-01", 65'000)}, "2026-12-31");
  EXPECT_EQ(state.instalments[0].due, Day("2026-01-15"));
  EXPECT_EQ(OpenOf(state), (Amounts{0, 35'000}));
}

TEST(Receipts, SayWhenNothingWasOpenAnyMore) {
  const std::vector<CashEntry> entries = {Receipt(1, "2026-01-10", 10'000),
                                          Receipt(2, "2026-02-05", 25'000)};
  const LedgerState state = Computed(ThreeAndSeven(), entries, "2026-02-10");
  EXPECT_EQ(state.instalments[0].settled_on, Day("2026-02-05"));
  EXPECT_EQ(state.instalments[1].settled_on, std::nullopt);
  EXPECT_EQ(state.postings, (std::vector<Posting>{{Id(1), 1, Account::kPaid, 10'000},
                                                  {Id(2), 1, Account::kPaid, 20'000},
                                                  {Id(2), 2, Account::kPaid, 5'000}}));
}

TEST(Receipts, GoWhereTheyAreMeantForAndTheRestByTheRule) {
  const LedgerState meant = Computed(
      ThreeAndSeven(), {Receipt(1, "2026-01-10", 20'000, {{2, Cny(20'000)}})}, "2026-01-10");
  EXPECT_EQ(OpenOf(meant), (Amounts{30'000, 50'000}));
  const LedgerState spilled = Computed(
      ThreeAndSeven(), {Receipt(1, "2026-01-10", 90'000, {{2, Cny(80'000)}})}, "2026-01-10");
  EXPECT_EQ(OpenOf(spilled), (Amounts{10'000, 0}));
  EXPECT_EQ(spilled.credit, 0);
}

TEST(Receipts, TooMuchIsAVisibleCredit) {
  const std::vector<CashEntry> entries = {Receipt(1, "2026-01-10", 120'000)};
  const LedgerState state = Computed(ThreeAndSeven(), entries, "2026-01-10");
  EXPECT_EQ(StandingsOf(state), (Standings{Standing::kPaid, Standing::kPaid}));
  EXPECT_EQ(state.credit, 20'000);
  EXPECT_EQ(state.cash, 120'000);
  EXPECT_EQ(state.open, 0);
  Receivable more = ThreeAndSeven();
  more.plan.push_back({Day("2026-03-31"), Cny(15'000)});
  const LedgerState later = Computed(more, entries, "2026-01-10");
  EXPECT_EQ(OpenOf(later), (Amounts{0, 0, 0})) << "applied to what is planned after it";
  EXPECT_EQ(later.credit, 5'000);
}

TEST(Refunds, TakeTheCreditThenTheLatestDue) {
  std::vector<CashEntry> entries = {Receipt(1, "2026-01-10", 120'000),
                                    Entry(2, EntryKind::kRefund, "2026-01-11", 50'000)};
  LedgerState state = Computed(ThreeAndSeven(), entries, "2026-01-11");
  EXPECT_EQ(state.credit, 0);
  EXPECT_EQ(OpenOf(state), (Amounts{0, 30'000}));
  EXPECT_EQ(state.instalments[1].settled_on, std::nullopt) << "open again";
  entries[1].parts = {{1, Cny(30'000)}};
  state = Computed(ThreeAndSeven(), entries, "2026-01-11");
  EXPECT_EQ(OpenOf(state), (Amounts{30'000, 0}));
}

TEST(Refunds, OfWhatIsNoLongerThereAreOverdrawn) {
  const auto receipt = Receipt(1, "2026-01-10", 40'000);
  std::vector<CashEntry> entries = {receipt, Entry(2, EntryKind::kRefund, "2026-01-11", 25'000),
                                    Reversal(3, "2026-01-12", receipt)};
  LedgerState state = Computed(ThreeAndSeven(), entries, "2026-01-12");
  EXPECT_EQ(state.overdrawn, 25'000);
  EXPECT_EQ(state.cash, -25'000);
  EXPECT_EQ(state.open, 100'000);
  entries.push_back(Receipt(4, "2026-01-13", 30'000, {{2, Cny(30'000)}}));
  state = Computed(ThreeAndSeven(), entries, "2026-01-13");
  EXPECT_EQ(state.overdrawn, 0);
  EXPECT_EQ(OpenOf(state), (Amounts{30'000, 65'000}));
}

TEST(CreditNotes, LessenWhatIsOwed) {
  const auto note = [](std::vector<EntryPart> parts) {
    return Entry(2, EntryKind::kCreditNote, "2026-01-20", 40'000, std::move(parts));
  };
  EXPECT_EQ(OpenOf(Computed(ThreeAndSeven(), {note({})}, "2026-01-20")), (Amounts{0, 60'000}));
  EXPECT_EQ(OpenOf(Computed(ThreeAndSeven(), {note({{2, Cny(40'000)}})}, "2026-01-20")),
            (Amounts{30'000, 30'000}));
  const auto all = Receipt(1, "2026-01-10", 100'000);
  const LedgerState paid = Computed(ThreeAndSeven(), {all, note({})}, "2026-01-20");
  EXPECT_EQ(paid.credit, 40'000) << "to be refunded";
  EXPECT_EQ(paid.instalments[1].credited, 40'000);
  EXPECT_EQ(StandingsOf(paid), (Standings{Standing::kPaid, Standing::kPaid}));
  const LedgerState moved = Computed(
      ThreeAndSeven(), {Receipt(1, "2026-01-10", 30'000), note({{1, Cny(30'000)}})}, "2026-01-20");
  EXPECT_EQ(OpenOf(moved), (Amounts{0, 30'000})) << "cash that is freed pays the next";
  EXPECT_EQ(moved.credit, 0);
}

TEST(WriteOffs, AreRecoveredByWhatComesInLater) {
  const auto off = Entry(1, EntryKind::kWriteOff, "2026-06-01", 30'000, {{1, Cny(30'000)}});
  const auto state = [&](std::vector<CashEntry> entries) {
    entries.push_back(off);
    return Computed(ThreeAndSeven(), entries, "2026-12-31");
  };
  EXPECT_EQ(state({}).written_off, 30'000);
  const LedgerState open_first = state({Receipt(2, "2026-06-02", 70'000)});
  EXPECT_EQ(StandingsOf(open_first), (Standings{Standing::kWrittenOff, Standing::kPaid}));
  const LedgerState recovered = state({Receipt(2, "2026-06-02", 110'000)});
  EXPECT_EQ(StandingsOf(recovered), (Standings{Standing::kPaid, Standing::kPaid}));
  EXPECT_EQ(recovered.credit, 10'000);
  EXPECT_EQ(recovered.instalments[0].settled_on, Day("2026-06-01"));
  const LedgerState meant = state({Receipt(2, "2026-06-02", 30'000, {{1, Cny(30'000)}})});
  EXPECT_EQ(StandingsOf(meant), (Standings{Standing::kPaid, Standing::kOverdue}));
  const LedgerState earlier = state({Receipt(2, "2026-05-01", 30'000)});
  EXPECT_EQ(earlier.written_off, 0) << "a receipt that was booked late leaves nothing to give up";
}

TEST(Entries, RefuseABadShape) {
  const InstalmentPlan plan = ThreeAndSeven().plan;
  const auto field = [&](CashEntry entry) { return FieldOf(CheckShape(plan, entry)); };
  EXPECT_EQ(field(Receipt(1, "2026-01-01", 0)), "entry.amount");
  EXPECT_EQ(field(Receipt(1, "2026-01-01", -5)), "entry.amount");
  EXPECT_EQ(field(Receipt(1, "2026-01-01", 5, {{3, Cny(1)}})), "entry.parts[0].instalment");
  EXPECT_EQ(field(Receipt(1, "2026-01-01", 5, {{0, Cny(1)}})), "entry.parts[0].instalment");
  EXPECT_EQ(field(Receipt(1, "2026-01-01", 5, {{1, Cny(1)}, {1, Cny(1)}})),
            "entry.parts[1].instalment");
  EXPECT_EQ(field(Receipt(1, "2026-01-01", 5, {{1, Cny(0)}})), "entry.parts[0].amount");
  EXPECT_EQ(field(Receipt(1, "2026-01-01", 5, {{1, Cny(4)}, {2, Cny(2)}})), "entry.parts");
  EXPECT_EQ(field(Entry(1, EntryKind::kWriteOff, "2026-01-01", 5)), "entry.parts");
  EXPECT_EQ(field(Entry(1, EntryKind::kReversal, "2026-01-01", 5)), "entry.reverses");
  CashEntry entry = Reversal(1, "2026-01-01", Receipt(2, "2026-01-01", 5));
  EXPECT_EQ(field(entry), "");
  entry.parts = {{1, Cny(5)}};
  EXPECT_EQ(field(entry), "entry.parts");
  entry = Receipt(1, "2026-01-01", 5);
  entry.reverses = Id(2);
  EXPECT_EQ(field(entry), "entry.reverses");
  entry = Receipt(1, "2026-01-01", 5);
  entry.amount.currency = "USD";
  EXPECT_EQ(ReasonOf(CheckShape(plan, entry)), "CURRENCY_MISMATCH");
  entry = Receipt(1, "2026-01-01", 5, {{1, {"USD", 1}}});
  EXPECT_EQ(ReasonOf(CheckShape(plan, entry)), "CURRENCY_MISMATCH");
}

TEST(Entries, AreCheckedTogether) {
  const auto receipt = Receipt(1, "2026-01-10", 5'000);
  const auto reason = [](std::vector<CashEntry> entries) {
    return ReasonOf(ComputeLedger(ThreeAndSeven(), std::move(entries), Day("2026-12-31")).status());
  };
  EXPECT_EQ(reason({receipt, receipt}), "ENTRY_ALREADY_RECORDED");
  EXPECT_EQ(reason({Reversal(2, "2026-01-11", receipt)}), "RECEIPT_UNKNOWN");
  EXPECT_EQ(
      reason({receipt, Reversal(2, "2026-01-11", receipt), Reversal(3, "2026-01-11", receipt)}),
      "RECEIPT_ALREADY_REVERSED");
  EXPECT_EQ(reason({receipt, Reversal(2, "2026-01-09", receipt)}), "REVERSAL_DIFFERS");
  EXPECT_EQ(reason({receipt, Reversal(2, "2026-01-11", Receipt(1, "2026-01-10", 4'999))}),
            "REVERSAL_DIFFERS");
  EXPECT_EQ(reason({Entry(1, EntryKind::kCreditNote, "2026-01-10", 100'001)}),
            "CREDIT_NOTES_ABOVE_CONTRACT");
  EXPECT_EQ(reason({Receipt(1, "2026-01-10", INT64_MAX)}), "AMOUNT_OVERFLOW");
  EXPECT_EQ(reason({Receipt(1, "2026-01-10", INT64_MAX - 100'000)}), "");
  EXPECT_EQ(FieldOf(ComputeLedger({}, {}, Day("2026-01-01")).status()), "plan");
}

TEST(Recording, AsksMoreThanComputing) {
  const absl::CivilDay today = Day("2026-02-01");
  const std::vector<CashEntry> recorded = {Receipt(1, "2026-01-10", 30'000),
                                           Entry(2, EntryKind::kRefund, "2026-01-20", 20'000)};
  const auto check = [&](const CashEntry& entry) {
    return CheckEntry(ThreeAndSeven(), recorded, entry, today);
  };
  EXPECT_TRUE(check(Receipt(3, "2026-02-01", 500'000)).ok()) << "never for its amount";
  EXPECT_EQ(FieldOf(check(Receipt(3, "2026-02-02", 1))), "entry.occurred_on");
  EXPECT_EQ(ReasonOf(check(Receipt(2, "2026-02-01", 1))), "ENTRY_ALREADY_RECORDED");
  EXPECT_TRUE(check(Entry(3, EntryKind::kRefund, "2026-02-01", 10'000)).ok());
  const absl::Status above = check(Entry(3, EntryKind::kRefund, "2026-02-01", 10'001));
  EXPECT_EQ(ReasonOf(above), "REFUND_ABOVE_CASH");
  EXPECT_EQ(MetadataOf(above, "cash"), "100.00 CNY");
  EXPECT_EQ(ReasonOf(check(Entry(3, EntryKind::kRefund, "2026-01-15", 10'001))),
            "REFUND_ABOVE_CASH")
      << "it would be missing for the refund of the 20th";
  EXPECT_EQ(MetadataOf(check(Entry(3, EntryKind::kRefund, "2026-01-09", 1)), "cash"), "0.00 CNY");
  const auto off = [](int64_t first, int64_t second) {
    return Entry(3, EntryKind::kWriteOff, "2026-02-01", first + second,
                 {{1, Cny(first)}, {2, Cny(second)}});
  };
  EXPECT_TRUE(check(off(20'000, 70'000)).ok());
  const absl::Status open = check(off(20'001, 1));
  EXPECT_EQ(ReasonOf(open), "WRITE_OFF_ABOVE_OPEN");
  EXPECT_EQ(MetadataOf(open, "open"), "200.00 CNY");
}

}  // namespace
}  // namespace steward::orders
