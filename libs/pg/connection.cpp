#include "libs/pg/connection.h"

#include <algorithm>

#include "libs/base/clock.h"
#include "libs/pg/pipeline.h"
#include "libs/pg/session.h"

namespace steward::pg {
namespace {

constexpr Statement kNow{"clock", "SELECT clock_timestamp()"};

// Marks the connection as busy while in scope.
class Busy {
 public:
  explicit Busy(internal::Pipeline& pipeline) : pipeline_(pipeline) { pipeline_.SetBusy(true); }
  ~Busy() { pipeline_.SetBusy(false); }

 private:
  internal::Pipeline& pipeline_;
};

}  // namespace

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options,
                                                             metrics::Registry* registry) {
  ASSIGN_OR_RETURN(auto pipeline, internal::Pipeline::Connect(options, registry));
  auto impl = std::make_unique<Impl>();
  impl->pipeline = std::move(pipeline);
  return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

absl::StatusOr<Result> Connection::Run(const Statement& statement, const Params& params,
                                       Duration timeout) {
  const Busy busy(*impl_->pipeline);
  std::vector<internal::Command> commands;
  if (timeout != internal::kSessionStatementTimeout) {
    // Commands of one flush outside a block are one implicit transaction: the setting ends with it.
    commands.push_back(internal::SetTimeouts(timeout, timeout));
  }
  auto rows = std::make_shared<Result>();
  commands.push_back({statement, params, rows});
  internal::FlushOutcome outcome =
      impl_->pipeline->Flush(commands, MonotonicMicros() + (timeout + internal::kGrace).micros);
  RETURN_IF_ERROR(outcome.status);
  return *rows;
}

absl::Status Connection::RunScript(std::string_view sql) {
  const Busy busy(*impl_->pipeline);
  return impl_->pipeline->RunScript(sql);
}

bool Connection::healthy() const { return impl_->pipeline->healthy(); }
int Connection::backend_pid() const { return PQbackendPID(impl_->pipeline->raw()); }
int Connection::socket() const { return PQsocket(impl_->pipeline->raw()); }

absl::StatusOr<Connection::ClockReading> Connection::MeasureClock() {
  const int64_t before = MonotonicMicros();
  ASSIGN_OR_RETURN(const Result row, Run(kNow));
  const int64_t after = MonotonicMicros();
  const int64_t half = (after - before + 1) / 2;
  return ClockReading{Duration{row.Timestamp(0, 0).micros - (before + half)}, Duration{half}};
}

}  // namespace steward::pg
