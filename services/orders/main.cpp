// steward-orders: contracts and their approval, sales orders, what is owed and what was paid.

#include "libs/base/status.h"
#include "libs/rpc/client.h"
#include "libs/runtime/periodic.h"
#include "libs/service/host.h"
#include "libs/service/text_data.h"
#include "services/orders/api/approval_flows_api.h"
#include "services/orders/api/contract_drafts_api.h"
#include "services/orders/api/contracts_api.h"
#include "services/orders/api/receivables_api.h"
#include "services/orders/api/sales_orders_api.h"
#include "services/orders/config.h"
#include "services/orders/drafting.h"
#include "services/orders/due_dates.h"
#include "services/orders/events/inputs.h"
#include "services/orders/metrics.h"
#include "services/orders/migrations.h"
#include "steward/leads/v1/opportunities_service.pb.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "steward/orders/v1/approval_flows_service.pb.h"
#include "steward/orders/v1/contracts_service.pb.h"
#include "steward/orders/v1/orders_service.pb.h"
#include "steward/orders/v1/receivables_service.pb.h"

namespace steward::orders {
namespace {

service::ServiceSpec Spec() {
  return {
      .name = "orders",
      .description = "What was agreed with customers, and what has been paid for it.",
      .topic_message = &events::v1::OrdersEvent::default_instance(),
      .services =
          {v1::GetContractRequest::descriptor()->file()->FindServiceByName("ContractsService"),
           v1::GetApprovalFlowRequest::descriptor()->file()->FindServiceByName(
               "ApprovalFlowsService"),
           v1::ListContractDraftsRequest::descriptor()->file()->FindServiceByName(
               "ContractDraftsService"),
           v1::GetOrderRequest::descriptor()->file()->FindServiceByName("OrdersService"),
           v1::GetReceivableRequest::descriptor()->file()->FindServiceByName("ReceivablesService")},
      .migrations = Migrations(),
  };
}

// As the member of the token file: no caller stands behind an event.
absl::StatusOr<leads::v1::Opportunity> ReadOpportunity(rpc::Client& leads, const Config& config,
                                                       const std::string& name) {
  ASSIGN_OR_RETURN(std::string token, service::ReadFile(config.leads_token_file));
  token.erase(token.find_last_not_of(" \r\n\t") + 1);
  leads.SetToken(std::move(token));
  leads::v1::GetOpportunityRequest request;
  request.set_name(name);
  leads::v1::Opportunity opportunity;
  RETURN_IF_ERROR(leads.Invoke("/steward.leads.v1.OpportunitiesService/GetOpportunity", request,
                               &opportunity, Milliseconds(config.leads_timeout_ms)));
  return opportunity;
}

int Main(int argc, char** argv) {
  Config config;
  int exit_code = 0;
  const auto host = service::Host::Create(
      Spec(), argc, argv, [&config](config::Loader& loader) { config.AddTo(loader); }, &exit_code);
  if (!host) {
    return exit_code;
  }
  Metrics metrics(host->metrics());
  ContractsApi contracts({.env = host->env(),
                          .time_rules = config.time_rules(),
                          .zone = host->company_zone(),
                          .org = [&host] { return host->org().Get(); },
                          .tokens = &host->page_tokens(),
                          .metrics = &metrics});
  contracts.AddTo(host->server());
  ApprovalFlowsApi flows(host->env(), &host->page_tokens());
  flows.AddTo(host->server());
  SalesOrdersApi orders(
      {.env = host->env(),
       .time_rules = config.time_rules(),
       .zone = host->company_zone(),
       .team_of = [&host](const std::string& member,
                          Time at) { return host->org().Get()->TeamOf(member, at).value_or(""); },
       .tokens = &host->page_tokens(),
       .metrics = &metrics});
  orders.AddTo(host->server());
  ReceivablesApi receivables({.env = host->env(),
                              .zone = host->company_zone(),
                              .tokens = &host->page_tokens(),
                              .metrics = &metrics});
  receivables.AddTo(host->server());
  DueDates due_dates(host->env(), host->pg_options("due-dates"), host->company_zone(),
                     DueDates::Options{.metrics = &metrics});
  host->AddWorker(
      "due-dates", [&due_dates] { due_dates.Start(); }, [&due_dates] { due_dates.Stop(); });

  const service::CommonConfig& common = host->config();
  rpc::Client leads({.target = config.leads_target,
                     .tls_certificate_file = common.tls_certificate_file,
                     .tls_key_file = common.tls_key_file,
                     .tls_ca_file = common.tls_ca_file});
  Drafting drafting(
      {.env = host->env(),
       .pg = host->pg_options("drafting"),
       .org = [&host] { return host->org().Get(); },
       .read = [&](const std::string& name) { return ReadOpportunity(leads, config, name); },
       .metrics = &metrics});
  runtime::Periodic drafting_loop("drafting", Seconds(1), [&drafting] { drafting.Run(); });
  host->AddWorker(
      "drafting", [&] { drafting_loop.Start(); }, [&] { drafting_loop.Stop(); });
  ContractDraftsApi drafts(host->env(), &host->page_tokens(), [&] { drafting_loop.Poke(); });
  drafts.AddTo(host->server());
  OrdersProjection projection(
      host->clock(), [&host] { host->org().Poke(); }, [&] { drafting_loop.Poke(); });
  host->Consume(Inputs(static_cast<int>(common.kafka_partitions)), projection);
  return host->Run();
}

}  // namespace
}  // namespace steward::orders

int main(int argc, char** argv) { return steward::orders::Main(argc, argv); }
