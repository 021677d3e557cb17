#include <gmock/gmock.h>

#include "google/rpc/status.pb.h"
#include "libs/rpc/client.h"
#include "libs/rpc/values.h"
#include "tests/component/services/leads/campaigns_fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

constexpr char kRequest[] = "0190d9a0-0000-7000-8000-000000000001";
constexpr char kOther[] = "0190d9a0-0000-7000-8000-000000000002";
constexpr char kMissing[] = "campaigns/0190d9a0-0000-7000-8000-0000000000ff";

google::type::Money Yuan(int64_t units) {
  google::type::Money money;
  rpc::ToProto(Money{"CNY", units * 100}, &money);
  return money;
}

Caller Supervisor() { return {kLi, {"supervisor"}, {true, {kLi}, {}}, 0}; }

Caller Importer() { return {"members/import", {"importer"}, {true, {}, {}}, 0}; }

TEST_F(CampaignsTest, AreKeptWhole) {
  const pb::Campaign created = Create();
  EXPECT_EQ(created.title_zh(), "春季展会");
  EXPECT_EQ(created.state(), pb::Campaign::PLANNED);
  EXPECT_EQ(created.planned_by(), kLi);
  EXPECT_EQ(created.budget().units(), 50'000);
  EXPECT_EQ(created.etag(), "\"1\"");
  EXPECT_FALSE(created.has_results() || created.has_start_time());
  EXPECT_EQ(GetIt(created.name()).SerializeAsString(), created.SerializeAsString());
  const auto rows = Journal();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].aggregate, created.name());
  EXPECT_EQ(rows[0].type, "campaign.planned");
  const auto& planned = rows[0].event.campaign_planned();
  EXPECT_THAT(planned.kind_path(), ElementsAre("trade_fair", "offline_event"));
  EXPECT_EQ(rpc::FromProto(planned.planned_start_time()), kStart + Hours(24 * 10));
  EXPECT_EQ(planned.budget().units(), 50'000);
}

TEST_F(CampaignsTest, ARepeatAnswersTheFirstAnswer) {
  auto create = Plan();
  create.set_request_id(kRequest);
  const pb::Campaign first = Must(&CampaignsApi::CreateCampaign, create);
  clock.Advance(Seconds(5));
  EXPECT_EQ(Must(&CampaignsApi::CreateCampaign, create).SerializeAsString(),
            first.SerializeAsString());
  create.mutable_campaign()->set_goal("something else");
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::CreateCampaign, create)), "REQUEST_ID_REUSED");
  auto approve = For<pb::ApproveCampaignRequest>(first.name());
  approve.set_request_id(kOther);
  const pb::Campaign approved = Must(&CampaignsApi::ApproveCampaign, approve);
  EXPECT_EQ(Must(&CampaignsApi::ApproveCampaign, approve).SerializeAsString(),
            approved.SerializeAsString());
  approve.set_reason("another");
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::ApproveCampaign, approve)), "REQUEST_ID_REUSED");
  EXPECT_EQ(Journal().size(), 2u);
  EXPECT_EQ(Count("SELECT count(*) FROM campaign"), 1);
}

