#include "absl/strings/str_cat.h"
#include "libs/base/backoff.h"
#include "libs/base/status.h"
#include "libs/base/version.h"
#include "libs/idempotency/idempotency.h"
#include "libs/log/log.h"
#include "libs/runtime/lifecycle.h"
#include "libs/service/host_impl.h"
#include "libs/service/settings.h"

namespace steward::service {
namespace {

constexpr int kExitFailed = 1;
constexpr Duration kDatabaseWait = Seconds(30);
constexpr Duration kClockWait = Seconds(5);
constexpr Duration kStopReserve = Seconds(15);  // beyond pause and drain: consumer, relay, joins
constexpr Duration kPurgeInterval = Minutes(10);
constexpr int kPurgeRows = 5'000;

}  // namespace

int Host::Impl::StartAdmin() {
  readiness = std::make_unique<Readiness>(PgOptions("readiness"), WantedSchema(),
                                          [this](bool serving) { server->SetServing(serving); });
  HostPort listen = ParseListen(config.admin_listen).value();
  runtime::AdminOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.version_json = VersionJson();
  options.not_ready = [this] { return readiness->NotReady(); };
  auto started = runtime::AdminServer::Start(options, registry);
  if (!started.ok()) {
    log::Error("cannot start", {{"error", FromAbsl(started.status().message())}});
    return runtime::kExitConfig;
  }
  admin = std::move(started).value();
  return 0;
}

int Host::Impl::AwaitDatabase() {
  Backoff backoff(Milliseconds(100), Seconds(3), static_cast<uint64_t>(MonotonicMicros()));
  for (int64_t end = MonotonicMicros() + kDatabaseWait.micros;;) {
    auto connection = pg::Connection::Open(PgOptions("start"));
    if (connection.ok()) {
      return 0;
    }
    if (MonotonicMicros() > end) {
      log::Error("cannot start: the database does not answer",
                 {{"error", FromAbsl(connection.status().message())}});
      return kExitFailed;
    }
    log::Warning("waiting for the database", {{"error", FromAbsl(connection.status().message())}});
    if (runtime::WaitForStop(backoff.Next())) {
      return kExitFailed;
    }
  }
}

int Host::Impl::Load() {
  auto connection = pg::Connection::Open(PgOptions("start"));
  absl::Status status =
      connection.ok() ? pg::VerifySchema(**connection, spec.migrations) : connection.status();
  if (!status.ok()) {
    log::Error("cannot start: the schema is not this binary's; run `migrate up`",
               {{"error", FromAbsl(status.message())}});
    return kExitFailed;
  }
  registry
      .GetGauge("steward_schema_info", "Schema that was found.",
                {{"version", absl::StrCat(WantedSchema())}})
      .Set(1);
  // Until the first reading the clock is the host's; a second of patience keeps that out of commands.
  for (int64_t end = MonotonicMicros() + kClockWait.micros;
       !clock->Fresh() && MonotonicMicros() < end;) {
    if (runtime::WaitForStop(Milliseconds(20))) {
      return kExitFailed;
    }
  }
  if (absl::Status loaded = org->Start(); !loaded.ok()) {
    log::Error("cannot start: the organisation cannot be read",
               {{"error", FromAbsl(loaded.message())}});
    return kExitFailed;
  }
  if (absl::Status read = denied->Start(); !read.ok()) {
    log::Error("cannot start: the deny-list of tokens cannot be read",
               {{"error", FromAbsl(read.message())}});
    return kExitFailed;
  }
  return 0;
}

int Host::Impl::StartServing() {
  eventing::OperationsDeps deps;
  deps.service = spec.name;
  deps.version = Version();
  deps.revision = Revision();
  deps.profile = config.profile;
  deps.db = db.get();
  deps.clock = clock.get();
  deps.relay = relay.get();
  deps.relay_options = relay_options;
  deps.registry = &registry;
  deps.consumer = consumer.get();
  deps.projection = projection;
  deps.consumer_options = consumer_options;
  deps.tokens = tokens.get();
  deps.extra = extra_status;
  operations = std::make_unique<eventing::Operations>(deps);
  operations->AddTo(*server);
  identity::AddDenyMethods(*server, {.db = db.get(),
                                     .clock = clock.get(),
                                     .list = denied.get(),
                                     .tokens = tokens.get(),
                                     .token_life = token_life});
  if (absl::Status status = server->Start(); !status.ok()) {
    log::Error("cannot start",
               {{"error", FromAbsl(status.message())}, {"reason", ReasonOf(status)}});
    return ReasonOf(status) == "UNSAFE_PROFILE" ? runtime::kExitUnsafeProfile
                                                : runtime::kExitConfig;
  }
  relay->Start();
  StartConsumer();
  for (Worker& worker : workers) {
    worker.start();
  }
  housekeeping =
      std::make_unique<runtime::Periodic>("housekeeping", kPurgeInterval, [this] { Housekeep(); });
  housekeeping->Start();
  readiness->Start();
  return 0;
}

void Host::Impl::StartConsumer() {
  if (consumer == nullptr) {
    return;
  }
  // Records parked by an older version of this service may be understood by now.
  auto connection = pg::Connection::Open(PgOptions("release"), &registry);
  if (connection.ok()) {
    auto outcome = eventing::ReleaseParked(**connection, consumer_options, *projection, {});
    if (!outcome.ok()) {
      log::Warning("parked records could not be looked at",
                   {{"error", FromAbsl(outcome.status().message())}});
    } else if (outcome->released > 0) {
      log::Info("parked records released",
                {{"released", outcome->released}, {"still_parked", outcome->still_parked}});
    }
  }
  consumer->Start();
}

void Host::Impl::Housekeep() {
  auto connection = pg::Connection::Open(PgOptions("housekeeping"), &registry);
  if (!connection.ok()) {
    return;  // next time; readiness tells about the database
  }
  absl::StatusOr<int64_t> purged = idempotency::Purge(**connection, kPurgeRows);
  if (!purged.ok()) {
    log::Warning("old request ids could not be removed",
                 {{"error", FromAbsl(purged.status().message())}});
  }
}

void Host::Impl::StopInOrder() {
  Duration pause = Milliseconds(config.drain_pause_ms);
  Duration drain = Milliseconds(config.drain_timeout_ms);
  runtime::StopSequence stop(pause + drain + kStopReserve);
  stop.Then("readiness", [&] { readiness->Drain(); });
  // A second signal ends the pause.
  stop.Then("pause", [&] { (void)runtime::WaitForStop(pause); });
  stop.Then("server", [&] { server->Stop(drain); });
  if (consumer != nullptr) {
    stop.Then("consumer", [&] { consumer->Stop(); });
  }
  for (auto worker = workers.rbegin(); worker != workers.rend(); ++worker) {
    stop.Then(worker->name, worker->stop);
  }
  stop.Then("relay", [&] { relay->Stop(); });
  stop.Then("background", [&] {
    housekeeping->Stop();
    readiness->Stop();
    denied->Stop();
    org->Stop();
    clock->Stop();
  });
  stop.Then("admin", [&] { admin->Stop(); });
  stop.Run();
}

int Host::Run() {
  if (IsDevelopment(impl_->config)) {
    log::Warning("development profile: loopback only, plaintext allowed; never for real data");
  }
  for (int (Impl::*step)() :
       {&Impl::StartAdmin, &Impl::AwaitDatabase, &Impl::Load, &Impl::StartServing}) {
    if (int code = ((*impl_).*step)(); code != 0) {
      return code;
    }
  }
  log::Info("started", {{"grpc_port", impl_->server->port()},
                        {"admin_port", impl_->admin->port()},
                        {"version", Version()},
                        {"revision", Revision()},
                        {"profile", impl_->config.profile}});
  int signal = runtime::WaitForStop();
  log::Info("stopping", {{"signal", signal}});
  impl_->StopInOrder();
  log::Info("stopped in order");
  return runtime::kExitOk;
}

}  // namespace steward::service
