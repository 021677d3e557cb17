// steward-directory: who works here, in which team and role, and who leads whom.

#include "libs/service/host.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/metrics.h"
#include "services/directory/migrations.h"
#include "steward/directory/events/v1/directory_events.pb.h"
#include "steward/directory/v1/directory_service.pb.h"

int main(int argc, char** argv) {
  const steward::service::ServiceSpec spec{
      .name = "directory",
      .description = "Members, teams, roles and reporting lines, all effective-dated.",
      .topic_message = &steward::directory::events::v1::DirectoryEvent::default_instance(),
      .services = {steward::directory::v1::GetMemberRequest::descriptor()
                       ->file()
                       ->FindServiceByName("DirectoryService")},
      .migrations = steward::directory::Migrations(),
  };
  int exit_code = 0;
  // The directory has no settings of its own.
  const auto host = steward::service::Host::Create(
      spec, argc, argv, [](steward::config::Loader&) {}, &exit_code);
  if (!host) {
    return exit_code;
  }
  steward::directory::DirectoryApi api(host->env(), host->org(), host->page_tokens());
  api.AddTo(host->server());
  const steward::directory::MemberGauges gauges(host->metrics(), host->org(), host->clock());
  return host->Run();
}
