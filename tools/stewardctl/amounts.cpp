#include "tools/stewardctl/amounts.h"

#include "libs/base/status.h"
#include "libs/base/time.h"
#include "libs/rpc/values.h"

namespace stewardctl {

absl::StatusOr<steward::Money> ParseAmount(std::string_view text) {
  const size_t letters = text.find_last_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") + 1;
  const size_t digits = text.find_last_not_of(' ', letters == 0 ? 0 : letters - 1) + 1;
  return steward::ParseMoney(text.substr(0, digits), text.substr(letters));
}

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

std::string AmountText(int64_t minor, const std::string& currency) {
  return steward::FormatMoney({currency, minor});
}

std::string DurationText(int64_t micros) {
  return steward::FormatDuration(steward::Seconds(micros / 1'000'000));
}

std::string DayText(bool given, const google::type::Date& date) {
  const auto read = steward::rpc::FromProto("day", date);
  return given && read.ok() ? steward::FormatDay(*read) : "";
}

}  // namespace stewardctl
