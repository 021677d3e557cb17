// Freezing: what is missing, and the command.

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "libs/base/clock.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "services/scoring/api/measurements_api.h"
#include "services/scoring/api/period_mapping.h"
#include "services/scoring/api/periods_api.h"
#include "services/scoring/events/scoring_events.h"

namespace steward::scoring {
namespace {

// Consumers confirm the ends of their inputs about once a second.
constexpr Duration kEndsPause = Milliseconds(100);

using Partition = std::pair<std::string, int64_t>;
using Ends = std::map<Partition, int64_t>;

// How far an input partition is behind the first end that was confirmed after `since`; "" = it is not. `ends` keeps that end, so that
// what is written meanwhile is not waited for.
std::string Lag(const InputPosition* position, Time since, Ends& ends) {
  if (position == nullptr || !position->end_confirmed_at) {
    return "never read";
  }
  if (!position->halted.empty()) {
    return "halted: " + position->halted;
  }
  if (*position->end_confirmed_at < since || position->end_offset < 0) {
    return "its end was not confirmed since " + FormatTime(since);
  }
  const auto end =
      ends.emplace(Partition(position->topic, position->partition), position->end_offset).first;
  return position->next_offset < end->second
             ? std::to_string(end->second - position->next_offset) + " records behind"
             : "";
}

std::vector<std::string> Lags(const std::vector<eventing::Input>& inputs,
                              const std::vector<InputPosition>& positions, Time since, Ends& ends) {
  std::map<Partition, const InputPosition*> found;
  for (const InputPosition& position : positions) {
    found[{position.topic, position.partition}] = &position;
  }
  std::vector<std::string> missing;
  for (const eventing::Input& input : inputs) {
    for (int partition = 0; partition < input.partitions; ++partition) {
      const auto at = found.find({input.topic, partition});
      const std::string lag = Lag(at == found.end() ? nullptr : at->second, since, ends);
      if (!lag.empty()) {
        missing.push_back(input.topic + "/" + std::to_string(partition) + ": " + lag);
      }
    }
  }
  return missing;
}

}  // namespace

Time PeriodsApi::EndOf(const Period& period) const {
  return {absl::ToUnixMicros(absl::FromCivil(period.last + 1, deps_.zone))};
}

absl::StatusOr<std::vector<std::string>> PeriodsApi::Behind(const rpc::Call& call,
                                                            pg::Connection& db, Time since,
                                                            bool await) {
  Ends ends;
  const int64_t until = MonotonicMicros() + std::min(deps_.ends_wait, call.TimeLeft()).micros;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<InputPosition> positions,
                     ReadPositions(db, deps_.group, call.TimeLeft()));
    std::vector<std::string> missing = Lags(deps_.inputs, positions, since, ends);
    if (missing.empty() || !await || MonotonicMicros() + kEndsPause.micros >= until) {
      return missing;
    }
    // No signal: other replicas read other partitions, and say so in the database alone.
    std::this_thread::sleep_for(std::chrono::microseconds(kEndsPause.micros));
  }
}

absl::StatusOr<std::vector<std::string>> PeriodsApi::Missing(const rpc::Call& call,
                                                             pg::Connection& db,
                                                             const Period& period, bool await) {
  const Time end = EndOf(period);
  const bool over = deps_.env.clock->Now() >= end;
  std::vector<std::string> missing;
  if (!over) {
    missing.push_back("the period itself: it ends at " + FormatTime(end));
  }
  Time since = end;
  if (over) {
    missing = AskOwners(deps_.owners, call, end);
  }
  await = await && missing.empty();  // an owner that stands still is reported at once
  if (await) {
    // What they have published by now lies below an end that is read from now on.
    ASSIGN_OR_RETURN(since, ReadClock(db, call.TimeLeft()));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> behind, Behind(call, db, since, await));
  missing.insert(missing.end(), behind.begin(), behind.end());
  ASSIGN_OR_RETURN(const int64_t parked, CountParked(db, deps_.group, call.TimeLeft()));
  if (parked > 0) {
    missing.push_back(std::to_string(parked) + " parked records");
  }
  return missing;
}

absl::Status PeriodsApi::FreezePeriod(const rpc::Call& call, const pb::FreezePeriodRequest& request,
                                      pb::Period* response) {
  ASSIGN_OR_RETURN(const Period period, ParsePeriod("name", request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::optional<StoredPeriod> known,
                   scoring::GetPeriod(*db, period.name, call.TimeLeft()));
  std::vector<std::string> missing;
  if (!known) {  // no network inside the transaction
    ASSIGN_OR_RETURN(missing, Missing(call, *db, period, true));
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(period.name)});
        command.Find();
        const pg::Pending row = QueuePeriod(tx, period.name);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (row->rows() > 0) {
          ASSIGN_OR_RETURN(const StoredPeriod stored, ReadPeriod(*row, 0));
          return WrongState(period.name, stored.state, "OPEN");
        }
        if (!missing.empty()) {
          return Precondition("PERIOD_INCOMPLETE", "missing: " + Join(missing),
                              {{"period", period.name}, {"missing", Join(missing)}});
        }
        StoredPeriod stored{
            period.name, 1,  "FROZEN", {period.first, period.last}, command.now(), call.caller,
            {},          "", ""};
        ToProto(period, stored, response);
        command.Claim(period.name);
        QueueSave(tx, stored);
        return command.Append({FreezeEvent(*deps_.env.ids, command.now(), stored)});
      });
}

}  // namespace steward::scoring
