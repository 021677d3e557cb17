#include "tools/stewardctl/amounts.h"

#include "libs/base/status.h"
#include "libs/rpc/values.h"

namespace stewardctl {

absl::Status SetAmount(const std::string& option, const std::string& amount,
                       const std::string& currency, google::type::Money* money) {
  const auto read = steward::ParseMoney(amount, currency);
  if (!read.ok()) {
    return steward::FieldInvalid(
        option, "`" + amount + "` is no amount of " + currency + ", for example 12345.60");
  }
  steward::rpc::ToProto(*read, money);
  return absl::OkStatus();
}

absl::Status SetDay(const std::string& option, const std::string& day, google::type::Date* date) {
  ASSIGN_OR_RETURN(const absl::CivilDay read, steward::ParseDay(option, day));
  steward::rpc::ToProto(read, date);
  return absl::OkStatus();
}

std::string AmountText(const google::type::Money& money) {
  const auto read = steward::rpc::FromProto("amount", money);
  return read.ok() ? steward::FormatMoney(*read) : "";
}

std::string DayText(bool given, const google::type::Date& date) {
  const auto read = steward::rpc::FromProto("day", date);
  return given && read.ok() ? steward::FormatDay(*read) : "";
}

}  // namespace stewardctl
