#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "libs/base/time.h"

namespace steward {
namespace {

TEST(Duration, Formats) {
  EXPECT_EQ(FormatDuration(Duration{0}), "0s");
  EXPECT_EQ(FormatDuration(Hours(48)), "48h");
  EXPECT_EQ(FormatDuration(Minutes(90)), "1h30m");
  EXPECT_EQ(FormatDuration(Minutes(-5)), "-5m");
  EXPECT_EQ(FormatDuration(Milliseconds(2'500)), "2.5s");
  EXPECT_EQ(FormatDuration(Microseconds(1)), "0.000001s");
  EXPECT_EQ(FormatDuration(Hours(1) + Seconds(1)), "1h1s");
}

TEST(Duration, Parses) {
  EXPECT_EQ(ParseDuration("48h").value(), Hours(48));
  EXPECT_EQ(ParseDuration("1h30m").value(), Minutes(90));
  EXPECT_EQ(ParseDuration("-5m").value(), Minutes(-5));
  EXPECT_EQ(ParseDuration("2.5s").value(), Milliseconds(2'500));
  EXPECT_EQ(ParseDuration("1.5h").value(), Minutes(90));
  EXPECT_EQ(ParseDuration("300ms").value(), Milliseconds(300));
  EXPECT_EQ(ParseDuration("7us").value(), Microseconds(7));
  EXPECT_EQ(ParseDuration("0s").value(), Duration{0});
  EXPECT_EQ(ParseDuration("0.0000019s").value(), Microseconds(1));
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "-", "+", "5", "h", ".5s", "5.s", "5 m", "1d", "1h30", "1hm", "--1h", "1h-1m", "NaN",
        "inf", "9223372036854775808us", "2562047789h", "99999999999999999999999999999999h"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(Duration, HoldsTheLimitsOfItsNumber) {
  for (int64_t micros :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(ParseDuration(FormatDuration(Duration{micros})).value(), Duration{micros});
  }
}

RC_GTEST_PROP(DurationProperty, ParseUndoesFormat, (int64_t micros)) {
  RC_ASSERT(ParseDuration(FormatDuration(Duration{micros})).value() == Duration{micros});
}

RC_GTEST_PROP(DurationProperty, NoTextCrashes, (const std::string& text)) {
  (void)ParseDuration(text).ok();
}

}  // namespace
}  // namespace steward
