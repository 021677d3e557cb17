#include "services/sla/board/open_clocks.h"

#include <limits>

#include "libs/base/status.h"

namespace steward::sla {
namespace {

#define BOARD_COLUMNS                                                                      \
  "name, CASE WHEN breached THEN 'breached' WHEN run_state = 2 THEN 'paused' WHEN warned " \
  "THEN 'warned' ELSE 'running' END, coalesce(nullif(owner, ''), '-'), "                   \
  "coalesce(nullif(team, ''), '-'), due_time, "                                            \
  "coalesce(due_time, '9999-01-01 00:00:00+00')"

constexpr pg::Statement kScan{
    "sla_board_scan",
    "SELECT " BOARD_COLUMNS
    " FROM clock WHERE run_state IN (1, 2) AND (coalesce(due_time, '9999-01-01 00:00:00+00'), "
    "name) > ($1, $2) ORDER BY coalesce(due_time, '9999-01-01 00:00:00+00'), name LIMIT $3"};
constexpr pg::Statement kFind{"sla_board_find",
                              "SELECT " BOARD_COLUMNS
                              " FROM clock WHERE run_state IN (1, 2) AND name = ANY($1::text[])"};
// One probe of an index for each.
constexpr pg::Statement kNextOfOwners{
    "sla_board_next_of_owners",
    "SELECT w.who, c.name, c.due_time FROM unnest($1::text[]) AS w(who), LATERAL (SELECT name, "
    "due_time FROM clock WHERE run_state IN (1, 2) AND owner = (CASE w.who WHEN '-' THEN '' ELSE "
    "w.who END) ORDER BY due_time, name LIMIT 1) c"};
constexpr pg::Statement kNextOfTeams{
    "sla_board_next_of_teams",
    "SELECT w.who, c.name, c.due_time FROM unnest($1::text[]) AS w(who), LATERAL (SELECT name, "
    "due_time FROM clock WHERE run_state IN (1, 2) AND team = (CASE w.who WHEN '-' THEN '' ELSE "
    "w.who END) ORDER BY due_time, name LIMIT 1) c"};
// statement_timestamp() lies before the snapshot: what had begun by then is below its end.
constexpr pg::Statement kJournalEnd{"sla_board_journal_end",
                                    "SELECT pg_snapshot_xmin(s), pg_snapshot_xmax(s), "
                                    "statement_timestamp() FROM pg_current_snapshot() s"};

OpenClock ReadOpenClock(const pg::Result& rows, int i) {
  return {rows.Text(i, 0), rows.Text(i, 1), rows.Text(i, 2), rows.Text(i, 3),
          rows.OptionalTimestamp(i, 4)};
}

}  // namespace

absl::StatusOr<std::vector<OpenClock>> ScanOpenClocks(pg::Connection& connection, ScanPlace& place,
                                                      int limit) {
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      connection.Run(kScan, pg::Params().Add(place.due).Add(place.name).Add(int64_t{limit})));
  std::vector<OpenClock> clocks;
  for (int i = 0; i < rows.rows(); ++i) {
    clocks.push_back(ReadOpenClock(rows, i));
    place = {rows.Timestamp(i, 5), rows.Text(i, 0)};
  }
  return clocks;
}

absl::StatusOr<std::map<std::string, OpenClock>> FindOpenClocks(
    pg::Connection& connection, const std::vector<std::string>& names) {
  std::map<std::string, OpenClock> clocks;
  if (names.empty()) {
    return clocks;
  }
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kFind, pg::Params().AddTexts(names)));
  for (int i = 0; i < rows.rows(); ++i) {
    clocks[rows.Text(i, 0)] = ReadOpenClock(rows, i);
  }
  return clocks;
}

absl::StatusOr<std::map<std::string, NextClock>> FindNext(pg::Connection& connection, Party party,
                                                          const std::vector<std::string>& whose) {
  std::map<std::string, NextClock> next;
  if (whose.empty()) {
    return next;
  }
  ASSIGN_OR_RETURN(const pg::Result rows,
                   connection.Run(party == Party::kOwner ? kNextOfOwners : kNextOfTeams,
                                  pg::Params().AddTexts(whose)));
  for (int i = 0; i < rows.rows(); ++i) {
    next[rows.Text(i, 0)] = {rows.Text(i, 1), rows.OptionalTimestamp(i, 2)};
  }
  return next;
}

eventing::Position JournalEnd::position() const {
  return {horizon - 1, std::numeric_limits<int64_t>::max()};
}

absl::StatusOr<JournalEnd> FindJournalEnd(pg::Connection& connection) {
  ASSIGN_OR_RETURN(const pg::Result row, connection.Run(kJournalEnd));
  return JournalEnd{row.Xid8(0, 0), row.Xid8(0, 1), row.Timestamp(0, 2)};
}

}  // namespace steward::sla
