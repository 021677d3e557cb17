// A won opportunity becomes a contract draft, exactly once.

#include <gmock/gmock.h>

#include <thread>

#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/runtime/failpoint.h"
#include "services/orders/drafting.h"
#include "services/orders/events/inputs.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "tests/component/services/orders/fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;

constexpr char kFirst[] = "opportunities/first";
constexpr char kSecond[] = "opportunities/second";

class DraftsOfOpportunities : public OrdersTest {
 protected:
  DraftsOfOpportunities() {
    opportunity.set_state(leads::v1::PipelineStage::WON);
    opportunity.set_customer("customers/acme");
    opportunity.set_owner(kLi);
    opportunity.set_region("east");
    rpc::ToProto(Money{"CNY", 90'000}, opportunity.mutable_amount());
    drafting = MakeDrafting();
  }
  ~DraftsOfOpportunities() override { runtime::DisarmFailpoints(); }

  std::unique_ptr<Drafting> MakeDrafting() {
    return std::make_unique<Drafting>(
        DraftingDeps{.env = env,
                     .pg = options,
                     .org = [this] { return org; },
                     .read = [this](const std::string& name) { return Read(name); },
                     .metrics = &metrics});
  }
  absl::StatusOr<leads::v1::Opportunity> Read(const std::string& name) {
    ++reads;
    if (!away.ok()) {
      return away;
    }
    leads::v1::Opportunity found = opportunity;
    found.set_name(name);
    return found;
  }
  eventing::Event Won(const std::string& name, int cycle = 1) {
    leads::events::v1::LeadsEvent message;
    message.mutable_opportunity_won()->set_cycle(cycle);
    eventing::Event event;
    event.event_id = ids.NewId(clock.Now());
    event.topic = kLeadsTopic;
    event.aggregate = name;
    event.version = cycle;
    event.type = "opportunity.won";
    event.occurred_at = event.recorded_at = clock.Now();
    event.origin = {kLi, "test", "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
    event.message = std::make_shared<leads::events::v1::LeadsEvent>(std::move(message));
    return event;
  }
  void Apply(const std::vector<eventing::Event>& events) {
    auto db = pg::Connection::Open(options);
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE(
        pg::RunInTx(**db, {}, [&](pg::Tx& tx) { return projection.Apply(tx, events); }).ok());
    projection.Applied(events);
  }
  std::vector<pb::Contract> All() {
    const auto page = Must(&ContractsApi::ListContracts, pb::ListContractsRequest());
    return {page.contracts().begin(), page.contracts().end()};
  }
  int64_t Waiting() { return Count("SELECT count(*) FROM opportunity_won WHERE state = 1"); }
  void Cancel(const std::string& name) {
    auto request = For<pb::CancelContractRequest>(name);
    request.set_reason("mistake");
    Must(&ContractsApi::CancelContract, request);
  }

  leads::v1::Opportunity opportunity;
  absl::Status away;
  std::atomic<int> reads = 0;
  int pokes = 0;
  OrdersProjection projection{clock, [] {}, [this] { ++pokes; }};
  std::unique_ptr<Drafting> drafting;
};

TEST_F(DraftsOfOpportunities, AreWhatLeadsAnswers) {
  const eventing::Event won = Won(kFirst);
  Apply({won});
  EXPECT_EQ(pokes, 1);
  drafting->Run();
  const auto contracts = All();
  ASSERT_EQ(contracts.size(), 1u);
  EXPECT_EQ(contracts[0].opportunity(), kFirst);
  EXPECT_EQ(contracts[0].customer(), "customers/acme");
  EXPECT_EQ(contracts[0].owner(), kLi);
  EXPECT_EQ(contracts[0].team(), "teams/east");
  EXPECT_EQ(contracts[0].region(), "east");
  EXPECT_EQ(contracts[0].amount().units(), 900);
  EXPECT_EQ(contracts[0].state(), pb::Contract::DRAFT);
  const auto rows = JournalRows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].actor, "system:orders");
  EXPECT_EQ(rows[0].causation, won.event_id.ToString());
  EXPECT_EQ(rows[0].correlation, "test");
}

TEST_F(DraftsOfOpportunities, OfAPastWinLieBackWithIt) {
  const Time won = clock.Now() - Hours(24 * 200);
  *opportunity.mutable_close_time() = rpc::ToProto(won);
  Apply({Won(kFirst)});
  drafting->Run();
  ASSERT_EQ(All().size(), 1u);
  EXPECT_EQ(rpc::FromProto(All()[0].draft_time()), won);
}

TEST_F(DraftsOfOpportunities, TwiceIsOnce) {
  const eventing::Event won = Won(kFirst);
  Apply({won});
  Apply({won});
  drafting->Run();
  Apply({won});
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);
  EXPECT_EQ(reads, 1);
}

