// Customers whose tiers change, campaigns and instalments: events of leads and orders to clocks.

#include "services/sla/events/rematcher.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using leads::events::v1::LeadsEvent;
using orders::events::v1::OrdersEvent;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCustomer[] = "customers/acme";
constexpr char kCampaign[] = "campaigns/0190c6a5-0000-7000-8000-0000000000c1";
constexpr char kInstalment[] = "contracts/0190c6a5-0000-7000-8000-0000000000d1/instalments/2";

class BusinessTest : public SlaTest {
 protected:
  eventing::Event Told(const char* topic, const std::string& key,
                       std::shared_ptr<google::protobuf::Message> message, Time at) {
    eventing::Event event = Registered("x", at);
    event.topic = topic;
    event.aggregate = key;
    event.version = ++versions_[key];
    event.type = eventing::EventName(*message);
    event.message = std::move(message);
    return event;
  }
  eventing::Event Leads(const std::string& key, const LeadsEvent& message, Time at) {
    return Told(kLeadsTopic, key, std::make_shared<LeadsEvent>(message), at);
  }
  eventing::Event Orders(const OrdersEvent& message, Time at) {
    return Told(kOrdersTopic, kInstalment, std::make_shared<OrdersEvent>(message), at);
  }
  eventing::Event TierIs(const std::string& tier, Time at) {
    LeadsEvent message;
    auto* m = message.mutable_customer_tier_changed();
    m->set_customer(kCustomer);
    m->set_scheme("key_account");
    m->set_tier(tier);
    if (!tier.empty()) {
      m->add_tiers("key_account:" + tier);
    }
    return Leads(kCustomer, message, at);
  }
  // A ticket of the customer; `version`: of the customer that complaints knew.
  eventing::Event TicketOf(int n, Time at, int64_t version, std::vector<std::string> tiers = {}) {
    eventing::Event event = Registered(TicketId(n), at);
    auto message = std::make_shared<pb::ComplaintsEvent>(
        static_cast<const pb::ComplaintsEvent&>(*event.message));
    auto* m = message->mutable_ticket_registered();
    m->set_customer(kCustomer);
    m->set_customer_version(version);
    m->mutable_customer_tiers()->Add(tiers.begin(), tiers.end());
    event.message = std::move(message);
    return event;
  }
  // `policies/any` of 48 h for everyone, `policies/key` of 4 h for key accounts, of one metric.
  void InstallTiered() {
    v1::Policy any = MakePolicy("any", Hours(48));
    any.set_metric("first_response");
    any.set_same_metric(v1::Policy::MOST_SPECIFIC);
    v1::Policy key = any;
    key.set_name("policies/key");
    *key.mutable_target()->mutable_wall_clock() = rpc::ToProto(Hours(4));
    key.mutable_match()->add_customer_tiers("key_account:yes");
    Install(any);
    Install(key);
  }
  std::vector<std::string> Open() {
    return Rows("open", "SELECT policy FROM clock WHERE run_state = 1 ORDER BY subject, policy");
  }
  void Rematch() { rematcher_.Run(); }

  Rematcher rematcher_{{.pg = pg_,
                        .rules = &rules_,
                        .org = &org_,
                        .ids = &ids_,
                        .metrics = &metrics_,
                        .armed = [](const auto&) {},
                        .done = [] {}}};
};

TEST_F(BusinessTest, ATierChangeWritesOneRowAndTheRematcherMatchesEachTicketAgain) {
  InstallTiered();
  const Time start = DatabaseNow() - Hours(2);
  Apply({TicketOf(1, start, 0), TicketOf(2, start, 0)});
  Apply({TierIs("yes", start + Hours(1))});
  EXPECT_THAT(Open(), ElementsAre("policies/any", "policies/any")) << "not in the consumer";
  EXPECT_EQ(Count("w1", "SELECT count(*) FROM rematch"), 1);
  Rematch();
  EXPECT_THAT(Open(), ElementsAre("policies/key", "policies/key"));
  EXPECT_EQ(Count("w2", "SELECT count(*) FROM rematch"), 0);
  EXPECT_EQ(Count("w3",
                  "SELECT count(*) FROM clock WHERE policy = 'policies/key' AND due_time = "
                  "start_time + interval '3 hours'"),
            2)
      << "keep_elapsed: one of the four hours was used";
  const int64_t events = Count("w4", "SELECT count(*) FROM journal");
  Rematch();
  EXPECT_EQ(Count("w4", "SELECT count(*) FROM journal"), events) << "twice is once";

  Apply({TierIs("", start + Minutes(90))});
  Rematch();
  EXPECT_THAT(Open(), ElementsAre("policies/any", "policies/any")) << "and back";
  EXPECT_EQ(Count("w5",
                  "SELECT count(*) FROM clock c WHERE version <> (SELECT max(aggregate_version) "
                  "FROM journal WHERE aggregate = c.name)"),
            0);
}

