// Normalising twice is normalising once, for anything that people or machines write.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/contact/contact.h"

namespace steward::contact {
namespace {

// Text out of the pieces that the rules look at, with some that they do not.
rc::Gen<std::string> Pieces(std::vector<std::string> pieces) {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::move(pieces))),
      [](const std::vector<std::string>& parts) {
        std::string text;
        for (const std::string& part : parts) {
          text += part;
        }
        return text;
      });
}

template <class Normalise>
void ExpectIdempotent(const std::string& text, Normalise normalise) {
  const std::optional<std::string> once = normalise(text);
  if (once) {
    RC_ASSERT(normalise(*once) == once);
  }
}

RC_GTEST_PROP(ContactProperty, Phone, ()) {
  const std::string text =
      *Pieces({"+", "86", "0",   "00", "1",   "3",        "8",  "0",  "13800138000", " ", "-",
               "(", ")",  "ext", "x",  "010", "65529988", "＋", "８", "a",           "转"});
  ExpectIdempotent(text, [](const std::string& each) { return NormalisePhone(each, "CN"); });
}

RC_GTEST_PROP(ContactProperty, Email, ()) {
  const std::string text =
      *Pieces({"@", ".", "Li", "x", "CN", ".cn", "@X.cn", " ", "＠", "李", "+", "\xc3", "\n", "-"});
  ExpectIdempotent(text, [](const std::string& each) { return NormaliseEmail(each); });
}

RC_GTEST_PROP(ContactProperty, CreditCode, ()) {
  std::string first;
  for (int i = 0; i < 17; ++i) {
    first += *rc::gen::elementOf(std::string("0123456789ABCDEFGHJKLMNPQRTUWXY"));
  }
  const std::string code = first + *CreditCodeCheckDigit(first);
  RC_ASSERT(NormaliseCreditCode(code) == code);
  RC_ASSERT(NormaliseCreditCode(code.substr(0, 8) + " - " + code.substr(8)) == code);
}

RC_GTEST_PROP(ContactProperty, Company, ()) {
  const std::string text = *Pieces(
      {"甲", "有限", "公司", "有限公司", "股份", "集团", "集團", "责任", "公",   "司",    "(", "）",
       " ",  "co",   "Co.",  "ltd",      "Inc",  "acme", ",",    "　",   "\xe5", "group", "é"});
  const std::string once = NormaliseCompanyName(text);
  RC_ASSERT(NormaliseCompanyName(once) == once);
}

RC_GTEST_PROP(ContactProperty, AnyBytes, (const std::string& text)) {
  ExpectIdempotent(text, [](const std::string& each) { return NormalisePhone(each, "CN"); });
  ExpectIdempotent(text, [](const std::string& each) { return NormaliseEmail(each); });
  ExpectIdempotent(text, [](const std::string& each) { return NormaliseCreditCode(each); });
  RC_ASSERT(NormaliseCompanyName(NormaliseCompanyName(text)) == NormaliseCompanyName(text));
}

}  // namespace
}  // namespace steward::contact
