#include "services/orders/domain/instalment_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "tests/unit/services/orders/builders.h"

namespace steward::orders {
namespace {

InstalmentPlan TwoDates() { return {{Day("2026-01-31"), Cny(300)}, {Day("2026-02-28"), Cny(700)}}; }

TEST(Plan, SumsToTheContract) {
  EXPECT_TRUE(CheckPlan(Cny(1'000), TwoDates()).ok());
  const absl::Status status = CheckPlan(Cny(1'001), TwoDates());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "PLAN_DOES_NOT_SUM");
  EXPECT_EQ(MetadataOf(status, "difference"), "0.01 CNY");
}

TEST(Plan, RefusesWhatIsNoPlan) {
  EXPECT_EQ(FieldOf(CheckPlan(Cny(1), {})), "plan");
  EXPECT_EQ(FieldOf(CheckPlan(Cny(1), InstalmentPlan(kMaxInstalments + 1))), "plan");
  const auto refused = [](auto change) {
    InstalmentPlan plan = TwoDates();
    change(plan);
    return CheckPlan(Cny(1'000), plan);
  };
  EXPECT_EQ(FieldOf(refused([](InstalmentPlan& p) { p[1].due = p[0].due; })), "plan[1].due");
  EXPECT_EQ(FieldOf(refused([](InstalmentPlan& p) {
              p[1].due = DueAfter{DueEvent::kSigned, -1};
            })),
            "plan[1].due");
  EXPECT_EQ(FieldOf(refused([](InstalmentPlan& p) { p[0].amount.minor = 0; })), "plan[0].amount");
  EXPECT_EQ(FieldOf(refused([](InstalmentPlan& p) { p[0].amount.minor = -300; })),
            "plan[0].amount");
  EXPECT_EQ(ReasonOf(refused([](InstalmentPlan& p) { p[1].amount.currency = "USD"; })),
            "CURRENCY_MISMATCH");
  EXPECT_EQ(ReasonOf(refused([](InstalmentPlan& p) { p[1].amount.minor = INT64_MAX; })),
            "AMOUNT_OVERFLOW");
}

TEST(Plan, ByShares) {
  const std::vector<ShareDue> shares = {{DueAfter{DueEvent::kSigned, 0}, 3'000},
                                        {DueAfter{DueEvent::kDelivered, 30}, 6'500},
                                        {DueAfter{DueEvent::kAccepted, 365}, 500}};
  const auto plan = PlanByShares(Cny(10'001), shares);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ((*plan)[0].amount, Cny(3'000));
  EXPECT_EQ((*plan)[1].amount, Cny(6'500));
  EXPECT_EQ((*plan)[2].amount, Cny(501)) << "the last takes the rounding";
  std::vector<ShareDue> wrong = shares;
  wrong[0].basis_points = 2'999;
  EXPECT_EQ(ReasonOf(PlanByShares(Cny(10'001), wrong).status()), "SHARES_DO_NOT_SUM");
  wrong[0].basis_points = -1;
  EXPECT_EQ(FieldOf(PlanByShares(Cny(10'001), wrong).status()), "plan[0].basis_points");
  EXPECT_EQ(FieldOf(PlanByShares(Cny(2), shares).status()), "plan[0].basis_points")
      << "no instalment of nothing";
  wrong = shares;
  wrong[1].due = wrong[0].due;
  EXPECT_EQ(FieldOf(PlanByShares(Cny(10'001), wrong).status()), "plan[1].due");
  EXPECT_EQ(FieldOf(PlanByShares(Cny(10'001), {}).status()), "plan");
}

TEST(Plan, IsDueByDateOrAfterAnEvent) {
  const absl::CivilDay today = Day("2026-06-10");
  EXPECT_EQ(DueDate(Day("2027-01-01"), {}, today), Day("2027-01-01"));
  const DueCondition after = DueAfter{DueEvent::kDelivered, 30};
  EXPECT_EQ(DueDate(after, {}, today), std::nullopt);
  DueEventDates dates;
  dates.signed_on = Day("2026-05-01");
  EXPECT_EQ(DueDate(after, dates, today), std::nullopt);
  dates.delivered_on = Day("2026-06-10");
  EXPECT_EQ(DueDate(after, dates, today), Day("2026-07-10"));
  EXPECT_EQ(DueDate(after, dates, Day("2026-06-09")), std::nullopt) << "not delivered that day";
  EXPECT_EQ(FormatDue(after), "30 days after DELIVERED");
}

// The parts sum to the whole in currencies of no, two and three decimal places, and none is
// negative or empty.
RC_GTEST_PROP(PlanProperty, SharesSumToTheWhole, ()) {
  const Money total{*rc::gen::element<std::string>("JPY", "CNY", "KWD"),
                    *rc::gen::inRange<int64_t>(10'000, INT64_MAX)};
  const int count = *rc::gen::inRange(1, 13);
  std::vector<ShareDue> shares;
  int64_t rest = 10'000;
  for (int i = 0; i < count; ++i) {
    const int64_t left = count - i - 1;
    const int64_t share = left == 0 ? rest : *rc::gen::inRange<int64_t>(1, rest - left + 1);
    shares.push_back({absl::CivilDay() + i, share});
    rest -= share;
  }
  const auto plan = PlanByShares(total, shares);
  RC_ASSERT(plan.ok());
  Money sum{total.currency, 0};
  for (size_t i = 0; i < plan->size(); ++i) {
    RC_ASSERT((*plan)[i].amount.minor > 0);
    sum = *Add(sum, (*plan)[i].amount);
    const __int128 exact = static_cast<__int128>(total.minor) * shares[i].basis_points / 10'000;
    RC_ASSERT((*plan)[i].amount.minor >= exact);
    RC_ASSERT((*plan)[i].amount.minor < exact + count);
  }
  RC_ASSERT(sum == total);
}

}  // namespace
}  // namespace steward::orders
