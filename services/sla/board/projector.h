#pragma once
// Brings the board in Redis to what PostgreSQL says, step by step. Of one thread.

#include <functional>
#include <optional>

#include "libs/pg/connection.h"
#include "services/sla/board/mirror.h"

namespace steward::sla {

class BoardProjector {
 public:
  // `go_on` is asked before each page of a build: it may wait; false ends the build.
  BoardProjector(pg::Connection& connection, redis::Client& redis, std::function<bool()> go_on)
      : connection_(connection), writer_(redis), go_on_(std::move(go_on)) {}

  // Whether this process is the one that projects; the lock is the connection's.
  absl::StatusOr<bool> TakeLead();
  // Builds the board, or takes in what the journal says since the last step. `more`: a full page, come again at once.
  struct Progress {
    bool more = false, rebuilt = false;
  };
  absl::StatusOr<Progress> Step();

 private:
  absl::Status Build();
  absl::StatusOr<bool> Follow();
  // Moves `as_of` to where the journal is complete at this horizon.
  void MoveTime(const JournalEnd& end, Time& as_of);

  pg::Connection& connection_;
  BoardWriter writer_;
  std::function<bool()> go_on_;
  bool leads_ = false;
  std::optional<BoardHead> head_;     // as last written; empty = build
  std::optional<JournalEnd> sample_;  // its time counts once the horizon has passed it
};

}  // namespace steward::sla
