#pragma once
// Campaigns on a real PostgreSQL, called without gRPC.

#include <memory>
#include <string>
#include <utility>

#include "services/leads/api/campaigns_api.h"
#include "tests/component/services/leads/fixture.h"

namespace steward::leads {

class CampaignsTest : public LeadsTest {
 protected:
  CampaignsTest()
      : campaigns(CampaignDeps{
            .env = env, .kinds = DefaultCampaignKinds(), .time_rules = {}, .tokens = &tokens}) {}

  template <class Request, class Response>
  absl::Status Call(absl::Status (CampaignsApi::*method)(const rpc::Call&, const Request&,
                                                         Response*),
                    const Request& request, Response* response, const Caller& caller = {}) {
    return (campaigns.*method)(CallFor(caller, request), request, response);
  }
  // One that must succeed.
  template <class Request, class Response>
  Response Done(absl::Status (CampaignsApi::*method)(const rpc::Call&, const Request&, Response*),
                const Request& request, const Caller& caller = {}) {
    Response response;
    const absl::Status status = Call(method, request, &response, caller);
    EXPECT_TRUE(status.ok()) << Request::descriptor()->name() << ": " << status;
    return response;
  }
  // One that must not: its status. Nothing of an answer may be left behind.
  template <class Request, class Response>
  absl::Status Refused(absl::Status (CampaignsApi::*method)(const rpc::Call&, const Request&,
                                                            Response*),
                       const Request& request, const Caller& caller = {}) {
    Response response;
    const absl::Status status = Call(method, request, &response, caller);
    EXPECT_FALSE(status.ok()) << Request::descriptor()->name();
    return status;
  }

  // A trade fair in ten days.
  pb::CreateCampaignRequest Plan() const {
    pb::CreateCampaignRequest request;
    pb::Campaign& campaign = *request.mutable_campaign();
    campaign.set_title("Spring fair");
    campaign.set_title_zh("春季展会");
    campaign.set_goal("New partners");
    campaign.set_description("A stand and two talks");
    campaign.set_kind("trade_fair");
    campaign.set_owner(kLi);
    campaign.set_team("teams/marketing");
    campaign.set_region("east");
    campaign.mutable_budget()->set_currency_code("CNY");
    campaign.mutable_budget()->set_units(50'000);
    *campaign.mutable_planned_start_time() = rpc::ToProto(kStart + Hours(24 * 10));
    *campaign.mutable_planned_end_time() = rpc::ToProto(kStart + Hours(24 * 12));
    return request;
  }
  pb::Campaign Create() { return Done(&CampaignsApi::CreateCampaign, Plan()); }
  pb::Campaign GetIt(const std::string& name, const Caller& caller = {}) {
    return Done(&CampaignsApi::GetCampaign, For<pb::GetCampaignRequest>(name), caller);
  }
  // Ended and without a recap.
  pb::Campaign CreateEnded() {
    const std::string name = Create().name();
    Done(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(name));
    clock.Advance(Hours(24 * 10));
    Done(&CampaignsApi::StartCampaign, For<pb::StartCampaignRequest>(name));
    clock.Advance(Hours(24 * 2));
    return Done(&CampaignsApi::EndCampaign, For<pb::EndCampaignRequest>(name));
  }

  CampaignsApi campaigns;
};

}  // namespace steward::leads
