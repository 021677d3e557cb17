#pragma once
// UUIDs (RFC 9562) and typed names. Resource names are `collection/{id}`.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace steward {

struct Uuid {
  std::array<uint8_t, 16> bytes{};
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  // Lower case with dashes.
  std::string ToString() const;
  // Any version, any case.
  static absl::StatusOr<Uuid> Parse(std::string_view text);
};

// The UUIDv7 layout with a 12-bit counter that keeps ids in order inside a millisecond and when the clock steps back.
// Not thread-safe.
class UuidSequence {
 public:
  Uuid Next(Time now, uint64_t random_a, uint64_t random_b);

 private:
  int64_t last_millis_ = -1;
  uint32_t counter_ = 0;
};

// Makes UUIDv7: ordered by time within one generator, even inside a millisecond. Thread-safe.
class IdGenerator {
 public:
  virtual ~IdGenerator() = default;
  virtual Uuid NewId(Time now) = 0;
};
// Random bits from the system.
class RandomIdGenerator final : public IdGenerator {
 public:
  Uuid NewId(Time now) override;

 private:
  std::mutex mutex_;
  std::array<uint64_t, 32> pool_{};
  size_t used_ = 32;
  UuidSequence sequence_;
};
// The same sequence for the same seed.
class SeededIdGenerator final : public IdGenerator {
 public:
  explicit SeededIdGenerator(uint64_t seed) : state_(seed) {}
  Uuid NewId(Time now) override;

 private:
  std::mutex mutex_;
  uint64_t state_;
  UuidSequence sequence_;
};

// A name that cannot be mistaken for another kind of name: `struct TicketTag {}; using TicketName = TypedName<TicketTag>;`
template <class Tag>
struct TypedName {
  std::string value;
  friend auto operator<=>(const TypedName&, const TypedName&) = default;
  bool empty() const { return value.empty(); }
};

// Checks `collection/{id}` with a DNS-safe lower-case id of at most 63 characters; `field` is named in the error.
absl::Status CheckName(std::string_view field, std::string_view collection, std::string_view name);

// Stable 64-bit hash for advisory locks and shards (FNV-1a with a final mix); never changes.
uint64_t StableHash(std::string_view bytes);

}  // namespace steward
