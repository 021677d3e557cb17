#include "services/orders/due_dates.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/log/log.h"
#include "services/orders/events/ledger_events.h"
#include "services/orders/storage/ledger_store.h"

namespace steward::orders {
namespace {

constexpr Duration kTimeout = Seconds(5);
constexpr rpc::Reach Everything() { return {true, {}, {}}; }

}  // namespace

DueDates::DueDates(service::Env env, pg::Options database, absl::TimeZone zone, Options options)
    : env_(std::move(env)),
      database_(std::move(database)),
      zone_(zone),
      options_(options),
      loop_("due-dates", options.interval, [this] { Work(); }) {}

absl::StatusOr<pg::Connection*> DueDates::Database() {
  if (!connection_ || !connection_->healthy()) {
    connection_.reset();
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(database_, env_.metrics));
  }
  return connection_.get();
}

absl::StatusOr<int> DueDates::Pass(pg::Connection& db, const std::vector<Uuid>& contracts) {
  int told = 0;
  const Time now = env_.clock->Now();
  RETURN_IF_ERROR(
      pg::RunInTx(db, {.budget = kTimeout, .name = "due_dates"}, [&](pg::Tx& tx) -> absl::Status {
        told = 0;
        std::vector<pg::LockKey> locks;
        for (const Uuid& contract : contracts) {
          locks.push_back(pg::LockKey::Exclusive("contracts/" + contract.ToString()));
        }
        tx.Lock(std::move(locks));
        const LedgerLoad load = LedgerLoad::Queue(tx, contracts, Everything());
        RETURN_IF_ERROR(tx.Flush());
        std::vector<eventing::NewEvent> events;
        for (auto& [contract, data] : load.Read()) {
          ASSIGN_OR_RETURN(ContractLedger ledger,
                           ContractLedger::Load(std::move(data), DayOf(now, zone_)));
          if (!ledger.PassDueDates()) {
            continue;  // another replica, or a payment, was first
          }
          ++told;
          QueueSaveLedger(tx, ledger);
          for (eventing::NewEvent& event : ToJournal(*env_.ids, now, zone_, ledger)) {
            events.push_back(std::move(event));
          }
        }
        if (events.empty()) {
          return absl::OkStatus();
        }
        tx.AfterCommit([this, passed = CountPassed(events)] {
          if (options_.metrics != nullptr) {
            options_.metrics->DueDatesPassed(passed);
          }
          if (env_.relay != nullptr) {
            env_.relay->Poke();
          }
        });
        return eventing::Append(
            tx, {.actor = "system:orders", .correlation = {}, .causation = {}, .traceparent = {}},
            events, *env_.topic_message);
      }));
  return told;
}

absl::StatusOr<int> DueDates::RunBatch() {
  ASSIGN_OR_RETURN(pg::Connection * db, Database());
  ASSIGN_OR_RETURN(const std::vector<Uuid> contracts,
                   FindUnsaid(*db, DayOf(env_.clock->Now(), zone_), options_.batch, kTimeout));
  return contracts.empty() ? 0 : Pass(*db, contracts);
}

absl::Status DueDates::Count() {
  ASSIGN_OR_RETURN(pg::Connection * db, Database());
  ASSIGN_OR_RETURN(const std::vector<OverdueCount> counts,
                   CountOverdue(*db, DayOf(env_.clock->Now(), zone_), kTimeout));
  options_.metrics->Overdue(counts);
  return absl::OkStatus();
}

void DueDates::Work() {
  const absl::StatusOr<int> told = RunBatch();
  if (!told.ok()) {
    log::Warning("due dates are not looked at", {{"error", std::string(told.status().message())}});
    return;  // once more after the interval
  }
  if (*told > 0) {
    loop_.Poke();  // there may be more
    return;
  }
  const Time now = env_.clock->Now();
  if (options_.metrics == nullptr || now - counted_ < options_.count_interval) {
    return;
  }
  counted_ = now;
  if (const absl::Status counted = Count(); !counted.ok()) {
    log::Warning("what is overdue is not counted", {{"error", std::string(counted.message())}});
  }
}

}  // namespace steward::orders
