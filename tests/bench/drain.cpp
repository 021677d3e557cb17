// The bare loop that a firing is measured against: on one connection, a batch at a time, what is due leaves the timer table
// for the client, which writes an event for each into the journal. It knows no clocks, ladders, policies or locks.
//
//   bench_drain --host=DIR --port=N --database=NAME --payload-bytes=N [--batch=1000]
//
// One line of JSON: how many were drained, and the rate between the 5th and the 95th percentile.

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/pg/tx.h"

namespace steward {
namespace {

constexpr pg::Statement kTake{
    "drain_take",
    "DELETE FROM timer WHERE ctid = ANY (ARRAY(SELECT ctid FROM timer WHERE fire_at <= "
    "clock_timestamp() ORDER BY fire_at LIMIT $1)) RETURNING clock, due"};
constexpr pg::Statement kAppend{
    "drain_append",
    "INSERT INTO journal (event_id, aggregate, aggregate_version, type, occurred_at, payload, "
    "actor, correlation, causation, traceparent) SELECT e, a, 2, 'clock.breached', t, p, "
    "'system:sla', 'watcher', '', '00-00000000000000000000000000000001-0000000000000001-00' "
    "FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bytea[]) AS u(e, a, t, p)"};

absl::StatusOr<size_t> Batch(pg::Connection& connection, int64_t limit, const std::string& payload,
                             RandomIdGenerator& ids) {
  size_t drained = 0;
  RETURN_IF_ERROR(pg::RunInTx(connection, {.name = "drain"}, [&](pg::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const pg::Result due, tx.Run(kTake, pg::Params().Add(limit)));
    std::vector<Uuid> events;
    std::vector<std::string> aggregates, payloads;
    std::vector<Time> times;
    const Time now = SystemClock().Now();
    for (int i = 0; i < due.rows(); ++i) {
      events.push_back(ids.NewId(now));
      aggregates.push_back(due.Text(i, 0));
      times.push_back(due.Timestamp(i, 1));
      payloads.push_back(payload);
    }
    drained = events.size();
    if (drained > 0) {
      tx.Queue(kAppend, pg::Params()
                            .AddUuids(events)
                            .AddTexts(aggregates)
                            .AddTimes(times)
                            .AddBytesArray(payloads));
    }
    return absl::OkStatus();
  }));
  return drained;
}

int Run(std::map<std::string, std::string> values) {
  pg::Options options;
  options.host = values["host"];
  options.port = static_cast<int>(std::stoll(values["port"]));
  options.database = values["database"];
  options.user = "postgres";
  options.application_name = "bench-drain";
  auto connection = pg::Connection::Open(options);
  if (!connection.ok()) {
    std::fprintf(stderr, "bench_drain: %s\n", connection.status().ToString().c_str());
    return 1;
  }
  const std::string payload(std::stoull(values["payload-bytes"]), 'x');
  const int64_t batch = std::stoll(values["batch"]);
  RandomIdGenerator ids;
  std::vector<int64_t> moments;
  while (true) {
    const auto drained = Batch(**connection, batch, payload, ids);
    if (!drained.ok()) {
      std::fprintf(stderr, "bench_drain: %s\n", drained.status().ToString().c_str());
      return 1;
    }
    if (*drained == 0) {
      break;
    }
    moments.insert(moments.end(), *drained, MonotonicMicros());
  }
  const size_t low = moments.size() / 20, high = moments.size() - 1 - moments.size() / 20;
  const double seconds =
      moments.empty() ? 0 : static_cast<double>(moments[high] - moments[low]) / 1e6;
  std::printf("{\"drained\": %zu, \"per_second\": %.1f}\n", moments.size(),
              seconds > 0 ? static_cast<double>(high - low) / seconds : 0.0);
  return 0;
}

}  // namespace
}  // namespace steward

int main(int count, char** words) {
  std::map<std::string, std::string> values{{"batch", "1000"}};
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const size_t equals = word.find('=');
    if (word.rfind("--", 0) == 0 && equals != std::string::npos) {
      values[word.substr(2, equals - 2)] = word.substr(equals + 1);
    }
  }
  for (const char* needed : {"host", "port", "database", "payload-bytes"}) {
    if (values[needed].empty()) {
      std::fprintf(stderr,
                   "usage: bench_drain --host=DIR --port=N --database=NAME --payload-bytes=N "
                   "[--batch=1000]\n");
      return 2;
    }
  }
  return steward::Run(std::move(values));
}
