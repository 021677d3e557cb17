#include <cstring>

#include "libs/kafka/kafka.h"

namespace steward::kafka {
namespace {

// MurmurHash2 with the seed of Kafka's Java client.
uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kMix = 0x5bd1e995;
  uint32_t hash = 0x9747b28c ^ static_cast<uint32_t>(bytes.size());
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= 4; p += 4, left -= 4) {
    uint32_t k = static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
                 static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
    k *= kMix;
    k ^= k >> 24;
    k *= kMix;
    hash = hash * kMix ^ k;
  }
  if (left > 0) {
    for (size_t i = left; i > 0; --i) {
      hash ^= static_cast<uint32_t>(p[i - 1]) << (8 * (i - 1));
    }
    hash *= kMix;
  }
  hash ^= hash >> 13;
  hash *= kMix;
  return hash ^ hash >> 15;
}

}  // namespace

int PartitionOf(std::string_view key, int partitions) {
  return static_cast<int>((Murmur2(key) & 0x7fffffff) % static_cast<uint32_t>(partitions));
}

}  // namespace steward::kafka
