#pragma once
// Money: int64 minor units (cents, fen) and an ISO 4217 currency. Never a double; overflow is refused; parts of a split always sum
// to the whole.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace steward {

struct Money {
  std::string currency;  // ISO 4217, for example `CNY`
  int64_t minor = 0;     // in the currency's smallest unit
  friend bool operator==(const Money&, const Money&) = default;
};

// Decimal places of a currency: 2 for CNY, 0 for JPY, 3 for KWD. INVALID_ARGUMENT for a code that is none of ISO 4217.
absl::StatusOr<int> ExponentOf(std::string_view currency);

// INVALID_ARGUMENT, reason CURRENCY_MISMATCH, when the currencies differ; OUT_OF_RANGE, reason AMOUNT_OVERFLOW, beyond int64.
absl::StatusOr<Money> Add(const Money& a, const Money& b);
absl::StatusOr<Money> Subtract(const Money& a, const Money& b);

// Shares in proportion to `weights` (none negative, not all zero, sum within int64): each is rounded towards zero, the last share
// with a weight takes the rest. They sum to the whole and have its sign, except that the last may differ by the rounding.
absl::StatusOr<std::vector<Money>> Split(const Money& whole, const std::vector<int64_t>& weights);

// `12,345.60 CNY`: what people read.
std::string FormatMoney(const Money& money);
// `12345.60` with at most the currency's decimal places; a sign is allowed. Refuses anything else, never rounds.
absl::StatusOr<Money> ParseMoney(std::string_view amount, std::string_view currency);

// As google.type.Money has it: whole units and nano units (10^-9) of the same sign. From that form: INVALID_ARGUMENT when the nanos
// are finer than the currency, out of range, or of the other sign.
struct UnitsAndNanos {
  int64_t units = 0;
  int32_t nanos = 0;
  friend bool operator==(const UnitsAndNanos&, const UnitsAndNanos&) = default;
};
absl::StatusOr<UnitsAndNanos> ToUnits(const Money& money);
absl::StatusOr<Money> FromUnits(const UnitsAndNanos& amount, std::string_view currency);

}  // namespace steward
