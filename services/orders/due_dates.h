#pragma once
// Says `instalment.due_date_passed` of every instalment whose due date is over in the company's zone and of which it was not
// said yet, whenever that was: a run that was missed loses nothing, a second one says nothing.

#include <memory>

#include "absl/time/time.h"
#include "libs/pg/connection.h"
#include "libs/runtime/periodic.h"
#include "libs/service/command.h"
#include "services/orders/metrics.h"

namespace steward::orders {

class DueDates {
 public:
  struct Options {
    int batch = 100;                  // contracts in one transaction
    Duration interval = Seconds(20);  // how long after midnight, at most
    Metrics* metrics = nullptr;
    Duration count_interval = Seconds(60);  // of the gauge of what is overdue
  };
  // Works on a connection of its own.
  DueDates(service::Env env, pg::Options database, absl::TimeZone zone, Options options);
  DueDates(service::Env env, pg::Options database, absl::TimeZone zone)
      : DueDates(std::move(env), std::move(database), zone, Options{}) {}

  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }
  void Poke() { loop_.Poke(); }

  // Sets the gauge of what is overdue. For tests too.
  [[nodiscard]] absl::Status Count();
  // One batch: how many contracts had something to say. For tests too.
  absl::StatusOr<int> RunBatch();

 private:
  void Work();
  absl::StatusOr<pg::Connection*> Database();
  absl::StatusOr<int> Pass(pg::Connection& db, const std::vector<Uuid>& contracts);

  service::Env env_;
  pg::Options database_;
  absl::TimeZone zone_;
  Options options_;
  std::unique_ptr<pg::Connection> connection_;  // of the loop's thread
  Time counted_ = kEpoch;                       // of the loop's thread
  runtime::Periodic loop_;
};

}  // namespace steward::orders
