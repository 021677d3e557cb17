#pragma once
// libpq in pipeline mode: sends any number of statements in one go and reads all answers. Private to libs/pg.

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/base/status.h"
#include "libs/metrics/registry.h"
#include "libs/pg/connection.h"

namespace steward::pg {

struct Result::Rep {
  explicit Rep(PGresult* r) : result(r) {}
  ~Rep() { PQclear(result); }
  Rep(const Rep&) = delete;
  Rep& operator=(const Rep&) = delete;
  PGresult* result;
};

namespace internal {

// Says what the caller's bug is and ends the process.
[[noreturn]] void Die(std::string_view what);

// A statement on its way, and where its rows go (may be null).
struct Command {
  Statement statement;
  Params params;
  std::shared_ptr<Result> slot;
  std::string tag = {};  // command tag of the answer, `COMMIT`; empty = not answered
};

struct FlushOutcome {
  absl::Status status;   // of the first statement that failed, or of the connection
  std::string sqlstate;  // of that statement
  bool refused =
      false;  // the server answered a statement with an error, so a COMMIT behind it did nothing
  bool lost = false;  // the connection is gone; what was not answered may or may not have run
};

// Not thread-safe.
class Pipeline {
 public:
  static absl::StatusOr<std::unique_ptr<Pipeline>> Connect(const Options& options,
                                                           metrics::Registry* registry);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // One round trip. Outside a transaction block the commands are one implicit transaction. Waits until
  // `give_up` (MonotonicMicros), then counts the connection as lost. The answers of what was started before are
  // read too, and come first in the outcome.
  FlushOutcome Flush(std::vector<Command>& commands, int64_t give_up);
  // Lets the server begin; the next Flush reads the answers.
  FlushOutcome Start(std::vector<Command> commands);
  bool awaits_answers() const { return !started_.empty(); }
  absl::Status RunScript(std::string_view sql);

  bool healthy() const { return !doomed_ && PQstatus(connection_) == CONNECTION_OK; }
  bool in_transaction() const { return PQtransactionStatus(connection_) != PQTRANS_IDLE; }
  PGconn* raw() const { return connection_; }
  metrics::Registry* registry() const { return registry_; }
  // For steward_db_connections; crashes when the connection is taken twice.
  void SetBusy(bool busy);

 private:
  // A statement as prepared for one list of parameter types.
  struct Prepared {
    std::string server_name;
    std::vector<Oid> types;
    enum { kNo, kSent, kYes } state = kNo;
  };
  struct Known {
    const char* sql;
    std::vector<std::unique_ptr<Prepared>> variants;
    metrics::Histogram seconds;
  };
  struct Sent {
    Known* known;
    Prepared* prepared;
    bool prepares;  // a Prepare travels before it
  };
  struct Segment {  // up to a sync
    std::vector<Command> commands;
    std::vector<Sent> sent;
    int64_t start;
  };

  Pipeline(PGconn* connection, metrics::Registry* registry);
  Known& Know(const Statement& statement);
  Prepared& Variant(const Statement& statement, Known& known, const Params& params);
  bool Send(const Command& command, Sent& sent);
  FlushOutcome SendAll(const std::vector<Command>& commands, std::vector<Sent>& sent);
  // The next result, its terminating null read too; null when the connection is lost.
  PGresult* Next(int64_t give_up);
  bool WaitForData(int64_t give_up);
  void ReadAnswers(std::vector<Command>& commands, std::vector<Sent>& sent, int64_t start,
                   int64_t give_up, FlushOutcome& outcome);
  // Keeps the first failure; true when the result is one.
  bool NoteFailure(const PGresult* result, const Command& command, FlushOutcome& outcome);
  // Closes at once, so that the server lets go of locks.
  void Lose(FlushOutcome& outcome, std::string_view why);
  void Close();

  PGconn* connection_;  // null once lost
  metrics::Registry* registry_;
  bool doomed_ = false;  // usable no longer, though the socket is
  bool busy_ = false;
  std::unordered_map<std::string_view, Known> known_;
  std::vector<Segment> started_;
  metrics::Gauge idle_gauge_, busy_gauge_;
};

}  // namespace internal

struct Connection::Impl {
  std::unique_ptr<internal::Pipeline> pipeline;
};

}  // namespace steward::pg
