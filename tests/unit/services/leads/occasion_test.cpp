#include "services/leads/domain/occasion.h"

#include <gtest/gtest.h>

#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

const TimeRules kRules;
const Speaker kPerson{kSeller, false, false};
const Speaker kSupervisor{"members/boss", false, true};
const Speaker kImporter{"members/importer", true, false};

std::string Said(const Speaker& speaker, Time given) {
  const auto occasion = CheckOccasion(kRules, speaker, Id(1), kNow, given);
  return occasion.ok() ? "" : FieldOf(occasion.status());
}

TEST(OccasionTest, ALimitEachWay) {
  EXPECT_EQ(Said(kPerson, kNow + Seconds(60)), "");
  EXPECT_EQ(Said(kPerson, kNow + Seconds(60) + Microseconds(1)), "occurred_at");
  EXPECT_EQ(Said(kPerson, kNow - Hours(24 * 90)), "");
  EXPECT_EQ(Said(kPerson, kNow - Hours(24 * 90) - Microseconds(1)), "occurred_at");
  EXPECT_EQ(Said(kImporter, kNow - Hours(24 * 3650)), "");
  EXPECT_EQ(Said(kImporter, kNow - Hours(24 * 3650) - Microseconds(1)), "occurred_at");
  EXPECT_FALSE(CheckOccasion(kRules, kPerson, Id(1), kNow, kNow - Minutes(10))->back_dated);
  EXPECT_TRUE(CheckOccasion(kRules, kPerson, Id(1), kNow, kNow - Minutes(11))->back_dated);
  const auto now = CheckOccasion(kRules, kPerson, Id(1), kNow, {});
  EXPECT_EQ(now->given, std::nullopt);
  EXPECT_EQ(now->event_id, Id(1));
}

TEST(OccasionTest, WhatStopsAClockLateNeedsASupervisorAndAReason) {
  const auto stop = [](const Speaker& speaker, std::string_view reason) {
    return CheckStopOccasion(kRules, speaker, Id(1), kNow, kNow - Hours(1), reason).status();
  };
  const absl::Status refused = stop(kPerson, "forgot");
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "BACK_DATING_NEEDS_SUPERVISOR");
  EXPECT_EQ(MetadataOf(refused, "grant"), "supervisor");
  EXPECT_EQ(FieldOf(stop(kSupervisor, "")), "reason");
  EXPECT_TRUE(stop(kSupervisor, "forgot").ok());
  EXPECT_TRUE(stop(kImporter, "").ok());
  EXPECT_TRUE(CheckStopOccasion(kRules, kPerson, Id(1), kNow, kNow - Minutes(10), "").ok());
}

TEST(OccasionTest, NowIsNeverBeforeWhatItFollows) {
  EXPECT_EQ(*InstantOf(Now(), kNow + Seconds(5), "x"), kNow + Seconds(5));
  EXPECT_EQ(*InstantOf(At(kNow - Hours(1)), kNow - Hours(1), "x"), kNow - Hours(1));
  EXPECT_EQ(FieldOf(InstantOf(At(kNow - Hours(1)), kNow, "x").status()), "occurred_at");
}

}  // namespace
}  // namespace steward::leads
