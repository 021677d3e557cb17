#include "libs/rpc/values.h"

#include <string>

#include "libs/base/status.h"

namespace steward::rpc {

void ToProto(const Money& money, google::type::Money* out) {
  out->Clear();
  const absl::StatusOr<UnitsAndNanos> amount = ToUnits(money);
  if (!amount.ok()) {
    return;
  }
  out->set_currency_code(money.currency);
  out->set_units(amount->units);
  out->set_nanos(amount->nanos);
}

absl::StatusOr<Money> FromProto(std::string_view field, const google::type::Money& in) {
  const std::string path(field);
  if (in.currency_code().empty()) {
    return FieldInvalid(path + ".currency_code", "is a currency of ISO 4217, for example `CNY`");
  }
  const absl::StatusOr<int> exponent = ExponentOf(in.currency_code());
  if (!exponent.ok()) {
    return FieldInvalid(path + ".currency_code",
                        "`" + in.currency_code() + "` is no currency of ISO 4217");
  }
  absl::StatusOr<Money> money = FromUnits({in.units(), in.nanos()}, in.currency_code());
  if (!money.ok()) {
    const bool overflow = money.status().code() == absl::StatusCode::kOutOfRange;
    return FieldInvalid(path + (overflow ? ".units" : ".nanos"),
                        std::string(money.status().message()));
  }
  return money;
}

void ToProto(absl::CivilDay day, google::type::Date* out) {
  out->set_year(static_cast<int32_t>(day.year()));
  out->set_month(day.month());
  out->set_day(day.day());
}

absl::StatusOr<absl::CivilDay> FromProto(std::string_view field, const google::type::Date& in) {
  const absl::CivilDay day(in.year(), in.month(), in.day());
  // A civil day takes 31 February for 3 March: what changed was no day.
  if (in.year() < 1 || in.year() > 9999 || day.year() != in.year() || day.month() != in.month() ||
      day.day() != in.day()) {
    return FieldInvalid(field, "is a day with year, month and day, years 0001 to 9999");
  }
  return day;
}

}  // namespace steward::rpc