TEST_F(CampaignsTest, GoTheirWholeWay) {
  const std::string name = Create().name();
  clock.Advance(Hours(1));
  const pb::Campaign approved =
      Must(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(name));
  EXPECT_EQ(approved.approved_by(), kLi);
  EXPECT_EQ(rpc::FromProto(approved.approve_time()), clock.Now());
  clock.Advance(Hours(24 * 7));
  EXPECT_TRUE(Must(&CampaignsApi::RecordRehearsal, For<pb::RecordRehearsalRequest>(name))
                  .has_rehearse_time());
  clock.Advance(Hours(24 * 3));
  Must(&CampaignsApi::StartCampaign, For<pb::StartCampaignRequest>(name));
  clock.Advance(Hours(24 * 2));
  const Time ended = clock.Now();
  EXPECT_EQ(Must(&CampaignsApi::EndCampaign, For<pb::EndCampaignRequest>(name)).state(),
            pb::Campaign::ENDED);
  clock.Advance(Hours(24));
  auto recap = For<pb::SubmitCampaignRecapRequest>(name);
  recap.set_recap("files/recap-1");
  EXPECT_EQ(Must(&CampaignsApi::SubmitCampaignRecap, recap).recap(), "files/recap-1");
  auto results = For<pb::RecordCampaignResultsRequest>(name);
  *results.mutable_results()->mutable_cost() = Yuan(40'000);
  *results.mutable_results()->mutable_revenue() = Yuan(130'000);
  results.mutable_results()->set_leads(40);
  results.mutable_results()->set_converted_leads(6);
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::RecordCampaignResults, results)), "results.leads")
      << "they are counted";
  const pb::Campaign known = Must(&CampaignsApi::RecordCampaignResults, results, Importer());
  EXPECT_EQ(known.figures().return_ratio(), "1:3.25");
  EXPECT_EQ(known.figures().return_basis_points(), 32'500);
  EXPECT_EQ(known.figures().conversion(), "15.00%");
  EXPECT_FALSE(known.results().has_new_customers());
  EXPECT_EQ(Must(&CampaignsApi::ArchiveCampaign, For<pb::ArchiveCampaignRequest>(name)).state(),
            pb::Campaign::ARCHIVED);
  EXPECT_THAT(TypesOf(name),
              ElementsAre("campaign.planned", "campaign.approved", "campaign.rehearsed",
                          "campaign.started", "campaign.ended", "campaign.recap_submitted",
                          "campaign.results_recorded", "campaign.archived"));
  const auto rows = Journal();
  EXPECT_EQ(rows[4].occurred_at, ended);
  EXPECT_EQ(rows[4].event.campaign_ended().from_state(), "RUNNING");
  const auto& recorded = rows[6].event.campaign_results_recorded();
  EXPECT_EQ(recorded.owner() + recorded.region(), std::string(kLi) + "east");
  EXPECT_EQ(rpc::FromProto(recorded.end_time()), ended);
  EXPECT_EQ(recorded.revenue().units(), 130'000);
  EXPECT_EQ(GetIt(name).etag(), "\"8\"");
}

TEST_F(CampaignsTest, LeadsAndRevenueAreCountedNotTyped) {
  const std::string name = CreateEnded().name();
  const auto counted = [&] {
    return Must(&CampaignsApi::GetCampaign, For<pb::GetCampaignRequest>(name));
  };
  EXPECT_TRUE(counted().has_counted());
  EXPECT_EQ(counted().counted().leads(), 0);
  EXPECT_FALSE(counted().has_figures());
  Come(name, 5, 2);
  Come(Create().name(), 3, 1);
  Win(name, "CNY", 30'000'00);
  Win(name, "CNY", 100'000'00);
  pb::Campaign now = counted();
  EXPECT_EQ(now.counted().leads(), 5);
  EXPECT_EQ(now.counted().converted_leads(), 2);
  EXPECT_EQ(now.counted().won_opportunities(), 2);
  ASSERT_EQ(now.counted().revenue_size(), 1);
  EXPECT_EQ(now.counted().revenue(0).units(), 130'000);
  EXPECT_EQ(now.figures().conversion(), "40.00%");
  EXPECT_EQ(now.figures().return_ratio(), "") << "the cost is not known";
  auto results = For<pb::RecordCampaignResultsRequest>(name);
  *results.mutable_results()->mutable_cost() = Yuan(40'000);
  Must(&CampaignsApi::RecordCampaignResults, results);
  EXPECT_EQ(counted().figures().return_ratio(), "1:3.25");
  EXPECT_FALSE(counted().results().has_leads());

  auto recap = For<pb::SubmitCampaignRecapRequest>(name);
  recap.set_recap("files/recap-1");
  recap.set_request_id(kRequest);
  const pb::Campaign closed = Must(&CampaignsApi::SubmitCampaignRecap, recap);
  EXPECT_EQ(closed.results().leads(), 5);
  EXPECT_EQ(closed.results().converted_leads(), 2);
  EXPECT_EQ(closed.results().revenue().units(), 130'000);
  EXPECT_EQ(closed.results().cost().units(), 40'000);
  const auto rows = Journal();
  EXPECT_EQ(rows[rows.size() - 2].type, "campaign.recap_submitted");
  EXPECT_EQ(rows.back().type, "campaign.results_recorded");
  EXPECT_EQ(rows.back().event.campaign_results_recorded().leads(), 5);
  EXPECT_EQ(Must(&CampaignsApi::SubmitCampaignRecap, recap).SerializeAsString(),
            closed.SerializeAsString());
  Come(name, 1, 1);
  now = counted();
  EXPECT_EQ(now.counted().leads(), 6) << "it goes on";
  EXPECT_EQ(now.results().leads(), 5) << "the closing figure stays";
  EXPECT_EQ(now.figures().conversion(), "40.00%");
  EXPECT_NE(
      ("\n" + registry.Text()).find("\nsteward_campaign_transitions_total{move=\"recapped\"} 1\n"),
      std::string::npos);
}

TEST_F(CampaignsTest, RevenueOfTwoCurrenciesIsShownAndNotClosedWith) {
  const std::string name = CreateEnded().name();
  Win(name, "CNY", 100);
  Win(name, "USD", 200);
  const pb::Campaign now = Must(&CampaignsApi::GetCampaign, For<pb::GetCampaignRequest>(name));
  ASSERT_EQ(now.counted().revenue_size(), 2);
  EXPECT_EQ(now.counted().revenue(1).currency_code(), "USD");
  EXPECT_EQ(now.counted().won_opportunities(), 2);
  auto recap = For<pb::SubmitCampaignRecapRequest>(name);
  recap.set_recap("files/recap-1");
  EXPECT_FALSE(Must(&CampaignsApi::SubmitCampaignRecap, recap).has_results());
  EXPECT_EQ(Journal().back().type, "campaign.recap_submitted");
}

TEST_F(CampaignsTest, WhatMayNotBeDoneIsRefused) {
  const std::string name = Create().name();
  const absl::Status early =
      Refused(&CampaignsApi::StartCampaign, For<pb::StartCampaignRequest>(name));
  EXPECT_EQ(ReasonOf(early), "ILLEGAL_TRANSITION");
  EXPECT_EQ(MetadataOf(early, "from"), "PLANNED");
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::EndCampaign, For<pb::EndCampaignRequest>(name))),
            "ILLEGAL_TRANSITION");
  auto recap = For<pb::SubmitCampaignRecapRequest>(name);
  recap.set_recap("files/1");
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::SubmitCampaignRecap, recap)), "ILLEGAL_TRANSITION");
  EXPECT_EQ(
      ReasonOf(Refused(&CampaignsApi::ArchiveCampaign, For<pb::ArchiveCampaignRequest>(name))),
      "ILLEGAL_TRANSITION");
  auto results = For<pb::RecordCampaignResultsRequest>(name);
  *results.mutable_results()->mutable_cost() = Yuan(1);
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::RecordCampaignResults, results)), "ILLEGAL_TRANSITION");
  Must(&CampaignsApi::CancelCampaign, For<pb::CancelCampaignRequest>(name));
  EXPECT_EQ(
      ReasonOf(Refused(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(name))),
      "ILLEGAL_TRANSITION");
  EXPECT_EQ(
      ReasonOf(Refused(&CampaignsApi::RecordRehearsal, For<pb::RecordRehearsalRequest>(name))),
      "ILLEGAL_TRANSITION");
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::CancelCampaign, For<pb::CancelCampaignRequest>(name))),
            "ILLEGAL_TRANSITION");
  EXPECT_EQ(Journal().size(), 2u);
}

