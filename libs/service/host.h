#pragma once
// What every service process has, wired once: settings, log, metrics, database, clock, organisation, guard, gRPC server,
// relay, consumer, operations, admin port, ordered stop. A service's main.cpp makes a Host, adds its handlers and runs it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/config/loader.h"
#include "libs/eventing/consumer.h"
#include "libs/eventing/operations.h"
#include "libs/eventing/relay.h"
#include "libs/identity/projection.h"
#include "libs/metrics/registry.h"
#include "libs/pg/database_clock.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"

namespace steward::service {

// Settings that every service has. Defaults in the source, units in the names.
struct CommonConfig {
  std::string profile = "production";  // `dev`: loopback only, plaintext and reflection allowed
  std::string listen = "127.0.0.1:0";
  std::string admin_listen = "127.0.0.1:0";
  int64_t rpc_workers = 8;
  int64_t rpc_queue_size = 24;
  int64_t rpc_pollers = 1;
  std::string tls_certificate_file, tls_key_file, tls_ca_file;
  std::string pg_host = "127.0.0.1";
  int64_t pg_port = 5432;
  std::string pg_database, pg_user, pg_password_file, pg_ssl_mode = "prefer";
  std::string kafka_bootstrap_servers;
  int64_t kafka_partitions = 12;
  std::string kafka_member_name;  // stable, of its own for each replica; empty = dynamic
  std::string redis_host = "127.0.0.1";
  int64_t redis_port = 6379;
  std::string redis_password_file;
  std::string policy_file;  // policy.yaml
  std::string token_jwks_file, token_issuer, token_audience = "steward";
  int64_t token_max_life_ms = 900'000;
  std::string page_token_secret_file;
  std::string bootstrap_admin;
  std::string company_zone = "Asia/Shanghai";  // where the company's days begin and end
  std::string log_level = "info";
  int64_t drain_pause_ms = 0;  // between NOT_SERVING and closing the port
  int64_t drain_timeout_ms = 10'000;
  std::string failpoints;  // tests only; refused in production
};

struct ServiceSpec {
  std::string name;  // `complaints`
  std::string description;
  const google::protobuf::Message* topic_message;                    // default instance
  std::vector<const google::protobuf::ServiceDescriptor*> services;  // besides OperationsService
  std::vector<pg::Migration> migrations;
};

// Lives from Create to the end of Run. Members are public: main.cpp wires with them.
class Host {
 public:
  // Reads settings (with `extra` adding the service's own), prints and returns null with *exit_code set when the process
  // should end (--help, --print-config, a fault, `migrate up|status|verify` or `config-reference` as first arguments).
  static std::unique_ptr<Host> Create(const ServiceSpec& spec, int argc, const char* const* argv,
                                      const std::function<void(config::Loader&)>& extra,
                                      int* exit_code);
  ~Host();

  const CommonConfig& config() const;
  metrics::Registry& metrics();
  const Clock& clock() const;
  const absl::TimeZone& company_zone() const;
  pg::DatabaseClock& database_clock();
  IdGenerator& ids();
  pg::Options pg_options(
      const std::string& role) const;  // application_name steward-<service>-<role>
  kafka::Options kafka_options() const;
  pg::WorkerConnections& db();
  identity::OrgCache& org();
  rpc::Server& server();
  eventing::Relay& relay();
  const rpc::PageTokens& page_tokens() const;
  Env env();

  // A consumer of these topics into this projection; may be called once. The projection must outlive Run.
  void Consume(std::vector<eventing::Input> inputs, eventing::Projection& projection);
  eventing::Consumer* consumer();
  const eventing::ConsumerOptions& consumer_options() const;
  // Named extra states for `health` and `doctor`.
  void SetExtraStatus(std::function<std::map<std::string, std::string>()> extra);
  // Started after the server, stopped before the relay: threads of the service itself (the watcher).
  void AddWorker(std::string name, std::function<void()> start, std::function<void()> stop);

  // Starts everything, says SERVING, waits for a signal, stops in order. The process's exit code.
  int Run();

 private:
  struct Impl;
  explicit Host(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::service