TEST_F(DraftsOfOpportunities, ACrashBeforeTheCommitDraftsOnce) {
  Apply({Won(kFirst)});
  ASSERT_TRUE(runtime::ArmFailpoints("drafting.before_commit=error").ok());
  drafting->Run();
  EXPECT_EQ(All().size(), 0u);
  EXPECT_EQ(Waiting(), 1);
  runtime::DisarmFailpoints();
  MakeDrafting()->Run();
  ASSERT_EQ(All().size(), 1u);
  EXPECT_THAT(TypesOf(All()[0].name()), ElementsAre("contract.drafted"));
}

TEST_F(DraftsOfOpportunities, WaitForLeadsWithGrowingWaits) {
  away = absl::UnavailableError("no leads service");
  Apply({Won(kFirst)});
  drafting->Run();
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity_won WHERE waits_for = 'leads'"), 1);
  std::vector<int> waits;
  for (int attempt = 0; attempt < 4; ++attempt) {
    const int before = reads;
    int seconds = 0;
    while (reads == before) {
      clock.Advance(Seconds(1));
      drafting->Run();
      ++seconds;
    }
    waits.push_back(seconds);
  }
  EXPECT_THAT(waits, ElementsAre(1, 2, 4, 8));
  away = absl::OkStatus();
  clock.Advance(Minutes(5));
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(DraftsOfOpportunities, OneSilenceOfLeadsEndsTheRound) {
  away = absl::UnavailableError("no leads service");
  Apply({Won(kFirst), Won(kSecond)});
  drafting->Run();
  EXPECT_EQ(reads, 1);
  away = absl::OkStatus();
  clock.Advance(Seconds(1));
  drafting->Run();
  EXPECT_EQ(All().size(), 2u);
}

TEST_F(DraftsOfOpportunities, OneWithoutCustomerWaitsAndHoldsUpNobody) {
  opportunity.clear_customer();
  Apply({Won(kFirst)});
  drafting->Run();
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity_won WHERE waits_for = 'contract.customer'"), 1);
  opportunity.set_customer("customers/acme");
  Apply({Won(kSecond)});
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);
  clock.Advance(Minutes(1));
  drafting->Run();
  EXPECT_EQ(All().size(), 2u);
}

TEST_F(DraftsOfOpportunities, ReopenedAndWonAgainKeepTheLiveContract) {
  Apply({Won(kFirst)});
  drafting->Run();
  const std::string name = All()[0].name();
  Apply({Won(kFirst, 2)});
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);
  EXPECT_EQ(Waiting(), 0);
  Cancel(name);
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);  // that cycle has had its contract
  Apply({Won(kFirst, 3)});
  drafting->Run();
  EXPECT_EQ(All().size(), 2u);
  Apply({Won(kFirst, 2)});  // an old one changes nothing
  drafting->Run();
  EXPECT_EQ(All().size(), 2u);
}

TEST_F(DraftsOfOpportunities, OneThatIsNotWonAnyMoreGetsNone) {
  opportunity.set_state(leads::v1::PipelineStage::OPEN);
  Apply({Won(kFirst)});
  drafting->Run();
  EXPECT_EQ(All().size(), 0u);
  EXPECT_EQ(Waiting(), 0);
  opportunity.set_state(leads::v1::PipelineStage::WON);
  Apply({Won(kFirst, 2)});
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);
}

TEST_F(DraftsOfOpportunities, OneDraftedByHandIsTheContract) {
  pb::CreateContractRequest request = Draft();
  request.mutable_contract()->set_opportunity(kFirst);
  Create(request);
  Apply({Won(kFirst)});
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(DraftsOfOpportunities, ReplicasDraftOnce) {
  std::vector<eventing::Event> events;
  for (int i = 0; i < 20; ++i) {
    events.push_back(Won("opportunities/o" + std::to_string(i)));
  }
  Apply(events);
  std::vector<std::thread> replicas;
  for (int i = 0; i < 3; ++i) {
    replicas.emplace_back([this] { MakeDrafting()->Run(); });
  }
  for (std::thread& replica : replicas) {
    replica.join();
  }
  EXPECT_EQ(All().size(), 20u);
  EXPECT_EQ(Waiting(), 0);
}

}  // namespace
}  // namespace steward::orders
