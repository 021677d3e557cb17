#pragma once
// Internal: the relay's connection. It holds the lock, and everything the relay writes goes over it: a lost lock is a
// lost connection is a lost write.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventing/journal.h"
#include "libs/metrics/registry.h"
#include "libs/pg/tx.h"

namespace steward::eventing {

// Two-int advisory lock space: owners; aggregates use the one-bigint space.
inline constexpr int32_t kRelayLockClass = 0x52454c59;
inline constexpr int32_t kRelayLockId = 0;

// The page the relay reads; a test explains it.
extern const pg::Statement kRelayReadPage;
// Rows behind the cursor (beyond 10,000 a good guess), age of the oldest of them, age of the oldest writing transaction.
extern const pg::Statement kRelayBacklog;
pg::Params RelayPageParams(Position after, int limit);

using Ends = std::map<std::pair<std::string, int>, int64_t>;

struct RelayCursor {
  Position at;
  std::optional<int64_t> system_identifier;
  std::string kafka_cluster;
  Ends acknowledged;
};

struct JournalMatch {
  Position at;
  std::string payload;
};

class RelaySession {
 public:
  static absl::StatusOr<std::unique_ptr<RelaySession>> Open(const pg::Options& options,
                                                            metrics::Registry& registry);
  bool healthy() const { return connection_->healthy(); }

  [[nodiscard]] absl::StatusOr<bool> TryLock();
  // As a standby: notes whether the owner speaks, and ends its backend after 5 s of silence that this session itself
  // has watched on working polls (H4).
  [[nodiscard]] absl::Status WatchOwner();
  // As the owner: says something unless it did within the last 400 ms.
  [[nodiscard]] absl::Status Speak();

  // FAILED_PRECONDITION says why this database must not be published from.
  [[nodiscard]] absl::Status CheckPrepared();
  [[nodiscard]] absl::Status CheckIdentity(const RelayCursor& cursor);

  [[nodiscard]] absl::StatusOr<RelayCursor> ReadCursor();
  [[nodiscard]] absl::StatusOr<std::vector<JournalRow>> ReadPage(Position after, int limit);
  // Compare-and-set, without waiting for the disk (a crash brings repeats only). ABORTED when another moved it.
  [[nodiscard]] absl::Status MoveCursor(Position from, Position to, const Ends& ends);
  // Writes the identities; goes back to `to` and forgets what was acknowledged beyond `ends`.
  [[nodiscard]] absl::Status Adopt(const RelayCursor& from, Position to,
                                   const std::string& kafka_cluster, const Ends& ends);
  // The journal row of an event, if it is there.
  [[nodiscard]] absl::StatusOr<std::optional<JournalMatch>> Find(const Uuid& event_id,
                                                                 std::string_view aggregate,
                                                                 int64_t version);
  // The position `rows` rows before one.
  [[nodiscard]] absl::StatusOr<Position> StepBack(Position at, int64_t rows);

  struct Backlog {
    int64_t pending = 0;
    double oldest_age_seconds = 0;
    double oldest_writer_age_seconds = 0;
  };
  [[nodiscard]] absl::StatusOr<Backlog> ReadBacklog();

 private:
  explicit RelaySession(std::unique_ptr<pg::Connection> connection)
      : connection_(std::move(connection)) {}
  absl::StatusOr<pg::Result> Run(const pg::Statement& statement, const pg::Params& params = {});

  std::unique_ptr<pg::Connection> connection_;
  int64_t spoke_micros_ = 0;
  // The owner as last watched.
  std::optional<std::pair<int64_t, Time>> owner_;  // pid and its last change of state
  int64_t silent_since_ = 0;
};

}  // namespace steward::eventing
