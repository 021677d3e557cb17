#pragma once
// Periods that are no longer open, and what closed ones showed.

#include <optional>
#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "services/scoring/storage/measure_reads.h"

namespace steward::scoring {

struct StoredPeriod {
  std::string name;
  int64_t version = 0;
  std::string state;  // `FROZEN` or `CLOSED`
  Days days;
  Time freeze_time;
  std::string frozen_by;
  std::optional<Time> close_time;
  std::string closed_by, hash;
};
absl::StatusOr<std::optional<StoredPeriod>> GetPeriod(pg::Connection& db, const std::string& name,
                                                      Duration timeout);
pg::Pending QueuePeriod(pg::Tx& tx, const std::string& name);
// Closed periods that this day lies in.
pg::Pending QueueClosedOn(pg::Tx& tx, absl::CivilDay day);
std::vector<std::string> ReadNames(const pg::Result& rows);
absl::StatusOr<StoredPeriod> ReadPeriod(const pg::Result& rows, int row);
void QueueSave(pg::Tx& tx, const StoredPeriod& period);
absl::StatusOr<std::vector<StoredPeriod>> ListPeriods(pg::Connection& db, const std::string& after,
                                                      int limit, Duration timeout);

struct StoredResult {
  std::string period, scorecard, subject;
  std::string result;  // bytes of ScorecardResult
  std::string hash;
};
void QueueResults(pg::Tx& tx, const std::vector<StoredResult>& results);
pg::Pending QueueResult(pg::Tx& tx, const std::string& period, const std::string& scorecard,
                        const std::string& subject);  // 0 or 1 row
StoredResult ReadResult(const pg::Result& rows, int row);
// Of a period, after this card and subject; of everyone or of these subjects.
absl::StatusOr<std::vector<StoredResult>> ListResults(
    pg::Connection& db, const std::string& period, const std::string& scorecard, bool everyone,
    const std::vector<std::string>& members, const std::vector<std::string>& teams,
    const std::string& after_card, const std::string& after_subject, int limit, Duration timeout);

// How far the consumer of a group is.
struct InputPosition {
  std::string topic;
  int64_t partition = 0, next_offset = 0, end_offset = 0;
  std::optional<Time> end_confirmed_at;
  std::string halted;  // why it stands still
};
absl::StatusOr<std::vector<InputPosition>> ReadPositions(pg::Connection& db,
                                                         const std::string& group,
                                                         Duration timeout);
// The database's, which confirmed ends bear.
absl::StatusOr<Time> ReadClock(pg::Connection& db, Duration timeout);
absl::StatusOr<int64_t> CountParked(pg::Connection& db, const std::string& group, Duration timeout);
// What the results of a period are reckoned from, at an instant of the database's clock. Two of them tell whether anything changed
// between: no row is ever changed, so that counting them is enough. Exact where no writer is at work: under kSumsLock and kClosingLock.
struct PeriodMark {
  Time at;
  int64_t measurements = 0;  // with a version on a day of the period
  int64_t targets = 0;       // versions of targets and eligible parts, added up
  int64_t facts = 0;         // up to the last day, that came after `since`
};
pg::Pending QueueMark(pg::Tx& tx, const std::vector<std::string>& periods, const Days& days,
                      std::optional<Time> since);
PeriodMark ReadMark(const pg::Result& rows);

// Facts of these days that came after this instant.
absl::StatusOr<int64_t> CountLate(pg::Connection& db, const Days& days, Time after,
                                  Duration timeout);

}  // namespace steward::scoring
