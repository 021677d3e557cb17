#pragma once
// One form for what people write in many: phone numbers, e-mail addresses, unified social credit codes and company names.
// Each function is pure and idempotent; the same form means "probably the same", never "certainly".

#include <optional>
#include <string>
#include <string_view>

namespace steward::contact {

// E.164, `+8613800138000`; empty when it cannot be a number. A number without `+` is read as one dialled in `region`
// (ISO 3166-1 alpha-2, for example `CN`). An extension is left out.
std::optional<std::string> NormalisePhone(std::string_view text, std::string_view region);
// Whether numbers of this region can be read.
bool IsPhoneRegion(std::string_view region);

// Lower case without surrounding blanks; empty when it is not `local@domain.tld`.
std::optional<std::string> NormaliseEmail(std::string_view text);

// Unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters in upper case; empty when its form or its
// check digit is wrong.
std::optional<std::string> NormaliseCreditCode(std::string_view text);
// The check digit of the first 17 characters, for tests and made-up data; empty when they are no such characters.
std::optional<char> CreditCodeCheckDigit(std::string_view first17);

// For comparing only: without legal form (有限公司, Co., Ltd., GmbH ...), brackets, punctuation and blanks, in lower case and
// half width. A name that is nothing but a legal form stays. Empty for text without letters and digits.
std::string NormaliseCompanyName(std::string_view text);

}  // namespace steward::contact
