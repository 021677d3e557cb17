#include "libs/contact/contact.h"

#include <gtest/gtest.h>

namespace steward::contact {
namespace {

TEST(Phone, IsE164) {
  for (const char* written : {"13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000",
                              "0086 13800138000", "+8613800138000", "１３８００１３８０００"}) {
    EXPECT_EQ(NormalisePhone(written, "CN"), "+8613800138000") << written;
  }
  EXPECT_EQ(NormalisePhone("(010) 6552 9988", "CN"), "+861065529988");
  EXPECT_EQ(NormalisePhone("010-65529988 ext. 801", "CN"), "+861065529988");
  EXPECT_EQ(NormalisePhone("+1 650-253-0000", "CN"), "+16502530000");
  EXPECT_EQ(NormalisePhone("030 123456", "DE"), "+4930123456") << "the region decides";
}

TEST(Phone, RefusesWhatIsNoNumber) {
  for (const char* written : {"", "abc", "12", "110", "+", "138001380001380013800013800138000",
                              "+999 12345678", "\xff\xfe", "没有"}) {
    EXPECT_EQ(NormalisePhone(written, "CN"), std::nullopt) << written;
  }
  EXPECT_EQ(NormalisePhone("13800138000", "XX"), std::nullopt);
  EXPECT_TRUE(IsPhoneRegion("CN"));
  EXPECT_FALSE(IsPhoneRegion("cn"));
  EXPECT_FALSE(IsPhoneRegion(""));
}

TEST(Email, IsLowerCase) {
  EXPECT_EQ(NormaliseEmail(" Li.Wei@Example.COM\n"), "li.wei@example.com");
  EXPECT_EQ(NormaliseEmail("a+b@x.cn"), "a+b@x.cn");
  EXPECT_EQ(NormaliseEmail("ｌｉ＠ｘ．ｃｎ"), "li@x.cn");
  EXPECT_EQ(NormaliseEmail("李@例子.中国"), "李@例子.中国");
}

TEST(Email, RefusesWhatIsNoAddress) {
  for (const char* written :
       {"", "li", "li@", "@x.cn", "li@x", "li@@x.cn", "li@x..cn", ".li@x.cn", "li.@x.cn",
        "li wei@x.cn", "li@x_y.cn", "li@x.cn.", "<li@x.cn>", "a@b.cn,c@d.cn"}) {
    EXPECT_EQ(NormaliseEmail(written), std::nullopt) << written;
  }
  EXPECT_EQ(NormaliseEmail(std::string(65, 'a') + "@x.cn"), std::nullopt);
  EXPECT_EQ(NormaliseEmail("a@" + std::string(260, 'b') + ".cn"), std::nullopt);
}

TEST(CreditCode, ChecksItsDigit) {
  EXPECT_EQ(NormaliseCreditCode("91110108551385082Q"), "91110108551385082Q");
  EXPECT_EQ(NormaliseCreditCode("9144030071526726XG"), "9144030071526726XG");
  EXPECT_EQ(NormaliseCreditCode(" 91110108-551385082q "), "91110108551385082Q");
  EXPECT_EQ(NormaliseCreditCode("９１１１０１０８５５１３８５０８２Ｑ"), "91110108551385082Q");
  EXPECT_EQ(CreditCodeCheckDigit("91110108551385082"), 'Q');
  EXPECT_EQ(CreditCodeCheckDigit("9111010855138508I"), std::nullopt) << "no I, O, S, V, Z";
}

TEST(CreditCode, RefusesAWrongOne) {
  for (const char* written : {"", "91110108551385082", "91110108551385082QQ", "91110108551385082R",
                              "91110108551385083Q", "9111O108551385082Q", "91110108551385082。"}) {
    EXPECT_EQ(NormaliseCreditCode(written), std::nullopt) << written;
  }
}

// One character wrong, or two neighbours swapped, never passes: 31 is prime and no weight repeats.
TEST(CreditCode, EveryWrongDigitIsFound) {
  const std::string code = "91110108551385082Q";
  for (size_t at = 0; at < code.size(); ++at) {
    for (const char c : std::string_view("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      std::string wrong = code;
      wrong[at] = c;
      EXPECT_EQ(NormaliseCreditCode(wrong).has_value(), wrong == code) << wrong;
    }
    if (at + 1 < code.size() && code[at] != code[at + 1]) {
      std::string swapped = code;
      std::swap(swapped[at], swapped[at + 1]);
      EXPECT_EQ(NormaliseCreditCode(swapped), std::nullopt) << swapped;
    }
  }
}

TEST(Company, LosesItsLegalForm) {
  for (const char* written :
       {"小米科技有限责任公司", "小米科技有限責任公司", "小米科技 有限公司", "小米科技",
        "小米科技（有限公司）", "小米科技股份有限公司", "小米科技集团有限公司"}) {
    EXPECT_EQ(NormaliseCompanyName(written), "小米科技") << written;
  }
  for (const char* written : {"Acme Co., Ltd.", "ACME Limited", "acme", "Acme, Inc.",
                              "Ａｃｍｅ　ＧｍｂＨ", "Acme Group Holdings"}) {
    EXPECT_EQ(NormaliseCompanyName(written), "acme") << written;
  }
  EXPECT_EQ(NormaliseCompanyName("大连万达(集团)股份有限公司"), "大连万达");
  EXPECT_EQ(NormaliseCompanyName("华为（中国）有限公司"), "华为中国")
      << "another company than 华为";
}

TEST(Company, KeepsWhatIsNoForm) {
  EXPECT_EQ(NormaliseCompanyName("Limited"), "limited");
  EXPECT_EQ(NormaliseCompanyName("公司"), "公司");
  EXPECT_EQ(NormaliseCompanyName("Ltd Brands"), "ltdbrands");
  EXPECT_EQ(NormaliseCompanyName("7-Eleven"), "7eleven");
  EXPECT_EQ(NormaliseCompanyName(" ().,-"), "");
}

}  // namespace
}  // namespace steward::contact
