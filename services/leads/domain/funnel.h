#pragma once
// The funnel as of any instant, from the log of moves alone. Two questions, two clocks:
//   kRecorded  what was known then: entries recorded by that instant. What is recorded later,
//              late or back-dated or not, never changes this answer. For reports and snapshots.
//   kOccurred  what was true then, by all that is known now: entries that had happened by that
//              instant. A late entry changes this answer. For analysis.
// Either way the entries taken are put in order of occurred_at, then sequence, and the time in a
// stage is reckoned from occurred_at: typing late makes no stay longer. An opportunity counts,
// with its whole past, for those responsible by the last entry taken.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/leads/domain/opportunity_event.h"
#include "services/leads/domain/pipeline.h"

namespace steward::leads {

// A move of an opportunity, or a change of those responsible.
struct FunnelEntry {
  Uuid opportunity;
  int64_t sequence = 0;  // place in the journal, unique
  std::string to;        // the stage entered; empty = only those responsible changed
  Time occurred_at, recorded_at;
  std::string owner, team, region;  // from here on
};

// The entry of an event; nullopt = the funnel does not ask for it. `after` is the opportunity with
// this event and `recorded_at` when it was written.
std::optional<FunnelEntry> FunnelEntryOf(const OpportunityEvent& event,
                                         const OpportunityData& after, Time recorded_at,
                                         int64_t sequence);

enum class FunnelClock { kRecorded, kOccurred };
struct AsOf {
  Time at;
  FunnelClock clock = FunnelClock::kRecorded;
};
enum class FunnelGrouping { kNone, kOwner, kTeam, kRegion };

struct Stays {
  int64_t count = 0;
  int64_t sum_seconds = 0;         // rounded down; microseconds of a million deals do not fit
  std::optional<Duration> median;  // of an even count the mean of the two middle ones; none of none
  friend bool operator==(const Stays&, const Stays&) = default;
};

struct StageFigures {
  std::string stage;
  int64_t now = 0;        // opportunities that stand there
  int64_t entered = 0;    // opportunities that ever came there, each once
  int64_t converted = 0;  // of those, the ones that came to a later stage of the funnel afterwards
  // converted / entered, half up; unset = nobody entered, or nothing comes after (won, lost,
  // dormant).
  std::optional<int> conversion_basis_points;
  Stays finished;  // each stay that ended
  Stays running;   // of those that stand there, until the instant; never below zero
  friend bool operator==(const StageFigures&, const StageFigures&) = default;
};

struct FunnelGroup {
  std::string key;                   // owner, team or region; empty = all, or nobody
  std::vector<StageFigures> stages;  // as in the pipeline
  friend bool operator==(const FunnelGroup&, const FunnelGroup&) = default;
};

// Reckons a funnel one opportunity after the other, so that a million of them need not be in memory.
class FunnelCounter {
 public:
  // Whether an opportunity counts, by the last entry taken; empty = every one does.
  using Counts = std::function<bool(const FunnelEntry& last)>;
  // `pipeline` outlives it.
  FunnelCounter(const Pipeline& pipeline, AsOf as_of, FunnelGrouping grouping, Counts counts = {});
  ~FunnelCounter();
  FunnelCounter(FunnelCounter&&) noexcept;

  // All entries of one opportunity, in any order. INVALID_ARGUMENT naming `entries.to` for a stage
  // that the pipeline does not know.
  [[nodiscard]] absl::Status Add(const std::vector<FunnelEntry>& entries);
  // Groups in order of their key; without entries there is none, and with kNone at most one.
  std::vector<FunnelGroup> Groups();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same of entries of many opportunities, in any order.
absl::StatusOr<std::vector<FunnelGroup>> FunnelOf(const Pipeline& pipeline,
                                                  const std::vector<FunnelEntry>& entries,
                                                  AsOf as_of, FunnelGrouping grouping);

}  // namespace steward::leads
