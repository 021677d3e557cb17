#include <gtest/gtest.h>

#include "libs/kafka/kafka.h"

namespace steward::kafka {
namespace {

// Hash values published with the Java client's own tests, modulo a prime below 2^31.
TEST(PartitionOf, AgreesWithTheJavaClient) {
  const auto expected = [](int32_t hash, int partitions) {
    return static_cast<int>((static_cast<uint32_t>(hash) & 0x7fffffff) % partitions);
  };
  constexpr int kMany = 1'000'003;
  EXPECT_EQ(PartitionOf("21", kMany), expected(-973932308, kMany));
  EXPECT_EQ(PartitionOf("foobar", kMany), expected(-790332482, kMany));
  EXPECT_EQ(PartitionOf("a-little-bit-long-string", kMany), expected(-985981536, kMany));
  EXPECT_EQ(PartitionOf("a-little-bit-longer-string", kMany), expected(-1486304829, kMany));
  EXPECT_EQ(PartitionOf("abc", kMany), expected(479470107, kMany));
}

TEST(PartitionOf, StaysInRange) {
  for (int partitions : {1, 3, 12}) {
    for (int i = 0; i < 1000; ++i) {
      const int partition = PartitionOf("complaints/" + std::to_string(i), partitions);
      EXPECT_GE(partition, 0);
      EXPECT_LT(partition, partitions);
    }
  }
}

}  // namespace
}  // namespace steward::kafka
