// steward-sla: calendars, policies, clocks; warns, declares breaches and escalates at the very second, exactly once.

#include "libs/service/host.h"
#include "services/sla/api/clocks_api.h"
#include "services/sla/api/methods.h"
#include "services/sla/api/rules_api.h"
#include "services/sla/board/board.h"
#include "services/sla/config.h"
#include "services/sla/events/projection.h"
#include "services/sla/events/rematcher.h"
#include "services/sla/migrations.h"
#include "services/sla/watcher/watcher.h"
#include "steward/sla/events/v1/sla_events.pb.h"

int main(int argc, char** argv) {
  namespace sla = steward::sla;
  const steward::service::ServiceSpec spec{
      .name = "sla",
      .description = "Calendars, policies, clocks, warnings, breaches and escalations.",
      .topic_message = &sla::events::v1::SlaEvent::default_instance(),
      .services = {sla::v1::GetClockRequest::descriptor()->file()->FindServiceByName("SlaService")},
      .migrations = sla::Migrations(),
  };
  sla::Config config;
  int exit_code = 0;
  const auto host = steward::service::Host::Create(
      spec, argc, argv, [&](steward::config::Loader& loader) { sla::AddSettings(loader, config); },
      &exit_code);
  if (!host) {
    return exit_code;
  }

  sla::RuleCache rules;
  sla::SlaMetrics metrics(host->metrics());
  const auto inputs = sla::Inputs(static_cast<int>(host->config().kafka_partitions));
  sla::Watcher watcher({.pg = host->pg_options("watcher"),
                        .group = "steward.sla",
                        .inputs = inputs,
                        .max_hold = steward::Milliseconds(config.input_hold_ms),
                        .rules = &rules,
                        .org = &host->org(),
                        .ids = &host->ids(),
                        .metrics = &metrics,
                        .fired = [&] { host->relay().Poke(); }});
  const auto armed = [&](const auto& timers) { watcher.Armed(timers); };
  sla::Rematcher rematcher({.pg = host->pg_options("rematcher"),
                            .rules = &rules,
                            .org = &host->org(),
                            .ids = &host->ids(),
                            .metrics = &metrics,
                            .armed = armed,
                            .done = [&] { host->relay().Poke(); }});
  sla::SubjectProjection projection({.rules = &rules,
                                     .org = &host->org(),
                                     .ids = &host->ids(),
                                     .metrics = &metrics,
                                     .armed = armed,
                                     .applied = [&](sla::SubjectProjection::Seen seen) {
                                       host->relay().Poke();
                                       if (seen.directory) {
                                         host->org().Poke();
                                       }
                                       if (seen.tiers) {
                                         rematcher.Poke();
                                       }
                                     }});
  host->Consume(inputs, projection);
  host->AddWorker(
      "watcher", [&] { watcher.Start(); }, [&] { watcher.Stop(); });

  host->AddWorker(
      "rematcher", [&] { rematcher.Start(); }, [&] { rematcher.Stop(); });

  std::unique_ptr<sla::Board> board;
  if (config.board) {
    board = std::make_unique<sla::Board>(
        sla::Board::Deps{.pg = host->pg_options("board"),
                         .redis = {.host = host->config().redis_host,
                                   .port = static_cast<int>(host->config().redis_port),
                                   .password_file = host->config().redis_password_file},
                         .clock = &host->clock(),
                         .metrics = &host->metrics(),
                         .firing_behind = [&] {
                           const sla::WatcherSnapshot now = watcher.snapshot();
                           return now.held || now.oldest_due_age > steward::Milliseconds(500);
                         }});
    host->AddWorker(
        "board", [&] { board->Start(); }, [&] { board->Stop(); });
  }

  sla::RulesApi rules_api(host->env(), rules, host->page_tokens());
  sla::ClocksApi clocks_api({.env = host->env(),
                             .rules = &rules,
                             .org = &host->org(),
                             .metrics = &metrics,
                             .tokens = &host->page_tokens(),
                             .watcher = &watcher,
                             .board = board.get()});
  sla::AddMethods(host->server(), rules_api, clocks_api);
  return host->Run();
}
