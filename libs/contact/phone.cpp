#include <set>

#include "libs/contact/contact.h"
#include "libs/contact/width.h"
#include "phonenumbers/phonenumberutil.h"

namespace steward::contact {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

std::optional<std::string> ToE164(std::string_view text, std::string_view region) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (util.Parse(std::string(text), std::string(region), &number) !=
          PhoneNumberUtil::NO_PARSING_ERROR ||
      !util.IsPossibleNumber(number)) {
    return std::nullopt;
  }
  std::string e164;
  util.Format(number, PhoneNumberUtil::E164, &e164);
  return e164;
}

}  // namespace

std::optional<std::string> NormalisePhone(std::string_view text, std::string_view region) {
  const std::optional<std::string> e164 = ToE164(FoldWidth(text), region);
  // A number whose E.164 form is another number, or none, has no form: `0006...`, zeros behind the
  // country code.
  return e164 && ToE164(*e164, region) == e164 ? e164 : std::nullopt;
}

bool IsPhoneRegion(std::string_view region) {
  std::set<std::string> regions;
  PhoneNumberUtil::GetInstance()->GetSupportedRegions(&regions);
  return regions.contains(std::string(region));
}

}  // namespace steward::contact
