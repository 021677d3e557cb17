#pragma once
// The inside of a Host. Building needs settings alone; running needs the stores.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/identity/deny_list.h"
#include "libs/runtime/admin.h"
#include "libs/runtime/periodic.h"
#include "libs/service/host.h"
#include "libs/service/readiness.h"

namespace steward::service {

struct Host::Impl {
  struct Worker {
    std::string name;
    std::function<void()> start, stop;
  };

  ServiceSpec spec;
  CommonConfig config;
  absl::TimeZone company_zone;
  metrics::Registry registry;
  RandomIdGenerator ids;
  std::unique_ptr<rpc::PageTokens> tokens;
  std::unique_ptr<rpc::TokenVerifier> verifier;
  Duration token_life;  // the longest that a token is accepted
  std::unique_ptr<pg::DatabaseClock> clock;
  std::unique_ptr<identity::OrgCache> org;
  std::unique_ptr<identity::DenyList> denied;
  std::unique_ptr<pg::WorkerConnections> db;
  std::unique_ptr<rpc::Guard> guard;
  std::unique_ptr<rpc::Server> server;
  eventing::RelayOptions relay_options;
  std::unique_ptr<eventing::Relay> relay;
  eventing::ConsumerOptions consumer_options;
  eventing::Projection* projection = nullptr;
  std::unique_ptr<eventing::Consumer> consumer;
  std::unique_ptr<eventing::Operations> operations;
  std::function<std::map<std::string, std::string>()> extra_status;
  std::vector<Worker> workers;
  std::unique_ptr<Readiness> readiness;
  std::unique_ptr<runtime::Periodic> housekeeping;
  std::unique_ptr<runtime::AdminServer> admin;

  pg::Options PgOptions(std::string_view role) const;
  kafka::Options KafkaOptions() const;
  int WantedSchema() const { return spec.migrations.empty() ? 0 : spec.migrations.back().number; }
  std::string VersionJson() const;

  // host_build.cpp. A fault is a fault of the settings.
  absl::Status Build();
  absl::Status BuildIdentity();
  void BuildServer();
  void BuildRelay();
  void DeclareMetrics();

  // host_run.cpp. Each step answers an exit code, 0 = go on.
  int StartAdmin();
  int AwaitDatabase();
  int Load();
  int StartServing();
  void StartConsumer();
  void Housekeep();
  void StopInOrder();
};

}  // namespace steward::service
