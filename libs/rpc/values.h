#pragma once
// Amounts and days on the wire: google.type.Money and google.type.Date.

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"
#include "libs/base/day.h"
#include "libs/base/money.h"

namespace steward::rpc {

// `money` has a currency of ISO 4217; one without comes out empty.
void ToProto(const Money& money, google::type::Money* out);
// INVALID_ARGUMENT naming `field`.currency_code, .units or .nanos.
absl::StatusOr<Money> FromProto(std::string_view field, const google::type::Money& in);

void ToProto(absl::CivilDay day, google::type::Date* out);
// INVALID_ARGUMENT naming `field`: no such day, or a part of it is missing.
absl::StatusOr<absl::CivilDay> FromProto(std::string_view field, const google::type::Date& in);

}  // namespace steward::rpc
