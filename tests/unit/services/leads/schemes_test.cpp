#include "services/leads/schemes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steward::leads {
namespace {

using ::testing::HasSubstr;

TEST(ShippedSchemes, AreThree) {
  const auto schemes = LoadTierSchemes("");
  ASSERT_TRUE(schemes.ok()) << schemes.status();
  for (const auto& [scheme, tier] :
       std::vector<std::pair<const char*, const char*>>{{"strategic", "strategic"},
                                                        {"strategic", "key"},
                                                        {"strategic", "potential"},
                                                        {"abc", "a"},
                                                        {"abc", "b"},
                                                        {"abc", "c"},
                                                        {"key_account", "yes"}}) {
    EXPECT_TRUE(schemes->CheckTier("s", "t", scheme, tier).ok()) << scheme << ":" << tier;
  }
  EXPECT_EQ(schemes->schemes().size(), 3u);
  for (const TierScheme& scheme : schemes->schemes()) {
    EXPECT_EQ(scheme.display_names.size(), 2u) << scheme.id;
    EXPECT_FALSE(scheme.source.empty()) << scheme.id;
    for (const Tier& tier : scheme.tiers) {
      EXPECT_EQ(tier.display_names.size(), 2u) << scheme.id << ":" << tier.id;
    }
  }
}

TEST(Schemes, SayWhereAFileIsWrong) {
  EXPECT_THAT(std::string(ParseTierSchemes("schemes { id: \"x\"\n colour: 1 }").status().message()),
              HasSubstr("line 2"));
  EXPECT_THAT(std::string(ParseTierSchemes("schemes { id: \"x\" }").status().message()),
              HasSubstr("has no tier"));
  EXPECT_THAT(std::string(LoadTierSchemes("/nowhere").status().message()), HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace steward::leads
