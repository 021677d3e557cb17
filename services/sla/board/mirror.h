#pragma once
// The board's keys in Redis. One hash names the generation that is served, the journal position it stands for and the time it is
// complete to; the rest lies under the generation:
//   sla:board                    generation, position, as_of
//   sla:board:<g>:clocks         clock -> status, due, owner, team: what it was counted as
//   sla:board:<g>:counts         status -> how many
//   sla:board:<g>:owners, teams  who -> how many, next due, its clock; and `...:due`, sorted by next due
// Every key has a time to live that each write renews.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/redis/client.h"
#include "services/sla/board/open_clocks.h"
#include "services/sla/storage/clock_queries.h"

namespace steward::sla {

struct BoardHead {
  std::string generation;
  eventing::Position position;
  Time as_of;
};

// The writer. One at a time is meant; should there be two, the position catches it: a write on another one's head does nothing.
class BoardWriter {
 public:
  explicit BoardWriter(redis::Client& redis) : redis_(redis) {}

  // Takes the board away: PostgreSQL answers until Finish.
  absl::Status Drop();
  // A new generation, filled in order of due time, then served.
  absl::Status Fill(const std::string& generation, const std::vector<OpenClock>& clocks);
  absl::Status Finish(const BoardHead& head);

  // Which of the clocks are counted as something else than they are, and for whom that matters. ABORTED when the board in Redis
  // is not `head`: build it anew. Apply must follow before anything else is sent.
  struct Difference {
    std::map<std::string, std::optional<OpenClock>> clocks;   // as they are; nullopt = not open
    std::map<Party, std::map<std::string, int64_t>> parties;  // who -> clocks gained or lost
    std::map<std::string, int64_t> statuses;                  // the same for the counts
  };
  absl::StatusOr<Difference> Compare(const BoardHead& head, const std::vector<std::string>& names,
                                     const std::map<std::string, OpenClock>& open);
  // Counts, next due, position and time in one MULTI. ABORTED when somebody else wrote since Compare.
  using Next = std::map<Party, std::map<std::string, NextClock>>;
  absl::Status Apply(const Difference& difference, const Next& next, const BoardHead& head);

 private:
  using Commands = std::vector<std::vector<std::string>>;
  struct Row {
    int64_t clocks = 0;
    NextClock next;
  };
  absl::Status PutParties(const std::string& generation, Party party,
                          const std::map<std::string, int64_t>& changes,
                          const std::map<std::string, NextClock>& next, Commands& commands);

  redis::Client& redis_;
  // Of the generation being filled.
  std::map<Party, std::map<std::string, Row>> rows_;
  std::map<std::string, int64_t> counts_;
};

// nullopt: there is no board, or it is older than `oldest`.
struct BoardCopy {
  BoardData data;
  Time as_of;
};
absl::StatusOr<std::optional<BoardCopy>> ReadBoardCopy(redis::Client& redis, Time oldest,
                                                       int limit);

inline constexpr const char* kBoardKey = "sla:board";

}  // namespace steward::sla
