#pragma once
// One PostgreSQL connection: statements prepared on first use, binary parameters and results, pipeline mode.
// Not thread-safe: one owner thread at a time.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "libs/metrics/registry.h"

namespace steward::pg {

struct Options {
  std::string host;  // host name, or a folder with a Unix socket
  int port = 5432;
  std::string database;
  std::string user;
  std::string password_file;                 // empty = none
  std::string application_name = "steward";  // steward-<service>-<role>
  std::string ssl_mode = "prefer";
};

// A statement with a name of its own. Make them `inline constexpr`/`constexpr` at namespace scope; the name is
// also the label of steward_db_query_seconds. Parameters must be typed in the SQL where PostgreSQL cannot
// infer them (`$1::bigint[]`).
struct Statement {
  const char* name;
  const char* sql;
};

// Parameters in order, sent in binary. Text is checked: NUL or invalid UTF-8 makes the statement fail with INVALID_ARGUMENT.
class Params {
 public:
  Params& Add(std::string_view text);
  Params& Add(const char* text) { return Add(std::string_view(text)); }
  Params& Add(const std::string& text) { return Add(std::string_view(text)); }
  Params& Add(int64_t v);  // bigint
  Params& Add(int32_t v);  // integer
  Params& Add(int16_t v);  // smallint
  Params& Add(bool v);
  Params& Add(double v);
  Params& Add(Time v);  // timestamptz
  Params& Add(const Uuid& v);
  Params& AddBytes(std::string_view bytes);  // bytea
  Params& AddXid8(uint64_t v);
  Params& AddNull();  // of the type the statement wants
  template <class T>
  Params& AddOptional(const std::optional<T>& v) {
    return v ? Add(*v) : AddNull();
  }
  Params& AddTexts(const std::vector<std::string>& v);                  // text[]
  Params& AddInts(const std::vector<int64_t>& v);                       // bigint[]
  Params& AddInt32s(const std::vector<int32_t>& v);                     // integer[]
  Params& AddInt16s(const std::vector<int16_t>& v);                     // smallint[]
  Params& AddTimes(const std::vector<Time>& v);                         // timestamptz[]
  Params& AddOptionalTimes(const std::vector<std::optional<Time>>& v);  // timestamptz[] with NULLs
  Params& AddUuids(const std::vector<Uuid>& v);                         // uuid[]
  Params& AddBytesArray(const std::vector<std::string>& v);             // bytea[]
  Params& AddBools(const std::vector<bool>& v);                         // boolean[]
  // For libs/pg and its tests.
  struct Value {
    uint32_t oid;
    std::optional<std::string> bytes;
  };
  const std::vector<Value>& values() const { return values_; }
  const absl::Status& status() const { return status_; }

 private:
  std::vector<Value> values_;
  absl::Status status_;
};

// Rows of one statement, binary. Cheap to move. Reading a NULL by a plain getter crashes (a bug); ask IsNull
// or use the optional getters. A getter of another type than the column's crashes too.
class Result {
 public:
  int rows() const;
  int64_t affected() const;  // rows written
  bool IsNull(int row, int column) const;
  std::string Text(int row, int column) const;
  std::string Bytes(int row, int column) const;
  int64_t Int(int row, int column) const;  // smallint, integer or bigint
  bool Bool(int row, int column) const;
  double Double(int row, int column) const;
  Time Timestamp(int row, int column) const;
  steward::Uuid Uuid(int row, int column) const;
  uint64_t Xid8(int row, int column) const;
  std::vector<std::string> Texts(int row, int column) const;  // text[]
  std::vector<int64_t> Ints(int row, int column) const;       // bigint[], integer[] or smallint[]
  std::optional<std::string> OptionalText(int row, int column) const;
  std::optional<int64_t> OptionalInt(int row, int column) const;
  std::optional<Time> OptionalTimestamp(int row, int column) const;
  struct Rep;  // wraps PGresult
  explicit Result(std::shared_ptr<Rep> rep) : rep_(std::move(rep)) {}
  Result() = default;

 private:
  std::shared_ptr<Rep> rep_;
};

class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Options& options,
                                                          metrics::Registry* registry = nullptr);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement outside a transaction (autocommit). Session advisory locks, LISTEN, reads.
  [[nodiscard]] absl::StatusOr<Result> Run(const Statement& statement, const Params& params = {},
                                           Duration timeout = Seconds(5));
  // Text that is not prepared, no parameters, several statements allowed: migrations and test set-up only.
  [[nodiscard]] absl::Status RunScript(std::string_view sql);
  // False after a lost connection: throw the object away and open another. Never reconnects by itself,
  // because session locks would be lost in silence.
  bool healthy() const;
  int backend_pid() const;
  // The socket, to wait on.
  int socket() const;
  // PostgreSQL's clock minus CLOCK_MONOTONIC, measured by one round trip: midpoint and half the round trip.
  struct ClockReading {
    Duration offset;
    Duration uncertainty;
  };
  [[nodiscard]] absl::StatusOr<ClockReading> MeasureClock();

 private:
  friend class Tx;
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// SQLSTATE to status, in one switch: 40001 40P01 ABORTED (retried by RunInTx), 55P03 57014 and 53200 see the
// source; 23505 ALREADY_EXISTS with reason UNIQUE_VIOLATION and metadata `constraint`; connection loss UNAVAILABLE,
// during COMMIT with reason COMMIT_OUTCOME_UNKNOWN.
absl::Status StatusFromSqlState(std::string_view sqlstate, std::string_view message,
                                std::string_view constraint);
// The constraint behind a unique violation, or "".
std::string ViolatedConstraint(const absl::Status& status);

}  // namespace steward::pg
