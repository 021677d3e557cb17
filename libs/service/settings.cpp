#include "libs/service/settings.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/base/zone.h"
#include "libs/service/loopback.h"

namespace steward::service {
namespace {

constexpr int64_t kMinute = 60'000;

void AddServer(config::Loader& loader, CommonConfig& c) {
  loader.Add("profile", &c.profile,
             "`production`, or `dev` for one machine: loopback only, plaintext allowed.");
  loader.Add("listen", &c.listen, "Address of the gRPC port; port 0 takes a free one.");
  loader.Add("admin_listen", &c.admin_listen, "Address of /livez, /readyz, /metrics and /version.");
  loader.Add("rpc_workers", &c.rpc_workers,
             "Threads that run handlers, each with a database connection.", 1, 256);
  loader.Add("rpc_queue_size", &c.rpc_queue_size,
             "Calls that may wait for a worker; more are refused at once.", 0, 4'096);
  loader.Add("rpc_pollers", &c.rpc_pollers, "Threads that read the network.", 1, 16);
  loader.Add("tls_certificate_file", &c.tls_certificate_file,
             "Own certificate (PEM), for serving and for calling.");
  loader.Add("tls_key_file", &c.tls_key_file, "Private key of the certificate.");
  loader.Add("tls_ca_file", &c.tls_ca_file, "Authorities that peers' certificates must come from.");
  loader.Add("drain_pause_ms", &c.drain_pause_ms, "Between NOT_SERVING and closing the port.", 0,
             5 * kMinute);
  loader.Add("drain_timeout_ms", &c.drain_timeout_ms,
             "How long running calls may take while stopping.", 0, 5 * kMinute);
  loader.Add("company_zone", &c.company_zone,
             "Time zone in which the company's days begin, by its IANA name.");
  loader.Add("log_level", &c.log_level, "`debug`, `info`, `warning` or `error`.");
  loader.Add("failpoints", &c.failpoints,
             "For tests only: where to fail, `name=kill|error|wait[@n];...`.");
}

void AddStores(config::Loader& loader, CommonConfig& c) {
  loader.Add("pg_host", &c.pg_host, "PostgreSQL: host, or folder of its Unix socket.");
  loader.Add("pg_port", &c.pg_port, "PostgreSQL: port.", 1, 65'535);
  loader.Add("pg_database", &c.pg_database, "PostgreSQL: database.");
  loader.Add("pg_user", &c.pg_user, "PostgreSQL: role.");
  loader.Add("pg_password_file", &c.pg_password_file,
             "File with the role's password; empty = none.");
  loader.Add("pg_ssl_mode", &c.pg_ssl_mode, "As libpq's sslmode; beyond loopback use verify-full.");
  loader.Add("kafka_bootstrap_servers", &c.kafka_bootstrap_servers,
             "Kafka: host:port, comma separated.");
  loader.Add("kafka_partitions", &c.kafka_partitions,
             "Partitions of the service's own topic, as in topics.yaml: directory 3, others 12.", 1,
             10'000);
  loader.Add("kafka_member_name", &c.kafka_member_name,
             "Stable member name in the consumer group, one of its own for each replica; empty = "
             "dynamic.");
  loader.Add("redis_host", &c.redis_host, "Redis: host, or path of its Unix socket.");
  loader.Add("redis_port", &c.redis_port, "Redis: port.", 1, 65'535);
  loader.Add("redis_password_file", &c.redis_password_file,
             "File with Redis' password; empty = none.");
}

void AddIdentity(config::Loader& loader, CommonConfig& c) {
  loader.Add("policy_file", &c.policy_file, "policy.yaml: who may call which method.");
  loader.Add("token_jwks_file", &c.token_jwks_file,
             "Public keys that sign callers' tokens (JWKS).");
  loader.Add("token_issuer", &c.token_issuer, "Issuer of the tokens, exactly.");
  loader.Add("token_audience", &c.token_audience, "Audience that tokens must name.");
  loader.Add("token_max_life_ms", &c.token_max_life_ms, "Longest life of a token that is accepted.",
             1'000, 24 * 60 * kMinute);
  loader.Add("page_token_secret_file", &c.page_token_secret_file,
             "Secret that signs page tokens; the same for all replicas.");
  loader.Add("bootstrap_admin", &c.bootstrap_admin,
             "Subject accepted as admin while no active admin exists.");
}

void Need(const std::string& value, const char* name, std::vector<std::string>& errors) {
  if (value.empty()) {
    errors.push_back(absl::StrCat(name, ": is needed"));
  }
}

// TLS to everything beyond loopback, in every profile; the development profile stays on loopback anyway.
void CheckTransport(const CommonConfig& config, std::vector<std::string>& errors) {
  if (!IsLoopback(config.pg_host) && config.pg_ssl_mode != "verify-full") {
    errors.push_back("pg_ssl_mode: must be verify-full for a database beyond loopback");
  }
  if (!IsLoopback(config.redis_host)) {
    errors.push_back(
        "redis_host: must be on loopback or a Unix socket, for the client has no TLS; use a "
        "sidecar");
  }
}

bool KnownLevel(const std::string& level) {
  return level == "debug" || level == "info" || level == "warning" || level == "error";
}

}  // namespace

void AddCommonSettings(config::Loader& loader, CommonConfig& config) {
  AddServer(loader, config);
  AddStores(loader, config);
  AddIdentity(loader, config);
}

void CheckDatabase(const CommonConfig& config, std::vector<std::string>& errors) {
  Need(config.pg_database, "pg_database", errors);
  Need(config.pg_user, "pg_user", errors);
  if (!IsDevelopment(config)) {
    CheckTransport(config, errors);
  }
  if (config.profile != "dev" && config.profile != "production") {
    errors.push_back(absl::StrCat("profile: \"", config.profile, "\" is not production or dev"));
  }
  if (absl::Status zone = LoadZone("company_zone", config.company_zone).status(); !zone.ok()) {
    errors.emplace_back(FromAbsl(zone.message()));
  }
  if (!KnownLevel(config.log_level)) {
    errors.push_back(
        absl::StrCat("log_level: \"", config.log_level, "\" is not debug, info, warning or error"));
  }
}

void CheckServing(const CommonConfig& config, std::vector<std::string>& errors) {
  Need(config.kafka_bootstrap_servers, "kafka_bootstrap_servers", errors);
  Need(config.policy_file, "policy_file", errors);
  Need(config.token_jwks_file, "token_jwks_file", errors);
  Need(config.token_issuer, "token_issuer", errors);
  Need(config.page_token_secret_file, "page_token_secret_file", errors);
  for (const auto& [name, address] :
       {std::pair{"listen", config.listen}, std::pair{"admin_listen", config.admin_listen}}) {
    if (absl::Status status = ParseListen(address).status(); !status.ok()) {
      errors.push_back(absl::StrCat(name, ": ", status.message()));
    }
  }
  int tls_files = !config.tls_certificate_file.empty() + !config.tls_key_file.empty() +
                  !config.tls_ca_file.empty();
  if (tls_files != 3 && (tls_files != 0 || !IsDevelopment(config))) {
    errors.push_back(
        "tls_certificate_file, tls_key_file, tls_ca_file: are needed, all three; only the dev "
        "profile may go without");
  }
  if (!config.failpoints.empty() && !IsDevelopment(config)) {
    errors.push_back("failpoints: are for the dev profile only");
  }
}

std::string UnsafeProfile(const std::map<std::string, std::string>& values, bool in_kubernetes) {
  if (values.at("profile") != "dev") {
    return "";
  }
  if (in_kubernetes) {
    return "the dev profile does not run in Kubernetes";
  }
  for (const auto& [name, value] : values) {
    bool address = name == "listen" || name == "admin_listen" || name == "pg_host" ||
                   name == "redis_host" || name == "kafka_bootstrap_servers" ||
                   absl::EndsWith(name, "_target");
    if (address && !AllLoopback(value)) {
      return absl::StrCat("the dev profile stays on loopback, and ", name, " is ", value);
    }
  }
  return "";
}

bool IsDevelopment(const CommonConfig& config) { return config.profile == "dev"; }

log::Level LevelOf(const CommonConfig& config) {
  if (config.log_level == "debug") {
    return log::Level::kDebug;
  }
  if (config.log_level == "warning") {
    return log::Level::kWarning;
  }
  return config.log_level == "error" ? log::Level::kError : log::Level::kInfo;
}

absl::StatusOr<HostPort> ParseListen(std::string_view address) {
  size_t colon = address.rfind(':');
  HostPort out;
  bool ok = colon != std::string_view::npos &&
            absl::SimpleAtoi(ToAbsl(address.substr(colon + 1)), &out.port) && out.port >= 0 &&
            out.port <= 65'535;
  std::string_view host = ok ? address.substr(0, colon) : "";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    ok = false;  // an IPv6 address without brackets
  }
  if (!ok || host.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", ToAbsl(address), "\" is not host:port"));
  }
  out.host = host;
  return out;
}

}  // namespace steward::service