TEST_F(BusinessTest, ATicketThatKnewTheTierIsLeftAlone) {
  InstallTiered();
  const Time start = DatabaseNow() - Hours(2);
  Apply({TicketOf(1, start, 1, {"key_account:yes"})});
  Apply({TierIs("yes", start - Hours(1))});  // complaints was ahead of us
  Rematch();
  EXPECT_EQ(Count("f1", "SELECT count(*) FROM subject_fact"), 1);
  EXPECT_THAT(Open(), ElementsAre("policies/key"));
}

TEST_F(BusinessTest, ATicketThatComplaintsRegisteredTooEarlyLearnsTheTierAtOnce) {
  InstallTiered();
  const Time start = DatabaseNow() - Hours(2);
  Apply({TierIs("yes", start - Hours(1))});
  Apply({TicketOf(1, start, 0)});
  EXPECT_THAT(Open(), ElementsAre("policies/key"));
  EXPECT_EQ(Count("f1",
                  "SELECT count(*) FROM clock WHERE policy = 'policies/key' AND due_time = "
                  "start_time + interval '4 hours'"),
            1)
      << "from its registration on";
}

TEST_F(BusinessTest, TiersThatTheRegistrationGaveStandUntilTheyChange) {
  InstallTiered();
  const Time start = DatabaseNow() - Hours(2);
  Apply({TierIs("yes", start - Hours(1))});
  Apply({TicketOf(1, start, 0, {"key_account:no"})});
  EXPECT_THAT(Open(), ElementsAre("policies/any"));
  Apply({TierIs("yes", start + Hours(1))});
  Rematch();
  EXPECT_THAT(Open(), ElementsAre("policies/key"));
}

TEST_F(BusinessTest, AClosedTicketIsNotMatchedAgain) {
  InstallTiered();
  const Time start = DatabaseNow() - Hours(2);
  Apply({TicketOf(1, start, 0), Milestone(TicketId(1), "ticket.closed", start + Minutes(5))});
  Apply({TierIs("yes", start + Hours(1))});
  Rematch();
  EXPECT_EQ(Count("f1", "SELECT count(*) FROM subject_fact WHERE step > 0"), 0);
  EXPECT_EQ(Count("f2", "SELECT count(*) FROM rematch"), 0);
}

TEST_F(BusinessTest, ExplainShowsTheTier) {
  InstallTiered();
  const Time start = DatabaseNow() - Hours(2);
  Apply({TicketOf(1, start, 0)});
  Apply({TierIs("yes", start + Hours(1))});
  Rematch();
  v1::ExplainClockRequest request;
  request.set_name("clocks/" + TicketId(1) + "-key");
  v1::ClockExplanation explained;
  ASSERT_TRUE(Do(clocks_api_, &ClocksApi::ExplainClock, request, &explained).ok());
  ASSERT_EQ(explained.facts_size(), 2);
  EXPECT_EQ(explained.facts(1).type(), "customer.tier_changed");
  EXPECT_THAT(explained.facts(1).customer_tiers(), ElementsAre("key_account:yes"));
}

