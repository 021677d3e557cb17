// Trying parked records again (rulings H7, H19).

#include <map>
#include <set>

#include "libs/base/status.h"
#include "libs/eventing/batch.h"
#include "libs/eventing/operations.h"
#include "libs/eventing/plan.h"
#include "libs/eventing/store.h"
#include "libs/log/log.h"

namespace steward::eventing {
namespace {

constexpr int kChunk = 500;
constexpr int kMaxTried = 10'000;

constexpr pg::Statement kAggregates = {
    "parked_record_aggregates",
    "SELECT DISTINCT p.aggregate FROM parked_record p WHERE p.consumer_group = $1 "
    "AND p.state = 'parked' AND p.aggregate <> '' "
    "AND (cardinality($2::bigint[]) = 0 OR p.id = ANY($2::bigint[])) "
    "AND ($3 = '' OR p.aggregate = $3) AND ($4 = '' OR p.reason = $4) ORDER BY p.aggregate"};

constexpr pg::Statement kOpen = {"parked_record_open",
                                 "SELECT count(*) FROM parked_record p WHERE p.consumer_group = $1 "
                                 "AND p.aggregate = $2 AND p.state = 'parked'"};

const google::protobuf::Message* PrototypeOf(const ConsumerOptions& options,
                                             std::string_view topic) {
  for (const Input& input : options.inputs) {
    if (input.topic == topic) {
      return input.prototype;
    }
  }
  return nullptr;
}

std::vector<Decoded> DecodeAll(const ConsumerOptions& options,
                               const std::vector<store::ParkedRow>& rows) {
  std::vector<Decoded> decoded;
  for (const store::ParkedRow& row : rows) {
    if (const auto* prototype = PrototypeOf(options, row.record.topic)) {
      decoded.push_back(Decode(row.record, *prototype));
    } else {
      decoded.push_back({.event = {},
                         .reason = reason::kUnknownType,
                         .error = "topic " + row.record.topic + " is no input any more"});
    }
  }
  return decoded;
}

// What can be done with the head of an aggregate's parked rows, in version order, without a gap.
struct Steps {
  std::vector<size_t> apply;    // indexes of rows
  std::vector<size_t> repeats;  // applied meanwhile
  std::optional<Seen> seen;     // after them
  std::optional<size_t> stop;   // the row that cannot go on, and why
  std::string_view reason;
  std::string error;
};

Steps StepsOf(const std::vector<Decoded>& rows, Seen seen) {
  Steps steps;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto plan = PlanBatch({rows[i]}, {{rows[i].event.aggregate, seen}}, {});
    const Decision& decision = plan.decisions[0];
    if (decision.verdict == Verdict::kPark) {
      steps.stop = i;
      steps.reason = decision.reason;
      steps.error = decision.text;
      return steps;
    }
    if (decision.verdict == Verdict::kRepeat) {
      steps.repeats.push_back(i);
      continue;
    }
    steps.apply.push_back(i);
    seen = {rows[i].event.version, rows[i].event.event_id};
    steps.seen = seen;
  }
  return steps;
}

bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return true;
    default:
      return false;
  }
}

class Releaser {
 public:
  Releaser(pg::Connection& connection, const ConsumerOptions& options, Projection& projection,
           bool dry_run, ReleaseOutcome& outcome)
      : connection_(connection),
        options_(options),
        projection_(projection),
        dry_run_(dry_run),
        outcome_(outcome) {}

  // Until nothing of the aggregate can be applied.
  absl::Status Release(const std::string& aggregate) {
    int limit = kChunk;
    while (true) {
      Pass pass;
      const absl::Status status = Try(aggregate, limit, &pass);
      if (status.ok() && pass.changed_under_us) {
        continue;
      }
      if (!status.ok() && IsRefusal(status) && limit > 1) {
        limit = 1;  // one by one, to find the record at fault
        continue;
      }
      if (!status.ok() && IsRefusal(status)) {
        RETURN_IF_ERROR(Refused(pass, status));
        break;
      }
      RETURN_IF_ERROR(status);
      Note(pass);
      if (pass.done.empty() || pass.stopped || dry_run_) {
        break;
      }
    }
    ASSIGN_OR_RETURN(pg::Result open,
                     connection_.Run(kOpen, pg::Params().Add(options_.group).Add(aggregate)));
    outcome_.still_parked += open.Int(0, 0);
    return absl::OkStatus();
  }

 private:
  struct Pass {
    bool changed_under_us = false;
    bool stopped = false;
    std::vector<int64_t> done;
    std::optional<int64_t> stopped_at;
    std::vector<Event> applied;
  };

  // One transaction over the lowest `limit` parked rows.
  absl::Status Try(const std::string& aggregate, int limit, Pass* pass) {
    ASSIGN_OR_RETURN(const auto before,
                     store::ReadParkedOf(connection_, options_.group, aggregate, limit));
    if (before.empty()) {
      return absl::OkStatus();
    }
    const std::vector<Decoded> decoded = DecodeAll(options_, before);
    return pg::RunInTx(connection_, {.name = "release_parked"}, [&](pg::Tx& tx) {
      *pass = {};
      return TryInTx(tx, aggregate, limit, before, decoded, pass);
    });
  }

