#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status.h"
#include "libs/base/version.h"
#include "libs/base/zone.h"
#include "libs/service/host_impl.h"
#include "libs/service/loopback.h"
#include "libs/service/settings.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::service {
namespace {

constexpr size_t kShortestSecret = 16;

const google::protobuf::ServiceDescriptor* OperationsDescriptor() {
  return operations::v1::GetVersionRequest::descriptor()->file()->FindServiceByName(
      "OperationsService");
}

absl::StatusOr<std::string> ReadFile(std::string_view setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(ToAbsl(setting), ": cannot read ", path));
  }
  return text;
}

// Names the setting that mends it.
absl::Status Prefixed(std::string_view setting, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(ToAbsl(setting), ": ", status.message()));
}

}  // namespace

pg::Options Host::Impl::PgOptions(std::string_view role) const {
  pg::Options options;
  options.host = config.pg_host;
  options.port = static_cast<int>(config.pg_port);
  options.database = config.pg_database;
  options.user = config.pg_user;
  options.password_file = config.pg_password_file;
  options.ssl_mode = config.pg_ssl_mode;
  options.application_name = absl::StrCat("steward-", spec.name, "-", ToAbsl(role));
  return options;
}

kafka::Options Host::Impl::KafkaOptions() const {
  kafka::Options options;
  options.bootstrap_servers = config.kafka_bootstrap_servers;
  options.client_id = "steward-" + spec.name;
  if (!AllLoopback(config.kafka_bootstrap_servers)) {
    options.extra = {{"security.protocol", "ssl"},
                     {"ssl.certificate.location", config.tls_certificate_file},
                     {"ssl.key.location", config.tls_key_file},
                     {"ssl.ca.location", config.tls_ca_file}};
  }
  return options;
}

absl::Status Host::Impl::Build() {
  ASSIGN_OR_RETURN(company_zone, LoadZone("company_zone", config.company_zone));
  RETURN_IF_ERROR(BuildIdentity());
  BuildServer();
  BuildRelay();
  DeclareMetrics();
  return absl::OkStatus();
}

absl::Status Host::Impl::BuildIdentity() {
  ASSIGN_OR_RETURN(std::string secret,
                   ReadFile("page_token_secret_file", config.page_token_secret_file));
  if (secret.size() < kShortestSecret) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_token_secret_file: holds fewer than ", kShortestSecret, " bytes"));
  }
  tokens = std::make_unique<rpc::PageTokens>(std::move(secret));
  ASSIGN_OR_RETURN(std::string yaml, ReadFile("policy_file", config.policy_file));
  absl::StatusOr<std::map<std::string, rpc::MethodPolicy>> policy = rpc::ParsePolicy(yaml);
  if (!policy.ok()) {
    return Prefixed("policy_file", policy.status());
  }
  std::vector<const google::protobuf::ServiceDescriptor*> services = spec.services;
  services.push_back(OperationsDescriptor());
  if (absl::Status covers = rpc::CheckPolicyCovers(*policy, services); !covers.ok()) {
    return Prefixed("policy_file", covers);
  }
  rpc::TokenOptions token;
  token.jwks_file = config.token_jwks_file;
  token.issuer = config.token_issuer;
  token.audience = config.token_audience;
  token.max_life = Milliseconds(config.token_max_life_ms);
  token.production = !IsDevelopment(config);
  // The leeway counts twice: for an end that is far ahead, and for an end that has passed.
  token_life = token.max_life + token.leeway + token.leeway;
  absl::StatusOr<std::unique_ptr<rpc::TokenVerifier>> made = rpc::TokenVerifier::Create(token);
  if (!made.ok()) {
    return Prefixed("token_jwks_file", made.status());
  }
  verifier = std::move(made).value();
  clock = std::make_unique<pg::DatabaseClock>(PgOptions("clock"), &registry);
  org = std::make_unique<identity::OrgCache>(PgOptions("org"), &registry);
  denied = std::make_unique<identity::DenyList>(PgOptions("deny-list"), registry);
  guard = std::make_unique<rpc::Guard>(std::move(policy).value(), *verifier, *org,
                                       config.bootstrap_admin, denied.get());
  return absl::OkStatus();
}

void Host::Impl::BuildServer() {
  db = std::make_unique<pg::WorkerConnections>(PgOptions("rpc"),
                                               static_cast<int>(config.rpc_workers), &registry);
  rpc::ServerOptions options;
  options.service = spec.name;
  options.address = config.listen;
  options.workers = static_cast<int>(config.rpc_workers);
  options.queue_limit = static_cast<int>(config.rpc_queue_size);
  options.pollers = static_cast<int>(config.rpc_pollers);
  options.tls_certificate_file = config.tls_certificate_file;
  options.tls_key_file = config.tls_key_file;
  options.tls_ca_file = config.tls_ca_file;
  options.development = IsDevelopment(config);
  options.reflection = IsDevelopment(config);
  server = std::make_unique<rpc::Server>(options, *guard, registry, *clock);
}

void Host::Impl::BuildRelay() {
  relay_options.service = spec.name;
  relay_options.topic = absl::StrCat("steward.", spec.name, ".v1");
  relay_options.data_schema = spec.topic_message->GetDescriptor()->full_name();
  relay_options.partitions = static_cast<int>(config.kafka_partitions);
  relay_options.pg = PgOptions("relay");
  relay_options.kafka = KafkaOptions();
  relay = std::make_unique<eventing::Relay>(relay_options, registry);
}

void Host::Impl::DeclareMetrics() {
  registry
      .GetGauge("steward_build_info", "What was built.",
                {{"version", std::string(Version())}, {"revision", std::string(Revision())}})
      .Set(1);
  registry.GetGauge("steward_insecure_profile", "1 in the development profile.")
      .Set(IsDevelopment(config) ? 1 : 0);
  for (const auto* service : spec.services) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (service->method(i)->input_type()->FindFieldByName("request_id") != nullptr) {
        (void)ReplayCounter(registry, service->method(i)->name());
      }
    }
  }
}

std::string Host::Impl::VersionJson() const {
  std::vector<std::string> packages = {OperationsDescriptor()->file()->package()};
  for (const auto* service : spec.services) {
    packages.push_back(service->file()->package());
  }
  return absl::StrCat("{\"service\":\"", spec.name, "\",\"version\":\"", ToAbsl(Version()),
                      "\",\"revision\":\"", ToAbsl(Revision()), "\",\"api\":[\"",
                      absl::StrJoin(packages, "\",\""), "\"]}\n");
}

}  // namespace steward::service
