#include "libs/service/host.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/runtime/failpoint.h"
#include "libs/runtime/lifecycle.h"
#include "libs/service/host_impl.h"
#include "libs/service/migrate_command.h"
#include "libs/service/settings.h"

namespace steward::service {
namespace {

void Print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

// Consumers of the directory's topic know its partitions; other topics have the common number.
int64_t DefaultPartitions(const std::string& service) {
  eventing::Input directory = identity::DirectoryInput();
  return directory.topic == "steward." + service + ".v1" ? directory.partitions
                                                         : CommonConfig{}.kafka_partitions;
}

// What the first argument asks for, before flags.
struct Verb {
  bool migrate = false;
  bool reference = false;
  std::string migrate_verb;
  std::vector<const char*> flags;  // program name and what follows the verb
};

Verb ReadVerb(int argc, const char* const* argv) {
  Verb verb;
  int next = 1;
  std::string_view first = argc > 1 ? argv[1] : "";
  verb.migrate = first == "migrate";
  verb.reference = first == "config-reference";
  next += verb.migrate || verb.reference;
  if (verb.migrate && next < argc && argv[next][0] != '-') {
    verb.migrate_verb = argv[next++];
  }
  verb.flags.push_back(argc > 0 ? argv[0] : "steward");
  verb.flags.insert(verb.flags.end(), argv + std::min(next, argc), argv + argc);
  return verb;
}

}  // namespace

std::unique_ptr<Host> Host::Create(const ServiceSpec& spec, int argc, const char* const* argv,
                                   const std::function<void(config::Loader&)>& extra,
                                   int* exit_code) {
  runtime::BlockSignals();
  auto impl = std::make_unique<Impl>();
  impl->spec = spec;
  impl->config.kafka_partitions = DefaultPartitions(spec.name);
  Verb verb = ReadVerb(argc, argv);
  config::Loader loader(spec.name, spec.description);
  AddCommonSettings(loader, impl->config);
  extra(loader);
  if (verb.reference) {
    Print(stdout, loader.Reference());
    *exit_code = runtime::kExitOk;
    return nullptr;
  }
  loader.Check([&](std::vector<std::string>& errors) {
    CheckDatabase(impl->config, errors);
    if (!verb.migrate) {
      CheckServing(impl->config, errors);
    }
  });
  auto refuse = [&](int code, std::string_view why) {
    Print(stderr, absl::StrCat("steward-", spec.name, ": ", ToAbsl(why), "\n"));
    *exit_code = code;
    return nullptr;
  };
  auto outcome = loader.Load(static_cast<int>(verb.flags.size()), verb.flags.data());
  if (!outcome.ok()) {
    return refuse(runtime::kExitConfig,
                  absl::StrCat("the configuration is not valid\n", outcome.status().message()));
  }
  if (outcome->exit) {
    Print(stdout, outcome->text);
    *exit_code = outcome->exit_code;
    return nullptr;
  }
  if (std::string why =
          UnsafeProfile(loader.Values(), std::getenv("KUBERNETES_SERVICE_HOST") != nullptr);
      !why.empty()) {
    return refuse(runtime::kExitUnsafeProfile, why);
  }
  if (verb.migrate) {
    CommandOutcome done =
        RunMigrateCommand(verb.migrate_verb, impl->PgOptions("migrate"), spec.migrations);
    Print(done.exit_code == 0 ? stdout : stderr, done.text);
    *exit_code = done.exit_code;
    return nullptr;
  }
  log::Init(spec.name, LevelOf(impl->config));
  if (absl::Status armed = runtime::ArmFailpoints(impl->config.failpoints); !armed.ok()) {
    return refuse(runtime::kExitConfig, absl::StrCat("failpoints: ", armed.message()));
  }
  if (absl::Status built = impl->Build(); !built.ok()) {
    return refuse(runtime::kExitConfig, FromAbsl(built.message()));
  }
  *exit_code = runtime::kExitOk;
  return std::unique_ptr<Host>(new Host(std::move(impl)));
}

Host::Host(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Host::~Host() = default;

const CommonConfig& Host::config() const { return impl_->config; }
metrics::Registry& Host::metrics() { return impl_->registry; }
const Clock& Host::clock() const { return *impl_->clock; }
const absl::TimeZone& Host::company_zone() const { return impl_->company_zone; }
pg::DatabaseClock& Host::database_clock() { return *impl_->clock; }
IdGenerator& Host::ids() { return impl_->ids; }
pg::Options Host::pg_options(const std::string& role) const { return impl_->PgOptions(role); }
kafka::Options Host::kafka_options() const { return impl_->KafkaOptions(); }
pg::WorkerConnections& Host::db() { return *impl_->db; }
identity::OrgCache& Host::org() { return *impl_->org; }
rpc::Server& Host::server() { return *impl_->server; }
eventing::Relay& Host::relay() { return *impl_->relay; }
const rpc::PageTokens& Host::page_tokens() const { return *impl_->tokens; }
eventing::Consumer* Host::consumer() { return impl_->consumer.get(); }
const eventing::ConsumerOptions& Host::consumer_options() const { return impl_->consumer_options; }

Env Host::env() {
  return {.service = impl_->spec.name,
          .db = impl_->db.get(),
          .clock = impl_->clock.get(),
          .ids = &impl_->ids,
          .relay = impl_->relay.get(),
          .metrics = &impl_->registry,
          .topic_message = impl_->spec.topic_message};
}

void Host::Consume(std::vector<eventing::Input> inputs, eventing::Projection& projection) {
  eventing::ConsumerOptions& options = impl_->consumer_options;
  options.service = impl_->spec.name;
  options.group = "steward." + impl_->spec.name;
  options.static_name = impl_->config.kafka_member_name;
  options.inputs = std::move(inputs);
  options.pg = impl_->PgOptions("consumer");
  options.kafka = impl_->KafkaOptions();
  impl_->projection = &projection;
  impl_->consumer =
      std::make_unique<eventing::Consumer>(options, projection, impl_->registry, *impl_->clock);
}

void Host::SetExtraStatus(std::function<std::map<std::string, std::string>()> extra) {
  impl_->extra_status = std::move(extra);
}

void Host::AddWorker(std::string name, std::function<void()> start, std::function<void()> stop) {
  impl_->workers.push_back({std::move(name), std::move(start), std::move(stop)});
}

}  // namespace steward::service
