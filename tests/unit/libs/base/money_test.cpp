#include "libs/base/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "libs/base/status.h"

namespace steward {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

Money Yuan(int64_t fen) { return {"CNY", fen}; }

TEST(Money, KnowsTheExponentOfACurrency) {
  EXPECT_EQ(ExponentOf("CNY").value(), 2);
  EXPECT_EQ(ExponentOf("JPY").value(), 0);
  EXPECT_EQ(ExponentOf("KWD").value(), 3);
  EXPECT_EQ(ExponentOf("ZMW").value(), 2);
  for (const char* unknown : {"", "cny", "XXX", "RMB", "CNYX"}) {
    EXPECT_EQ(ReasonOf(ExponentOf(unknown).status()), "FIELD_INVALID") << unknown;
  }
}

TEST(Money, AddsAndSubtractsOrRefuses) {
  EXPECT_EQ(Add(Yuan(150), Yuan(-200)).value(), Yuan(-50));
  EXPECT_EQ(Subtract(Yuan(150), Yuan(-200)).value(), Yuan(350));
  EXPECT_EQ(ReasonOf(Add(Yuan(1), {"USD", 1}).status()), "CURRENCY_MISMATCH");
  EXPECT_EQ(ReasonOf(Subtract(Yuan(1), {"USD", 1}).status()), "CURRENCY_MISMATCH");
  EXPECT_EQ(ReasonOf(Add(Yuan(kMost), Yuan(1)).status()), "AMOUNT_OVERFLOW");
  EXPECT_EQ(ReasonOf(Subtract(Yuan(kLeast), Yuan(1)).status()), "AMOUNT_OVERFLOW");
}

TEST(Money, IsShownAsPeopleReadIt) {
  EXPECT_EQ(FormatMoney(Yuan(1'234'560)), "12,345.60 CNY");
  EXPECT_EQ(FormatMoney(Yuan(-5)), "-0.05 CNY");
  EXPECT_EQ(FormatMoney({"JPY", 1'000}), "1,000 JPY");
  EXPECT_EQ(FormatMoney({"KWD", 999}), "0.999 KWD");
  EXPECT_EQ(FormatMoney(Yuan(kLeast)), "-92,233,720,368,547,758.08 CNY");
}

TEST(Money, IsReadExactlyOrRefused) {
  EXPECT_EQ(ParseMoney("12345.6", "CNY").value(), Yuan(1'234'560));
  EXPECT_EQ(ParseMoney("-0.05", "CNY").value(), Yuan(-5));
  EXPECT_EQ(ParseMoney("7", "JPY").value(), (Money{"JPY", 7}));
  EXPECT_EQ(ParseMoney("-92233720368547758.08", "CNY").value(), Yuan(kLeast));
  for (const char* wrong :
       {"", "-", ".5", "5.", "1.234", "1,000", "1e3", "+1", " 1", "--1", "1.2.3", "NaN"}) {
    EXPECT_EQ(ReasonOf(ParseMoney(wrong, "CNY").status()), "FIELD_INVALID") << wrong;
  }
  EXPECT_FALSE(ParseMoney("1.0", "JPY").ok());
  EXPECT_EQ(ReasonOf(ParseMoney("92233720368547758.08", "CNY").status()), "AMOUNT_OVERFLOW");
}

TEST(Money, TurnsIntoUnitsAndNanosAndBack) {
  EXPECT_EQ(ToUnits(Yuan(-150)).value(), (UnitsAndNanos{-1, -500'000'000}));
  EXPECT_EQ(FromUnits({-1, -500'000'000}, "CNY").value(), Yuan(-150));
  EXPECT_EQ(ReasonOf(FromUnits({1, 5'000'000}, "CNY").status()), "FIELD_INVALID") << "half a fen";
  EXPECT_EQ(ReasonOf(FromUnits({1, -10'000'000}, "CNY").status()), "FIELD_INVALID") << "signs";
  EXPECT_EQ(ReasonOf(FromUnits({0, 1'000'000'000}, "CNY").status()), "FIELD_INVALID");
  EXPECT_EQ(ReasonOf(FromUnits({kMost, 0}, "CNY").status()), "AMOUNT_OVERFLOW");
}

TEST(Money, SplitRefusesWeightsThatAreNone) {
  EXPECT_FALSE(Split(Yuan(1), {}).ok());
  EXPECT_FALSE(Split(Yuan(1), {0, 0}).ok());
  EXPECT_FALSE(Split(Yuan(1), {2, -1}).ok());
  EXPECT_EQ(ReasonOf(Split(Yuan(1), {kMost, 1}).status()), "AMOUNT_OVERFLOW");
  EXPECT_EQ(Split(Yuan(100), {1, 1, 1, 0}).value(),
            (std::vector<Money>{Yuan(33), Yuan(33), Yuan(34), Yuan(0)}));
}

RC_GTEST_PROP(MoneyProperty, SharesSumToTheWholeAndNoneIsOffByMoreThanTheRounding,
              (int64_t whole)) {
  const auto weights = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 1'000'000)));
  int64_t total = 0;
  for (const int64_t weight : weights) {
    total += weight;
  }
  RC_PRE(total > 0);
  const auto shares = Split({"CNY", whole}, weights);
  RC_ASSERT(shares.ok());
  __int128 sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    sum += (*shares)[i].minor;
    const __int128 off = static_cast<__int128>((*shares)[i].minor) * total -
                         static_cast<__int128>(whole) * weights[i];
    const __int128 most = static_cast<__int128>(weights.size()) * total;
    RC_ASSERT(off < most && off > -most);
    RC_ASSERT(weights[i] > 0 || (*shares)[i].minor == 0);
  }
  RC_ASSERT(sum == static_cast<__int128>(whole));
}

RC_GTEST_PROP(MoneyProperty, TextAndUnitsComeBackInEveryExponent, (int64_t minor)) {
  const std::string currency = *rc::gen::element<std::string>("CNY", "JPY", "KWD");
  const Money money{currency, minor};
  const auto units = ToUnits(money);
  RC_ASSERT(units.ok());
  RC_ASSERT(FromUnits(*units, currency).value() == money);
  std::string text = FormatMoney(money);
  text.resize(text.size() - 4);
  std::erase(text, ',');
  RC_ASSERT(ParseMoney(text, currency).value() == money);
}

}  // namespace
}  // namespace steward
