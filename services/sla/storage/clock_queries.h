#pragma once
// Reads for people: clocks, escalations, firings, board. Every statement takes the caller's reach:
//   ($all OR owner = ANY($members) OR team = ANY($teams))

#include <optional>
#include <string>
#include <vector>

#include "libs/rpc/call.h"
#include "libs/rpc/paging.h"
#include "services/sla/storage/clocks.h"

namespace steward::sla {

absl::StatusOr<std::vector<Clock>> FindClocks(pg::Connection& connection, const rpc::Reach& reach,
                                              const std::vector<std::string>& names);
absl::StatusOr<std::vector<Clock>> FindClocksOf(pg::Connection& connection, const rpc::Reach& reach,
                                                const std::vector<std::string>& subjects);

// Earliest due first; clocks without a due time come last. `after`: due (microseconds) and name of the last one seen.
struct ClockPage {
  std::vector<Clock> clocks;
  bool more = false;
};
absl::StatusOr<ClockPage> ListClockRows(pg::Connection& connection, const rpc::Reach& reach,
                                        const std::vector<rpc::FilterTerm>& filter,
                                        const std::vector<std::string>& after, int size);

struct FiringRow {
  int cycle;
  std::string threshold;
  int arming;
  Time occurred_at, detected_at;
  std::string mark;
  bool retracted;
  std::string cause;
};
absl::StatusOr<std::vector<FiringRow>> FiringsOf(pg::Connection& connection,
                                                 const std::string& clock);
absl::StatusOr<std::vector<StoredFact>> FactsOf(pg::Connection& connection,
                                                const std::string& subject);

// An escalation with what only people see.
struct EscalationRow {
  Escalation escalation;
  std::string acknowledged_by, on_behalf_of, note;
  std::optional<Time> acknowledge_time;
};
extern const pg::Statement kSelectEscalations;  // by names within reach
EscalationRow ReadEscalationRow(const pg::Result& rows, int row);
pg::Params EscalationParams(const std::vector<std::string>& names, const rpc::Reach& reach);
struct EscalationPage {
  std::vector<EscalationRow> rows;
  bool more = false;
};
absl::StatusOr<EscalationPage> ListEscalationRows(pg::Connection& connection,
                                                  const rpc::Reach& reach,
                                                  const std::vector<rpc::FilterTerm>& filter,
                                                  const std::vector<std::string>& after, int size);
// Acknowledgement, in the command's transaction.
void QueueAcknowledge(pg::Tx& tx, const std::vector<EscalationRow>& rows);
void QueueReassign(pg::Tx& tx, const Escalation& escalation);

// Counts and next due, for the board and the status.
struct BoardRow {
  std::string who;
  std::string clock;
  std::optional<Time> due;
  int64_t clocks;
};
struct BoardData {
  std::vector<std::pair<std::string, int64_t>> counts;  // running warned paused breached
  std::vector<BoardRow> owners, teams;
};
absl::StatusOr<BoardData> ReadBoard(pg::Connection& connection, int limit);
struct WatcherCounts {
  int64_t timers_open, clocks_without_due, subjects_unmatched, recipients_pending, timers_failing;
  Time now;
};
absl::StatusOr<WatcherCounts> ReadWatcherCounts(pg::Connection& connection);

}  // namespace steward::sla
