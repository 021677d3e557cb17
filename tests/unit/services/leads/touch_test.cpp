#include "services/leads/domain/touch.h"

#include <gtest/gtest.h>

#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

Time Instant(const char* text) { return *ParseTime(text); }

Touch TouchAt(uint64_t id, Time at, std::string kind = "phone", bool effective = true) {
  return {Id(id),
          std::move(kind),
          effective ? "reached" : "no_answer",
          effective,
          kSeller,
          "customers/acme",
          "",
          "",
          at,
          kNow};
}

TEST(TouchTest, IsCheckedAgainstTheCatalogue) {
  const TouchCatalogue catalogue = DefaultTouchCatalogue();
  EXPECT_TRUE(FaultsOf(catalogue).empty());
  for (const TouchKind& kind : catalogue.kinds) {
    EXPECT_TRUE(CheckTouch(catalogue, TouchAt(1, kNow, kind.id)).ok());
  }
  EXPECT_EQ(FieldOf(CheckTouch(catalogue, TouchAt(1, kNow, "pigeon"))), "touch.kind");
  Touch touch = TouchAt(1, kNow);
  touch.outcome = "no_answer";
  EXPECT_EQ(FieldOf(CheckTouch(catalogue, touch)), "touch.effective");
  touch.effective = false;
  EXPECT_TRUE(CheckTouch(catalogue, touch).ok());
  touch.outcome = "";
  EXPECT_EQ(FieldOf(CheckTouch(catalogue, touch)), "touch.outcome");
  touch = TouchAt(1, kNow);
  touch.customer = "";
  EXPECT_EQ(FieldOf(CheckTouch(catalogue, touch)), "touch.customer");
  touch.lead = "leads/1";
  EXPECT_TRUE(CheckTouch(catalogue, touch).ok());
  touch.member = "";
  EXPECT_EQ(FieldOf(CheckTouch(catalogue, touch)), "touch.member");
}

TEST(TouchTest, FaultsOfACatalogue) {
  TouchCatalogue catalogue = DefaultTouchCatalogue();
  catalogue.kinds[1].id = "phone";
  catalogue.kinds[2].display_names.erase("zh-Hans");
  catalogue.outcomes.clear();
  const auto faults = FaultsOf(catalogue);
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].field, "catalogue.kinds[1].id");
  EXPECT_EQ(faults[1].field, "catalogue.kinds[2].display_names");
  EXPECT_EQ(faults[2].field, "catalogue.outcomes");
}

TEST(VisitSheetTest, IsTheDayOfTheCompanysZone) {
  const DaySpan day = SpanOf(absl::CivilDay(2026, 5, 28), Zone("Asia/Shanghai"));
  EXPECT_EQ(day.begin, Instant("2026-05-28T00:00:00+08:00"));
  EXPECT_EQ(day.end, Instant("2026-05-29T00:00:00+08:00"));
  std::vector<Touch> touches = {
      TouchAt(4, day.end - Microseconds(1), "executive_visit"),
      TouchAt(5, day.end),
      TouchAt(3, day.begin + Hours(9), "visit", false),
      TouchAt(2, day.begin + Hours(9)),
      TouchAt(1, day.begin),
      TouchAt(6, day.begin - Microseconds(1)),
      TouchAt(7, day.begin + Hours(10)),
  };
  touches.back().member = "members/zhao";
  const VisitSheet sheet = VisitSheetOf(DefaultTouchCatalogue(), touches, kSeller, day);
  std::vector<Uuid> ids;
  for (const Touch& touch : sheet.touches) {
    ids.push_back(touch.id);
  }
  EXPECT_EQ(ids, (std::vector<Uuid>{Id(1), Id(2), Id(3), Id(4)}));
  EXPECT_EQ(sheet.visits, 2);
  EXPECT_EQ(sheet.effective, 3);
}

TEST(VisitSheetTest, ADayMayHave23Or25HoursAndNoMidnight) {
  const DaySpan spring = SpanOf(absl::CivilDay(2018, 11, 4), Zone("America/Sao_Paulo"));
  EXPECT_EQ(spring.begin, Instant("2018-11-04T03:00:00Z")) << "00:00 did not exist";
  EXPECT_EQ(spring.end - spring.begin, Hours(23));
  const DaySpan autumn = SpanOf(absl::CivilDay(2024, 11, 3), Zone("America/Havana"));
  EXPECT_EQ(autumn.begin, Instant("2024-11-03T04:00:00Z")) << "the first of two midnights";
  EXPECT_EQ(autumn.end - autumn.begin, Hours(25));
}

}  // namespace
}  // namespace steward::leads
