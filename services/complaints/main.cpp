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

SlaClocks ClocksFrom(rpc::Client& sla, const Config& config) {
  const auto invoke = [&sla](std::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message* response, Duration timeout,
                             const rpc::Call& call) {
    return sla.Invoke(method, request, response, timeout, &call);
  };
  return {invoke, Milliseconds(config.sla_timeout_ms)};
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
  const service::CommonConfig& common = host->config();
  rpc::Client sla({.target = config.sla_target,
                   .tls_certificate_file = common.tls_certificate_file,
                   .tls_key_file = common.tls_key_file,
                   .tls_ca_file = common.tls_ca_file});
  Metrics metrics(*kinds, host->metrics());
  ComplaintsApi api({.env = host->env(),
                     .kinds = &*kinds,
                     .time_rules = config.time_rules(),
                     .repeat_window = config.repeat_window(),
                     .tokens = &host->page_tokens(),
                     .clocks = ClocksFrom(sla, config),
                     .metrics = &metrics});
  api.AddTo(host->server());

  identity::DirectoryProjection organisation(host->org());
  host->Consume({identity::DirectoryInput()}, organisation);
  OpenTicketsGauge open_tickets(host->pg_options("gauge"), metrics);
  host->AddWorker(
      "open_tickets", [&] { open_tickets.Start(); }, [&] { open_tickets.Stop(); });
  return host->Run();
}

}  // namespace
}  // namespace steward::complaints

int main(int argc, char** argv) { return steward::complaints::Main(argc, argv); }