TEST_F(CampaignsTest, BadInputIsRefusedByField) {
  const auto refused = [&](const std::function<void(pb::Campaign&)>& spoil) {
    pb::CreateCampaignRequest request = Plan();
    spoil(*request.mutable_campaign());
    return FieldOf(Refused(&CampaignsApi::CreateCampaign, request));
  };
  EXPECT_EQ(refused([](pb::Campaign& c) { c.set_kind("picnic"); }), "campaign.kind");
  EXPECT_EQ(refused([](pb::Campaign& c) { c.mutable_budget()->set_units(-1); }), "campaign.budget");
  EXPECT_EQ(refused([](pb::Campaign& c) { c.mutable_budget()->set_currency_code("XXY"); }),
            "campaign.budget.currency_code");
  EXPECT_EQ(refused([](pb::Campaign& c) { c.clear_planned_end_time(); }),
            "campaign.planned_end_time");
  EXPECT_EQ(
      refused([](pb::Campaign& c) { *c.mutable_planned_end_time() = c.planned_start_time(); }),
      "campaign.planned_end_time");
  EXPECT_EQ(refused([](pb::Campaign& c) {
              c.clear_title();
              c.clear_title_zh();
            }),
            "campaign.title");
  EXPECT_EQ(refused([](pb::Campaign& c) { c.set_owner("teams/x"); }), "campaign.owner");
  auto ahead = Plan();
  *ahead.mutable_occurred_at() = rpc::ToProto(clock.Now() + Hours(1));
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::CreateCampaign, ahead)), "occurred_at");
  EXPECT_EQ(Count("SELECT count(*) FROM journal"), 0);
  EXPECT_EQ(
      FieldOf(Refused(&CampaignsApi::GetCampaign, For<pb::GetCampaignRequest>("campaigns/x"))),
      "name");
  const std::string ended = CreateEnded().name();
  auto recap = For<pb::SubmitCampaignRecapRequest>(ended);
  recap.set_recap("it went well");
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::SubmitCampaignRecap, recap)), "recap");
  auto results = For<pb::RecordCampaignResultsRequest>(ended);
  results.mutable_results()->set_leads(2);
  results.mutable_results()->set_converted_leads(3);
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::RecordCampaignResults, results, Importer())),
            "results.converted_leads");
  results.mutable_results()->clear_leads();
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::RecordCampaignResults, results)),
            "results.converted_leads");
  results.mutable_results()->clear_converted_leads();
  *results.mutable_results()->mutable_cost() = Yuan(1);
  results.mutable_results()->mutable_cost()->clear_currency_code();
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::RecordCampaignResults, results)),
            "results.cost.currency_code");
}

