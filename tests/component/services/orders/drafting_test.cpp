// A won opportunity becomes a contract draft, exactly once.

#include <gmock/gmock.h>

#include <thread>

#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/runtime/failpoint.h"
#include "services/orders/api/contract_drafts_api.h"
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

TEST_F(DraftsOfOpportunities, OneThatLeadsDoesNotKnowIsParkedAndReleased) {
  ContractDraftsApi drafts(env, &tokens, [this] { ++pokes; });
  const auto list = [&](v1::ContractDraft::State state) {
    v1::ListContractDraftsRequest request;
    request.set_state(state);
    v1::ListContractDraftsResponse response;
    EXPECT_TRUE(drafts.ListContractDrafts(CallFor({}, request), request, &response).ok());
    return response;
  };
  v1::ReleaseContractDraftRequest release;
  release.set_opportunity(kFirst);
  v1::ContractDraft released;
  const auto try_release = [&] {
    return drafts.ReleaseContractDraft(CallFor({}, release), release, &released);
  };
  EXPECT_TRUE(absl::IsNotFound(try_release()));

  away = absl::UnavailableError("no leads service");
  Apply({Won(kFirst)});
  for (int i = 0; i < 3 * Drafting::kMaxNotFound; ++i) {  // silence says nothing of the opportunity
    drafting->Run();
    clock.Advance(Minutes(5));
  }
  EXPECT_EQ(Waiting(), 1);
  EXPECT_EQ(RefusalOf(try_release())->reason, "NOT_PARKED");
  away = absl::NotFoundError("no such opportunity");
  for (int i = 1; i < Drafting::kMaxNotFound; ++i) {
    drafting->Run();
    clock.Advance(Minutes(5));
  }
  ASSERT_EQ(list(v1::ContractDraft::WAITING).drafts_size(), 1);
  EXPECT_EQ(list(v1::ContractDraft::WAITING).drafts(0).waits_for(), "opportunity");
  EXPECT_EQ(list(v1::ContractDraft::PARKED).drafts_size(), 0);
  drafting->Run();
  EXPECT_EQ(Waiting(), 0);
  ASSERT_EQ(list(v1::ContractDraft::PARKED).drafts_size(), 1);
  const v1::ContractDraft parked = list(v1::ContractDraft::STATE_UNSPECIFIED).drafts(0);
  EXPECT_EQ(parked.opportunity(), kFirst);
  EXPECT_EQ(parked.attempts(), Drafting::kMaxNotFound);
  EXPECT_THAT(parked.reason(), ::testing::StartsWith("OPPORTUNITY_NOT_FOUND"));
  EXPECT_EQ(rpc::FromProto(parked.park_time()), clock.Now());
  EXPECT_THAT(registry.Text(),
              ::testing::HasSubstr("steward_contract_drafts_waiting{waits_for=\"release\"} 1"));
  EXPECT_THAT(registry.Text(),
              ::testing::HasSubstr("steward_contract_drafts_total{result=\"parked\"} 1"));
  const int before = reads;
  clock.Advance(Hours(24));
  drafting->Run();
  EXPECT_EQ(reads, before) << "it is tried no more";

  away = absl::OkStatus();
  release.set_request_id("0190d9a0-0000-7000-8000-000000000001");
  pokes = 0;
  ASSERT_TRUE(try_release().ok());
  EXPECT_EQ(released.state(), v1::ContractDraft::WAITING);
  EXPECT_EQ(pokes, 1);
  const std::string first = released.SerializeAsString();
  ASSERT_TRUE(try_release().ok());
  EXPECT_EQ(released.SerializeAsString(), first);
  EXPECT_EQ(pokes, 1) << "a repeat";
  drafting->Run();
  ASSERT_EQ(All().size(), 1u);
  EXPECT_EQ(All()[0].opportunity(), kFirst);
  EXPECT_EQ(list(v1::ContractDraft::STATE_UNSPECIFIED).drafts_size(), 0);
  EXPECT_THAT(registry.Text(),
              ::testing::HasSubstr("steward_contract_drafts_total{result=\"drafted\"} 1"));
  release.set_request_id("");
  EXPECT_TRUE(absl::IsNotFound(try_release()));
  release.set_opportunity("deals/1");
  EXPECT_EQ(FieldOf(try_release()), "opportunity");
}

TEST_F(DraftsOfOpportunities, AParkedOneIsTriedWhenItIsWonOnceMore) {
  away = absl::NotFoundError("no such opportunity");
  Apply({Won(kFirst)});
  for (int i = 0; i < Drafting::kMaxNotFound; ++i) {
    drafting->Run();
    clock.Advance(Minutes(5));
  }
  EXPECT_EQ(Waiting(), 0);
  away = absl::OkStatus();
  Apply({Won(kFirst, 2)});
  drafting->Run();
  EXPECT_EQ(All().size(), 1u);
}

TEST_F(DraftsOfOpportunities, WhatIsStillToBeDraftedIsListedByPages) {
  opportunity.clear_customer();
  std::vector<eventing::Event> events;
  for (int i = 0; i < 5; ++i) {
    events.push_back(Won("opportunities/o" + std::to_string(i)));
  }
  Apply(events);
  drafting->Run();
  ContractDraftsApi drafts(env, &tokens, [] {});
  v1::ListContractDraftsRequest request;
  request.set_page_size(2);
  std::vector<std::string> found;
  do {
    v1::ListContractDraftsResponse page;
    ASSERT_TRUE(drafts.ListContractDrafts(CallFor({}, request), request, &page).ok());
    for (const v1::ContractDraft& draft : page.drafts()) {
      EXPECT_EQ(draft.waits_for(), "contract.customer");
      found.push_back(draft.opportunity().substr(std::string("opportunities/").size()));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(found, ElementsAre("o0", "o1", "o2", "o3", "o4"));
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
