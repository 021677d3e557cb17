#include "libs/base/money.h"

#include <algorithm>
#include <array>

#include "libs/base/status.h"

namespace steward {
namespace {

struct Currency {
  std::string_view code;
  int exponent;
};
// ISO 4217, sorted by code; funds, metals and test codes are left out.
constexpr Currency kCurrencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2},
    {"AWG", 2}, {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0},
    {"BMD", 2}, {"BND", 2}, {"BOB", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2},
    {"BZD", 2}, {"CAD", 2}, {"CDF", 2}, {"CHF", 2}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"CRC", 2},
    {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2},
    {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2},
    {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2},
    {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2},
    {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0},
    {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2},
    {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2},
    {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2},
    {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2},
    {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2},
    {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2},
    {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2},
    {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"UYU", 2}, {"UZS", 2}, {"VES", 2},
    {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2},
    {"ZAR", 2}, {"ZMW", 2},
};
static_assert(std::is_sorted(std::begin(kCurrencies), std::end(kCurrencies),
                             [](const Currency& a, const Currency& b) { return a.code < b.code; }));

constexpr std::array<int64_t, 10> kPowers = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

absl::Status Overflow() {
  return Refuse(absl::StatusCode::kOutOfRange, "the amount is beyond what can be kept",
                {"AMOUNT_OVERFLOW"});
}

absl::Status SameCurrency(const Money& a, const Money& b) {
  if (a.currency == b.currency) {
    return absl::OkStatus();
  }
  return Refuse(absl::StatusCode::kInvalidArgument,
                "amounts in " + a.currency + " and " + b.currency + " do not go together",
                {"CURRENCY_MISMATCH", {{"currency", a.currency}, {"other", b.currency}}});
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits of the absolute value, at least `width` of them.
std::string Digits(int64_t minor, size_t width) {
  std::string text = std::to_string(minor);
  if (minor < 0) {
    text.erase(0, 1);
  }
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

}  // namespace

absl::StatusOr<int> ExponentOf(std::string_view currency) {
  const auto* found = std::lower_bound(
      std::begin(kCurrencies), std::end(kCurrencies), currency,
      [](const Currency& known, std::string_view wanted) { return known.code < wanted; });
  if (found == std::end(kCurrencies) || found->code != currency) {
    return FieldInvalid("currency_code", "`" + std::string(currency) +
                                             "` is no currency of ISO 4217; for example CNY");
  }
  return found->exponent;
}

absl::StatusOr<Money> Add(const Money& a, const Money& b) {
  RETURN_IF_ERROR(SameCurrency(a, b));
  Money sum{a.currency, 0};
  if (__builtin_add_overflow(a.minor, b.minor, &sum.minor)) {
    return Overflow();
  }
  return sum;
}

absl::StatusOr<Money> Subtract(const Money& a, const Money& b) {
  RETURN_IF_ERROR(SameCurrency(a, b));
  Money difference{a.currency, 0};
  if (__builtin_sub_overflow(a.minor, b.minor, &difference.minor)) {
    return Overflow();
  }
  return difference;
}

absl::StatusOr<std::vector<Money>> Split(const Money& whole, const std::vector<int64_t>& weights) {
  int64_t total = 0;
  size_t last = weights.size();
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0) {
      return FieldInvalid("weights", "a weight is not negative");
    }
    if (__builtin_add_overflow(total, weights[i], &total)) {
      return Overflow();
    }
    last = weights[i] > 0 ? i : last;
  }
  if (last == weights.size()) {
    return FieldInvalid("weights", "at least one weight is above zero");
  }
  std::vector<Money> shares;
  int64_t rest = whole.minor;
  for (size_t i = 0; i < weights.size(); ++i) {
    const __int128 exact = static_cast<__int128>(whole.minor) * weights[i] / total;
    shares.push_back({whole.currency, i == last ? 0 : static_cast<int64_t>(exact)});
    rest -= shares.back().minor;
  }
  shares[last].minor = rest;
  return shares;
}

std::string FormatMoney(const Money& money) {
  const absl::StatusOr<int> known = ExponentOf(money.currency);
  const size_t places = known.ok() ? static_cast<size_t>(*known) : 0;
  const std::string digits = Digits(money.minor, places + 1);
  std::string whole = digits.substr(0, digits.size() - places);
  for (size_t at = whole.size(); at > 3;) {
    at -= 3;
    whole.insert(at, ",");
  }
  return (money.minor < 0 ? "-" : "") + whole +
         (places > 0 ? "." + digits.substr(digits.size() - places) : "") + " " + money.currency;
}

absl::StatusOr<Money> ParseMoney(std::string_view amount, std::string_view currency) {
  ASSIGN_OR_RETURN(const int places, ExponentOf(currency));
  const auto wrong = [&] {
    return FieldInvalid("amount", "`" + std::string(amount) + "` is not an amount of " +
                                      std::string(currency) + ": digits and at most " +
                                      std::to_string(places) + " decimal places");
  };
  std::string_view rest = amount;
  const bool negative = !rest.empty() && rest.front() == '-';
  rest.remove_prefix(negative ? 1 : 0);
  const size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view part =
      point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && part.empty()) ||
      part.size() > static_cast<size_t>(places) ||
      !std::all_of(whole.begin(), whole.end(), IsDigit) ||
      !std::all_of(part.begin(), part.end(), IsDigit)) {
    return wrong();
  }
  std::string digits = std::string(whole) + std::string(part);
  digits.append(static_cast<size_t>(places) - part.size(), '0');
  int64_t minor = 0;
  for (const char digit : digits) {
    const int64_t step = negative ? -(digit - '0') : digit - '0';
    if (__builtin_mul_overflow(minor, int64_t{10}, &minor) ||
        __builtin_add_overflow(minor, step, &minor)) {
      return Overflow();
    }
  }
  return Money{std::string(currency), minor};
}

absl::StatusOr<UnitsAndNanos> ToUnits(const Money& money) {
  ASSIGN_OR_RETURN(const int places, ExponentOf(money.currency));
  const int64_t one = kPowers[static_cast<size_t>(places)];
  const int64_t nano = kPowers[static_cast<size_t>(9 - places)];
  return UnitsAndNanos{money.minor / one, static_cast<int32_t>(money.minor % one * nano)};
}

absl::StatusOr<Money> FromUnits(const UnitsAndNanos& amount, std::string_view currency) {
  ASSIGN_OR_RETURN(const int places, ExponentOf(currency));
  const int64_t nano = kPowers[static_cast<size_t>(9 - places)];
  if (amount.nanos <= -1'000'000'000 || amount.nanos >= 1'000'000'000) {
    return FieldInvalid("nanos", "lies between -999,999,999 and 999,999,999");
  }
  if ((amount.units > 0 && amount.nanos < 0) || (amount.units < 0 && amount.nanos > 0)) {
    return FieldInvalid("nanos", "has the sign of `units`");
  }
  if (amount.nanos % nano != 0) {
    return FieldInvalid("nanos", std::string(currency) + " has " + std::to_string(places) +
                                     " decimal places; the amount is finer");
  }
  int64_t minor = 0;
  if (__builtin_mul_overflow(amount.units, kPowers[static_cast<size_t>(places)], &minor) ||
      __builtin_add_overflow(minor, amount.nanos / nano, &minor)) {
    return Overflow();
  }
  return Money{std::string(currency), minor};
}

}  // namespace steward
