#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/eventing/batch.h"
#include "tests/component/libs/eventing/fixture.h"

namespace steward::eventing {
namespace {

using ::testing::HasSubstr;

TEST_F(ConsumerTest, FromCommandToProjectionThroughTheRelay) {
  Relay relay(RelayFor(), registry_);
  relay.Start();
  StartConsumer();
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 3).ok());
  relay.Poke();
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3"));
  ExpectConserved(3);
  EXPECT_EQ(facts_.applied_calls(), 3);
}

TEST_F(ConsumerTest, TwiceIsOnce) {
  std::vector<kafka::Message> messages;
  for (int v = 1; v <= 4; ++v) {
    messages.push_back(MessageOf("complaints/c1", v));
    messages.push_back(MessageOf("complaints/c2", v));
  }
  Send(messages);
  Send(messages);
  StartConsumer();
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4"));
  EXPECT_TRUE(EventuallyApplied("complaints/c2", "1 2 3 4"));
  ExpectConserved(16);
  EXPECT_EQ(Number("SELECT sum(repeated)::bigint FROM consumer_count"), 8);
  const std::string text = registry_.Text();
  EXPECT_THAT(text, HasSubstr("steward_events_consumed_total{consumer_group=\"" + group_ +
                              "\",event_type="
                              "\"ticket.first_responded\",result=\"repeated\",topic=\"" +
                              topic_ + "\"} 8"));
  // Created with 0, or increase() misses the first one.
  EXPECT_THAT(text, HasSubstr("reason=\"gap\",topic=\"" + topic_ + "\"} 0"));
}

TEST_F(ConsumerTest, GoesOnWhereItStopped) {
  Send({MessageOf("complaints/c1", 1), MessageOf("complaints/c1", 2)});
  StartConsumer();
  ASSERT_TRUE(EventuallyApplied("complaints/c1", "1 2"));
  consumer_->Stop();
  Send({MessageOf("complaints/c1", 3)});
  StartConsumer();
  ASSERT_TRUE(EventuallyApplied("complaints/c1", "1 2 3"));
  ExpectConserved(3);
  EXPECT_EQ(Number("SELECT coalesce(sum(repeated), 0)::bigint FROM consumer_count"), 0);
}

TEST_F(ConsumerTest, AGapIsParkedAndReleasesItself) {
  Send({MessageOf("complaints/c1", 1), MessageOf("complaints/c1", 3),
        MessageOf("complaints/c1", 4)});
  StartConsumer();
  ASSERT_TRUE(testing::Eventually(Seconds(30), [&] {
    return Number("SELECT count(*) FROM parked_record WHERE state = 'parked'") == 2;
  }));
  EXPECT_EQ(Applied("complaints/c1"), "1");
  EXPECT_EQ(Text("SELECT string_agg(reason, ' ' ORDER BY aggregate_version) FROM parked_record"),
            "gap behind");
  Send({MessageOf("complaints/c1", 2), MessageOf("complaints/c1", 5)});
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 2 3 4 5"));
  ExpectConserved(5);
  EXPECT_EQ(Number("SELECT count(*) FROM parked_record WHERE state = 'parked'"), 0);
}

