#include "services/leads/domain/tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Tiers, AreTextsByScheme) {
  const auto tiers = TiersOf("t", {"key_account:yes", "abc:a"});
  ASSERT_TRUE(tiers.ok());
  EXPECT_THAT(ToTexts(*tiers), ElementsAre("abc:a", "key_account:yes"));
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"abc"}, {":a"}, {"abc:"}, {""}, {"abc:a", "abc:b"}}) {
    EXPECT_EQ(ReasonOf(TiersOf("t", wrong).status()), "FIELD_INVALID");
  }
}

TEST(TierSchemes, AreChecked) {
  const Tier a{"a", {}};
  EXPECT_TRUE(TierSchemes::Create({{"abc", {}, {a}, ""}}).ok());
  EXPECT_FALSE(TierSchemes::Create({{"abc", {}, {}, ""}}).ok()) << "no tier";
  EXPECT_FALSE(TierSchemes::Create({{"abc", {}, {a, a}, ""}}).ok()) << "a tier twice";
  EXPECT_FALSE(TierSchemes::Create({{"abc", {}, {a}, ""}, {"abc", {}, {a}, ""}}).ok());
  for (const char* id : {"", "a:b", "A", "a b", "客"}) {
    EXPECT_FALSE(TierSchemes::Create({{id, {}, {a}, ""}}).ok()) << id;
    EXPECT_FALSE(TierSchemes::Create({{"abc", {}, {{id, {}}}, ""}}).ok()) << id;
  }
}

TEST(TierSchemes, SayWhatIsKnown) {
  const auto schemes = TierSchemes::Create({{"abc", {}, {{"a", {}}, {"b", {}}}, ""}});
  EXPECT_TRUE(schemes->CheckTier("s", "t", "abc", "b").ok());
  EXPECT_THAT(std::string(schemes->CheckTier("s", "t", "abc", "c").message()), HasSubstr("a, b"));
  EXPECT_THAT(std::string(schemes->CheckTier("s", "t", "x", "c").message()), HasSubstr("abc"));
}

}  // namespace
}  // namespace steward::leads
