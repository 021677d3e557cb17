#include "services/scoring/domain/aggregate.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

using Verdict = ClockResult::Verdict;

constexpr Aggregation kAggregations[] = {Aggregation::kShareWithin, Aggregation::kMean,
                                         Aggregation::kPercentile, Aggregation::kWorst};
constexpr int64_t kHour = Hours(1).micros;

absl::Status DropRepeats(std::vector<ClockResult>& results) {
  std::sort(results.begin(), results.end(),
            [](const ClockResult& a, const ClockResult& b) { return a.clock < b.clock; });
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].elapsed < Duration{}) {
      return FieldInvalid("clocks", results[i].clock.ToString() + " has negative time");
    }
    if (i > 0 && results[i].clock == results[i - 1].clock &&
        (results[i].verdict != results[i - 1].verdict ||
         results[i].elapsed != results[i - 1].elapsed)) {
      return FieldInvalid("clocks", results[i].clock.ToString() + " has two different results");
    }
  }
  results.erase(
      std::unique(results.begin(), results.end(),
                  [](const ClockResult& a, const ClockResult& b) { return a.clock == b.clock; }),
      results.end());
  return absl::OkStatus();
}

absl::StatusOr<Decimal> InHours(__int128 micros, int64_t count) {
  ASSIGN_OR_RETURN(const Ratio hours, MakeRatio(micros, static_cast<__int128>(kHour) * count));
  return Round(hours, 6);
}

// `elapsed` is sorted and not empty.
absl::StatusOr<Decimal> ValueOf(Aggregation aggregation, int percentile, int64_t met,
                                const std::vector<int64_t>& elapsed) {
  const auto count = static_cast<int64_t>(elapsed.size());
  switch (aggregation) {
    case Aggregation::kShareWithin: {
      ASSIGN_OR_RETURN(const Ratio share, MakeRatio(met * 100, count));
      return Round(share, 6);
    }
    case Aggregation::kMean: {
      __int128 sum = 0;
      for (const int64_t each : elapsed) {
        sum += each;
      }
      return InHours(sum, count);
    }
    case Aggregation::kPercentile: {
      const int64_t rank = (count * percentile + 99) / 100;
      return InHours(elapsed[static_cast<size_t>(rank - 1)], 1);
    }
    case Aggregation::kWorst:
      return InHours(elapsed.back(), 1);
  }
  return Decimal{};
}

}  // namespace

std::string_view NameOf(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::kShareWithin:
      return "share_within";
    case Aggregation::kMean:
      return "mean";
    case Aggregation::kPercentile:
      return "percentile";
    case Aggregation::kWorst:
      return "worst";
  }
  return "";
}

absl::StatusOr<Aggregation> ParseAggregation(std::string_view field, std::string_view name) {
  for (const Aggregation each : kAggregations) {
    if (NameOf(each) == name) {
      return each;
    }
  }
  return FieldInvalid(field, "is one of share_within, mean, percentile, worst");
}

absl::StatusOr<Aggregate> AggregateClocks(Aggregation aggregation, int percentile,
                                          std::vector<ClockResult> results) {
  if (aggregation == Aggregation::kPercentile && (percentile < 1 || percentile > 100)) {
    return FieldInvalid("percentile", "lies between 1 and 100");
  }
  RETURN_IF_ERROR(DropRepeats(results));
  Aggregate aggregate;
  std::vector<int64_t> elapsed;
  int64_t met = 0;
  for (const ClockResult& result : results) {
    if (result.verdict == Verdict::kOpen) {
      ++aggregate.open;
    } else if (result.verdict == Verdict::kCancelled) {
      ++aggregate.cancelled;
    } else {
      met += result.verdict == Verdict::kMet ? 1 : 0;
      elapsed.push_back(result.elapsed.micros);
      aggregate.clocks.push_back(result.clock);
    }
  }
  if (!elapsed.empty()) {
    std::sort(elapsed.begin(), elapsed.end());
    ASSIGN_OR_RETURN(aggregate.value, ValueOf(aggregation, percentile, met, elapsed));
  }
  return aggregate;
}

}  // namespace steward::scoring
