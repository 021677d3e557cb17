#include "libs/base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace steward {
namespace {

TEST(Time, FormatsInUtc) {
  EXPECT_EQ(FormatTime(kEpoch), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(Time{6}), "1970-01-01T00:00:00.000006Z");
  EXPECT_EQ(FormatTime(Time{-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTime(kEpoch + Hours(24 * 365 * 56 + 24 * 14)), "2026-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(kClientTimeEnd - Microseconds(1)), "9999-12-31T23:59:59.999999Z");
}

TEST(Time, ParsesAnyOffset) {
  Time t = ParseTime("2026-01-02T03:04:05Z").value();
  EXPECT_EQ(ParseTime("2026-01-02T11:04:05+08:00").value(), t);
  EXPECT_EQ(ParseTime("2026-01-01T21:34:05-05:30").value(), t);
  EXPECT_EQ(ParseTime("2026-01-02t03:04:05z").value(), t);
  EXPECT_EQ(ParseTime("2026-01-02 03:04:05Z").value(), t);
  EXPECT_EQ(ParseTime("2024-02-29T00:00:00Z").value() + Hours(24),
            ParseTime("2024-03-01T00:00:00Z").value());
}

TEST(Time, FloorsBelowTheMicrosecond) {
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00.0000019Z").value(), Time{1});
  EXPECT_EQ(ParseTime("1969-12-31T23:59:59.9999999999Z").value(), Time{-1});
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00.5Z").value(), Time{500'000});
}

TEST(Time, RefusesWhatIsNone) {
  for (const char* text :
       {"", "2026-01-02", "2026-01-02T03:04:05", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+08:60",
        "2026-01-01T00:00:00+0800", "2026-01-01T00:00:00Zx", "2026-1-1T00:00:00Z",
        "+2026-01-01T00:00:00Z", "now"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
}

RC_GTEST_PROP(TimeProperty, ParseUndoesFormat, ()) {
  Time t{*rc::gen::inRange<int64_t>(-62'135'596'800'000'000, kClientTimeEnd.micros)};
  RC_ASSERT(ParseTime(FormatTime(t)).value() == t);
}

RC_GTEST_PROP(TimeProperty, TextOrderIsTimeOrder, ()) {
  Time a{*rc::gen::inRange<int64_t>(0, kClientTimeEnd.micros / 1'000'000) * 1'000'000};
  Time b{*rc::gen::inRange<int64_t>(0, kClientTimeEnd.micros / 1'000'000) * 1'000'000};
  RC_ASSERT((FormatTime(a) < FormatTime(b)) == (a < b));
}

RC_GTEST_PROP(TimeProperty, NoTextCrashes, (const std::string& text)) {
  (void)ParseTime(text).ok();
}

RC_GTEST_PROP(TimeProperty, NoInstantCrashes, (int64_t micros)) {
  RC_ASSERT(FormatTime(Time{micros}).back() == 'Z');
}

}  // namespace
}  // namespace steward