TEST_F(CampaignsTest, AnUpdateIsOneEventForEachKindOfChange) {
  const pb::Campaign created = Create();
  Must(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(created.name()));
  pb::UpdateCampaignRequest update;
  pb::Campaign& wanted = *update.mutable_campaign();
  wanted.set_name(created.name());
  wanted.set_title("Summer fair");
  wanted.set_owner(kWang);
  wanted.set_region("west");
  *wanted.mutable_budget() = Yuan(60'000);
  *wanted.mutable_planned_end_time() = rpc::ToProto(kStart + Hours(24 * 13));
  for (const char* path : {"title", "owner", "budget", "planned_end_time"}) {
    update.mutable_update_mask()->add_paths(path);
  }
  const pb::Campaign changed = Must(&CampaignsApi::UpdateCampaign, update);
  EXPECT_EQ(changed.title(), "Summer fair");
  EXPECT_EQ(changed.region(), "east") << "not in the mask";
  EXPECT_EQ(changed.state(), pb::Campaign::PLANNED) << "another budget, another approval";
  EXPECT_EQ(changed.approved_by(), "");
  EXPECT_EQ(GetIt(created.name()).SerializeAsString(), changed.SerializeAsString());
  EXPECT_THAT(TypesOf(created.name()),
              ElementsAre("campaign.planned", "campaign.approved", "campaign.updated",
                          "campaign.rescheduled", "campaign.budget_changed"));
  const auto rows = Journal();
  EXPECT_THAT(rows[2].event.campaign_updated().changed_fields(), ElementsAre("title", "owner"));
  EXPECT_EQ(rows[2].payload.find("Summer"), std::string::npos);
  EXPECT_TRUE(rows[4].event.campaign_budget_changed().approval_voided());
  EXPECT_EQ(Must(&CampaignsApi::UpdateCampaign, update).etag(), changed.etag())
      << "nothing changed, no event";
  EXPECT_EQ(Journal().size(), 5u);
}

TEST_F(CampaignsTest, AnUpdateIsWholeOrNot) {
  const std::string name = CreateEnded().name();
  pb::UpdateCampaignRequest update;
  update.mutable_campaign()->set_name(name);
  update.mutable_campaign()->set_title("Other");
  *update.mutable_campaign()->mutable_budget() = Yuan(1);
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::UpdateCampaign, update)), "ILLEGAL_TRANSITION");
  EXPECT_EQ(GetIt(name).title(), "Spring fair");
  update.mutable_campaign()->clear_budget();
  update.mutable_campaign()->set_etag("\"1\"");
  const absl::Status stale = Refused(&CampaignsApi::UpdateCampaign, update);
  EXPECT_EQ(stale.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(MetadataOf(stale, "etag"), "\"4\"");
  update.mutable_campaign()->set_etag("\"4\"");
  EXPECT_EQ(Must(&CampaignsApi::UpdateCampaign, update).title(), "Other");
  auto recap = For<pb::SubmitCampaignRecapRequest>(name);
  recap.set_recap("files/1");
  recap.set_etag("\"4\"");
  EXPECT_EQ(Refused(&CampaignsApi::SubmitCampaignRecap, recap).code(), absl::StatusCode::kAborted);
}

