#pragma once
// The journal is the outbox and the audit trail: one append-only table, written in the command's transaction. Schema: schema.sql.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "libs/pg/tx.h"

namespace steward::eventing {

// Who and what is behind a change; the same for every event of one command.
struct Origin {
  std::string actor;        // members/{id} or system:<service>
  std::string correlation;  // request behind the chain
  std::string causation;    // id of the causing event, may be empty
  std::string traceparent;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// The wire name of the event that is set in a topic message's oneof: `ticket_first_responded` is `ticket.first_responded`.
// Crashes when none is set.
std::string EventName(const google::protobuf::Message& topic_message);

struct NewEvent {
  Uuid event_id;              // UUIDv7
  std::string aggregate;      // resource name = record key
  int64_t aggregate_version;  // 1, 2, 3 ... without gap
  std::string type;           // EventName
  Time occurred_at;
  std::string payload;  // bytes of the topic message
};
NewEvent MakeEvent(IdGenerator& ids, Time now, std::string aggregate, int64_t version,
                   Time occurred_at, const google::protobuf::Message& topic_message);

// Queues the insert of events, in version order within an aggregate. INVALID_ARGUMENT (a bug, not a user's fault) when a
// payload is larger than 256 KiB, holds invalid UTF-8 or does not parse back; nothing is queued then.
// `parse_check` is a default instance of the topic message.
[[nodiscard]] absl::Status Append(pg::Tx& tx, const Origin& origin,
                                  const std::vector<NewEvent>& events,
                                  const google::protobuf::Message& parse_check);

// One row of the journal, for history and for ListChanges.
struct JournalRow {
  uint64_t xid;
  int64_t seq;
  Uuid event_id;
  std::string aggregate;
  int64_t aggregate_version;
  std::string type;
  Time occurred_at, recorded_at;
  std::string actor, correlation, causation, traceparent, payload;
};
// History of one aggregate after a version, oldest first.
absl::StatusOr<std::vector<JournalRow>> ReadAggregate(pg::Connection& connection,
                                                      std::string_view aggregate,
                                                      int64_t after_version, int limit);
// What is new after a position, below the snapshot horizon, so that nothing can appear before it later (ruling H25).
struct Position {
  uint64_t xid = 0;
  int64_t seq = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};
absl::StatusOr<std::vector<JournalRow>> ReadChanges(pg::Connection& connection, Position after,
                                                    std::string_view aggregate,
                                                    const std::vector<std::string>& type_prefixes,
                                                    int limit);
// The position just below the horizon: everything committed so far lies before it.
absl::StatusOr<Position> EndPosition(pg::Connection& connection);

}  // namespace steward::eventing
