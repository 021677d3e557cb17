// steward-leads: customers, leads with their assignment, touches, opportunities and the funnel.

#include <cstdio>
#include <string>

#include "libs/contact/contact.h"
#include "libs/runtime/lifecycle.h"
#include "libs/service/host.h"
#include "services/leads/api/assignment_rules_api.h"
#include "services/leads/api/campaigns_api.h"
#include "services/leads/api/lead_pool_api.h"
#include "services/leads/api/leads_api.h"
#include "services/leads/api/opportunities_api.h"
#include "services/leads/api/touches_api.h"
#include "services/leads/config.h"
#include "services/leads/events/inputs.h"
#include "services/leads/metrics.h"
#include "services/leads/migrations.h"
#include "services/leads/opportunity_metrics.h"
#include "services/leads/recycler.h"
#include "services/leads/schemes.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/leads/v1/campaigns_service.pb.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "steward/leads/v1/opportunities_service.pb.h"

namespace steward::leads {
namespace {

service::ServiceSpec Spec() {
  return {
      .name = "leads",
      .description =
          "Customers, leads with their assignment, touches, opportunities and the funnel.",
      .topic_message = &events::v1::LeadsEvent::default_instance(),
      .services =
          {v1::GetCustomerRequest::descriptor()->file()->FindServiceByName("LeadsService"),
           v1::GetLeadRequest::descriptor()->file()->FindServiceByName("LeadPoolService"),
           v1::GetAssignmentRuleRequest::descriptor()->file()->FindServiceByName(
               "AssignmentRulesService"),
           v1::RecordTouchRequest::descriptor()->file()->FindServiceByName("TouchesService"),
           v1::GetCampaignRequest::descriptor()->file()->FindServiceByName("CampaignsService"),
           v1::GetOpportunityRequest::descriptor()->file()->FindServiceByName(
               "OpportunitiesService")},
      .migrations = Migrations(),
  };
}

int Main(int argc, char** argv) {
  Config config;
  int exit_code = 0;
  const auto host = service::Host::Create(
      Spec(), argc, argv, [&config](config::Loader& loader) { config.AddTo(loader); }, &exit_code);
  if (!host) {
    return exit_code;
  }
  const absl::StatusOr<TierSchemes> schemes = LoadTierSchemes(config.tier_schemes_file);
  if (!schemes.ok()) {
    std::fprintf(stderr, "tier_schemes_file: %s\n",
                 std::string(schemes.status().message()).c_str());
    return runtime::kExitConfig;
  }
  if (!contact::IsPhoneRegion(config.phone_region)) {
    std::fprintf(stderr, "phone_region: `%s` is no region of phone numbers\n",
                 config.phone_region.c_str());
    return runtime::kExitConfig;
  }
  Metrics metrics(*schemes, host->metrics());
  OpportunityMetrics opportunity_metrics(host->metrics());
  LeadMetrics lead_metrics(DefaultTouchCatalogue(), host->metrics());
  LeadsApi api({.env = host->env(),
                .rules = {&*schemes, config.phone_region},
                .tokens = &host->page_tokens(),
                .metrics = &metrics});
  api.AddTo(host->server());
  Pipelines pipelines;
  LeadPoolApi pool({.env = host->env(),
                    .tokens = &host->page_tokens(),
                    .rules = {&*schemes, config.phone_region},
                    .pipelines = &pipelines,
                    .time_rules = config.time_rules(),
                    .recycle_days = static_cast<int>(config.recycle_days),
                    .org = [&host] { return host->org().Get(); },
                    .metrics = &lead_metrics,
                    .customer_metrics = &metrics,
                    .opportunity_metrics = &opportunity_metrics});
  pool.AddTo(host->server());
  AssignmentRulesApi assignment_rules(host->env(), host->page_tokens());
  assignment_rules.AddTo(host->server());
  TouchesApi touches({.env = host->env(),
                      .tokens = &host->page_tokens(),
                      .time_rules = config.time_rules(),
                      .company_zone = host->company_zone(),
                      .metrics = &lead_metrics});
  touches.AddTo(host->server());

  Recycler recycler({.pg = host->pg_options("recycler"),
                     .clock = &host->clock(),
                     .ids = &host->ids(),
                     .days = static_cast<int>(config.recycle_days),
                     .interval = Seconds(config.recycle_interval_seconds),
                     .metrics = &lead_metrics,
                     .recycled = [&] { host->relay().Poke(); }});
  host->AddWorker(
      "recycler", [&] { recycler.Start(); }, [&] { recycler.Stop(); });
  CampaignMetrics campaign_metrics(host->metrics());
  CampaignsApi campaigns({.env = host->env(),
                          .kinds = DefaultCampaignKinds(),
                          .time_rules = config.time_rules(),
                          .tokens = &host->page_tokens(),
                          .metrics = &campaign_metrics});
  campaigns.AddTo(host->server());
  OpportunitiesApi opportunities({.env = host->env(),
                                  .time_rules = config.time_rules(),
                                  .tokens = &host->page_tokens(),
                                  .pipelines = &pipelines,
                                  .org = [&host] { return host->org().Get(); },
                                  .metrics = &opportunity_metrics});
  opportunities.AddTo(host->server());

  InputProjection inputs({.clock = &host->clock(),
                          .ids = &host->ids(),
                          .pipelines = &pipelines,
                          .directory_changed = [&host] { host->org().Poke(); },
                          .told = [&host] { host->relay().Poke(); }});
  host->Consume(Inputs(static_cast<int>(host->config().kafka_partitions)), inputs);
  return host->Run();
}

}  // namespace
}  // namespace steward::leads

int main(int argc, char** argv) { return steward::leads::Main(argc, argv); }
