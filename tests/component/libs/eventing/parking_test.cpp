#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "tests/component/libs/eventing/fixture.h"

namespace steward::eventing {
namespace {

class ParkingTest : public ConsumerTest {
 protected:
  ReleaseOutcome Release(ReleaseRequest request = {}) {
    auto outcome = ReleaseParked(*connection_, OptionsFor(), facts_, request);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(ReleaseOutcome{});
  }
  std::string States() {
    return Text(
        "SELECT coalesce(string_agg(aggregate_version || ' ' || state || ' ' || reason, ', ' "
        "ORDER BY aggregate, aggregate_version, id), '') FROM parked_record");
  }
};

TEST_F(ParkingTest, ARefusedRecordHoldsBackWhatIsLaterUntilReleased) {
  facts_.FailWith("complaints/c1", 2, absl::FailedPreconditionError("no such policy"));
  std::vector<kafka::Message> messages;
  for (int v = 1; v <= 4; ++v) {
    messages.push_back(MessageOf("complaints/c1", v));
    messages.push_back(MessageOf("complaints/c2", v));
  }
  Send(messages);
  StartConsumer();
  ASSERT_TRUE(EventuallyApplied("complaints/c2", "1 2 3 4"));
  ExpectConserved(8);
  EXPECT_EQ(Applied("complaints/c1"), "1");
  EXPECT_EQ(States(), "2 parked refused, 3 parked behind, 4 parked behind");
  EXPECT_EQ(Text("SELECT error FROM parked_record WHERE aggregate_version = 2"), "no such policy");

  // Still refused: nothing moves, the try is counted.
  ReleaseOutcome outcome = Release();
  EXPECT_EQ(outcome.released, 0);
  EXPECT_EQ(outcome.still_parked, 3);
  EXPECT_EQ(outcome.tried.size(), 1u);
  EXPECT_EQ(Number("SELECT replays FROM parked_record WHERE aggregate_version = 2"), 1);

  // Mended: a dry run changes nothing, the real one leaves the projection as if nothing had happened.
  facts_.Heal();
  outcome = Release({.ids = {}, .key = "complaints/c1", .reason = "", .dry_run = true});
  EXPECT_EQ(outcome.released, 3);
  EXPECT_EQ(States(), "2 parked refused, 3 parked behind, 4 parked behind");
  outcome = Release({.ids = {}, .key = "", .reason = "refused", .dry_run = false});
  EXPECT_EQ(outcome.released, 3);
  EXPECT_EQ(outcome.still_parked, 0);
  EXPECT_EQ(Applied("complaints/c1"), "1 2 3 4");
  EXPECT_EQ(States(), "2 released refused, 3 released behind, 4 released behind");
  EXPECT_EQ(Number("SELECT version FROM consumer_version WHERE aggregate = 'complaints/c1'"), 4);
  EXPECT_EQ(Number("SELECT count(*) FROM fact"), 8);

  Send({MessageOf("complaints/c1", 5)});
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4 5"));
  ExpectConserved(9);
}

TEST_F(ParkingTest, ReleaseStopsAtTheRecordAtFaultAndKeepsTheRest) {
  facts_.FailWith("complaints/c1", 1, absl::FailedPreconditionError("first"));
  std::vector<kafka::Message> messages;
  for (int v = 1; v <= 5; ++v) {
    messages.push_back(MessageOf("complaints/c1", v));
  }
  Send(messages);
  StartConsumer();
  ExpectConserved(5);
  facts_.Heal();
  facts_.FailWith("complaints/c1", 3, absl::NotFoundError("third"));
  const ReleaseOutcome outcome = Release();
  EXPECT_EQ(outcome.released, 2);
  EXPECT_EQ(outcome.still_parked, 3);
  EXPECT_EQ(Applied("complaints/c1"), "1 2");
  EXPECT_EQ(States(),
            "1 released refused, 2 released behind, 3 parked refused, 4 parked behind, "
            "5 parked behind");
}

TEST_F(ParkingTest, RepeatsOfParkedRecordsAreReleasedOnce) {
  Send({MessageOf("complaints/c1", 2), MessageOf("complaints/c1", 2), MessageOf("complaints/c1", 3),
        MessageOf("complaints/c1", 1)});
  StartConsumer();
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3"));
  ExpectConserved(4);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record WHERE state = 'released'"), 3);
}

TEST_F(ParkingTest, AResetToTheBeginningCountsEveryRecordAndParksNoneTwice) {
  auto garbage = MessageOf("complaints/bad", 1);
  garbage.value = "\xff";
  Send({MessageOf("complaints/c1", 1), garbage, MessageOf("complaints/c1", 2)});
  StartConsumer();
  ExpectConserved(3);
  consumer_->Stop();
  Sql("UPDATE consumer_offset SET next_offset = 0");
  StartConsumer();
  EXPECT_TRUE(testing::Eventually(Seconds(30), [&] {
    return Number("SELECT sum(applied + repeated + parked)::bigint FROM consumer_count") == 6;
  }));
  EXPECT_EQ(Applied("complaints/c1"), "1 2");
  EXPECT_EQ(Number("SELECT sum(repeated)::bigint FROM consumer_count"), 3);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record"), 1);
}

TEST_F(ParkingTest, AtStartWhatIsUnderstoodNowIsReleased) {
  // As an older version left it.
  Send({MessageOf("complaints/c1", 1), MessageOf("complaints/c1", 2)});
  const int partition = kafka::PartitionOf("complaints/c1", kPartitions);
  facts_.FailWith("complaints/c1", 1, absl::FailedPreconditionError("old"));
  StartConsumer();
  ExpectConserved(2);
  consumer_->Stop();
  facts_.Heal();
  Sql("UPDATE parked_record SET reason = 'unknown_type' WHERE aggregate_version = 1");
  StartConsumer();
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2"));
  EXPECT_EQ(Number("SELECT next_offset FROM consumer_offset WHERE partition = " +
                   std::to_string(partition)),
            2);
}

TEST_F(ParkingTest, WhichAggregatesAreParked) {
  Send({MessageOf("complaints/c1", 2), MessageOf("complaints/c2", 1)});
  StartConsumer();
  ExpectConserved(2);
  std::vector<std::string> parked;
  ASSERT_TRUE(pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) -> absl::Status {
                const pg::Pending rows =
                    QueueParkedAggregates(tx, group_, {"complaints/c1", "complaints/c2"});
                RETURN_IF_ERROR(tx.Flush());
                for (int i = 0; i < rows->rows(); ++i) {
                  parked.push_back(rows->Text(i, 0));
                }
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(parked, std::vector<std::string>{"complaints/c1"});
}

}  // namespace
}  // namespace steward::eventing
