// steward-scoring: what has happened in numbers, KPIs and scorecards.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/identity/projection.h"
#include "libs/rpc/client.h"
#include "libs/runtime/lifecycle.h"
#include "libs/service/host.h"
#include "services/scoring/api/eligibility_api.h"
#include "services/scoring/api/lead_scores_api.h"
#include "services/scoring/api/leaderboards_api.h"
#include "services/scoring/api/measurements_api.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/api/periods_api.h"
#include "services/scoring/api/scorecards_api.h"
#include "services/scoring/cards.h"
#include "services/scoring/config.h"
#include "services/scoring/events/projection.h"
#include "services/scoring/metrics.h"
#include "services/scoring/migrations.h"
#include "services/scoring/rescore/rescorer.h"
#include "services/scoring/storage/fact_store.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"
#include "steward/scoring/v1/eligibility_service.pb.h"
#include "steward/scoring/v1/lead_scores_service.pb.h"
#include "steward/scoring/v1/leaderboards_service.pb.h"
#include "steward/scoring/v1/measures_service.pb.h"
#include "steward/scoring/v1/scorecards_service.pb.h"

namespace steward::scoring {
namespace {

constexpr std::string_view kRebuildSums = "rebuild-sums";

service::ServiceSpec Spec() {
  return {
      .name = "scoring",
      .description =
          "What has happened in numbers, KPIs and scorecards.\n`rebuild-sums` as first word "
          "reckons "
          "the sums of days anew from the facts and ends.",
      .topic_message = &events::v1::ScoringEvent::default_instance(),
      .services =
          {v1::ListMeasuresRequest::descriptor()->file()->FindServiceByName("MeasuresService"),
           v1::GetLeadScoreRequest::descriptor()->file()->FindServiceByName("LeadScoresService"),
           v1::GetLeaderboardRequest::descriptor()->file()->FindServiceByName(
               "LeaderboardsService"),
           v1::ListKpisRequest::descriptor()->file()->FindServiceByName("ScorecardsService"),
           v1::Eligibility::descriptor()->file()->FindServiceByName("EligibilityService"),
           v1::Measurement::descriptor()->file()->FindServiceByName("MeasurementsService"),
           v1::Period::descriptor()->file()->FindServiceByName("PeriodsService")},
      .migrations = Migrations(),
  };
}

absl::Status InstallShipped(service::Host& host) {
  ASSIGN_OR_RETURN(const std::vector<v1::CardFile> cards, ShippedCards());
  ASSIGN_OR_RETURN(const auto db, pg::Connection::Open(host.pg_options("cards")));
  return InstallCards(*db, host.env(), cards);
}

// Who writes the topics that are counted.
std::vector<Owner> Owners(const Config& config, const service::CommonConfig& common) {
  std::vector<Owner> owners;
  const auto add = [&](const char* service, std::string_view topic, const std::string& target) {
    const auto client = std::make_shared<rpc::Client>(
        rpc::ClientOptions{.target = target,
                           .tls_certificate_file = common.tls_certificate_file,
                           .tls_key_file = common.tls_key_file,
                           .tls_ca_file = common.tls_ca_file});
    const Duration timeout = Milliseconds(config.owner_timeout_ms);
    owners.push_back(
        {service, std::string(topic),
         [client, timeout](const rpc::Call& call, operations::v1::ServiceStatus* status) {
           return client->Invoke("/steward.operations.v1.OperationsService/GetStatus",
                                 operations::v1::GetStatusRequest(), status, timeout, &call);
         }});
  };
  add("directory", identity::kDirectoryTopic, config.directory_target);
  add("complaints", kComplaintsTopic, config.complaints_target);
  add("sla", kSlaTopic, config.sla_target);
  add("leads", kLeadsTopic, config.leads_target);
  add("orders", kOrdersTopic, config.orders_target);
  return owners;
}

// `steward-scoring rebuild-sums`, with the settings of the service, which may run meanwhile.
int RebuildSumsNow(const service::Host& host) {
  const auto db = pg::Connection::Open(host.pg_options("rebuild"));
  const absl::StatusOr<SumChanges> changes = db.ok() ? RebuildSums(**db) : db.status();
  if (!changes.ok()) {
    std::fprintf(stderr, "rebuild-sums: %s\n", std::string(changes.status().message()).c_str());
    return 1;
  }
  std::printf("sums of days made anew: %lld removed, %lld corrected, %lld added\n",
              static_cast<long long>(changes->removed), static_cast<long long>(changes->corrected),
              static_cast<long long>(changes->added));
  return 0;
}

int Serve(service::Host* host, const Config& config) {
  const Metrics metrics(host->metrics());
  MeasuresApi measures(host->env(), host->page_tokens());
  measures.AddTo(host->server());
  ScorecardsApi scorecards(host->env(), host->page_tokens());
  scorecards.AddTo(host->server());
  EligibilityApi eligibility(host->env(), host->page_tokens());
  eligibility.AddTo(host->server());
  MeasurementsApi measurements(host->env(), host->page_tokens(), host->company_zone());
  measurements.AddTo(host->server());
  const auto inputs = Inputs(static_cast<int>(host->config().kafka_partitions));
  PeriodsApi periods({.env = host->env(),
                      .tokens = &host->page_tokens(),
                      .zone = host->company_zone(),
                      .group = "steward.scoring",
                      .inputs = inputs,
                      .owners = Owners(config, host->config())});
  periods.AddTo(host->server());
  // Before the server serves: a card that is shipped is there from the first call on.
  if (const absl::Status installed = InstallShipped(*host); !installed.ok()) {
    std::fprintf(stderr, "scorecards: %s\n", std::string(installed.message()).c_str());
    return runtime::kExitConfig;
  }

  const RescoreMetrics rescore_metrics(host->metrics(), host->clock());
  const auto parents = [&] { return ParentsOf(*host->org().Get()); };
  Rescorer rescorer({.pg = host->pg_options("rescorer"),
                     .clock = &host->clock(),
                     .ids = &host->ids(),
                     .zone = host->company_zone(),
                     .parents = parents,
                     .metrics = &rescore_metrics,
                     .said = [&] { host->relay().Poke(); }});
  host->AddWorker(
      "rescorer", [&] { rescorer.Start(); }, [&] { rescorer.Stop(); });
  LeadScoresApi lead_scores({.env = host->env(),
                             .tokens = &host->page_tokens(),
                             .zone = host->company_zone(),
                             .parents = parents,
                             .asked = [&] { rescorer.Poke(); }});
  lead_scores.AddTo(host->server());

  LeaderboardCopy copy({.host = host->config().redis_host,
                        .port = static_cast<int>(host->config().redis_port),
                        .password_file = host->config().redis_password_file},
                       &host->metrics());
  LeaderboardsApi leaderboards(host->env(), &copy);
  leaderboards.AddTo(host->server());

  FactProjection facts({.zone = host->company_zone(),
                        .clock = &host->clock(),
                        .ids = &host->ids(),
                        .counted =
                            [&](size_t events) {
                              metrics.Counted(events);
                              rescorer.Poke();
                            },
                        .organisation_changed = [&] { host->org().Poke(); },
                        .recorded = [&] { host->relay().Poke(); }});
  host->Consume(inputs, facts);
  return host->Run();
}

int Main(int argc, char** argv) {
  Config config;
  int exit_code = 0;
  const bool rebuild = argc > 1 && std::string_view(argv[1]) == kRebuildSums;
  std::vector<const char*> words(argv, argv + argc);
  if (rebuild) {
    words.erase(words.begin() + 1);
  }
  const auto host = service::Host::Create(
      Spec(), static_cast<int>(words.size()), words.data(),
      [&config](config::Loader& loader) { config.AddTo(loader); }, &exit_code);
  if (!host) {
    return exit_code;
  }
  return rebuild ? RebuildSumsNow(*host) : Serve(host.get(), config);
}

}  // namespace
}  // namespace steward::scoring

int main(int argc, char** argv) { return steward::scoring::Main(argc, argv); }