TEST_F(CampaignsTest, ALateFactNeedsASupervisorAndAReason) {
  const pb::Campaign ended = CreateEnded();
  const Time end = clock.Now();
  clock.Advance(Hours(24 * 4));
  auto recap = For<pb::SubmitCampaignRecapRequest>(ended.name());
  recap.set_recap("files/recap-1");
  *recap.mutable_occurred_at() = rpc::ToProto(end + Hours(24));
  EXPECT_EQ(ReasonOf(Refused(&CampaignsApi::SubmitCampaignRecap, recap)),
            "BACK_DATING_NEEDS_SUPERVISOR");
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::SubmitCampaignRecap, recap, Supervisor())), "reason");
  recap.set_reason("the mail lay in another folder");
  const pb::Campaign told = Must(&CampaignsApi::SubmitCampaignRecap, recap, Supervisor());
  EXPECT_EQ(rpc::FromProto(told.recap_time()), end + Hours(24));
  const auto row = Journal().back();
  EXPECT_EQ(row.occurred_at, end + Hours(24));
  EXPECT_TRUE(row.event.campaign_recap_submitted().back_dated());
  EXPECT_EQ(row.payload.find("folder"), std::string::npos);
  pb::ListCampaignHistoryRequest history;
  history.set_parent(ended.name());
  EXPECT_EQ(Must(&CampaignsApi::ListCampaignHistory, history).changes().rbegin()->reason(),
            "the mail lay in another folder");
}

