#pragma once
// When the relay refuses to run: what exactly keeps it, and the choices of an operator (ruling H16). Schema: reconcile.sql.

#include <string>
#include <vector>

#include "libs/eventing/relay.h"
#include "libs/pg/connection.h"

namespace steward::eventing {

// Leaves the unknown records in Kafka and goes on after them. Consumers have applied them: an event that this database
// gives the same aggregate and version is parked there as `diverged`.
inline constexpr char kAcceptUnknown[] = "accept_unknown";
// The cursor is from another database: publishes the whole journal again. Consumers ignore what they know.
inline constexpr char kRewind[] = "rewind";

// A record of our own that the journal does not know, or knows with other bytes.
struct UnknownRecord {
  int partition = 0;
  int64_t offset = 0;
  Time timestamp;
  std::string key, event_id, type;
  int64_t version = 0;
  std::string why;  // `not_in_journal` or `other_bytes`
};

// Kafka ends before what it acknowledged: the relay goes back by itself.
struct LostTail {
  int partition = 0;
  int64_t acknowledged = 0, end = 0;
};

struct OutboxDecision {
  std::string choice, decided_by, reason, refusal;
  Time decide_time;
  int64_t records = 0;
};

struct OutboxCheck {
  std::string refusal;               // why the relay would not run; empty = it would
  std::vector<std::string> choices;  // what may be done about it here; empty = see the refusal
  std::string kafka_cluster, kafka_cluster_before;
  std::vector<UnknownRecord> unknown;  // by partition and offset
  bool more_unknown = false;           // there are earlier ones, which were not read
  std::vector<LostTail> lost;
  std::vector<OutboxDecision> decisions;  // the latest 20, newest first
  std::string etag;                       // of all that a decision rests on
};

// Looks, changes nothing; the same checks as the relay's, on connections of its own.
absl::StatusOr<OutboxCheck> CheckOutbox(const RelayOptions& options, metrics::Registry& registry);

// An operator accepted this record. Asks on a connection of its own: only a record that the journal does not know is asked for.
absl::StatusOr<bool> IsAccepted(const RelayOptions& options, const kafka::Record& record);

struct OutboxChoice {
  std::string choice, etag, reason, decided_by, request_id;
};
// Does and records what an operator chose; the relay looks again within 3 s. ABORTED: the check is not the one of the
// etag. FAILED_PRECONDITION CHOICE_NOT_OFFERED. The same request_id again changes nothing.
[[nodiscard]] absl::Status ReconcileOutbox(pg::Connection& connection, const RelayOptions& options,
                                           metrics::Registry& registry, const OutboxChoice& chosen);

}  // namespace steward::eventing
