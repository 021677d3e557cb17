#pragma once
// Internal: before anything is sent, is this Kafka the one the cursor knows (rulings H16, H24, invariants I12, I39)?

#include <string>

#include "libs/eventing/relay.h"
#include "libs/eventing/relay_session.h"

namespace steward::eventing {

// FAILED_PRECONDITION: must not run, and why. UNAVAILABLE and the like: Kafka or the database is away.
[[nodiscard]] absl::Status CheckPartitionCount(kafka::Admin& admin, const RelayOptions& options);

// Whose a record of the topic is.
struct Verdict {
  enum class Kind { kForeign, kKnown, kUnknown } kind = Kind::kForeign;
  Position at;      // in the journal, when it is known
  std::string why;  // it is not: `not_in_journal` or `other_bytes`
};
[[nodiscard]] absl::StatusOr<Verdict> Judge(RelaySession& session, const RelayOptions& options,
                                            const kafka::Record& record);

// Compares Kafka with what was acknowledged; goes back when Kafka lost its tail; returns the cursor to publish from.
[[nodiscard]] absl::StatusOr<Position> Reconcile(kafka::Admin& admin, RelaySession& session,
                                                 const RelayOptions& options);

}  // namespace steward::eventing