TEST_F(CampaignsTest, TheEndMayBeToldLate) {
  const std::string name = Create().name();
  Must(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(name));
  Must(&CampaignsApi::StartCampaign, For<pb::StartCampaignRequest>(name));
  clock.Advance(Hours(24 * 3));
  auto end = For<pb::EndCampaignRequest>(name);
  *end.mutable_occurred_at() = rpc::ToProto(clock.Now() - Hours(24));
  EXPECT_EQ(rpc::FromProto(Must(&CampaignsApi::EndCampaign, end).end_time()),
            clock.Now() - Hours(24))
      << "it starts a clock, and so only shortens what is left";
  auto rehearse = For<pb::RecordRehearsalRequest>(name);
  EXPECT_EQ(FieldOf(Refused(&CampaignsApi::RecordRehearsal, rehearse)), "occurred_at")
      << "after the start";
}

TEST_F(CampaignsTest, TheEventBearsTheIdOfTheDomain) {
  Create();
  EXPECT_EQ(Count("SELECT count(DISTINCT event_id) FROM journal"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM journal WHERE event_id = "
                  "'00000000-0000-0000-0000-000000000000'"),
            0);
}

TEST_F(CampaignsTest, OutOfReachIsNotThere) {
  const std::string name = Create().name();
  const Caller stranger = Agent(kWang, {"teams/sales"});
  const auto same =
      [&]<class Request, class Response>(
          absl::Status (CampaignsApi::*method)(const rpc::Call&, const Request&, Response*),
          const std::function<void(Request&, const std::string&)>& name_it) {
        std::string texts[2];
        const std::string names[] = {name, kMissing};
        for (int i = 0; i < 2; ++i) {
          Request request;
          name_it(request, names[i]);
          const absl::Status status = Refused(method, request, stranger);
          EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
          google::rpc::Status details;
          EXPECT_TRUE(details.ParseFromString(rpc::ToWire(status, "leads").details));
          texts[i] = details.DebugString();
          for (size_t at; (at = texts[i].find(names[i])) != std::string::npos;) {
            texts[i].replace(at, names[i].size(), "X");
          }
        }
        EXPECT_EQ(texts[0], texts[1]) << Request::descriptor()->name();
      };
  const auto by_name = [](auto& request, const std::string& which) { request.set_name(which); };
  same.operator()<pb::GetCampaignRequest, pb::Campaign>(&CampaignsApi::GetCampaign, by_name);
  same.operator()<pb::ApproveCampaignRequest, pb::Campaign>(&CampaignsApi::ApproveCampaign,
                                                            by_name);
  same.operator()<pb::CancelCampaignRequest, pb::Campaign>(&CampaignsApi::CancelCampaign, by_name);
  same.operator()<pb::RecordCampaignResultsRequest, pb::Campaign>(
      &CampaignsApi::RecordCampaignResults, by_name);
  same.operator()<pb::UpdateCampaignRequest, pb::Campaign>(
      &CampaignsApi::UpdateCampaign, [](auto& request, const std::string& which) {
        request.mutable_campaign()->set_name(which);
        request.mutable_campaign()->set_etag("\"9\"");
      });
  same.operator()<pb::ListCampaignHistoryRequest, pb::ListCampaignHistoryResponse>(
      &CampaignsApi::ListCampaignHistory,
      [](auto& request, const std::string& which) { request.set_parent(which); });
  EXPECT_EQ(GetIt(name, Agent(kWang, {"teams/marketing"})).name(), name);
}

TEST_F(CampaignsTest, NoTextIsInAnEvent) {
  const std::string name = CreateEnded().name();
  auto recap = For<pb::SubmitCampaignRecapRequest>(name);
  recap.set_recap("files/canary");
  recap.set_reason("canary");
  Must(&CampaignsApi::SubmitCampaignRecap, recap);
  for (const Row& row : Journal()) {
    for (const char* secret : {"Spring", "春季", "partners", "stand", "canary"}) {
      EXPECT_EQ(row.payload.find(secret), std::string::npos) << row.type << " " << secret;
    }
  }
}

}  // namespace
}  // namespace steward::leads
