#include "services/leads/domain/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

const MatchKey kCode{MatchKind::kCreditCode, "91110108551385082Q"};
const MatchKey kPhone{MatchKind::kPhone, "+8613800138000"};
const MatchKey kOtherPhone{MatchKind::kPhone, "+8613900139000"};
const MatchKey kEmail{MatchKind::kEmail, "li@x.cn"};
const MatchKey kName{MatchKind::kCompanyName, "acme"};

TEST(Duplicates, OneReasonIsWorthItsWeight) {
  for (const MatchKey& key : {kCode, kPhone, kEmail, kName}) {
    const auto found = RankDuplicates("self", {{key, "other"}}, 50);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].score, WeightOf(key.kind)) << NameOf(key.kind);
  }
}

TEST(Duplicates, SeveralReasonsAreSurer) {
  const auto found = RankDuplicates(
      "self",
      {{kName, "a"}, {kPhone, "b"}, {kName, "b"}, {kCode, "c"}, {kPhone, "c"}, {kOtherPhone, "b"}},
      50);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].customer, "c");
  EXPECT_EQ(found[0].score, 98);
  EXPECT_THAT(found[0].reasons, ElementsAre(MatchKind::kCreditCode, MatchKind::kPhone));
  EXPECT_EQ(found[1].customer, "b");
  EXPECT_EQ(found[1].score, 88) << "two phones are one reason";
  EXPECT_EQ(found[2].customer, "a");
  EXPECT_EQ(found[2].score, 60);
}

TEST(Duplicates, NobodyIsHisOwn) {
  EXPECT_TRUE(RankDuplicates("self", {{kCode, "self"}}, 50).empty());
}

TEST(Duplicates, WhatManyShareSaysNothing) {
  std::vector<KeyHolder> holders{{kPhone, "self"}};
  for (size_t i = 0; i < kMaxHolders; ++i) {
    holders.push_back({kPhone, "c" + std::to_string(i)});
  }
  EXPECT_EQ(RankDuplicates("self", holders, 50).size(), kMaxHolders);
  EXPECT_EQ(RankDuplicates("self", holders, 3).size(), 3u);
  holders.push_back({kPhone, "one-more"});
  EXPECT_TRUE(RankDuplicates("self", holders, 50).empty());
}

TEST(Duplicates, EqualScoresAreInOrderOfIds) {
  const auto found = RankDuplicates("", {{kPhone, "b"}, {kEmail, "a"}, {kPhone, "c"}}, 50);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].customer + found[1].customer + found[2].customer, "abc");
}

}  // namespace
}  // namespace steward::leads
