#include "libs/pg/pipeline.h"

#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "libs/base/clock.h"
#include "libs/pg/wire.h"

namespace steward::pg::internal {
namespace {

constexpr size_t kLongestName = 60;  // the server cuts names of prepared statements at 63 bytes
constexpr size_t kMostVariants = 64;
constexpr char kTuneSession[] =
    "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 "
    "-c client_connection_check_interval=1000 -c jit=off -c timezone=UTC";

absl::Status Unavailable(std::string_view what) {
  std::string text(what);
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return Refuse(absl::StatusCode::kUnavailable, text, {.reason = "DATABASE_UNAVAILABLE"});
}

absl::StatusOr<std::string> ReadPassword(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return absl::FailedPreconditionError(ToAbsl("cannot read the database password file " + file));
  }
  std::string password((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) {
    password.pop_back();
  }
  return password;
}

std::string_view Field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

void Die(std::string_view what) {
  std::fprintf(stderr, "libs/pg: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

absl::StatusOr<std::unique_ptr<Pipeline>> Pipeline::Connect(const Options& options,
                                                            metrics::Registry* registry) {
  std::string password;
  if (!options.password_file.empty()) {
    ASSIGN_OR_RETURN(password, ReadPassword(options.password_file));
  }
  const std::string port = std::to_string(options.port);
  std::vector<const char*> keys, values;
  const auto set = [&](const char* key, const char* value) {
    keys.push_back(key);
    values.push_back(value);
  };
  set("host", options.host.c_str());
  set("port", port.c_str());
  set("dbname", options.database.c_str());
  set("user", options.user.c_str());
  set("application_name", options.application_name.c_str());
  set("sslmode", options.ssl_mode.c_str());
  set("client_encoding", "UTF8");
  set("connect_timeout", "3");
  set("keepalives", "1");
  set("keepalives_idle", "5");
  set("keepalives_interval", "2");
  set("keepalives_count", "3");
  set("tcp_user_timeout", "5000");
  set("target_session_attrs", "read-write");
  set("options", kTuneSession);
  if (!password.empty()) {
    set("password", password.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* connection = PQconnectdbParams(keys.data(), values.data(), 0);
  // From here on the object closes it.
  std::unique_ptr<Pipeline> pipeline(new Pipeline(connection, registry));
  if (PQstatus(connection) != CONNECTION_OK) {
    return Unavailable(PQerrorMessage(connection));
  }
  PQsetNoticeReceiver(
      connection, [](void*, const PGresult*) {}, nullptr);
  if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) != 1) {
    return Unavailable(PQerrorMessage(connection));
  }
  return pipeline;
}

Pipeline::Pipeline(PGconn* connection, metrics::Registry* registry)
    : connection_(connection), registry_(registry) {
  if (registry_ != nullptr) {
    constexpr char kHelp[] = "Connections to PostgreSQL by state.";
    idle_gauge_ = registry_->GetGauge("steward_db_connections", kHelp, {{"state", "idle"}});
    busy_gauge_ = registry_->GetGauge("steward_db_connections", kHelp, {{"state", "busy"}});
    idle_gauge_.Add(1);
  }
}

Pipeline::~Pipeline() {
  if (registry_ != nullptr) {
    (busy_ ? busy_gauge_ : idle_gauge_).Add(-1);
  }
  PQfinish(connection_);
}

void Pipeline::SetBusy(bool busy) {
  if (busy && busy_) {
    Die("a statement or transaction starts inside another one of the same connection");
  }
  busy_ = busy;
  if (registry_ != nullptr) {
    idle_gauge_.Add(busy ? -1 : 1);
    busy_gauge_.Add(busy ? 1 : -1);
  }
}

Pipeline::Known& Pipeline::Know(const Statement& statement) {
  const auto [it, added] = known_.try_emplace(statement.name);
  Known& known = it->second;
  if (added) {
    known.sql = statement.sql;
    if (it->first.empty() || it->first.size() > kLongestName) {
      Die("statement name empty or too long: " + std::string(it->first));
    }
    if (registry_ != nullptr) {
      known.seconds = registry_->GetHistogram(
          "steward_db_query_seconds",
          "From sending a pipeline to the answer of the statement in it, by statement.",
          {{"query", statement.name}}, metrics::LatencyBuckets());
    }
  } else if (known.sql != statement.sql && std::strcmp(known.sql, statement.sql) != 0) {
    Die("two statements are named " + std::string(it->first));
  }
  return known;
}

Pipeline::Prepared& Pipeline::Variant(const Statement& statement, Known& known,
                                      const Params& params) {
  const auto& values = params.values();
  for (const auto& variant : known.variants) {
    bool fits = variant->types.size() == values.size();
    for (size_t i = 0; fits && i < values.size(); ++i) {
      // A NULL goes to any type; a value only to the type it was prepared with.
      fits = values[i].oid == wire::kUnknown || values[i].oid == variant->types[i];
    }
    if (fits) {
      return *variant;
    }
  }
  if (known.variants.size() == kMostVariants) {
    Die("too many combinations of parameter types for " + std::string(statement.name));
  }
  auto variant = std::make_unique<Prepared>();
  variant->server_name = statement.name;
  if (!known.variants.empty()) {
    variant->server_name += "." + std::to_string(known.variants.size());
  }
  // A NULL takes the type that was seen there before. So each new variant knows more, and calls that
  // leave out this or that filter need one variant a parameter at most, not one a combination.
  for (size_t i = 0; i < values.size(); ++i) {
    Oid type = values[i].oid;
    for (auto it = known.variants.rbegin(); type == wire::kUnknown && it != known.variants.rend();
         ++it) {
      type = i < (*it)->types.size() ? (*it)->types[i] : type;
    }
    variant->types.push_back(type);
  }
  known.variants.push_back(std::move(variant));
  return *known.variants.back();
}

bool Pipeline::Send(const Command& command, Sent& sent) {
  sent.known = &Know(command.statement);
  sent.prepared = &Variant(command.statement, *sent.known, command.params);
  sent.prepares = sent.prepared->state == Prepared::kNo;
  const auto& values = command.params.values();
  if (sent.prepares) {
    sent.prepared->state = Prepared::kSent;
    if (PQsendPrepare(connection_, sent.prepared->server_name.c_str(), command.statement.sql,
                      static_cast<int>(values.size()), sent.prepared->types.data()) != 1) {
      return false;
    }
  }
  std::vector<const char*> bytes(values.size());
  std::vector<int> lengths(values.size());
  const std::vector<int> formats(values.size(), 1);
  for (size_t i = 0; i < values.size(); ++i) {
    bytes[i] = values[i].bytes ? values[i].bytes->data() : nullptr;
    lengths[i] = values[i].bytes ? static_cast<int>(values[i].bytes->size()) : 0;
  }
  return PQsendQueryPrepared(connection_, sent.prepared->server_name.c_str(),
                             static_cast<int>(values.size()), bytes.data(), lengths.data(),
                             formats.data(), /*resultFormat=*/1) == 1;
}

FlushOutcome Pipeline::SendAll(const std::vector<Command>& commands, std::vector<Sent>& sent) {
  FlushOutcome outcome;
  for (const Command& command : commands) {
    if (!command.params.status().ok()) {  // nothing was sent yet
      outcome.status = command.params.status();
      return outcome;
    }
  }
  if (!healthy()) {
    Lose(outcome, "the connection was lost before");
    return outcome;
  }
  sent.resize(commands.size());
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!Send(commands[i], sent[i])) {
      Lose(outcome, PQerrorMessage(connection_));
      return outcome;
    }
  }
  if (PQpipelineSync(connection_) != 1) {
    Lose(outcome, PQerrorMessage(connection_));
  }
  return outcome;
}

FlushOutcome Pipeline::Start(std::vector<Command> commands) {
  Segment segment{std::move(commands), {}, MonotonicMicros()};
  FlushOutcome outcome = SendAll(segment.commands, segment.sent);
  if (outcome.status.ok()) {
    PQflush(connection_);  // what the socket does not take goes out while answers are read
    started_.push_back(std::move(segment));
  }
  return outcome;
}

FlushOutcome Pipeline::Flush(std::vector<Command>& commands, int64_t give_up) {
  const int64_t start = MonotonicMicros();
  std::vector<Sent> sent;
  FlushOutcome outcome = SendAll(commands, sent);
  const bool mine = outcome.status.ok();
  for (Segment& segment : std::exchange(started_, {})) {
    if (!outcome.lost) {
      ReadAnswers(segment.commands, segment.sent, segment.start, give_up, outcome);
    }
  }
  if (mine && !outcome.lost) {
    ReadAnswers(commands, sent, start, give_up, outcome);
  }
  return outcome;
}

void Pipeline::ReadAnswers(std::vector<Command>& commands, std::vector<Sent>& sent, int64_t start,
                           int64_t give_up, FlushOutcome& outcome) {
  for (size_t i = 0; i < commands.size(); ++i) {
    if (sent[i].prepares) {
      const Result::Rep prepared(Next(give_up));
      if (prepared.result == nullptr) {
        return Lose(outcome, PQerrorMessage(connection_));
      }
      // One that was skipped behind a failure is not there.
      const bool failed = NoteFailure(prepared.result, commands[i], outcome);
      sent[i].prepared->state = failed ? Prepared::kNo : Prepared::kYes;
    }
    auto rows = std::make_shared<Result::Rep>(Next(give_up));
    if (rows->result == nullptr) {
      return Lose(outcome, PQerrorMessage(connection_));
    }
    if (registry_ != nullptr) {
      sent[i].known->seconds.Observe(static_cast<double>(MonotonicMicros() - start) / 1e6);
    }
    if (!NoteFailure(rows->result, commands[i], outcome)) {
      commands[i].tag = PQcmdStatus(rows->result);
      if (commands[i].slot != nullptr) {
        *commands[i].slot = Result(std::move(rows));
      }
    }
    if (!healthy()) {
      return Lose(outcome, PQerrorMessage(connection_));
    }
  }
  const Result::Rep sync(Next(give_up));
  if (sync.result == nullptr || PQresultStatus(sync.result) != PGRES_PIPELINE_SYNC) {
    Lose(outcome, PQerrorMessage(connection_));
  }
}

bool Pipeline::NoteFailure(const PGresult* result, const Command& command, FlushOutcome& outcome) {
  switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
      return false;
    case PGRES_PIPELINE_ABORTED:
      return true;
    default:
      break;
  }
  const std::string_view sqlstate = Field(result, PG_DIAG_SQLSTATE);
  const std::string_view severity = Field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  // Without a state it is libpq's own message about a dead connection.
  const bool dead = sqlstate.empty() || severity == "FATAL" || severity == "PANIC";
  outcome.refused = outcome.refused || !dead;
  // Unknown although it was prepared: the session was reset. Behind a failure it only was not prepared.
  const bool forgotten = sqlstate == "26000" && outcome.status.ok();
  doomed_ = doomed_ || dead || forgotten || sqlstate == "25006" || sqlstate == "0A000";
  if (outcome.status.ok()) {
    outcome.sqlstate = sqlstate;
    std::string message = std::string(command.statement.name) + ": ";
    message += sqlstate.empty() ? std::string_view(PQresultErrorMessage(result))
                                : Field(result, PG_DIAG_MESSAGE_PRIMARY);
    outcome.status = sqlstate.empty() ? Unavailable(message)
                                      : StatusFromSqlState(sqlstate, message,
                                                           Field(result, PG_DIAG_CONSTRAINT_NAME));
  }
  return true;
}

void Pipeline::Lose(FlushOutcome& outcome, std::string_view why) {
  outcome.lost = true;
  if (outcome.status.ok()) {
    outcome.status = Unavailable(why.empty() ? "no answer from the database in time" : why);
  }
  Close();
}

void Pipeline::Close() {
  PQfinish(connection_);
  connection_ = nullptr;
}

PGresult* Pipeline::Next(int64_t give_up) {
  PGresult* first = nullptr;
  while (true) {
    while (PQisBusy(connection_) != 0) {
      if (!WaitForData(give_up)) {
        PQclear(first);
        return nullptr;
      }
    }
    PGresult* result = PQgetResult(connection_);
    if (result == nullptr || PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
      return first == nullptr ? result : first;
    }
    PQclear(first);
    first = result;
  }
}

// Reads and writes in one loop: with both buffers full neither side could go on.
bool Pipeline::WaitForData(int64_t give_up) {
  while (true) {
    const int unsent = PQflush(connection_);  // a failure to write shows when reading
    const int64_t left_ms = (give_up - MonotonicMicros() + 999) / 1000;
    if (left_ms <= 0) {
      return false;
    }
    pollfd ready{.fd = PQsocket(connection_),
                 .events = static_cast<int16_t>(POLLIN | (unsent == 1 ? POLLOUT : 0)),
                 .revents = 0};
    const int n = poll(&ready, 1, static_cast<int>(std::min<int64_t>(left_ms, 60'000)));
    if (n > 0 && (ready.revents & (POLLIN | POLLERR | POLLHUP)) != 0) {
      return PQconsumeInput(connection_) == 1;
    }
  }
}

absl::Status Pipeline::RunScript(std::string_view sql) {
  if (!healthy()) {
    return Unavailable("the connection was lost before");
  }
  if (PQexitPipelineMode(connection_) != 1) {
    Die("a script runs while statements are on their way");
  }
  PQsetnonblocking(connection_, 0);
  const Result::Rep rep(PQexec(connection_, std::string(sql).c_str()));
  PQsetnonblocking(connection_, 1);
  absl::Status status;
  const ExecStatusType state = PQresultStatus(rep.result);
  if (state != PGRES_COMMAND_OK && state != PGRES_TUPLES_OK && state != PGRES_EMPTY_QUERY) {
    const std::string_view sqlstate = Field(rep.result, PG_DIAG_SQLSTATE);
    status = sqlstate.empty()
                 ? Unavailable(PQerrorMessage(connection_))
                 : StatusFromSqlState(sqlstate, Field(rep.result, PG_DIAG_MESSAGE_PRIMARY),
                                      Field(rep.result, PG_DIAG_CONSTRAINT_NAME));
  }
  if (PQstatus(connection_) != CONNECTION_OK || PQenterPipelineMode(connection_) != 1) {
    Close();
  }
  return status;
}

}  // namespace steward::pg::internal
