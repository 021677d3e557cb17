#include "libs/rpc/values.h"

#include <gtest/gtest.h>

#include <limits>

#include "libs/base/status.h"

namespace steward::rpc {
namespace {

std::string FieldOf(const absl::Status& status) {
  const auto refusal = RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields.front().field : "";
}

google::type::Money Wire(const char* currency, int64_t units, int32_t nanos) {
  google::type::Money money;
  money.set_currency_code(currency);
  money.set_units(units);
  money.set_nanos(nanos);
  return money;
}

TEST(ValuesTest, MoneyKeepsEveryMinorUnitThere) {
  for (const char* currency : {"CNY", "JPY", "KWD"}) {
    for (const int64_t minor : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{1234567},
                                std::numeric_limits<int64_t>::max()}) {
      google::type::Money wire;
      ToProto(Money{currency, minor}, &wire);
      const auto back = FromProto("amount", wire);
      ASSERT_TRUE(back.ok()) << back.status();
      EXPECT_EQ(*back, (Money{currency, minor}));
    }
  }
}

TEST(ValuesTest, MoneyThatIsNoneNamesThePart) {
  EXPECT_EQ(FieldOf(FromProto("order.total", Wire("", 1, 0)).status()),
            "order.total.currency_code");
  EXPECT_EQ(FieldOf(FromProto("amount", Wire("XYZ", 1, 0)).status()), "amount.currency_code");
  EXPECT_EQ(FieldOf(FromProto("amount", Wire("CNY", 1, 1)).status()), "amount.nanos");
  EXPECT_EQ(FieldOf(FromProto("amount", Wire("CNY", 1, -10'000'000)).status()), "amount.nanos");
  EXPECT_EQ(
      FieldOf(FromProto("amount", Wire("CNY", std::numeric_limits<int64_t>::max(), 0)).status()),
      "amount.units");
}

TEST(ValuesTest, DaysThatAreNoneAreRefused) {
  google::type::Date wire;
  ToProto(absl::CivilDay(2028, 2, 29), &wire);
  EXPECT_EQ(*FromProto("day", wire), absl::CivilDay(2028, 2, 29));
  wire.set_year(2027);
  EXPECT_EQ(FieldOf(FromProto("signed_on", wire).status()), "signed_on");
  wire.set_day(0);
  EXPECT_FALSE(FromProto("day", wire).ok());
  EXPECT_FALSE(FromProto("day", google::type::Date()).ok());
}

}  // namespace
}  // namespace steward::rpc