TEST_F(ConsumerTest, WhatCannotBeReadIsParkedAndTheRestGoesOn) {
  auto garbage = MessageOf("complaints/garbage", 1);
  garbage.value = "\xff\xff\xff\xff";
  auto large = MessageOf("complaints/large", 1);
  large.value.assign(300'000, 'x');
  auto unknown = MessageOf("complaints/unknown", 1);
  unknown.value = std::string("\xfa\x07\x00", 3);
  auto no_header = MessageOf("complaints/no-header", 1);
  no_header.headers.clear();
  auto bad_header = MessageOf("complaints/bad-header", 1);
  bad_header.headers.push_back({"x-\xff", std::string("\x00\xff\x01", 3)});
  auto bad_key = MessageOf("complaints/x", 1);
  bad_key.key = std::string("\xff\x00\xfe", 3);
  Send({garbage, large, unknown, no_header, bad_header, bad_key, MessageOf("complaints/good", 1),
        MessageOf("complaints/garbage", 2)});
  StartConsumer();
  EXPECT_TRUE(EventuallyApplied("complaints/good", "1"));
  ExpectConserved(8);
  EXPECT_EQ(Text("SELECT string_agg(aggregate || ':' || reason, ' ' ORDER BY aggregate, "
                 "aggregate_version) "
                 "FROM parked_record"),
            ":unparsable complaints/bad-header:unparsable complaints/garbage:unparsable "
            "complaints/garbage:behind complaints/large:too_large complaints/no-header:unparsable "
            "complaints/unknown:unknown_type");
  // Bytes and headers are kept.
  EXPECT_EQ(Text("SELECT encode(key, 'hex') FROM parked_record WHERE aggregate = ''"), "ff00fe");
  EXPECT_EQ(Text("SELECT encode(value, 'hex') FROM parked_record "
                 "WHERE aggregate = 'complaints/garbage' AND aggregate_version = 1"),
            "ffffffff");
  EXPECT_EQ(Text("SELECT encode(header_values[array_length(header_values, 1)], 'hex') "
                 "FROM parked_record WHERE aggregate = 'complaints/bad-header'"),
            "00ff01");
  EXPECT_TRUE(testing::Eventually(Seconds(10), [&] {
    return registry_.Text().find("steward_parked_records{consumer_group=\"" + group_ +
                                 "\",topic="
                                 "\"" +
                                 topic_ + "\"} 7") != std::string::npos;
  }));
}

TEST_F(ConsumerTest, TheSameVersionOfAnotherEventHasDiverged) {
  Send({MessageOf("complaints/c1", 1), MessageOf("complaints/c1", 1, 9)});
  StartConsumer();
  ExpectConserved(2);
  EXPECT_EQ(Text("SELECT reason FROM parked_record"), "diverged");
}

TEST_F(ConsumerTest, InputsAreCaughtUpOnlyWhenConfirmed) {
  auto health = CheckInputs(*connection_, group_, OptionsFor().inputs, Seconds(2));
  ASSERT_TRUE(health.ok()) << health.status();
  EXPECT_FALSE(health->caught_up);
  EXPECT_THAT(health->detail, HasSubstr("never read"));
  Send({MessageOf("complaints/c1", 1)});
  StartConsumer();
  const auto caught_up = [&] {
    auto now = CheckInputs(*connection_, group_, OptionsFor().inputs, Seconds(2));
    return now.ok() && now->caught_up;
  };
  ASSERT_TRUE(testing::Eventually(Seconds(30), caught_up));
  EXPECT_EQ(Applied("complaints/c1"), "1");
  // It stays so while idle, and ends when the broker does not confirm any more.
  EXPECT_FALSE(testing::Eventually(Seconds(3), [&] { return !caught_up(); }));
  if (OnRealBroker()) {
    return;
  }
  Mock().BrokerDown();
  EXPECT_TRUE(testing::Eventually(Seconds(10), [&] { return !caught_up(); }));
  health = CheckInputs(*connection_, group_, OptionsFor().inputs, Seconds(2));
  EXPECT_THAT(health->detail, HasSubstr("not confirmed"));
  Mock().BrokerUp();
  EXPECT_TRUE(testing::Eventually(Seconds(30), caught_up));
}

TEST_F(ConsumerTest, InputsBehindSayHowMany) {
  Sql("INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset, end_offset, "
      "end_confirmed_at) SELECT '" +
      group_ + "', '" + topic_ +
      "', p, 5, 5 + 2 * (p / 2), "
      "clock_timestamp() FROM generate_series(0, 2) p");
  auto health = CheckInputs(*connection_, group_, OptionsFor().inputs, Seconds(30));
  ASSERT_TRUE(health.ok());
  EXPECT_EQ(health->detail, topic_ + "/2: 2 records behind");
  Sql("UPDATE consumer_offset SET halted = 'partition_count' WHERE partition = 1");
  EXPECT_THAT(CheckInputs(*connection_, group_, OptionsFor().inputs, Seconds(30))->detail,
              HasSubstr("halted: partition_count"));
}

// Two owners of a partition: the offset decides, once.
TEST_F(ConsumerTest, AStaleOwnerIsRefusedByTheOffset) {
  Sql("INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset) "
      "VALUES ('" +
      group_ + "', '" + topic_ + "', 0, 7)");
  const kafka::Message message = MessageOf("complaints/c1", 1);
  Received received;
  received.record = {.topic = topic_,
                     .partition = 0,
                     .offset = 7,
                     .timestamp = {},
                     .key = message.key,
                     .value = message.value,
                     .tombstone = false,
                     .headers = {message.headers.begin(), message.headers.end()}};
  received.decoded = Decode(received.record, ComplaintsEvent::default_instance());
  Batch batch;
  batch.records = {&received};
  batch.moves = {{{topic_, 0}, 7, 8}};
  BatchOutcome outcome;
  ASSERT_TRUE(ApplyBatch(*connection_, group_, batch, facts_, &outcome).ok());
  const absl::Status zombie = ApplyBatch(*connection_, group_, batch, facts_, &outcome);
  EXPECT_EQ(ReasonOf(zombie), "OFFSET_MOVED");
  ASSERT_EQ(outcome.lost.size(), 1u);
  EXPECT_EQ(Number("SELECT sum(applied + repeated + parked)::bigint FROM consumer_count"), 1);
  EXPECT_EQ(Applied("complaints/c1"), "1");
}

TEST_F(ConsumerTest, TwoReplicasShareThePartitions) {
  StartConsumer();
  Facts other_facts;
  metrics::Registry other_registry;
  Consumer other(OptionsFor(), other_facts, other_registry, clock_);
  other.Start();
  int64_t sent = 0;
  const auto assigned = [](const Consumer& consumer) {
    int count = 0;
    for (const auto& input : consumer.status()) {
      count += input.assigned ? 1 : 0;
    }
    return count;
  };
  EXPECT_TRUE(testing::Eventually(Seconds(40), [&] {
    return assigned(*consumer_) > 0 && assigned(other) > 0 &&
           assigned(*consumer_) + assigned(other) == kPartitions;
  }));
  for (int v = 1; v <= 5; ++v) {
    for (int a = 0; a < 6; ++a) {
      Send({MessageOf("complaints/c" + std::to_string(a), v)});
      ++sent;
    }
  }
  ExpectConserved(sent);
  for (int a = 0; a < 6; ++a) {
    EXPECT_EQ(Applied("complaints/c" + std::to_string(a)), "1 2 3 4 5");
  }
}

}  // namespace
}  // namespace steward::eventing
