#include "services/scoring/domain/period.h"

#include <gtest/gtest.h>

#include "libs/base/day.h"

namespace steward::scoring {
namespace {

TEST(Periods, AreMonthsQuartersAndYears) {
  for (const auto& [name, kind, first, last] :
       std::vector<std::tuple<std::string, PeriodKind, std::string, std::string>>{
           {"periods/2026-02", PeriodKind::kMonth, "2026-02-01", "2026-02-28"},
           {"periods/2028-02", PeriodKind::kMonth, "2028-02-01", "2028-02-29"},
           {"periods/2026-q4", PeriodKind::kQuarter, "2026-10-01", "2026-12-31"},
           {"periods/2026", PeriodKind::kYear, "2026-01-01", "2026-12-31"}}) {
    const auto period = ParsePeriod("period", name);
    ASSERT_TRUE(period.ok()) << period.status();
    EXPECT_EQ(period->name, name);
    EXPECT_EQ(period->kind, kind);
    EXPECT_EQ(FormatDay(period->first), first);
    EXPECT_EQ(FormatDay(period->last), last);
    EXPECT_EQ(PeriodOf(kind, period->last).name, name);
  }
}

TEST(Periods, AreMadeOfShorterOnes) {
  const auto names = [](const std::string& name, PeriodKind kind) {
    std::string text;
    for (const Period& part : PartsOf(*ParsePeriod("period", name), kind)) {
      text += part.name.substr(8) + " ";
    }
    return text;
  };
  EXPECT_EQ(names("periods/2026-q1", PeriodKind::kMonth), "2026-01 2026-02 2026-03 ");
  EXPECT_EQ(names("periods/2026", PeriodKind::kQuarter), "2026-q1 2026-q2 2026-q3 2026-q4 ");
  EXPECT_EQ(names("periods/2026-02", PeriodKind::kMonth), "2026-02 ");
  EXPECT_EQ(names("periods/2026-02", PeriodKind::kYear), "2026-02 ");
}

TEST(Periods, AnythingElseIsRefused) {
  for (const char* name :
       {"", "2026", "periods/", "periods/2026-13", "periods/2026-q5", "periods/2026-1",
        "periods/26", "periods/2026-Q1", "periods/2026-02-01", "periods/abcd"}) {
    EXPECT_FALSE(ParsePeriod("period", name).ok()) << name;
  }
}

}  // namespace
}  // namespace steward::scoring
