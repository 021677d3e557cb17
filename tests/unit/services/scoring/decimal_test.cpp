#include "services/scoring/domain/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

Decimal Of(std::string_view text) { return ParseDecimal("value", text).value(); }
std::string Figured(__int128 num, __int128 den) {
  return FormatFigure(Figure(MakeRatio(num, den).value()).value());
}

TEST(Decimal, IsReadExactlyOrRefused) {
  EXPECT_EQ(Of("86.25"), (Decimal{86'250'000}));
  EXPECT_EQ(Of("-0.000001"), (Decimal{-1}));
  EXPECT_EQ(Of("9223372036854.775807"), (Decimal{kMost}));
  EXPECT_EQ(Of("-9223372036854.775808"), (Decimal{kLeast}));
  for (const char* wrong : {"", "-", ".5", "5.", "1.2345678", "1,000", "1e3", "+1", " 1", "--1",
                            "1.2.3", "NaN", "nan", "inf", "-Infinity", "0x1", "1 "}) {
    const absl::StatusOr<Decimal> read = ParseDecimal("measurement.value", wrong);
    EXPECT_EQ(ReasonOf(read.status()), "FIELD_INVALID") << wrong;
    EXPECT_EQ(RefusalOf(read.status())->fields.at(0).field, "measurement.value");
  }
  EXPECT_EQ(ReasonOf(ParseDecimal("value", "9223372036854.775808").status()), "VALUE_OVERFLOW");
  EXPECT_EQ(ReasonOf(ParseDecimal("value", std::string(400, '9')).status()), "VALUE_OVERFLOW");
}

TEST(Decimal, IsShownShortOrWithTwoPlaces) {
  EXPECT_EQ(FormatDecimal(Whole(100)), "100");
  EXPECT_EQ(FormatDecimal(Of("-0.5")), "-0.5");
  EXPECT_EQ(FormatDecimal({kLeast}), "-9223372036854.775808");
  EXPECT_EQ(FormatFigure(Whole(69)), "69.00");
  EXPECT_EQ(FormatFigure(Of("-0.05")), "-0.05");
}

TEST(Decimal, RefusesOverflow) {
  EXPECT_EQ(Add(Of("1.5"), Of("-2")).value(), Of("-0.5"));
  EXPECT_EQ(Subtract(Of("1.5"), Of("-2")).value(), Of("3.5"));
  EXPECT_EQ(ReasonOf(Add({kMost}, {1}).status()), "VALUE_OVERFLOW");
  EXPECT_EQ(ReasonOf(Subtract({kLeast}, {1}).status()), "VALUE_OVERFLOW");
  const __int128 huge = static_cast<__int128>(kMost) * kMost;
  EXPECT_EQ(ReasonOf(Times({huge, 1}, {3, 1}).status()), "VALUE_OVERFLOW");
  EXPECT_EQ(ReasonOf(Plus({huge, 1}, {1, 7}).status()), "VALUE_OVERFLOW");
  EXPECT_EQ(ReasonOf(Round({huge, 1}, 2).status()), "VALUE_OVERFLOW");
  EXPECT_EQ(ReasonOf(Round({kMost, 1}, 0).status()), "VALUE_OVERFLOW");
  EXPECT_EQ(ReasonOf(MakeRatio(static_cast<__int128>(1) << 127, 3).status()), "VALUE_OVERFLOW");
}

TEST(Ratio, IsInLowestTermsWithAPositiveDenominator) {
  EXPECT_EQ(MakeRatio(-6, -4).value(), (Ratio{3, 2}));
  EXPECT_EQ(MakeRatio(6, -4).value(), (Ratio{-3, 2}));
  EXPECT_EQ(MakeRatio(0, -4).value(), (Ratio{0, 1}));
  EXPECT_EQ(ReasonOf(MakeRatio(1, 0).status()), "DIVISION_BY_ZERO");
  EXPECT_EQ(ReasonOf(Over({1, 2}, {0, 1}).status()), "DIVISION_BY_ZERO");
  EXPECT_EQ(Times({2, 3}, {0, 1}).value(), (Ratio{0, 1}));
}

TEST(Ratio, BecomesAFigureByOneRounding) {
  EXPECT_EQ(Figured(200, 3), "66.67");
  EXPECT_EQ(Figured(1, 200), "0.01") << "half up";
  EXPECT_EQ(Figured(4'999'999'999, 1'000'000'000'000), "0.00") << "not over a second rounding";
  EXPECT_EQ(Figured(-1, 200), "-0.01");
  EXPECT_EQ(Figured(10'005, 1'000), "10.01");
  // A third of 100 at a weight of 30.015 % is 10.005 and no hair less.
  EXPECT_EQ(FormatFigure(Figure(Times({100, 3}, {30'015, 100'000}).value()).value()), "10.01");
}

RC_GTEST_PROP(DecimalProperty, ReadsWhatItShows, ()) {
  const Decimal value{*rc::gen::arbitrary<int64_t>()};
  RC_ASSERT(ParseDecimal("value", FormatDecimal(value)).value() == value);
}

RC_GTEST_PROP(DecimalProperty, SumAndProductAreExact, ()) {
  const auto any = [] {
    return Decimal{*rc::gen::inRange<int64_t>(-1'000'000'000, 1'000'000'000)};
  };
  const Ratio a = ToRatio(any());
  const Ratio b = ToRatio(any());
  const Ratio c = ToRatio(any());
  const Ratio sum = Plus(a, b).value();
  RC_ASSERT(Minus(sum, b).value() == a);
  RC_ASSERT(Times(sum, c).value() == Plus(Times(a, c).value(), Times(b, c).value()).value());
  if (c.num != 0) {
    RC_ASSERT(Times(Over(a, c).value(), c).value() == a);
  }
}

RC_GTEST_PROP(DecimalProperty, RoundingIsMonotoneAndAtMostHalfAStep, ()) {
  const int64_t den = *rc::gen::inRange<int64_t>(1, 1'000'000);
  const int64_t num = *rc::gen::inRange<int64_t>(-1'000'000'000, 1'000'000'000);
  const Ratio value = MakeRatio(num, den).value();
  const Decimal figure = Figure(value).value();
  RC_ASSERT(figure <= Figure(MakeRatio(num + 1, den).value()).value());
  const Ratio gap = Minus(ToRatio(figure), value).value();
  const Ratio size{gap.num < 0 ? -gap.num : gap.num, gap.den};
  RC_ASSERT(!Less({1, 200}, size).value());
}

}  // namespace
}  // namespace steward::scoring
