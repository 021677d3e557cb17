#pragma once
// Campaigns on a real PostgreSQL, called without gRPC.

#include <memory>
#include <string>
#include <utility>

#include "services/leads/api/campaigns_api.h"
#include "services/leads/migrations.h"
#include "tests/component/services/leads/fixture.h"

namespace steward::leads {

class CampaignsTest : public testing::ServiceTest<events::v1::LeadsEvent, CampaignsApi> {
 protected:
  CampaignsTest() : ServiceTest("leads", Migrations()), campaign_metrics(registry) {
    std::get<0>(apis) = std::make_unique<CampaignsApi>(CampaignDeps{.env = env,
                                                                    .kinds = DefaultCampaignKinds(),
                                                                    .time_rules = {},
                                                                    .tokens = &tokens,
                                                                    .metrics = &campaign_metrics});
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
  pb::Campaign Create() { return Must(&CampaignsApi::CreateCampaign, Plan()); }
  pb::Campaign GetIt(const std::string& name, const Caller& caller = {}) {
    pb::Campaign campaign =
        Must(&CampaignsApi::GetCampaign, For<pb::GetCampaignRequest>(name), caller);
    campaign.clear_counted();  // what commands do not answer
    return campaign;
  }
  // Ended and without a recap.
  pb::Campaign CreateEnded() {
    const std::string name = Create().name();
    Must(&CampaignsApi::ApproveCampaign, For<pb::ApproveCampaignRequest>(name));
    clock.Advance(Hours(24 * 10));
    Must(&CampaignsApi::StartCampaign, For<pb::StartCampaignRequest>(name));
    clock.Advance(Hours(24 * 2));
    return Must(&CampaignsApi::EndCampaign, For<pb::EndCampaignRequest>(name));
  }

  // Leads that name the campaign, and how many of them became opportunities: rows, as their own commands would leave them.
  void Come(const std::string& campaign, int leads, int converted) {
    Sql("INSERT INTO lead (id, version, channel, external_id, source, campaign, utm, customer, "
        "contact, "
        "territory, industry, skills, owner, team, state, state_time, disqualify_reason, "
        "opportunity, "
        "captured_by, occurred_at, recorded_at, update_time) SELECT gen_random_uuid(), 1, 'web', "
        "gen_random_uuid()::text, 'web', '" +
        campaign + "', '{}', '', '', '', '', '{}', '', '', 1, now(), '', CASE WHEN i <= " +
        std::to_string(converted) +
        " THEN 'opportunities/x' ELSE '' END, '', now(), now(), now() FROM generate_series(1, " +
        std::to_string(leads) + ") AS i");
  }
  void Win(const std::string& campaign, const std::string& currency, int64_t minor) {
    Sql("INSERT INTO opportunity (id, version, pipeline, pipeline_version, stage, state, "
        "stage_time, "
        "last_open, customer, lead, campaign, owner, team, region, opened_by, amount_minor, "
        "currency, "
        "proof_codes, proof_references, lost_reason, close_time, cycle, occurred_at, recorded_at, "
        "update_time) VALUES (gen_random_uuid(), 1, 'default', 1, 'contract_signed', 2, now(), "
        "'x', "
        "'', '', '" +
        campaign + "', '', '', '', '', " + std::to_string(minor) + ", '" + currency +
        "', '{}', '{}', '', now(), 1, now(), now(), now())");
  }
  void Sql(const std::string& text) {
    auto db = pg::Connection::Open(options);
    ASSERT_TRUE(db.ok()) << db.status();
    const auto result = (*db)->Run(pg::Statement{"sql", text.c_str()});
    ASSERT_TRUE(result.ok()) << result.status();
  }

  CampaignMetrics campaign_metrics;
};

}  // namespace steward::leads
