#include "libs/eventing/batch.h"

#include <map>
#include <set>

#include "libs/base/status.h"
#include "libs/runtime/failpoint.h"

namespace steward::eventing {
namespace {

struct Parked {
  size_t index;
  pg::Pending row;
};

std::vector<Decoded> DecodedOf(const Batch& batch) {
  std::vector<Decoded> decoded;
  for (const Received* received : batch.records) {
    decoded.push_back(received->decoded);
  }
  return decoded;
}

std::vector<std::string> AggregatesOf(const std::vector<Decoded>& records) {
  std::set<std::string> names;
  for (const Decoded& record : records) {
    if (!record.event.aggregate.empty()) {
      names.insert(record.event.aggregate);
    }
  }
  return {names.begin(), names.end()};
}

// A pure function of the decoded records (H2): the keys of all of them and what the projection adds.
std::vector<pg::LockKey> LocksOf(const std::vector<Decoded>& records,
                                 const std::vector<std::string>& aggregates,
                                 const Projection& projection) {
  std::vector<Event> events;
  for (const Decoded& record : records) {
    if (record.reason.empty()) {
      events.push_back(record.event);
    }
  }
  std::vector<pg::LockKey> locks = projection.Locks(events);
  for (const std::string& aggregate : aggregates) {
    locks.push_back(pg::LockKey::Exclusive(aggregate));
  }
  return locks;
}

// A record that was parked before (offsets were reset) is a repeat of itself.
absl::Status Park(pg::Tx& tx, std::string_view group, const Batch& batch, Plan& plan) {
  std::vector<Parked> parked;
  for (size_t i = 0; i < plan.decisions.size(); ++i) {
    if (plan.decisions[i].verdict == Verdict::kPark) {
      const Received& received = *batch.records[i];
      parked.push_back({i, store::QueuePark(tx, group, received.record, received.decoded.event,
                                            plan.decisions[i], batch.attempts)});
    }
  }
  if (parked.empty()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(runtime::Failpoint("consumer.park"));
  RETURN_IF_ERROR(tx.Flush());
  for (const Parked& entry : parked) {
    if (entry.row->affected() == 0) {
      plan.decisions[entry.index] = {Verdict::kRepeat, {}, {}};
    }
  }
  return absl::OkStatus();
}

std::map<store::PartitionKey, store::Count> CountsOf(const Batch& batch, const Plan& plan) {
  std::map<store::PartitionKey, store::Count> counts;
  for (size_t i = 0; i < plan.decisions.size(); ++i) {
    const kafka::Record& record = batch.records[i]->record;
    store::Count& count = counts[{record.topic, record.partition}];
    switch (plan.decisions[i].verdict) {
      case Verdict::kApply:
        ++count.applied;
        break;
      case Verdict::kRepeat:
        ++count.repeated;
        break;
      case Verdict::kPark:
        ++count.parked;
        break;
    }
  }
  return counts;
}

absl::Status ApplyInTx(pg::Tx& tx, std::string_view group, const Batch& batch,
                       Projection& projection, BatchOutcome* outcome) {
  *outcome = {};
  const std::vector<Decoded> decoded = DecodedOf(batch);
  const std::vector<std::string> aggregates = AggregatesOf(decoded);
  tx.SetLockTimeout(kBatchLockTimeout);
  tx.Lock(LocksOf(decoded, aggregates, projection));
  const pg::Pending moved = store::QueueMoves(tx, group, batch.moves);
  const pg::Pending seen = store::QueueSeen(tx, group, aggregates);
  const pg::Pending heads = store::QueueHeads(tx, group, aggregates);
  RETURN_IF_ERROR(tx.Flush());
  outcome->lost = store::NotMoved(*moved, batch.moves);
  if (!outcome->lost.empty()) {
    return Refuse(absl::StatusCode::kAborted, "another owner moved the offset",
                  {.reason = "OFFSET_MOVED", .metadata = {}, .fields = {}, .retry_after_ms = {}});
  }

  outcome->plan = PlanBatch(decoded, store::ToSeen(*seen), store::ToHeads(*heads));
  Plan& plan = outcome->plan;
  if (batch.instead && plan.decisions[0].verdict == Verdict::kApply) {
    plan.decisions[0] = *batch.instead;
    plan.seen.clear();
    plan.release.clear();
  }
  for (size_t i = 0; i < decoded.size(); ++i) {
    if (plan.decisions[i].verdict == Verdict::kApply) {
      outcome->applied.push_back(decoded[i].event);
    }
  }
  if (!outcome->applied.empty()) {
    RETURN_IF_ERROR(projection.Apply(tx, outcome->applied));
  }
  RETURN_IF_ERROR(Park(tx, group, batch, plan));
  store::QueueSaveSeen(tx, group, plan.seen);
  store::QueueCounts(tx, group, CountsOf(batch, plan));
  return runtime::Failpoint("consumer.before_commit");
}

}  // namespace

Fault FaultOf(const absl::Status& status, bool connection_healthy) {
  if (status.ok()) {
    return Fault::kNone;
  }
  if (!connection_healthy) {
    return Fault::kAway;
  }
  const std::string reason = ReasonOf(status);
  switch (status.code()) {
    case absl::StatusCode::kAborted:
      if (reason == "OFFSET_MOVED") {
        return Fault::kMoved;
      }
      return reason == "LOCK_TIMEOUT" || reason == "DEADLOCK" || reason == "SERIALIZATION_FAILURE"
                 ? Fault::kBusy
                 : Fault::kOther;
    case absl::StatusCode::kResourceExhausted:
      return reason == "DATABASE_RESOURCES" ? Fault::kBusy : Fault::kOther;
    case absl::StatusCode::kUnavailable:
      return Fault::kAway;
    case absl::StatusCode::kDeadlineExceeded:
      return Fault::kSlow;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return Fault::kRefused;
    default:
      return Fault::kOther;
  }
}

absl::Status ApplyBatch(pg::Connection& connection, std::string_view group, const Batch& batch,
                        Projection& projection, BatchOutcome* outcome) {
  return pg::RunInTx(connection, {.name = "consumer_batch"},
                     [&](pg::Tx& tx) { return ApplyInTx(tx, group, batch, projection, outcome); });
}

}  // namespace steward::eventing
