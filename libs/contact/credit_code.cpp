#include <cstddef>

#include "libs/contact/contact.h"
#include "libs/contact/width.h"

namespace steward::contact {
namespace {

constexpr size_t kLength = 18;
// Digits and letters without I, O, S, V and Z; a character's value is its place.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr int kModulus = 31;

}  // namespace

std::optional<char> CreditCodeCheckDigit(std::string_view first17) {
  if (first17.size() != kLength - 1) {
    return std::nullopt;
  }
  int sum = 0;
  int weight = 1;  // powers of 3
  for (const char c : first17) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    sum = (sum + static_cast<int>(value) * weight) % kModulus;
    weight = weight * 3 % kModulus;
  }
  return kAlphabet[static_cast<size_t>((kModulus - sum) % kModulus)];
}

std::optional<std::string> NormaliseCreditCode(std::string_view text) {
  std::string code;
  for (const char32_t c : FoldedCodePoints(text)) {
    if (c == ' ' || c == '-') {
      continue;
    }
    if (!IsAsciiDigit(c) && !IsAsciiLetter(c)) {
      return std::nullopt;
    }
    code += static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  }
  if (code.size() != kLength ||
      CreditCodeCheckDigit(std::string_view(code).substr(0, kLength - 1)) != code.back()) {
    return std::nullopt;
  }
  return code;
}

}  // namespace steward::contact
