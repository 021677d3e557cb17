// A service without methods of its own.

#include "libs/service/host.h"
#include "steward/directory/events/v1/directory_events.pb.h"
#include "tests/service_migrations.h"

int main(int argc, char** argv) {
  using steward::service::Host;
  const steward::service::ServiceSpec spec{
      .name = "probe",
      .description = "Serves the operations API and nothing else.",
      .topic_message = &steward::directory::events::v1::DirectoryEvent::default_instance(),
      .services = {},
      .migrations = steward::service::testdata::Migrations(),
  };
  int exit_code = 0;
  const auto host = Host::Create(
      spec, argc, argv, [](steward::config::Loader&) {}, &exit_code);
  return host ? host->Run() : exit_code;
}
