#include <gmock/gmock.h>

#include "tests/component/services/leads/opportunities_fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

class FunnelOfLeads : public OpportunitiesTest {
 protected:
  v1::GetFunnelResponse Funnel(std::optional<Time> as_of = {},
                               v1::FunnelClock clock = v1::FUNNEL_CLOCK_RECORDED,
                               v1::FunnelGrouping grouping = v1::FUNNEL_GROUPING_NONE,
                               const Caller& caller = {}) {
    v1::GetFunnelRequest request;
    if (as_of) {
      *request.mutable_as_of() = rpc::ToProto(*as_of);
    }
    request.set_clock(clock);
    request.set_group_by(grouping);
    return Must(&OpportunitiesApi::GetFunnel, request, caller);
  }
  // Numbers that stand in each stage, group after group.
  static std::vector<int64_t> Now(const v1::GetFunnelResponse& funnel) {
    std::vector<int64_t> now;
    for (const v1::FunnelGroup& group : funnel.groups()) {
      for (const v1::FunnelStage& stage : group.stages()) {
        now.push_back(stage.now());
      }
    }
    return now;
  }
};

TEST_F(FunnelOfLeads, OfAPastInstantIsTheSameBeforeAndAfterLaterChanges) {
  const std::string first = Create().name(), second = Create().name();
  clock.Advance(Hours(1));
  Advance(first, "needs_analysis");
  clock.Advance(Hours(1));
  const Time then = clock.Now();
  const v1::GetFunnelResponse before = Funnel(then);
  EXPECT_THAT(Now(before), ElementsAre(1, 1, 0, 0, 0, 0, 0));
  EXPECT_EQ(before.groups(0).stages(0).conversion_basis_points(), 5'000);
  EXPECT_EQ(before.groups(0).stages(0).finished().sum_seconds(), 3'600);
  EXPECT_EQ(before.groups(0).stages(0).running().median().seconds(), 7'200);
  clock.Advance(Hours(1));
  Win(second);
  auto assign = For<v1::AssignOpportunityRequest>(first);
  assign.set_owner(kWang);
  assign.set_team("teams/west");
  Must(&OpportunitiesApi::AssignOpportunity, assign);
  v1::CreateOpportunityRequest late = Draft();  // happened before `then`, told after it
  *late.mutable_opportunity()->mutable_occurred_at() = rpc::ToProto(kServiceStart - Hours(24));
  Create(late);
  EXPECT_EQ(rpc::DeterministicBytes(Funnel(then)), rpc::DeterministicBytes(before));
  EXPECT_THAT(Now(Funnel(then, v1::FUNNEL_CLOCK_OCCURRED)), ElementsAre(2, 1, 0, 0, 0, 0, 0));
  EXPECT_THAT(Now(Funnel()), ElementsAre(1, 1, 0, 0, 1, 0, 0));
  const auto by_owner = Funnel({}, v1::FUNNEL_CLOCK_RECORDED, v1::FUNNEL_GROUPING_OWNER);
  ASSERT_EQ(by_owner.groups_size(), 2);
  EXPECT_EQ(by_owner.groups(1).key(), kWang);
  // Reach is by who answered for it then.
  const Caller wang = Agent(kWang);
  EXPECT_THAT(Now(Funnel(then, v1::FUNNEL_CLOCK_RECORDED, v1::FUNNEL_GROUPING_NONE, wang)),
              ElementsAre());
  EXPECT_THAT(Now(Funnel({}, v1::FUNNEL_CLOCK_RECORDED, v1::FUNNEL_GROUPING_NONE, wang)),
              ElementsAre(0, 1, 0, 0, 0, 0, 0));
}

TEST_F(FunnelOfLeads, IsNotOfTheFutureOrOfAnUnknownPipeline) {
  v1::GetFunnelRequest request;
  *request.mutable_as_of() = rpc::ToProto(clock.Now() + Seconds(1));
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::GetFunnel, request)), "as_of");
  request.clear_as_of();
  request.set_pipeline("pipelines/other");
  EXPECT_EQ(Refused(&OpportunitiesApi::GetFunnel, request).code(), absl::StatusCode::kNotFound);
  request.set_pipeline("");
  request.set_version(2);
  EXPECT_EQ(Refused(&OpportunitiesApi::GetFunnel, request).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Funnel().groups_size(), 0) << "nothing yet";
}

TEST_F(FunnelOfLeads, ANewVersionIsForWhatOpensAfterwards) {
  const v1::Opportunity old = Create();
  v1::CreatePipelineVersionRequest request;
  request.set_request_id("0190d9a0-0000-7000-8000-000000000001");
  *request.mutable_pipeline() =
      Must(&OpportunitiesApi::GetPipeline, For<v1::GetPipelineRequest>("pipelines/default"));
  EXPECT_TRUE(request.pipeline().active());
  EXPECT_EQ(ReasonOf(Refused(&OpportunitiesApi::CreatePipelineVersion, request)),
            "NOTHING_TO_CHANGE");
  request.mutable_pipeline()->mutable_stages(0)->set_win_basis_points(10'001);
  EXPECT_EQ(FieldOf(Refused(&OpportunitiesApi::CreatePipelineVersion, request)),
            "pipeline.stages[0].win_basis_points");
  request.mutable_pipeline()->mutable_stages(0)->set_win_basis_points(2'000);
  request.set_validate_only(true);
  EXPECT_EQ(Must(&OpportunitiesApi::CreatePipelineVersion, request).version(), 2);
  request.set_validate_only(false);
  const v1::Pipeline made = Must(&OpportunitiesApi::CreatePipelineVersion, request);
  EXPECT_EQ(made.version(), 2);
  EXPECT_EQ(made.created_by(), kLi);
  EXPECT_EQ(rpc::DeterministicBytes(Must(&OpportunitiesApi::CreatePipelineVersion, request)),
            rpc::DeterministicBytes(made));
  const v1::Opportunity fresh = Create();
  EXPECT_EQ(fresh.pipeline_version(), 2);
  EXPECT_EQ(fresh.win_basis_points(), 2'000);
  EXPECT_EQ(Get(old.name()).win_basis_points(), 1'000);
  EXPECT_EQ(Advance(old.name(), "needs_analysis").pipeline_version(), 1);
  const auto listed = Must(&OpportunitiesApi::ListPipelines, v1::ListPipelinesRequest());
  ASSERT_EQ(listed.pipelines_size(), 1);
  EXPECT_EQ(listed.pipelines(0).version(), 2);
  auto first = For<v1::GetPipelineRequest>("pipelines/default");
  first.set_version(1);
  EXPECT_FALSE(Must(&OpportunitiesApi::GetPipeline, first).active());
  EXPECT_THAT(Now(Funnel()), ElementsAre(1, 0, 0, 0, 0, 0, 0)) << "of the active version";
}

}  // namespace
}  // namespace steward::leads
