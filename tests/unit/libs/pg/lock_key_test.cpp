#include <gtest/gtest.h>

#include <algorithm>

#include "libs/pg/tx.h"

namespace steward::pg {
namespace {

TEST(LockKeyTest, SortsByHashAndPutsExclusiveFirst) {
  const LockKey exclusive = LockKey::Exclusive("tickets/a");
  const LockKey shared = LockKey::Shared("tickets/a");
  EXPECT_EQ(exclusive.hash, shared.hash);
  EXPECT_LT(exclusive, shared);
  std::vector<LockKey> keys = {{5, true}, {9, false}, {5, false}};
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<LockKey>{{5, false}, {5, true}, {9, false}}));
}

}  // namespace
}  // namespace steward::pg
