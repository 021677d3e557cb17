// steward-complaints: tickets of every kind, their milestones and holds.

#include <cstdio>
#include <string>

#include "libs/identity/projection.h"
#include "libs/rpc/client.h"
#include "libs/runtime/lifecycle.h"
#include "libs/service/host.h"
#include "services/complaints/api/complaints_api.h"
#include "services/complaints/config.h"
#include "services/complaints/kinds.h"
#include "services/complaints/metrics.h"
#include "services/complaints/migrations.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"
#include "steward/complaints/v1/complaints_service.pb.h"

namespace steward::complaints {
namespace {

service::ServiceSpec Spec() {
  return {
      .name = "complaints",
      .description = "Tickets of every kind, from intake to closed loop.",
      .topic_message = &events::v1::ComplaintsEvent::default_instance(),
      .services = {v1::RegisterTicketRequest::descriptor()->file()->FindServiceByName(
          "ComplaintsService")},
      .migrations = Migrations(),
  };
}

SlaClocks::Invoke Through(rpc::Client& client) {
  return [&client](std::string_view method, const google::protobuf::Message& request,
                   google::protobuf::Message* response, Duration timeout, const rpc::Call& call) {
    return client.Invoke(method, request, response, timeout, &call);
  };
}

rpc::ClientOptions ClientFor(const service::CommonConfig& common, const std::string& target) {
  return {.target = target,
          .tls_certificate_file = common.tls_certificate_file,
          .tls_key_file = common.tls_key_file,
          .tls_ca_file = common.tls_ca_file};
}

int Main(int argc, char** argv) {
  Config config;
  int exit_code = 0;
  const auto host = service::Host::Create(
      Spec(), argc, argv, [&config](config::Loader& loader) { config.AddTo(loader); }, &exit_code);
  if (!host) {
    return exit_code;
  }
  const absl::StatusOr<KindTree> kinds = LoadKinds(config.kinds_file);
  if (!kinds.ok()) {
    std::fprintf(stderr, "kinds_file: %s\n", std::string(kinds.status().message()).c_str());
    return runtime::kExitConfig;
  }
  rpc::Client sla(ClientFor(host->config(), config.sla_target));
  rpc::Client leads(ClientFor(host->config(), config.leads_target));
  CustomerCache customers(host->pg_options("customers"));
  UnknownCustomers unknown({.env = host->env(),
                            .pg = host->pg_options("customers-ask"),
                            .kinds = &*kinds,
                            .leads = Through(leads),
                            .timeout = Milliseconds(config.leads_timeout_ms)});
  Metrics metrics(*kinds, host->metrics());
  ComplaintsApi api({.env = host->env(),
                     .kinds = &*kinds,
                     .time_rules = config.time_rules(),
                     .repeat_window = config.repeat_window(),
                     .tokens = &host->page_tokens(),
                     .clocks = {Through(sla), Milliseconds(config.sla_timeout_ms)},
                     .metrics = &metrics,
                     .customers = &customers,
                     .unknown = &unknown});
  api.AddTo(host->server());

  InputProjection inputs(host->org(), customers);
  host->Consume(
      {identity::DirectoryInput(), LeadsInput(static_cast<int>(host->config().kafka_partitions))},
      inputs);
  host->AddWorker(
      "customers", [&] { customers.Start(); }, [&] { customers.Stop(); });
  host->AddWorker(
      "unknown_customers", [&] { unknown.Start(); }, [&] { unknown.Stop(); });
  OpenTicketsGauge open_tickets(host->pg_options("gauge"), metrics);
  host->AddWorker(
      "open_tickets", [&] { open_tickets.Start(); }, [&] { open_tickets.Stop(); });
  return host->Run();
}

}  // namespace
}  // namespace steward::complaints

int main(int argc, char** argv) { return steward::complaints::Main(argc, argv); }
