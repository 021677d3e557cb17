#include "libs/base/occasion.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace steward {
namespace {

const TimeRules kRules;
const Time kNow = ParseTime("2026-03-02T10:00:00Z").value();
constexpr Duration kTick = Microseconds(1);
const Uuid kEvent = Uuid::Parse("019bd2c5-7a3e-7cc1-8f0b-2f4a1f0e6d11").value();
const Speaker kPerson{"members/agent", false, false};
const Speaker kSupervisor{"members/boss", false, true};
const Speaker kImporter{"members/importer", true, false};

// The field at fault, or "".
std::string FieldOf(const absl::Status& status) {
  const auto refusal = RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields[0].field : "";
}

TEST(Beginning, HasALimitEachWay) {
  const auto check = [](std::optional<Time> given, bool importer) {
    return CheckBeginning("ticket.occurred_at", kRules, kNow, given, importer);
  };
  EXPECT_EQ(check({}, false).value(), kNow);
  EXPECT_EQ(check(kNow - Hours(24 * 90), false).value(), kNow - Hours(24 * 90));
  EXPECT_EQ(FieldOf(check(kNow - Hours(24 * 90) - kTick, false).status()), "ticket.occurred_at");
  EXPECT_TRUE(check(kNow - Hours(24 * 3650), true).ok()) << "importers go further back";
  EXPECT_FALSE(check(kNow - Hours(24 * 3650) - kTick, true).ok());
  EXPECT_TRUE(check(kNow + Seconds(60), false).ok());
  EXPECT_EQ(FieldOf(check(kNow + Seconds(60) + kTick, true).status()), "ticket.occurred_at");
}

TEST(OccasionTest, HasTheLimitsOfABeginning) {
  const auto check = [](const Speaker& speaker, std::optional<Time> given) {
    return CheckOccasion(kRules, speaker, kEvent, kNow, given);
  };
  EXPECT_EQ(FieldOf(check(kPerson, kNow - Hours(24 * 90) - kTick).status()), "occurred_at");
  EXPECT_TRUE(check(kImporter, kNow - Hours(24 * 90) - kTick).ok());
  EXPECT_EQ(FieldOf(check(kPerson, kNow + Seconds(61)).status()), "occurred_at");
  EXPECT_FALSE(check(kPerson, kNow - Minutes(10))->back_dated);
  EXPECT_TRUE(check(kPerson, kNow - Minutes(10) - kTick)->back_dated);
  const auto now = check(kPerson, {});
  EXPECT_EQ(now->given, std::nullopt);
  EXPECT_EQ(now->event_id, kEvent);
  EXPECT_EQ(now->actor, kPerson.actor);
}

TEST(StopOccasion, OlderThanTenMinutesNeedsASupervisorAndAReason) {
  const auto check = [](const Speaker& speaker, std::optional<Time> given,
                        std::string_view reason) {
    return CheckStopOccasion(kRules, speaker, kEvent, kNow, given, reason);
  };
  EXPECT_FALSE(check(kPerson, {}, "")->back_dated);
  EXPECT_FALSE(check(kPerson, kNow - Minutes(10), "")->back_dated);
  const absl::Status denied = check(kPerson, kNow - Minutes(10) - kTick, "typed late").status();
  EXPECT_EQ(denied.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(denied), "BACK_DATING_NEEDS_SUPERVISOR");
  EXPECT_EQ(FieldOf(check(kSupervisor, kNow - Minutes(11), "").status()), "reason");
  EXPECT_TRUE(check(kSupervisor, kNow - Minutes(11), "typed late")->back_dated);
  EXPECT_TRUE(check(kSupervisor, kNow - Hours(24 * 91), "found it").ok()) << "however long ago";
  EXPECT_TRUE(check(kImporter, kNow - Hours(1), "").ok());
  EXPECT_EQ(FieldOf(check(kSupervisor, kNow + Seconds(61), "x").status()), "occurred_at");
}

TEST(InstantOf, IsNeverBeforeWhatItFollows) {
  const auto instant = [](std::optional<Time> given, Time earliest) {
    return InstantOf({"members/agent", kNow, given}, earliest, "when the ticket was raised");
  };
  EXPECT_EQ(instant({}, kNow - Hours(1)).value(), kNow);
  EXPECT_EQ(instant({}, kNow + Seconds(5)).value(), kNow + Seconds(5));
  EXPECT_EQ(instant(kNow - Hours(1), kNow - Hours(1)).value(), kNow - Hours(1));
  EXPECT_EQ(FieldOf(instant(kNow - Hours(1), kNow).status()), "occurred_at");
}

}  // namespace
}  // namespace steward
