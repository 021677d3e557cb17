#include "services/orders/domain/collection.h"

#include <gtest/gtest.h>

#include "services/orders/domain/ageing.h"
#include "tests/unit/services/orders/ledgers.h"

namespace steward::orders {
namespace {

std::vector<std::string> NamesOf(const std::vector<AgeingBucket>& buckets) {
  std::vector<std::string> names;
  for (const AgeingBucket& bucket : buckets) {
    names.push_back(NameOf(bucket));
  }
  return names;
}

TEST(Ageing, HasTheDefaultBuckets) {
  const auto aged = AgeOpen({}, "CNY", {});
  ASSERT_TRUE(aged.ok());
  EXPECT_EQ(NamesOf(*aged),
            (std::vector<std::string>{"not_due", "1-30", "31-60", "61-90", "over_90"}));
}

TEST(Ageing, PutsEachDayIntoOneBucket) {
  const Receivable receivable{{{Day("2026-01-31"), Cny(100)}}, {}};
  const auto bucket = [&](int64_t days) {
    const absl::CivilDay today = *AddDays(Day("2026-01-31"), days);
    const auto aged = *AgeOpen({}, "CNY", {*ComputeLedger(receivable, {}, today)});
    std::string name;
    int64_t sum = 0;
    for (const AgeingBucket& each : aged) {
      sum += each.open.minor;
      name = each.instalments > 0 ? NameOf(each) : name;
    }
    EXPECT_EQ(sum, 100);
    return name;
  };
  EXPECT_EQ(bucket(-400), "not_due");
  EXPECT_EQ(bucket(0), "not_due");
  EXPECT_EQ(bucket(1), "1-30");
  EXPECT_EQ(bucket(30), "1-30");
  EXPECT_EQ(bucket(31), "31-60");
  EXPECT_EQ(bucket(90), "61-90");
  EXPECT_EQ(bucket(91), "over_90");
  EXPECT_EQ(bucket(4'000), "over_90");
}

TEST(Ageing, SumsWhatIsOpenOverLedgers) {
  const LedgerState one =
      Computed(ThreeAndSeven(), {Receipt(1, "2026-01-01", 10'000)}, "2026-03-15");
  const LedgerState two =
      Computed(ThreeAndSeven(), {Receipt(1, "2026-01-01", 30'000)}, "2026-03-15");
  const auto aged = AgeOpen({}, "CNY", {one, two});
  ASSERT_TRUE(aged.ok());
  EXPECT_EQ((*aged)[1].open, Cny(140'000));
  EXPECT_EQ((*aged)[1].instalments, 2);
  EXPECT_EQ((*aged)[2].open, Cny(20'000));
  EXPECT_EQ((*aged)[2].instalments, 1);
  EXPECT_EQ(ReasonOf(AgeOpen({}, "USD", {one}).status()), "CURRENCY_MISMATCH");
  const Receivable huge{{{Day("2026-01-31"), Cny(INT64_MAX)}}, {}};
  const LedgerState most = Computed(huge, {}, "2026-03-15");
  EXPECT_EQ(ReasonOf(AgeOpen({}, "CNY", {most, most}).status()), "AMOUNT_OVERFLOW");
}

TEST(Ageing, TakesOtherBucketsAndRefusesBadOnes) {
  EXPECT_EQ(NamesOf(*AgeOpen({{0, 14, 29}}, "CNY", {})),
            (std::vector<std::string>{"not_due", "1-14", "15-29", "over_29"}));
  EXPECT_EQ(NamesOf(*AgeOpen({{0}}, "CNY", {})), (std::vector<std::string>{"not_due", "over_0"}));
  for (const AgeingBuckets& bad :
       {AgeingBuckets{{}}, AgeingBuckets{{1, 30}}, AgeingBuckets{{0, 30, 30}},
        AgeingBuckets{{0, 30, 10}}, AgeingBuckets{{-1, 0}},
        AgeingBuckets{std::vector<int32_t>(20, 0)}}) {
    EXPECT_EQ(FieldOf(CheckBuckets(bad)), "buckets");
    EXPECT_EQ(FieldOf(AgeOpen(bad, "CNY", {}).status()), "buckets");
  }
}

TEST(Escalation, IsOnTheThirtiethDayOrTheNext) {
  EXPECT_EQ(EscalatesOn(Day("2026-03-01"), OverdueAt::kInclusive), Day("2026-03-31"));
  EXPECT_EQ(EscalatesOn(Day("2026-03-01"), OverdueAt::kExclusive), Day("2026-04-01"));
  EXPECT_EQ(EscalatesOn(Day("2028-02-01"), OverdueAt::kInclusive), Day("2028-03-02"));
  EXPECT_EQ(EscalatesOn(Day("9999-12-31"), OverdueAt::kInclusive), std::nullopt);
}

TEST(Escalation, IsCancelledByFullPaymentBeforeItsDay) {
  const auto escalations = [](std::vector<CashEntry> entries) {
    return Escalations(Computed(ThreeAndSeven(), entries, "2026-03-15"), OverdueAt::kInclusive,
                       Day("2026-03-15"))
        .size();
  };
  EXPECT_EQ(escalations({}), 1u);
  EXPECT_EQ(escalations({Receipt(1, "2026-03-01", 29'999)}), 1u) << "a part is not all";
  EXPECT_EQ(escalations({Receipt(1, "2026-03-01", 30'000)}), 0u);
  EXPECT_EQ(escalations({Receipt(1, "2026-03-02", 30'000)}), 1u) << "00:00 of that day was before";
  const auto receipt = Receipt(1, "2026-02-01", 30'000);
  EXPECT_EQ(escalations({receipt, Reversal(2, "2026-03-10", receipt)}), 1u);
}

TEST(Timeliness, ByAmountAndByCount) {
  const std::vector<CashEntry> entries = {Receipt(1, "2026-01-31", 20'000),
                                          Receipt(2, "2026-02-01", 10'000),
                                          Receipt(3, "2026-02-28", 70'000)};
  const auto of = [&](std::string_view from, std::string_view to, std::string_view today) {
    return *CollectionTimeliness(ThreeAndSeven(), entries, Day(from), Day(to), Day(today));
  };
  EXPECT_EQ(of("2026-01-01", "2026-03-31", "2026-04-01"), (Timeliness{100'000, 2, 90'000, 1}));
  EXPECT_EQ(of("2026-01-01", "2026-01-31", "2026-04-01"), (Timeliness{30'000, 1, 20'000, 0}));
  EXPECT_EQ(of("2026-02-01", "2026-02-28", "2026-04-01"), (Timeliness{70'000, 1, 70'000, 1}));
  EXPECT_EQ(of("2026-01-01", "2026-03-31", "2026-02-28"), (Timeliness{30'000, 1, 20'000, 0}))
      << "the day is not over";
  EXPECT_EQ(of("2026-03-01", "2026-03-31", "2026-04-01"), Timeliness{});
  EXPECT_EQ(ShareOf(90'000, 100'000), 9'000);
  EXPECT_EQ(ShareOf(2, 3), 6'667);
  EXPECT_EQ(ShareOf(INT64_MAX, INT64_MAX), 10'000);
  EXPECT_EQ(ShareOf(0, 0), std::nullopt);
}

TEST(Timeliness, KnowsWhatWasTakenBackSince) {
  const auto receipt = Receipt(1, "2026-01-20", 30'000);
  const std::vector<CashEntry> entries = {
      receipt, Reversal(2, "2026-02-10", receipt),
      Entry(3, EntryKind::kCreditNote, "2026-02-20", 20'000, {{2, Cny(20'000)}})};
  const auto of = [&](std::string_view today) {
    return *CollectionTimeliness(ThreeAndSeven(), entries, Day("2026-01-01"), Day("2026-12-31"),
                                 Day(today));
  };
  EXPECT_EQ(of("2026-02-09"), (Timeliness{30'000, 1, 30'000, 1}));
  EXPECT_EQ(of("2026-02-10"), (Timeliness{30'000, 1, 0, 0}));
  EXPECT_EQ(of("2026-03-01"), (Timeliness{80'000, 2, 0, 0})) << "less what was credited";
}

TEST(Interest, RefusesWhatMakesNone) {
  EXPECT_EQ(FieldOf(OverdueInterest(Cny(-1), 1, 1).status()), "open");
  EXPECT_EQ(FieldOf(OverdueInterest(Cny(1), -1, 1).status()), "rate_basis_points");
  EXPECT_EQ(FieldOf(OverdueInterest(Cny(1), 1, -1).status()), "days");
  EXPECT_EQ(ReasonOf(OverdueInterest(Cny(INT64_MAX), 1'000'000, 3'650).status()),
            "AMOUNT_OVERFLOW");
  EXPECT_EQ(*OverdueInterest(Cny(365), 5'000, 1), Cny(1)) << "half up";
}

}  // namespace
}  // namespace steward::orders
