// steward-orders: contracts and their approval.

#include "libs/identity/projection.h"
#include "libs/service/host.h"
#include "services/orders/api/approval_flows_api.h"
#include "services/orders/api/contracts_api.h"
#include "services/orders/config.h"
#include "services/orders/metrics.h"
#include "services/orders/migrations.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "steward/orders/v1/approval_flows_service.pb.h"
#include "steward/orders/v1/contracts_service.pb.h"

namespace steward::orders {
namespace {

service::ServiceSpec Spec() {
  return {
      .name = "orders",
      .description = "What was agreed with customers, and what has been paid for it.",
      .topic_message = &events::v1::OrdersEvent::default_instance(),
      .services = {v1::GetContractRequest::descriptor()->file()->FindServiceByName(
                       "ContractsService"),
                   v1::GetApprovalFlowRequest::descriptor()->file()->FindServiceByName(
                       "ApprovalFlowsService")},
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

  identity::DirectoryProjection organisation(host->org());
  host->Consume({identity::DirectoryInput()}, organisation);
  return host->Run();
}

}  // namespace
}  // namespace steward::orders

int main(int argc, char** argv) { return steward::orders::Main(argc, argv); }
