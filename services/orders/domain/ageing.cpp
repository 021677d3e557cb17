#include "services/orders/domain/ageing.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::orders {

std::string NameOf(const AgeingBucket& bucket) {
  if (!bucket.from) {
    return "not_due";
  }
  return bucket.to ? std::to_string(*bucket.from) + "-" + std::to_string(*bucket.to)
                   : "over_" + std::to_string(*bucket.from - 1);
}

absl::Status CheckBuckets(const AgeingBuckets& buckets) {
  const std::vector<int32_t>& ends = buckets.ends;
  if (ends.empty() || ends.front() != 0 || ends.size() >= kMaxBuckets) {
    return FieldInvalid("buckets",
                        "begin with 0, the end of what is not overdue, and are at most " +
                            std::to_string(kMaxBuckets));
  }
  if (std::adjacent_find(ends.begin(), ends.end(), std::greater_equal<>()) != ends.end()) {
    return FieldInvalid("buckets", "have each end above the one before");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AgeingBucket>> AgeOpen(const AgeingBuckets& buckets,
                                                  const std::string& currency,
                                                  const std::vector<LedgerState>& ledgers) {
  RETURN_IF_ERROR(CheckBuckets(buckets));
  std::vector<AgeingBucket> aged;
  for (size_t i = 0; i <= buckets.ends.size(); ++i) {
    AgeingBucket bucket;
    if (i > 0) {
      bucket.from = buckets.ends[i - 1] + 1;
    }
    if (i < buckets.ends.size()) {
      bucket.to = buckets.ends[i];
    }
    bucket.open.currency = currency;
    aged.push_back(bucket);
  }
  for (const LedgerState& ledger : ledgers) {
    for (const InstalmentStanding& instalment : ledger.instalments) {
      const auto end =
          std::lower_bound(buckets.ends.begin(), buckets.ends.end(), instalment.overdue_days);
      AgeingBucket& bucket = aged[static_cast<size_t>(end - buckets.ends.begin())];
      ASSIGN_OR_RETURN(bucket.open, Add(bucket.open, {ledger.currency, instalment.open()}));
      bucket.instalments += instalment.open() > 0 ? 1 : 0;
    }
  }
  return aged;
}

}  // namespace steward::orders