TEST_F(BusinessTest, ARehearsalIsDueBeforeThePlannedStart) {
  v1::Policy policy = MakePolicy("cmp-003", Hours(48), "campaign.rehearsed");
  policy.mutable_match()->clear_kinds();
  policy.mutable_match()->add_kinds("pr_event");
  policy.set_start_event("campaign.scheduled_start");
  policy.mutable_target()->set_before(true);
  Install(policy);
  const Time now = DatabaseNow();
  LeadsEvent planned;
  auto* m = planned.mutable_campaign_planned();
  m->add_kind_path("pr_event");
  m->set_owner("members/a");
  *m->mutable_planned_start_time() = rpc::ToProto(now + Hours(100));
  Apply({Leads(kCampaign, planned, now)});
  const char* kDue =
      "SELECT round(extract(epoch FROM due_time - clock_timestamp()) / 3600)::bigint FROM clock";
  EXPECT_EQ(Count("d1", kDue), 52);
  LeadsEvent moved;
  *moved.mutable_campaign_rescheduled()->mutable_planned_start_time() =
      rpc::ToProto(now + Hours(200));
  Apply({Leads(kCampaign, moved, now + Seconds(1))});
  EXPECT_EQ(Count("d1", kDue), 152);
  LeadsEvent budget;
  budget.mutable_campaign_budget_changed();
  LeadsEvent rehearsed;
  rehearsed.mutable_campaign_rehearsed();
  Apply({Leads(kCampaign, budget, now + Seconds(2)), Leads(kCampaign, rehearsed, now + Hours(1))});
  EXPECT_EQ(Count("d2", "SELECT run_state FROM clock"), 3) << "met";
  EXPECT_EQ(Count("d3", "SELECT count(*) FROM subject WHERE unmatched"), 0);
}

TEST_F(BusinessTest, AnOverdueInstalmentEscalatesOnceUpTheOwnersLineWithItsTrueInstant) {
  v1::Policy policy = MakePolicy("rec-001", Hours(24 * 30), "instalment.paid");
  policy.clear_match();
  policy.mutable_levels()->RemoveLast();
  policy.set_start_event("instalment.due_date_passed");
  Install(policy);
  const Time due_date = DatabaseNow() - Hours(24 * 33);
  OrdersEvent passed;
  passed.mutable_instalment_due_date_passed()->set_cycle(1);
  passed.mutable_instalment_due_date_passed()->set_owner("members/boss");
  OrdersEvent assigned;
  assigned.mutable_instalment_assigned()->set_owner("members/a");
  OrdersEvent unrelated;
  unrelated.mutable_instalment_scheduled();
  Apply({Orders(unrelated, due_date), Orders(passed, due_date),
         Orders(assigned, due_date + Hours(5))});
  const auto watcher = NewWatcher();
  watcher->Start();
  EXPECT_TRUE(testing::Eventually(
      Seconds(10), [&] { return Count("e1", "SELECT count(*) FROM escalation") == 1; }));
  watcher->Stop();
  EXPECT_THAT(Rows("e2", "SELECT recipient FROM escalation"), ElementsAre("members/lead"));
  EXPECT_EQ(Count("e3",
                  "SELECT count(*) FROM escalation e JOIN clock c ON e.clock = c.name WHERE "
                  "e.occurred_at = c.start_time + interval '30 days'"),
            1);

  OrdersEvent paid;
  paid.mutable_instalment_paid()->set_cycle(1);
  OrdersEvent reopened;
  reopened.mutable_instalment_reopened()->set_cycle(1);
  passed.mutable_instalment_due_date_passed()->set_cycle(2);
  Apply({Orders(paid, due_date + Hours(24 * 32)), Orders(reopened, due_date + Hours(24 * 32 + 1)),
         Orders(passed, due_date)});
  EXPECT_EQ(Count("e4", "SELECT cycle FROM clock WHERE run_state = 1"), 2);
  EXPECT_EQ(Count("e5", "SELECT count(*) FROM escalation WHERE state = 4"), 1);
}

TEST_F(BusinessTest, AnInstalmentPaidBeforeItsDueDateIsNothing) {
  Install(MakePolicy("rec-001", Hours(24 * 30), "instalment.paid"));
  OrdersEvent paid;
  paid.mutable_instalment_paid();
  Apply({Orders(paid, DatabaseNow())});
  EXPECT_THAT(Rows("n1", "SELECT name FROM subject"), IsEmpty());
}

}  // namespace
}  // namespace steward::sla
