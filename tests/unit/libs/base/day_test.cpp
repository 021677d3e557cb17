#include "libs/base/day.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "libs/base/status.h"

namespace steward {
namespace {

absl::CivilDay Day(std::string_view text) { return ParseDay("day", text).value(); }

TEST(Day, IsParsedFormattedAndAdded) {
  EXPECT_EQ(Day("1970-01-01"), absl::CivilDay(1970, 1, 1));
  EXPECT_EQ(FormatDay(Day("2024-02-29")), "2024-02-29");
  EXPECT_EQ(FormatDay(AddDays(Day("2026-03-01"), 30).value()), "2026-03-31");
  EXPECT_EQ(AddDays(Day("9999-12-30"), 1).value(), Day("9999-12-31"));
  EXPECT_EQ(ReasonOf(AddDays(Day("9999-12-31"), 1).status()), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(ReasonOf(AddDays(Day("0001-01-01"), -1).status()), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(ReasonOf(AddDays(Day("2026-01-01"), INT64_MAX).status()), "DATE_OUT_OF_RANGE");
  for (const char* wrong : {"2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-01",
                            "2026/01/01", "0000-01-01", "2026-01-01 ", "", "+026-01-01"}) {
    const auto refusal = RefusalOf(ParseDay("due", wrong).status());
    ASSERT_TRUE(refusal) << wrong;
    EXPECT_EQ(refusal->fields.at(0).field, "due") << wrong;
  }
}

RC_GTEST_PROP(DayProperty, FormattingIsUndoneByParsing, ()) {
  const absl::CivilDay day = absl::CivilDay() + *rc::gen::inRange(-719'162, 2'932'897);
  RC_ASSERT(ParseDay("day", FormatDay(day)).value() == day);
}

}  // namespace
}  // namespace steward
