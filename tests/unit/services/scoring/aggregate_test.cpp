#include "services/scoring/domain/aggregate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/services/scoring/cards.h"

namespace steward::scoring::testing {
namespace {

using Verdict = ClockResult::Verdict;

ClockResult Result(uint8_t id, Verdict verdict, Duration elapsed) {
  ClockResult result{{}, verdict, elapsed};
  result.clock.bytes[15] = id;
  return result;
}
std::string Answer(Aggregation aggregation, const std::vector<ClockResult>& results,
                   int percentile = 50) {
  const auto aggregate = AggregateClocks(aggregation, percentile, results);
  return !aggregate.ok()    ? FieldsOf(aggregate.status())
         : aggregate->value ? FormatDecimal(*aggregate->value)
                            : "none";
}

const std::vector<ClockResult> kClocks = {
    Result(1, Verdict::kMet, Hours(2)),       Result(2, Verdict::kMissed, Hours(30)),
    Result(3, Verdict::kMet, Minutes(90)),    Result(4, Verdict::kOpen, Hours(400)),
    Result(5, Verdict::kCancelled, Hours(1)),
};

TEST(Aggregate, EachWayGivesItsOwnFigure) {
  EXPECT_EQ(Answer(Aggregation::kShareWithin, kClocks), "66.666667");
  EXPECT_EQ(Answer(Aggregation::kMean, kClocks), "11.166667");
  EXPECT_EQ(Answer(Aggregation::kPercentile, kClocks, 50), "2");
  EXPECT_EQ(Answer(Aggregation::kPercentile, kClocks, 90), "30");
  EXPECT_EQ(Answer(Aggregation::kPercentile, kClocks, 1), "1.5");
  EXPECT_EQ(Answer(Aggregation::kWorst, kClocks), "30");
  EXPECT_EQ(ParseAggregation("aggregation", "percentile").value(), Aggregation::kPercentile);
  EXPECT_FALSE(ParseAggregation("aggregation", "median").ok());
}

TEST(Aggregate, NothingDecidedIsNotMeasured) {
  for (const Aggregation each : {Aggregation::kShareWithin, Aggregation::kMean,
                                 Aggregation::kPercentile, Aggregation::kWorst}) {
    EXPECT_EQ(Answer(each, {}), "none");
    EXPECT_EQ(Answer(each, {kClocks[3], kClocks[4]}), "none");
  }
}

TEST(Aggregate, SaysWhatItCountedAndWhatNot) {
  const Aggregate aggregate = AggregateClocks(Aggregation::kMean, 0, kClocks).value();
  EXPECT_EQ(aggregate.clocks.size(), 3u);
  EXPECT_EQ(aggregate.open, 1u);
  EXPECT_EQ(aggregate.cancelled, 1u);
}

TEST(Aggregate, ARepeatCountsOnceAndAContradictionIsRefused) {
  std::vector<ClockResult> twice = kClocks;
  twice.push_back(kClocks[1]);
  EXPECT_EQ(Answer(Aggregation::kShareWithin, twice), "66.666667");
  twice.back().verdict = Verdict::kMet;
  EXPECT_EQ(Answer(Aggregation::kShareWithin, twice), "clocks");
  EXPECT_EQ(Answer(Aggregation::kMean, {Result(1, Verdict::kMet, Seconds(-1))}), "clocks");
  EXPECT_EQ(Answer(Aggregation::kPercentile, kClocks, 0), "percentile");
  EXPECT_EQ(Answer(Aggregation::kPercentile, kClocks, 101), "percentile");
}

RC_GTEST_PROP(AggregateProperty, OrderDoesNotMatterAndPercentilesRise, ()) {
  std::vector<ClockResult> results;
  const auto count = *rc::gen::inRange<uint8_t>(1, 40);
  for (uint8_t i = 0; i < count; ++i) {
    results.push_back(Result(i, *rc::gen::element(Verdict::kMet, Verdict::kMissed),
                             Duration{*rc::gen::inRange<int64_t>(0, Hours(1'000).micros)}));
  }
  std::vector<ClockResult> mixed = results;
  for (size_t i = mixed.size(); i > 1; --i) {
    std::swap(mixed[i - 1], mixed[*rc::gen::inRange<size_t>(0, i)]);
  }
  for (const Aggregation each :
       {Aggregation::kShareWithin, Aggregation::kMean, Aggregation::kWorst}) {
    RC_ASSERT(Answer(each, results) == Answer(each, mixed));
  }
  const auto percentile = [&](int p) {
    return *AggregateClocks(Aggregation::kPercentile, p, mixed)->value;
  };
  const int low = *rc::gen::inRange(1, 101);
  const int high = *rc::gen::inRange(low, 101);
  RC_ASSERT(percentile(low) <= percentile(high));
  RC_ASSERT(percentile(100) == *AggregateClocks(Aggregation::kWorst, 0, results)->value);
}

}  // namespace
}  // namespace steward::scoring::testing
