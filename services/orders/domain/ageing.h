#pragma once
// How old what is open is. The buckets are data.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/day.h"
#include "libs/base/money.h"
#include "services/orders/domain/ledger.h"

namespace steward::orders {

// The last overdue day of each bucket but the last one, which has no end; the first is what is not
// overdue. The default is ours, as no seed gives one: not due, 1-30, 31-60, 61-90, over 90 days.
struct AgeingBuckets {
  std::vector<int32_t> ends = {0, 30, 60, 90};
};
inline constexpr size_t kMaxBuckets = 20;

struct AgeingBucket {
  std::optional<int32_t> from, to;  // overdue days, both included; nullopt = no bound
  int64_t instalments = 0;
  Money open;
  friend bool operator==(const AgeingBucket&, const AgeingBucket&) = default;
};
// `not_due`, `1-30`, `over_90`.
std::string NameOf(const AgeingBucket& bucket);

// FIELD_INVALID naming `buckets`: the first end is 0, each is above the one before, at most
// kMaxBuckets.
[[nodiscard]] absl::Status CheckBuckets(const AgeingBuckets& buckets);

// What is open of these ledgers, all of them computed for the same day and in `currency`, by age; an
// instalment that waits for an event is not due. CURRENCY_MISMATCH, AMOUNT_OVERFLOW, and those of
// CheckBuckets.
absl::StatusOr<std::vector<AgeingBucket>> AgeOpen(const AgeingBuckets& buckets,
                                                  const std::string& currency,
                                                  const std::vector<LedgerState>& ledgers);

}  // namespace steward::orders
