// What the orders service says of contracts: shown on the opportunity, and a cancelled one is told its owner.

#include <memory>

#include "libs/eventing/consumer.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/operations.h"
#include "libs/kafka/kafka.h"
#include "libs/testing/kafka_mock.h"
#include "services/leads/events/inputs.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "tests/component/services/leads/opportunities_fixture.h"

namespace steward::leads {
namespace {

using orders::events::v1::OrdersEvent;
using testing::Eventually;

constexpr char kFirst[] = "contracts/0190d9a0-0000-7000-8000-000000000001";
constexpr char kSecond[] = "contracts/0190d9a0-0000-7000-8000-000000000002";
constexpr char kNobodys[] = "opportunities/0190d9a0-0000-7000-8000-0000000000ff";
constexpr int kPartitions = 3;

OrdersEvent Drafted(const std::string& opportunity) {
  OrdersEvent event;
  event.mutable_contract_drafted()->mutable_terms()->set_opportunity(opportunity);
  return event;
}

OrdersEvent Cancelled(const std::string& opportunity, const std::string& from = "DRAFT") {
  OrdersEvent event;
  event.mutable_contract_cancelled()->set_opportunity(opportunity);
  event.mutable_contract_cancelled()->set_reason("customer_withdrew");
  event.mutable_contract_cancelled()->set_from_state(from);
  return event;
}

class Contracts : public OpportunitiesTest {
 protected:
  eventing::Event EventOf(const std::string& contract, int64_t version,
                          const OrdersEvent& message) {
    eventing::Event event;
    event.event_id = ids.NewId(clock.Now());
    event.topic = kOrdersTopic;
    event.aggregate = contract;
    event.version = version;
    event.type = eventing::EventName(message);
    event.occurred_at = event.recorded_at = clock.Now();
    event.origin = {kLi, "test", "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
    event.message = std::make_shared<OrdersEvent>(message);
    return event;
  }
  absl::Status Apply(const std::vector<eventing::Event>& events) {
    auto db = pg::Connection::Open(options);
    EXPECT_TRUE(db.ok()) << db.status();
    RETURN_IF_ERROR(pg::RunInTx(**db, {}, [&](pg::Tx& tx) {
      tx.Lock(projection.Locks(events));
      return projection.Apply(tx, events);
    }));
    projection.Applied(events);
    return absl::OkStatus();
  }
  // As the orders service's relay sends it; the same id for the same version.
  kafka::Message Record(const std::string& contract, int64_t version, const OrdersEvent& event) {
    Uuid& id = event_ids[contract + std::to_string(version)];
    if (id == Uuid{}) {
      id = ids.NewId(clock.Now());
    }
    return eventing::ToMessage({"orders", kOrdersTopic, OrdersEvent::descriptor()->full_name()},
                               {.xid = 1,
                                .seq = version,
                                .event_id = id,
                                .aggregate = contract,
                                .aggregate_version = version,
                                .type = eventing::EventName(event),
                                .occurred_at = clock.Now(),
                                .recorded_at = clock.Now(),
                                .actor = kLi,
                                .correlation = "test",
                                .causation = "",
                                .traceparent = "00-trace",
                                .payload = event.SerializeAsString()});
  }
  int64_t Told() {
    return Count("SELECT count(*) FROM journal WHERE type = 'opportunity.contract_cancelled'");
  }

  int told = 0;
  InputProjection projection{{.clock = &clock,
                              .ids = &ids,
                              .pipelines = &pipelines,
                              .directory_changed = [] {},
                              .told = [this] { ++told; }}};
  std::map<std::string, Uuid> event_ids;
};

TEST_F(Contracts, AreFollowedAndChangeNothingElse) {
  const v1::Opportunity won = Win(Create().name());
  EXPECT_EQ(won.contract() + won.contract_state(), "");
  const size_t before = Journal().size();
  OrdersEvent submitted, signed_one, started;
  submitted.mutable_contract_submitted();
  signed_one.mutable_contract_signed();
  started.mutable_contract_started()->set_to_state("IN_EXECUTION");
  int64_t version = 0;
  for (const auto& [event, state] :
       std::vector<std::pair<OrdersEvent, std::string>>{{Drafted(won.name()), "DRAFT"},
                                                        {submitted, "UNDER_APPROVAL"},
                                                        {signed_one, "SIGNED"},
                                                        {started, "IN_EXECUTION"}}) {
    ASSERT_TRUE(Apply({EventOf(kFirst, ++version, event)}).ok());
    const v1::Opportunity now = Get(won.name());
    EXPECT_EQ(now.contract(), kFirst);
    EXPECT_EQ(now.contract_state(), state);
    EXPECT_EQ(now.etag(), won.etag());
  }
  EXPECT_EQ(Journal().size(), before);
  EXPECT_EQ(told, 0);
}

TEST_F(Contracts, ACancelledOneIsToldAndReopensNothing) {
  const v1::Opportunity won = Win(Create().name());
  clock.Advance(Hours(5));
  const eventing::Event cancelled = EventOf(kFirst, 2, Cancelled(won.name()));
  ASSERT_TRUE(Apply({EventOf(kFirst, 1, Drafted(won.name())), cancelled}).ok());
  EXPECT_EQ(told, 1);
  const v1::Opportunity now = Get(won.name());
  EXPECT_EQ(now.state(), v1::PipelineStage::WON);
  EXPECT_EQ(now.stage() + std::to_string(now.cycle()), won.stage() + "1");
  EXPECT_EQ(now.contract(), kFirst);
  EXPECT_EQ(now.contract_state(), "CANCELLED");
  EXPECT_EQ(now.contract_cancel_reason(), "customer_withdrew");
  EXPECT_EQ(now.etag(), "\"6\"") << "its owner's copy is stale";
  const Row row = Journal().back();
  EXPECT_EQ(row.aggregate, won.name());
  EXPECT_EQ(row.type, "opportunity.contract_cancelled");
  EXPECT_EQ(row.version, 6);
  EXPECT_EQ(row.occurred_at, cancelled.occurred_at);
  const auto& said = row.event.opportunity_contract_cancelled();
  EXPECT_EQ(said.contract() + said.reason() + said.from_state(),
            std::string(kFirst) + "customer_withdrewDRAFT");
  EXPECT_EQ(said.owner() + said.team(), "members/liteams/east");
  const auto journal = JournalRows();
  EXPECT_EQ(journal.back().actor, "system:leads");
  EXPECT_EQ(journal.back().causation, cancelled.event_id.ToString());
  v1::ListOpportunityHistoryRequest history;
  history.set_parent(won.name());
  const auto changes = Must(&OpportunitiesApi::ListOpportunityHistory, history);
  const v1::OpportunityChange& last = *changes.changes().rbegin();
  EXPECT_EQ(last.field() + " " + last.from() + " " + last.to(), "contract_state DRAFT CANCELLED");
  EXPECT_EQ(last.contract(), kFirst);
  EXPECT_EQ(last.contract_cancel_reason(), "customer_withdrew");
  Must(&OpportunitiesApi::ReopenOpportunity, For<v1::ReopenOpportunityRequest>(won.name()));
  EXPECT_EQ(Get(won.name()).contract_state(), "CANCELLED") << "a command keeps it";
}

TEST_F(Contracts, TwiceIsOnceAndALaterContractStays) {
  const std::string name = Win(Create().name()).name();
  const eventing::Event first = EventOf(kFirst, 1, Drafted(name));
  const eventing::Event cancelled = EventOf(kFirst, 2, Cancelled(name, "APPROVED"));
  ASSERT_TRUE(Apply({first, cancelled}).ok());
  ASSERT_TRUE(Apply({first, cancelled}).ok());
  EXPECT_EQ(Told(), 1);
  EXPECT_EQ(Get(name).contract_state(), "CANCELLED");
  clock.Advance(Hours(1));
  ASSERT_TRUE(Apply({EventOf(kSecond, 1, Drafted(name))}).ok());
  EXPECT_EQ(Get(name).contract(), kSecond);
  EXPECT_EQ(Get(name).contract_cancel_reason(), "");
  ASSERT_TRUE(Apply({first}).ok());
  EXPECT_EQ(Get(name).contract(), kSecond) << "an older one does not take its place";
}

TEST_F(Contracts, TheCancellationOfAnOlderOneIsToldBesideTheLaterOne) {
  const std::string name = Win(Create().name()).name();
  ASSERT_TRUE(
      Apply({EventOf(kSecond, 1, Drafted(name)), EventOf(kFirst, 2, Cancelled(name))}).ok());
  EXPECT_EQ(Told(), 1);
  EXPECT_EQ(Get(name).contract() + Get(name).contract_state(), std::string(kSecond) + "DRAFT");
}

TEST_F(Contracts, OnlyACancellationNeedsTheOpportunity) {
  EXPECT_TRUE(
      Apply({EventOf(kFirst, 1, Drafted(kNobodys)), EventOf(kSecond, 1, Drafted(""))}).ok());
  EXPECT_TRUE(absl::IsNotFound(Apply({EventOf(kFirst, 2, Cancelled(kNobodys))})));
  EXPECT_TRUE(Apply({EventOf(kFirst, 2, Cancelled("opportunities/by-hand"))}).ok());
  EXPECT_TRUE(Apply({EventOf(kFirst, 2, Cancelled(""))}).ok());
  OrdersEvent entered;
  entered.mutable_order_entered();
  EXPECT_TRUE(Apply({EventOf("orders/1", 1, entered)}).ok());
  EXPECT_EQ(Told(), 0);
}

TEST_F(Contracts, ThroughTheConsumerRepeatsAreOnceAGapWaitsAndALostOneIsParkedAndReleased) {
  const std::string repeated = Win(Create().name()).name();
  const std::string gap = Win(Create().name()).name();
  const std::string lost = Win(Create().name()).name();
  const std::string third = "contracts/0190d9a0-0000-7000-8000-000000000003";
  const auto sql = [&](const std::string& text) {
    auto db = pg::Connection::Open(options);
    ASSERT_TRUE(db.ok()) << db.status();
    const auto result = (*db)->Run(pg::Statement{"sql", text.c_str()});
    ASSERT_TRUE(result.ok()) << result.status();
  };
  sql("CREATE TABLE backup AS SELECT * FROM opportunity");
  sql("DELETE FROM opportunity WHERE id = '" + lost.substr(std::string("opportunities/").size()) +
      "'");
  testing::KafkaMock kafka;
  const eventing::ConsumerOptions consumer_options{.service = "leads",
                                                   .group = "steward.leads",
                                                   .static_name = "",
                                                   .inputs = Inputs(kPartitions),
                                                   .pg = options,
                                                   .kafka = kafka.options(),
                                                   .max_batch = 500};
  for (const eventing::Input& input : consumer_options.inputs) {
    kafka.CreateTopic(input.topic, input.partitions);
  }
  auto producer = kafka::Producer::Create(kafka.options(), nullptr);
  ASSERT_TRUE(producer.ok()) << producer.status();
  const auto send = [&](const std::vector<kafka::Message>& messages) {
    const absl::Status sent = (*producer)->SendAll(messages, Seconds(20));
    ASSERT_TRUE(sent.ok()) << sent;
  };
  send({Record(kFirst, 1, Drafted(repeated)), Record(kFirst, 2, Cancelled(repeated)),
        Record(kFirst, 2, Cancelled(repeated)), Record(kFirst, 1, Drafted(repeated)),
        Record(kSecond, 1, Drafted(gap)), Record(kSecond, 3, Cancelled(gap)),
        Record(third, 1, Drafted(lost)), Record(third, 2, Cancelled(lost))});
  SystemClock system_clock;
  eventing::Consumer consumer(consumer_options, projection, registry, system_clock);
  consumer.Start();
  ASSERT_TRUE(Eventually(Seconds(30), [&] {
    return Count("SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_offset") == 8;
  }));
  EXPECT_EQ(Told(), 1);
  EXPECT_EQ(Count("SELECT sum(repeated)::bigint FROM consumer_count"), 2);
  const auto parked = [&](const std::string& reason) {
    return Count(
        ("SELECT count(*) FROM parked_record WHERE state = 'parked' AND reason = '" + reason + "'")
            .c_str());
  };
  EXPECT_EQ(parked("gap"), 1);
  EXPECT_EQ(parked("refused"), 1);
  OrdersEvent submitted;
  submitted.mutable_contract_submitted();
  send({Record(kSecond, 2, submitted)});
  EXPECT_TRUE(Eventually(Seconds(30), [&] { return Told() == 2; }));
  consumer.Stop();

  sql("INSERT INTO opportunity SELECT * FROM backup ON CONFLICT DO NOTHING");
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  const auto outcome =
      eventing::ReleaseParked(**db, consumer_options, projection,
                              {.ids = {}, .key = third, .reason = "", .dry_run = false});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->released, 1);
  EXPECT_EQ(Told(), 3);
  EXPECT_EQ(Get(lost).contract_state(), "CANCELLED");
}

}  // namespace
}  // namespace steward::leads