  absl::Status TryInTx(pg::Tx& tx, const std::string& aggregate, int limit,
                       const std::vector<store::ParkedRow>& before,
                       const std::vector<Decoded>& decoded, Pass* pass) {
    std::vector<Event> readable;
    for (const Decoded& record : decoded) {
      if (record.reason.empty()) {
        readable.push_back(record.event);
      }
    }
    std::vector<pg::LockKey> locks = projection_.Locks(readable);
    locks.push_back(pg::LockKey::Exclusive(aggregate));
    tx.Lock(std::move(locks));
    const pg::Pending now = store::QueueParkedOf(tx, options_.group, aggregate, limit);
    const pg::Pending seen_rows = store::QueueSeen(tx, options_.group, {aggregate});
    RETURN_IF_ERROR(tx.Flush());
    const auto rows = store::ToParkedRows(*now);
    if (!std::equal(rows.begin(), rows.end(), before.begin(), before.end(),
                    [](const auto& a, const auto& b) { return a.id == b.id; })) {
      pass->changed_under_us = true;  // the locks were computed from other rows
      return absl::OkStatus();
    }
    const auto seen = store::ToSeen(*seen_rows);
    const auto it = seen.find(aggregate);
    const Steps steps = StepsOf(decoded, it == seen.end() ? Seen{} : it->second);
    for (const size_t i : steps.repeats) {
      pass->done.push_back(rows[i].id);
    }
    for (const size_t i : steps.apply) {
      pass->done.push_back(rows[i].id);
      pass->applied.push_back(decoded[i].event);
    }
    pass->stopped = steps.stop.has_value();
    if (steps.stop) {
      pass->stopped_at = rows[*steps.stop].id;
    } else if (limit == 1) {
      pass->stopped_at = rows[0].id;
    }
    return dry_run_ ? absl::OkStatus() : Write(tx, aggregate, rows, steps, *pass);
  }

  absl::Status Write(pg::Tx& tx, const std::string& aggregate,
                     const std::vector<store::ParkedRow>& rows, const Steps& steps,
                     const Pass& pass) {
    if (!pass.applied.empty()) {
      RETURN_IF_ERROR(projection_.Apply(tx, pass.applied));
    }
    if (steps.seen) {
      store::QueueSaveSeen(tx, options_.group, {{aggregate, *steps.seen}});
    }
    store::QueueReleased(tx, pass.done);
    if (steps.stop) {
      store::QueueStillParked(tx, rows[*steps.stop].id, steps.reason, steps.error);
    }
    return absl::OkStatus();
  }

  absl::Status Refused(const Pass& pass, const absl::Status& status) {
    if (!pass.stopped_at) {
      return status;
    }
    outcome_.tried.push_back(*pass.stopped_at);
    return pg::RunInTx(connection_, {.name = "release_refused"}, [&](pg::Tx& tx) {
      store::QueueStillParked(tx, *pass.stopped_at, reason::kRefused, FromAbsl(status.message()));
      return absl::OkStatus();
    });
  }

  void Note(const Pass& pass) {
    outcome_.released += static_cast<int64_t>(pass.done.size());
    outcome_.tried.insert(outcome_.tried.end(), pass.done.begin(), pass.done.end());
    if (pass.stopped && pass.stopped_at) {
      outcome_.tried.push_back(*pass.stopped_at);
    }
    if (!dry_run_ && !pass.applied.empty()) {
      projection_.Applied(pass.applied);
    }
  }

  pg::Connection& connection_;
  const ConsumerOptions& options_;
  Projection& projection_;
  const bool dry_run_;
  ReleaseOutcome& outcome_;
};

}  // namespace

absl::StatusOr<ReleaseOutcome> ReleaseParked(pg::Connection& connection,
                                             const ConsumerOptions& options, Projection& projection,
                                             const ReleaseRequest& request) {
  ASSIGN_OR_RETURN(pg::Result found, connection.Run(kAggregates, pg::Params()
                                                                     .Add(options.group)
                                                                     .AddInts(request.ids)
                                                                     .Add(request.key)
                                                                     .Add(request.reason)));
  ReleaseOutcome outcome;
  Releaser releaser(connection, options, projection, request.dry_run, outcome);
  for (int i = 0; i < found.rows() && outcome.tried.size() < kMaxTried; ++i) {
    RETURN_IF_ERROR(releaser.Release(found.Text(i, 0)));
  }
  if (outcome.released > 0 && !request.dry_run) {
    log::Info("parked records released",
              {{"released", outcome.released}, {"still_parked", outcome.still_parked}});
  }
  return outcome;
}

pg::Pending QueueParkedAggregates(pg::Tx& tx, std::string_view group,
                                  const std::vector<std::string>& aggregates) {
  static constexpr pg::Statement kParked = {
      "parked_record_which",
      "SELECT DISTINCT p.aggregate FROM parked_record p WHERE p.consumer_group = $1 "
      "AND p.state = 'parked' AND p.aggregate = ANY($2::text[])"};
  return tx.Queue(kParked, pg::Params().Add(group).AddTexts(aggregates));
}

}  // namespace steward::eventing
