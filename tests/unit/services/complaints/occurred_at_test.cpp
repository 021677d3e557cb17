#include "services/complaints/domain/occurred_at.h"

#include <gtest/gtest.h>

#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

const TimeRules kRules;
constexpr Duration kTick = Microseconds(1);

TEST(RegistrationTime, MayLieNinetyDaysBack) {
  EXPECT_EQ(*CheckRegistrationTime(kRules, kNow, {}, false), kNow);
  EXPECT_TRUE(CheckRegistrationTime(kRules, kNow, kNow - Hours(24 * 90), false).ok());
  EXPECT_EQ(
      FieldOf(CheckRegistrationTime(kRules, kNow, kNow - Hours(24 * 90) - kTick, false).status()),
      "ticket.occurred_at");
  EXPECT_TRUE(CheckRegistrationTime(kRules, kNow, kNow - Hours(24 * 91), true).ok())
      << "importers go further back";
  EXPECT_FALSE(CheckRegistrationTime(kRules, kNow, kEpoch, true).ok());
}

TEST(RegistrationTime, MayLieAMinuteAhead) {
  EXPECT_TRUE(CheckRegistrationTime(kRules, kNow, kNow + Seconds(60), false).ok());
  EXPECT_FALSE(CheckRegistrationTime(kRules, kNow, kNow + Seconds(60) + kTick, false).ok());
}

TEST(FactTime, OlderThanTenMinutesNeedsASupervisorAndAReason) {
  const auto check = [](Time given, bool supervisor, std::string_view reason) {
    return CheckFactTime(kRules, kAgent, kNow, given, supervisor, reason);
  };
  EXPECT_FALSE(check(kNow - Minutes(10), false, "")->back_dated);
  const absl::Status denied = check(kNow - Minutes(10) - kTick, false, "typed late").status();
  EXPECT_EQ(denied.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(denied), "BACK_DATING_NEEDS_SUPERVISOR");
  EXPECT_EQ(FieldOf(check(kNow - Minutes(11), true, "").status()), "reason");
  EXPECT_TRUE(check(kNow - Minutes(11), true, "typed late")->back_dated);
  EXPECT_EQ(FieldOf(check(kNow + Seconds(61), true, "x").status()), "occurred_at");
}

TEST(FactTime, DefaultsToNow) {
  const auto occasion = CheckFactTime(kRules, kAgent, kNow, {}, false, "");
  ASSERT_TRUE(occasion.ok());
  EXPECT_FALSE(occasion->given.has_value());
  EXPECT_FALSE(occasion->back_dated);
}

}  // namespace
}  // namespace steward::complaints
